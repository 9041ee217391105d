"""A kept file is the project as last written, whatever happens meanwhile; what is damaged in it is not shown."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.teachable.keep import project_file
from models.teachable.keep.project_file import Damaged, Outdated, ProjectFile
from tests.models.teachable.keep.made_projects import a_head, a_project, add, features, jpegs, shown

ROOT = Path(__file__).parents[4]
BUDGET = 50_000_000


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(project_file, "SYNCHRONOUS", "OFF")  # no test cuts the power
    return tmp_path / "shelf" / "one.project"


def back(path: Path) -> tuple[object, ...]:
    return shown(ProjectFile(path).read(BUDGET))


def test_a_project_comes_back_as_it_was(path: Path) -> None:
    project = a_project()
    project.refused = 3
    project.keep(trained := a_head(project))
    ProjectFile(path).write(project)
    again = ProjectFile(path).read(BUDGET)
    assert shown(again) == shown(project)
    assert again.trained is not None and again.trained.class_ids == trained.class_ids
    x = np.stack([features(n) for n in range(9)])
    assert np.array_equal(again.trained.head.predict_proba(x), trained.head.predict_proba(x))
    assert again.budget_bytes == BUDGET and not again.untouched


def test_a_file_of_an_older_format_is_damage_and_makes_room_for_one(path: Path) -> None:
    project = a_project()
    ProjectFile(path).write(project)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE samples DROP COLUMN recording")
    file = ProjectFile(path)
    with pytest.raises(Damaged):
        file.read(BUDGET)
    file.write(project)
    assert back(path) == shown(project)


def test_samples_go_on_counting_where_they_were(path: Path) -> None:
    project = a_project(5)
    ProjectFile(path).write(project)
    again = ProjectFile(path).read(BUDGET)
    assert again.add(again.classes[0].id, b"jpeg").number == 6


def test_what_happens_to_samples_and_classes_is_written(path: Path) -> None:
    project, file = a_project(8), ProjectFile(path)
    first, second, off = project.classes
    waiting = project.add(first.id, jpegs()[0])
    steps: list[Callable[[], object]] = [
        lambda: project.looked_at(waiting, features(99)),
        lambda: project.delete([project.get(first.id).samples[1].key]),
        lambda: project.move([s.key for s in project.get(first.id).samples[:2]], second.id),
        lambda: project.undo(),
        lambda: project.undo(),
        lambda: project.rename(second.id, "Lotus"),
        lambda: project.recolour(second.id, "#123456"),
        lambda: project.enable(off.id, True),
        lambda: project.duplicate(second.id),
        lambda: project.refuse(project.get(first.id).samples[0]),
        lambda: project.delete_class(first.id),
        lambda: setattr(project, "name", "Asanas"),
    ]
    file.write(project)
    for step in steps:
        step()
        assert back(path) != shown(project)
        file.write(project)
        assert back(path) == shown(project)


def test_a_new_head_takes_the_place_of_the_old_one_and_goes_with_it(path: Path) -> None:
    project, file = a_project(), ProjectFile(path)
    for seed in (0, 1):
        project.keep(trained := a_head(project, seed))
        file.write(project)
        again = ProjectFile(path).read(BUDGET).trained
        assert again is not None and np.array_equal(again.head.mean, trained.head.mean)
    project.trained = None
    file.write(project)
    assert ProjectFile(path).read(BUDGET).trained is None


def spoil(path: Path, key: str) -> None:
    """Damage a sample as a bad disk does."""
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE samples SET jpeg = x'ff' WHERE key = ?", (key,))


@pytest.mark.parametrize("reopened", [False, True])
def test_only_what_changed_is_written(path: Path, reopened: bool) -> None:
    project, file = a_project(), ProjectFile(path)
    file.write(project)
    if reopened:
        project = (file := ProjectFile(path)).read(BUDGET)
    spoilt = project.classes[0].samples[0]
    spoil(path, spoilt.key)
    add(project, 2)
    file.write(project)
    left = {sample.key for sample in ProjectFile(path).read(BUDGET).samples}
    assert left == {sample.key for sample in project.samples} - {spoilt.key}, "it was left as it was in the file"


def test_all_of_it_is_written_where_the_file_is_not_what_was_left(path: Path) -> None:
    project, file = a_project(), ProjectFile(path)
    file.write(project)
    path.unlink()
    file.write(project)
    assert back(path) == shown(project)
    other = a_project(3, "another process's")
    ProjectFile(path).write(other)
    assert back(path) == shown(other)
    file.write(project)
    assert back(path) == shown(project)
    path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    file.write(project)
    assert back(path) == shown(project)


def test_one_that_yields_leaves_the_file_to_who_wrote_it_since(path: Path) -> None:
    project, file = a_project(), ProjectFile(path, yields=True)
    file.write(project)
    file.write(project)
    assert not file.is_outdated()
    other = ProjectFile(path)
    theirs = other.read(BUDGET)
    os.utime(path)  # as the shelf does for one that is open
    assert not file.is_outdated(), "read, not written"
    theirs.rename(theirs.classes[0].id, "theirs")
    other.write(theirs)
    assert file.is_outdated() and not other.is_outdated()
    add(project, 1)
    for _ in range(2):
        with pytest.raises(Outdated):
            file.write(project)
    assert back(path) == shown(theirs)
    path.unlink()
    assert not file.is_outdated()
    file.write(project)
    assert back(path) == shown(project), "what was deleted is nobody's"


def test_one_that_yields_and_expects_no_file_does_not_overwrite_one(path: Path) -> None:
    theirs = a_project(2, "theirs")
    ProjectFile(path).write(theirs)
    with pytest.raises(Outdated):
        ProjectFile(path, yields=True).write(a_project())
    assert back(path) == shown(theirs)


def test_a_damaged_sample_does_not_make_a_file_outdated(path: Path) -> None:
    project = a_project()
    ProjectFile(path).write(project)
    spoil(path, project.samples[0].key)
    file = ProjectFile(path, yields=True)
    again = file.read(BUDGET)
    assert not file.is_outdated()
    file.write(again)
    assert back(path) == shown(again) and len(again.samples) == len(project.samples) - 1


def test_that_it_was_being_trained_is_kept(path: Path) -> None:
    project = a_project()
    for change, is_training in ((project.begin_training, True), (lambda: project.keep(a_head(project)), False)):
        change()
        ProjectFile(path).write(project)
        assert ProjectFile(path).read(BUDGET).is_training == is_training


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_on_the_machine_can_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        ProjectFile(path).write(a_project())
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_is_left_of_deleted_samples(path: Path) -> None:
    project, file = a_project(0), ProjectFile(path)
    project.add(project.classes[0].id, b"a picture to forget" * 10_000)
    file.write(project)
    large = path.stat().st_size
    assert b"picture to forget" in path.read_bytes()
    project.delete([project.samples[0].key])
    file.write(project)
    assert b"picture to forget" not in path.read_bytes()
    assert path.stat().st_size < large / 5


KILLED = """
import os, signal, sys
from pathlib import Path
from models.teachable.keep import project_file
from models.teachable.project import Project
project, file = Project.fresh(), project_file.ProjectFile(Path(sys.argv[1]))
project.add(project.classes[0].id, b"first")
file.write(project)
for n in range(100):  # more than SQLite holds back in memory: the file itself is half written
    project.add(project.classes[0].id, bytes([n]) * 100_000)
