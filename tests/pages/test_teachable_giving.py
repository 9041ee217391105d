"""The Teachable machine's page: pictures, folders and projects that a visitor gives it."""

import io
import json
import pickle
import threading
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from components.pictures import file_of
from components.teachable import desk, giving, shared
from components.teachable.gallery import Change
from models.pictures.images import to_jpeg
from models.teachable.keep.files import to_bytes
from tests.pages.teaching_visitor import (
    Galleries,
    Teacher,
    Until,
    labels,
    photo,
    project_of,
    words,
)
from tests.pages.visit import sample

Teachers = Callable[..., Teacher]


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_uploaded_pictures_become_samples_and_broken_ones_are_named(teacher: Teachers) -> None:
    me = teacher(input="Upload")
    files = [("cat.jpg", photo("cat")), ("half.jpg", photo("cat")[:400]), ("notes.jpg", b"my shopping list")]
    me.uploads(*files)
    assert "half.jpg" in words(me.at) and "notes.jpg" in words(me.at)
    assert me.at.button(key=me.on("Class 2", "take")).label == "Add 3 pictures"
    me.presses(me.on("Class 2", "take"))
    me.waits()
    assert not me.at.file_uploader[0].value and not me.at.error, "ready for the next"
    assert me.counts == {"Class 1": 0, "Class 2": 1} and me.project.samples[0].features is not None
    told = [toast.value.replace("\\", "") for toast in me.at.toast]
    assert len(told) == 2 and "half.jpg" in told[0] and "notes.jpg" in told[1]


def test_of_many_pictures_the_first_are_shown_and_all_are_added(
    teacher: Teachers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving, "SHOWN", 2)
    me = teacher(input="Upload")
    me.uploads(*((f"{step}.jpg", photo("cat", step)) for step in range(4)))
    assert "4 pictures; the first 2 are tested here" in words(me.at)
    me.presses(me.on("Class 1", "take"))
    me.waits()
    assert me.counts["Class 1"] == 4


