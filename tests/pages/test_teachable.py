"""The Teachable machine's page: collecting samples, giving pictures and projects, training, testing."""

import io
import json
import pickle
import re
import threading
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from components import loading
from components.pictures import SOURCES, file_of
from components.teachable import collecting, giving, training
from components.teachable.gallery import Change
from models.images import to_jpeg
from models.teachable import project as projects
from models.teachable import recorder
from models.teachable.files import to_bytes
from models.teachable.project import MOST_CLASSES
from tests.pages.teaching_visitor import (
    Clock,
    Galleries,
    Teacher,
    Until,
    labels,
    project_of,
    taught,
    verdict,
    view_of,
    words,
)
from tests.pages.visit import html_of, opened, ran, sample

Teachers = Callable[..., Teacher]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(recorder, "time", clock)
    return clock


def photo(name: str, step: int = 0) -> bytes:
    return to_jpeg(view_of(name, step))


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


# Opening


def test_it_opens_with_two_empty_classes_and_says_what_to_do(teacher: Teachers) -> None:
    me = teacher()
    assert me.counts == {"Class 1": 0, "Class 2": 0}
    assert "Give two classes a few samples each" in words(me.at) and "Press Train" in words(me.at)
    assert "Start the camera, then press **Record**" in words(me.at)
    assert html_of(me.at).count('aria-label="0 samples"') == 2


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_can_be_added_before_there_is_something(source: str, teacher: Teachers) -> None:
    me = teacher(input=source)
    if source == "Samples":
        ran(me.at.pills(key="teachable/samples").set_value([]).run())
    take = me.at.button(key=me.on("Class 1", "take"))
    assert take.disabled and take.label == ("Record" if source == "Live" else "Add") and not me.at.error


@pytest.mark.parametrize(
    "view, words_there",
    [
        ("Teach", "Give two classes a few samples each"),
        ("Understand", "Class 1 is empty"),
        ("Play", "your three hands"),
        ("Keep", "pictures, features and what was trained, in one file"),
    ],
)
def test_every_view_has_an_address(view: str, words_there: str) -> None:
    at = opened("teachable", view=view)
    assert at.segmented_control(key="view").value == view and words_there in words(at)


def test_a_link_for_a_phone_brings_its_settings(no_camera: dict[str, Any]) -> None:
    at = opened("teachable", view="Teach", input="Live", fps="5")
    ((_, choice),) = no_camera["asked"]
    assert choice.fps == 5 and not choice.from_server
    assert at.segmented_control(key="input").value == "Live"


@pytest.mark.parametrize("query", [{"view": "Sell"}, {"input": "Hologram"}, {"fps": "1000"}, {"video": "tape"}])
def test_nonsense_in_the_address_is_ignored(query: dict[str, str]) -> None:
    assert opened("teachable", **query).segmented_control(key="view").value == "Teach"


# Recording


def test_a_recording_fills_the_class_whose_button_was_pressed(
    teacher: Teachers, no_camera: dict[str, Any], clock: Clock, galleries: Galleries
) -> None:
    no_camera["playing"] = True
    me = teacher()
    me.presses(me.on("Class 2", "take"))
    assert "Stop" in labels(me.at) and '<div class="count on"' in html_of(me.at)
    me.shows(view_of("cat"), frames=4, clock=clock)
    assert me.counts == {"Class 1": 0, "Class 2": 4}, "there at once, whatever is still to be computed"
    me.waits()
    assert 'aria-label="4 samples"><b>4</b>' in html_of(me.at)
    assert galleries.strip(me.named("Class 2")) == [s.key for s in me.named("Class 2").samples[::-1]], "newest first"
    me.presses(me.on("Class 1", "take"))
    me.shows(view_of("coffee"), frames=3, clock=clock)
    assert me.counts == {"Class 1": 3, "Class 2": 4}, "one at a time"
    me.presses(me.on("Class 1", "stop"))
    me.shows(view_of("coffee"), frames=3, clock=clock)
    assert me.counts == {"Class 1": 3, "Class 2": 4}
    me.waits()
    assert all(sample.features is not None for sample in me.project.samples)