project.delete([project.samples[0].key])
def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)
project_file._put = kill
file.write(project)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_server_killed_while_it_writes_leaves_the_project_as_it_was_before(path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, timeout=240)
    assert ended.returncode == -signal.SIGKILL
    file = ProjectFile(path)
    journal = file.journal.read_bytes()
    assert path.stat().st_size > 1_000_000, "it was killed in the middle"
    project = file.read(BUDGET)
    assert [sample.jpeg for sample in project.samples] == [b"first"]
    project.add(project.classes[1].id, b"second")
    file.write(project)
    assert back(path) == shown(project)

    path.unlink()  # and the journal stays, for the deleting server was killed too
    file.journal.write_bytes(journal)
    file.write(project)
    assert back(path) == shown(project)


def test_a_deleted_one_is_gone_with_its_journal(path: Path) -> None:
    file = ProjectFile(path)
    file.write(a_project())
    file.journal.write_bytes(b"pages of old")
    file.delete()
    file.delete()
    assert list(path.parent.iterdir()) == []


def test_when_the_disk_is_full_the_file_stays_as_it_was(path: Path) -> None:
    resource = pytest.importorskip("resource")
    project, file = a_project(), ProjectFile(path)
    file.write(project)
    before = shown(project)
    project.add(project.classes[0].id, os.urandom(1_000_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(sqlite3.Error):
            file.write(project)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert back(path) == before
    file.write(project)
    assert back(path) == shown(project)


def test_a_project_comes_back_whole_though_projects_may_be_smaller_now(path: Path) -> None:
    ProjectFile(path).write(project := a_project())
    assert shown(ProjectFile(path).read(1000)) == shown(project)


@pytest.mark.parametrize("seed", range(40))
def test_of_a_file_with_damaged_bytes_nothing_wrong_is_shown(path: Path, seed: int) -> None:
    project = a_project(12)
    project.keep(trained := a_head(project))
    ProjectFile(path).write(project)
    data, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for place in rng.integers(0, len(data), 1 + seed % 8):
        data[place] ^= 1 << rng.integers(8)
    path.write_bytes(data)
    try:
        again = ProjectFile(path).read(BUDGET)
    except Damaged:
        return
    whole = {(one.id, s.key): (s.jpeg, s.features.tobytes()) for one in project.classes for s in one.samples}
    for one in again.classes:
        assert one.name == project.get(one.id).name
        for sample in one.samples:
            assert whole[one.id, sample.key] == (sample.jpeg, sample.features.tobytes())
    assert again.trained is None or np.array_equal(again.trained.head.mean, trained.head.mean)


def test_a_damaged_sample_is_left_out_and_the_others_come_back(path: Path) -> None:
    project = a_project(12)
    ProjectFile(path).write(project)
    spoil(path, project.samples[0].key)
    again = ProjectFile(path).read(BUDGET)
    assert [sample.key for sample in again.samples] == [sample.key for sample in project.samples[1:]]


def test_a_damaged_head_is_left_out_and_the_samples_come_back(path: Path) -> None:
    project = a_project()
    project.keep(a_head(project))
    ProjectFile(path).write(project)
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE project SET content = x'00' WHERE name = 'trained'")
    again = ProjectFile(path).read(BUDGET)
    assert shown(again) == shown(project) and again.trained is None


def foreign(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE samples (a, b)")


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(bytes(4096)),
        lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(path.read_bytes()[:1000]),
        foreign,
    ],
    ids=["empty", "zeros", "a zip", "half", "a quarter of a page", "another program's"],
)
def test_what_is_no_kept_project_is_said_to_be_damaged_and_makes_room_for_one(
    path: Path, make: Callable[[Path], object]
) -> None:
    project, file = a_project(), ProjectFile(path)
    ProjectFile(path).write(project)
    if make is foreign:
        path.unlink()
    make(path)
    with pytest.raises(Damaged):
        file.read(BUDGET)
    file.write(project)
    assert back(path) == shown(project)


@pytest.mark.parametrize(
    "wrong",
    [
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        b'{"version": 2, "kind": "body", "name": "", "refused": 0, "classes": []}',
        b'{"version": 1, "kind": "smell", "name": "", "refused": 0, "classes": []}',
        b'{"version": 1, "kind": "body", "name": "", "refused": 0, "classes": [1]}',
        b'{"version": 1, "kind": "body", "name": "", "refused": 0, "classes": [["a", "b", "red", true]]}',
        b'{"version": 1, "kind": "hand", "name": "", "refused": 0, "classes": [["CLASS", "b", "#ffffff", true]]}',
    ],
)
def test_words_that_no_project_of_ours_has_are_damage(path: Path, wrong: bytes) -> None:
    project = a_project()
    ProjectFile(path).write(project)
    wrong = wrong.replace(b"CLASS", project.classes[0].id.encode())
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE project SET content = ?, crc = ? WHERE name = 'about'", (wrong, zlib.crc32(wrong)))
    with pytest.raises(Damaged):
        ProjectFile(path).read(BUDGET)


def test_a_file_that_cannot_be_opened_now_is_not_said_to_be_damaged(path: Path) -> None:
    ProjectFile(path).write(a_project())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(project_file, "BUSY_S", 0.0)
            with pytest.raises(sqlite3.OperationalError):
                ProjectFile(path).read(BUDGET)
    path.unlink()
    path.mkdir()
    with pytest.raises(sqlite3.OperationalError):
        ProjectFile(path).read(BUDGET)