def test_what_waits_to_be_looked_at_is_said_and_can_be_given_up(
    teacher: Teachers, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(kind: Any, model: Any, rgb: np.ndarray) -> np.ndarray:
        go_on.wait(120)
        return np.ones(kind.size, np.float32)

    monkeypatch.setattr(shared, "features", slow)
    me = teacher(input="Upload")
    me.uploads(*((f"{step}.jpg", photo("cat", step)) for step in range(5)))
    me.presses(me.on("Class 1", "take"))
    until(lambda: me.counts["Class 1"] == 1)
    me.looks()
    assert "5 pictures still to be looked at" in words(me.at)
    me.presses("teach/cancel")
    go_on.set()
    me.waits()
    assert me.counts["Class 1"] == 1


@pytest.mark.parametrize("source", ["Samples", "Paste"])
def test_a_picture_that_is_in_view_can_be_added(source: str, teacher: Teachers) -> None:
    me = teacher(input=source)
    if source == "Paste":
        me.at.session_state["teachable/pasted"] = [file_of("pasted picture", to_jpeg(sample("cat")))]
        me.looks()
    take = me.at.button(key=me.on("Class 1", "take"))
    assert take.label == "Add 1 picture"
    me.presses(me.on("Class 1", "take"))
    me.waits()
    assert me.counts == {"Class 1": 1, "Class 2": 0} and me.project.samples[0].features is not None


def test_each_folder_in_a_zip_becomes_a_class_and_the_empty_ones_make_room(teacher: Teachers) -> None:
    me = teacher(input="Upload")
    me.uploads(
        (
            "things.zip",
            zipped({"Cat/1.jpg": photo("cat"), "Cat/2.jpg": b"?", "Cup/1.jpg": photo("coffee"), "a.txt": b""}),
        )
    )
    assert "things.zip: Cat (2), Cup (1)" in words(me.at).replace("*", "") and "a.txt" in words(me.at)
    (add,) = (button.key for button in me.at.button if button.label == "Add 2 classes")
    me.presses(add)
    me.waits()
    assert me.counts == {"Cat": 1, "Cup": 1} and "2.jpg" in words(me.at)
    assert not me.at.file_uploader[0].value


def test_what_was_uploaded_together_is_taken_one_after_the_other(teacher: Teachers) -> None:
    me = teacher(input="Upload")
    me.uploads(
        ("pets.zip", zipped({"Dogs/1.jpg": photo("coffee"), "Dogs/2.jpg": photo("cat")})), ("a.jpg", photo("cat"))
    )
    me.presses(next(button.key for button in me.at.button if button.key.startswith("teach/zip/")))
    assert me.at.file_uploader[0].value, "the picture is still to be taken"
    assert not [button.key for button in me.at.button if button.key.startswith("teach/zip/")]
    assert me.project.undo_words is None, "the empty classes that made room are nothing to bring back"
    me.presses(me.on("Dogs", "take"))
    me.waits()
    assert me.counts == {"Dogs": 3} and not me.at.file_uploader[0].value
    zipped_1, zipped_2, upload = (sample.recording for sample in me.named("Dogs").samples)
    assert zipped_1 == zipped_2 != upload and upload and zipped_1


def test_a_zips_folders_join_the_classes_of_their_names(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 2", Dog=""), input="Upload")
    me.uploads(("more.zip", zipped({"CAT/1.jpg": photo("cat"), "Cup/1.jpg": photo("coffee")})))
    me.presses(next(button.key for button in me.at.button if button.label == "Add 2 classes"))
    me.waits()
    assert me.counts == {"Cat": 3, "Dog": 0, "Cup": 1}


def test_a_saved_project_is_offered_and_opened(teacher: Teachers) -> None:
    saved = project_of(trained=True, Cat="cat 3", Cup="coffee 3")
    saved.name = "Desk things"
    me = teacher(input="Upload")
    me.uploads(("desk.zip", to_bytes(saved)))
    assert "**Desk things**: 2 classes, 6 samples" in words(me.at) and "It replaces" not in words(me.at)
    me.presses(next(button.key for button in me.at.button if button.label == "Open this project"))
    assert "Desk things is open" in words(me.at) and not me.at.file_uploader[0].value
    assert to_bytes(me.project) == to_bytes(saved)
    assert me.at.text_input(key=me.on("Cat", "name")).value == "Cat"


def test_a_project_that_replaces_another_says_so_first(teacher: Teachers) -> None:
    me = teacher(project_of(Mine="cat 1", Other=""), input="Upload")
    mine = me.project
    me.uploads(("theirs.zip", to_bytes(project_of(Theirs="coffee 1", Else="rocket 1"))))
    assert "It replaces the project that is open. Save that one first" in words(me.at) and me.project is mine
    opening = next(button.key for button in me.at.button if button.label == "Open this project")
    assert "1 sample in 2 classes would go" in me.asks(opening)
    me.agrees(opening)
    assert me.counts == {"Theirs": 1, "Else": 1}
    me.presses("teach/undo")
    assert me.project is mine and me.counts == {"Mine": 1, "Other": 0}
    me.presses("teach/undo")
    assert me.counts == {"Theirs": 1, "Else": 1}, "the undo can be taken back, too"


def test_a_project_that_does_not_fit_beside_the_present_one_says_that_there_is_no_undo(
    teacher: Teachers, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = project_of(Theirs="coffee 3", Else="rocket 3")
    monkeypatch.setattr(desk, "budget_bytes", lambda: theirs.nbytes + 1000)
    me = teacher(project_of(Mine="cat 3", Other="page 3"), input="Upload")
    me.uploads(("theirs.zip", to_bytes(theirs)))
    opening = next(button.key for button in me.at.button if button.label == "Open this project")
    assert "it can't be undone" in me.asks(opening)
    me.agrees(opening)
    assert me.counts == {"Theirs": 3, "Else": 3} and me.project.undo_words is None


def test_an_undo_that_needs_a_class_keeps_it_when_a_zips_folders_want_its_room(
    teacher: Teachers, galleries: Galleries
) -> None:
    me = teacher(project_of(Mine="cat 2", Other=""), input="Upload")
    mine = me.named("Mine")
    galleries.does[f"{mine.id}/strip"] = Change("delete", tuple(sample.key for sample in mine.samples))
    me.looks()
    me.uploads(("more.zip", zipped({"Cup/1.jpg": photo("coffee")})))
    me.presses(next(button.key for button in me.at.button if button.label == "Add 1 class"))
    me.waits()
    assert me.counts == {"Mine": 0, "Cup": 1}
    me.presses("teach/undo")
    assert me.counts == {"Mine": 2, "Cup": 1}


def newer() -> bytes:
    whole = zipfile.ZipFile(io.BytesIO(to_bytes(project_of(Cat="cat 1"))))
    files = {name: whole.read(name) for name in whole.namelist()}
    return zipped(files | {"project.json": json.dumps(json.loads(files["project.json"]) | {"version": 99}).encode()})


@pytest.mark.parametrize(
    "make, why",
    [
        (lambda: to_bytes(project_of(Cat="cat 1"))[:-100], "damaged or cut short"),
        (lambda: zipped({"../Cat/1.jpg": photo("cat")}), "leads out of its folder"),
        (newer, "saved by a newer Limelight"),
        (lambda: pickle.dumps({"classes": ["Cat"]}), "is not a zip file"),
        (lambda: zipped({"model.pkl": pickle.dumps([1])}), "no pictures in"),
        (lambda: zipped({"project.json": b'{"limelight": "teachable", "version": 1}'}), "damaged or was changed"),
    ],
    ids=["half a file", "../", "newer", "a pickle", "a pickle inside", "not much"],
)
def test_a_zip_that_cannot_be_opened_says_why_and_the_open_project_stays(
    make: Callable[[], bytes], why: str, teacher: Teachers
) -> None:
    me = teacher(project_of(Mine="cat 1", Other=""), input="Upload")
    before = to_bytes(me.project)
    me.uploads(("odd.zip", make()))
    assert "odd.zip" in words(me.at) and why in words(me.at) and len(me.at.error) == 1
    assert to_bytes(me.project) == before and "Open this project" not in labels(me.at)
