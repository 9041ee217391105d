"""A project saved and opened, and files that are none."""

import io
import zipfile

import pytest

from models.errors import BadInput
from models.taught.project import BOX, Mark, Project, from_bytes, marks_of, names_of, to_bytes
from models.taught.scenes import scene

MARK = Mark(1, ((0.1, 0.1), (0.5, 0.5)))


def test_a_project_comes_back_as_it_was() -> None:
    project = Project(("Cup", "Häuser <b>"))
    for n in range(5):
        project = project.with_picture(f"{n}", f"picture {n}", scene(n)[0], [MARK] if n else [])
    again = from_bytes(to_bytes(project), BOX)
    assert again.names == project.names
    assert [(p.name, p.marks, p.held_out) for p in again.pictures] == [
        (p.name, p.marks, p.held_out) for p in project.pictures
    ]
    assert [p.held_out for p in again.pictures] == [False, False, False, True, False]


def zipped(json: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("project.json", json)
    return file.getvalue()


ABOUT = '{"limelight": "taught", "version": 1, "names": ["a"], "pictures": %s}'


@pytest.mark.parametrize(
    "data",
    [
        b"no zip",
        zipped("{"),
        zipped("[]"),
        zipped("{}"),
        zipped(ABOUT % '[{"file": "../x"}]'),
        zipped(ABOUT % "3"),
        to_bytes(Project(("a",)).with_picture("1", "p", scene(0)[0]))[:-200],
    ],
)
def test_a_broken_file_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadInput):
        from_bytes(data, BOX)


def test_marks_that_cannot_be_are_counted_and_left_out() -> None:
    good = {"kind": 0, "points": [[0, 0], [0.5, 0.5]]}
    bad = [{"kind": 0, "points": [[0, 0], [0, 0]]}, {"kind": 7, "points": [[0, 0], [1, 1]]}, 3, {"kind": 0}]
    marks, refused = marks_of([good, *bad], tool=BOX, classes=2)
    assert len(marks) == 1 and refused == len(bad)
    assert marks_of("nonsense", tool=BOX, classes=2)[0] == ()


def test_names_come_once_and_five_at_most() -> None:
    assert names_of(" a, b,,a, c,d,e,f") == ("a", "b", "c", "d", "e")