def test_rate_countdown_and_duration_are_those_that_were_chosen(
    teacher: Teachers, no_camera: dict[str, Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "features", lambda kind, model, rgb: np.ones(1280, np.float32))
    no_camera["playing"] = True
    me = teacher()
    me.at.select_slider(key="teach/rate").set_value(5)
    me.at.segmented_control(key="teach/for").set_value("2 s")
    ran(me.at.toggle(key="teach/count").set_value(True).run())
    me.presses(me.on("Class 1", "take"))
    assert "<b>3</b> <small>get ready</small>" in html_of(me.at)
    me.shows(view_of("cat"), frames=15, clock=clock)
    me.looks()
    assert me.counts["Class 1"] == 0
    assert 'aria-label="2, get ready"><b>2</b> <small>get ready</small>' in html_of(me.at), "1.5 s are left"
    clock.now += 1.5
    me.shows(view_of("cat"), frames=10, clock=clock)
    me.looks()
    assert me.counts["Class 1"] == 5 and "<b>5</b> <small>1 s</small>" in html_of(me.at)
    me.shows(view_of("cat"), frames=20, clock=clock)
    assert me.counts == {"Class 1": 10, "Class 2": 0}
    me.waits()
    assert "Stop" not in labels(me.at)


def test_turning_the_camera_off_ends_a_recording(teacher: Teachers, no_camera: dict[str, Any], clock: Clock) -> None:
    no_camera["playing"] = True
    me = teacher()
    me.presses(me.on("Class 1", "take"))
    no_camera["playing"] = False
    me.looks()
    me.shows(view_of("cat"), clock=clock)
    assert me.counts["Class 1"] == 0
    assert me.at.button(key=me.on("Class 1", "take")).disabled


def test_a_class_that_is_full_ends_its_recording_and_says_so(
    teacher: Teachers, no_camera: dict[str, Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projects, "MOST_SAMPLES", 2)
    no_camera["playing"] = True
    me = teacher()
    me.presses(me.on("Class 1", "take"))
    me.shows(view_of("cat"), frames=5, clock=clock)
    me.waits()
    assert me.counts["Class 1"] == 2 and "Class 1 is full: 2 samples" in words(me.at)
    assert "Stop" not in labels(me.at)


# Classes


def test_a_name_that_is_taken_is_refused_and_the_old_one_stays_in_the_box(teacher: Teachers) -> None:
    me = teacher()
    box = me.on("Class 1", "name")
    ran(me.at.text_input(key=box).set_value("class 2").run())
    assert "There is a class Class 2 already" in words(me.at)
    assert me.at.text_input(key=box).value == "Class 1" and list(me.counts) == ["Class 1", "Class 2"]
    ran(me.at.text_input(key=box).set_value("Cup").run())
    assert list(me.counts) == ["Cup", "Class 2"]


def test_a_class_can_have_another_colour_and_stay_out_of_training(teacher: Teachers, galleries: Galleries) -> None:
    me = teacher(project_of(Cat="cat 2", Cup="coffee 2", Else="rocket 1"))
    ran(me.at.color_picker(key=me.on("Cat", "colour")).set_value("#112233").run())
    assert {tile.colour for tile in galleries.tiles[f"{me.named('Cat').id}/strip"]} == {"#112233"}
    ran(me.at.toggle(key=me.on("Else", "on")).set_value(False).run())
    assert "<b>1</b> <small>off</small>" in html_of(me.at)
    me.trains()
    assert me.project.trained and me.project.trained.names == ("Cat", "Cup")


def test_a_class_is_copied_deleted_and_brought_back(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 2", Cup="coffee 1"))
    me.presses(me.on("Cat", "copy"))
    assert me.counts == {"Cat": 2, "Cat copy 1": 2, "Cup": 1}
    me.presses(me.on("Cat", "delete"))
    assert me.counts == {"Cat copy 1": 2, "Cup": 1} and "Undo deleting Cat" in labels(me.at)
    me.presses("teach/undo")
    assert me.counts == {"Cat": 2, "Cat copy 1": 2, "Cup": 1} and "teach/undo" not in [b.key for b in me.at.button]


def test_twenty_classes_are_the_most(teacher: Teachers) -> None:
    me = teacher(project_of(**{f"Class {n}": "" for n in range(1, MOST_CLASSES)}))
    me.presses("teach/add")
    assert len(me.counts) == MOST_CLASSES and me.at.button(key="teach/add").disabled
    me.presses(me.on("Class 1", "copy"))
    assert len(me.counts) == MOST_CLASSES and "20 classes are the most" in words(me.at)


def test_samples_are_deleted_and_moved_on_their_card_and_brought_back(teacher: Teachers, galleries: Galleries) -> None:
    me = teacher(project_of(Cat="cat 3", Cup="coffee 1"))
    cat, cup = me.project.classes
    first, second, third = (sample.key for sample in cat.samples)
    galleries.does[f"{cat.id}/strip"] = Change("delete", (first,))
    me.looks()
    galleries.does[f"{cat.id}/strip"] = Change("move", (third,), cup.id)
    me.looks()
    assert me.counts == {"Cat": 1, "Cup": 2} and third in galleries.strip(cup)
    assert "Undo moving 1 sample to Cup" in labels(me.at)
    me.presses("teach/undo")
    me.presses("teach/undo")
    assert [sample.key for sample in me.named("Cat").samples] == [first, second, third]
    assert galleries.strip(cat) == [third, second, first]


def test_all_samples_of_a_class_are_shown_page_by_page(
    teacher: Teachers, galleries: Galleries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "PAGE", 4)
    me = teacher(project_of(Cat="cat 6", Cup=""))
    cat = me.named("Cat")
    me.presses(me.on("Cat", "all"))
    assert "Cat: 6 samples" in words(me.at) and len(galleries.tiles["all"]) == 4
    ran(me.at.number_input[0].set_value(2).run())
    oldest = [tile.key for tile in galleries.tiles["all"]]
    assert oldest == [cat.samples[1].key, cat.samples[0].key]
    galleries.does["all"] = Change("delete", (oldest[1],))
    me.looks()
    assert me.counts["Cat"] == 5 and "teach/undo" in [button.key for button in me.at.button]
    me.presses("teach/back")
    assert "Add a class" in labels(me.at)


# Giving pictures


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
        go_on.wait(20)
        return np.ones(kind.size, np.float32)

    monkeypatch.setattr(loading, "features", slow)
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
        me.at.session_state["teachable/pasted"] = file_of("pasted picture", to_jpeg(sample("cat")))
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
    me.presses(next(button.key for button in me.at.button if button.label == "Open this project"))
    assert me.counts == {"Theirs": 1, "Else": 1}


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


# Training


@pytest.mark.parametrize(
    "views, why",
    [
        ({"Cat": "cat 2", "Cup": "coffee 1"}, "Cup has one sample. Every class needs two at least"),
        ({"Cat": "cat 2", "Cup": ""}, "Cup is empty. Give it samples"),
        ({"Cat": "cat 2"}, "Two classes at least are needed"),
    ],
)
def test_with_too_little_to_learn_from_it_says_what_is_missing(
    views: dict[str, str], why: str, teacher: Teachers
) -> None:
    me = teacher(project_of(**views))
    me.presses("teach/train")
    assert why in words(me.at) and me.project.trained is None and "teach/lesson" not in me.at.session_state


def lesson_of(me: Teacher) -> training.Lesson:
    return me.at.session_state["teach/lesson"]


def test_one_press_trains_and_the_result_and_its_curves_are_shown(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 6", Cup="coffee 6"))
    me.trains()
    trained = me.project.trained
    assert trained is not None and trained.names == ("Cat", "Cup")
    assert re.search(r"Trained on 12 samples in \d+\.\d s: 100% of those held out are right\.", words(me.at))
    loss, accuracy = (json.loads(chart.proto.spec) for chart in me.at.get("plotly_chart"))
    assert [trace["name"] for trace in loss["data"]] == ["training", "validation"]
    assert loss["data"][0]["x"][-1] == 50 and loss["data"][0]["y"][-1] < loss["data"][0]["y"][0] / 4
    assert accuracy["data"][1]["y"][-1] == 1
    assert not me.at.button(key="teach/train").disabled


def test_the_settings_are_the_recipe(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 3", Cup="coffee 3"))
    me.at.number_input(key="teach/epochs").set_value(7)
    me.at.select_slider(key="teach/hidden").set_value(16)
    ran(me.at.toggle(key="teach/augment").set_value(True).run())
    assert "Looks at 12 copies first" in words(me.at)
    me.trains()
    assert [step.step for step in lesson_of(me).training.history if step.step] == list(range(1, 8))
    assert me.project.trained and me.project.trained.head.hidden == 16
    changed = [s.variants is not None for s in me.project.samples]
    assert changed.count(True) == 4, "two of each class: nothing is learnt from what is held out"


def test_training_goes_on_from_where_the_head_is(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 4", Cup="coffee 4"))
    me.trains()
    first, losses = me.project.trained, [step.loss for step in lesson_of(me).training.history]
    me.trains("teach/further")
    assert me.project.trained is not first
    assert lesson_of(me).training.history[0].loss < losses[5], "not from the beginning"


def test_stop_keeps_what_was_learnt_until_then(
    teacher: Teachers, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, train = threading.Event(), training.train

    def slow(*given: Any, on_step: Callable[[Any], None], **options: Any) -> Any:
        def hear(epoch: Any) -> None:
            if epoch.step == 5:
                stopped.wait(20)
            on_step(epoch)

        return train(*given, on_step=hear, **options)

    monkeypatch.setattr(training, "train", slow)
    me = teacher(project_of(Cat="cat 3", Cup="coffee 3"))
    me.presses("teach/train")
    until(lambda: lesson_of(me).training.latest and lesson_of(me).training.latest.step == 4)
    me.looks()
    assert me.at.button(key="teach/train").disabled, "one at a time"
    me.presses("teach/stop-training")
    stopped.set()
    until(lambda: lesson_of(me).ended)
    me.looks()
    assert "Stopped after epoch 5." in words(me.at) and me.project.trained is not None
    assert not me.at.button(key="teach/train").disabled


def test_fine_tuning_is_a_training_of_the_network_itself(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 2", Cup="coffee 2"), input="Samples")
    ran(me.at.toggle(key="teach/tune").set_value(True).run())
    me.trains()
    assert me.project.trained is not None and me.project.trained.tuned
    assert "Cat" in verdict(me.at)


# Testing


def test_a_picture_in_view_is_answered_by_a_bar_for_each_class(teacher: Teachers) -> None:
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"), input="Samples")
    assert "Cat" in verdict(me.at) and html_of(me.at).count('<div class="bar"') == 2
    assert "distance to the nearest sample 0." in html_of(me.at)
    ran(me.at.text_input(key=me.on("Cat", "name")).set_value("Chelsea").run())
    assert "Chelsea" in verdict(me.at), "its present name"


def test_several_pictures_are_answered_in_a_table(teacher: Teachers) -> None:
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"), input="Samples")
    ran(me.at.pills(key="teachable/samples").set_value(["cat", "coffee", "page"]).run())
    table = me.at.dataframe[0].value
    assert list(table["answer"]) == ["Cat", "Cup", "None of these"]
    assert table["distance"].is_monotonic_increasing and (table["probability"] > 0.5).all()


def test_a_picture_that_is_given_twice_is_answered_twice(teacher: Teachers) -> None:
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"), input="Upload")
    me.uploads(*((name, photo(name[:-4])) for name in ("cat.jpg", "coffee.jpg", "cat.jpg")))
    table = me.at.dataframe[0].value
    assert list(table["name"]) == ["cat.jpg", "coffee.jpg", "cat.jpg"] and list(table["answer"]) == [
        "Cat",
        "Cup",
        "Cat",
    ]


def test_what_is_like_nothing_that_was_taught_is_none_of_these_until_one_says_otherwise(teacher: Teachers) -> None:
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"), input="Samples")
    ran(me.at.pills(key="teachable/samples").set_value(["page"]).run())
    assert "None of these" in verdict(me.at) and ", farther than" in html_of(me.at)
    (threshold,) = (slider for slider in me.at.slider if slider.key.startswith("teach/near/"))
    ran(threshold.set_value(1.0).run())
    assert "None of these" not in verdict(me.at)
    ran(next(slider for slider in me.at.slider if slider.key == threshold.key).set_value(0.0).run())
    assert "None of these" in verdict(me.at)
    ran(me.at.toggle(key="teach/none").set_value(False).run())
    assert "None of these" not in verdict(me.at)


def test_the_live_camera_is_answered(teacher: Teachers, no_camera: dict[str, Any], until: Until) -> None:
    no_camera["playing"] = True
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"))
    ran(me.at.toggle(key="teach/smooth").set_value(False).run())
    assert "Waiting for the first picture" in words(me.at)
    (stream,) = (s for name, s in me.camera.streams.items() if name.startswith("teach "))
    for name, answer in (("cat", "Cat"), ("coffee", "Cup"), ("page", "None of these")):
        before = stream.results
        me.shows(view_of(name))
        until(lambda before=before: stream.results > before)
        me.looks()
        assert answer in verdict(me.at)
    assert "network " in html_of(me.at) and "wait " in html_of(me.at)


def test_samples_that_came_after_training_are_counted(teacher: Teachers) -> None:
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"))
    assert "Train again" not in words(me.at)
    me.project.add(me.named("Cat").id, *taught("cat", 5))
    me.looks()
    assert "Learnt from 8 samples; there are 9 now. Train again." in words(me.at)
    me.presses("teach/add")
    assert "The classes have changed since: train again" in words(me.at)


# Poses


def test_an_empty_project_can_learn_from_poses_instead(teacher: Teachers, no_camera: dict[str, Any]) -> None:
    me = teacher()
    ran(me.at.text_input(key=me.on("Class 1", "name")).set_value("Tree").run())
    for title, kind in (("Hand poses", "hand"), ("Body poses", "body"), ("Pictures", "pictures")):
        ran(me.at.segmented_control(key=f"teach/{me.desk.number}/kind").set_value(title).run())
        assert me.project.kind.name == kind and list(me.counts) == ["Tree", "Class 2"]
        assert no_camera["asked"][-1][1].from_server == (kind != "pictures"), "the pose is drawn on the picture"
    me.project.add(me.named("Tree").id, *taught("cat", 0))
    me.looks()
    assert not any(control.key.endswith("/kind") for control in me.at.segmented_control)


def test_nobody_in_a_recorded_picture_is_left_out_and_counted(
    teacher: Teachers, no_camera: dict[str, Any], clock: Clock
) -> None:
    no_camera["playing"] = True
    me = teacher()
    ran(me.at.segmented_control(key=f"teach/{me.desk.number}/kind").set_value("Body poses").run())
    me.presses(me.on("Class 1", "take"))
    me.shows(sample("astronaut"), clock=clock)
    me.shows(sample("coffee"), frames=2, clock=clock)
    me.waits()
    assert me.counts == {"Class 1": 1, "Class 2": 0} and me.project.samples[0].features.shape == (66,)
    assert "2 pictures left out: a body was not seen" in words(me.at)


# Others


def test_nobody_sees_what_another_visitor_collects(teacher: Teachers, galleries: Galleries) -> None:
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"), view="Understand")
    mine = {sample.jpeg for sample in me.project.samples}
    me.at.session_state["teach/part"] = "Map"
    me.looks()
    me.studies("map PCA")
    assert mine == set(galleries.ever)
    galleries.ever.clear()
    you = teacher(view="Teach", input="Upload")
    assert you.counts == {"Class 1": 0, "Class 2": 0} and you.project is not me.project
    you.uploads(("rocket.jpg", photo("rocket")), ("rocket.jpg", b"broken"))
    you.presses(you.on("Class 1", "take"))
    you.waits()
    assert "rocket.jpg" in words(you.at)
    you.has(project_of(Rocket="rocket 3", Page="page 3"))
    ran(you.at.segmented_control(key="view").set_value("Understand").run())
    ran(you.at.pills(key="teach/part").set_value("Map").run())
    you.studies("map PCA")
    yours = {sample.jpeg for sample in you.project.samples}
    assert yours <= set(galleries.ever) and not mine & set(galleries.ever)
    me.looks()
    assert "rocket.jpg" not in words(me.at) and mine == {sample.jpeg for sample in me.project.samples}
    assert you.project.trained is None
