"""The Teachable machine's page: opening it, recording samples, its classes, and that visitors are apart."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from components.layout import plain
from components.pictures import SOURCES
from components.teachable import collecting, shared
from components.teachable.gallery import Change
from models.pose.skeletons import SKELETONS
from models.teachable import classes as taught_classes
from models.teachable import recorder
from models.teachable.classes import MAX_CLASSES
from models.teachable.project import Project
from tests.pages.teaching_visitor import (
    Clock,
    Galleries,
    Teacher,
    Until,
    labels,
    photo,
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
    assert choice.fps == 5
    assert at.segmented_control(key="input").value == "Live"


@pytest.mark.parametrize("query", [{"view": "Sell"}, {"input": "Hologram"}, {"fps": "1000"}, {"size": "large"}])
def test_nonsense_in_the_address_is_ignored(query: dict[str, str]) -> None:
    assert opened("teachable", **query).segmented_control(key="view").value == "Teach"


# Recording


def test_a_recording_fills_the_class_whose_button_was_pressed(
    teacher: Teachers,
    no_camera: dict[str, Any],
    clock: Clock,
    galleries: Galleries,
    sent: Callable[[str], dict[str, Any]],
) -> None:
    no_camera["playing"] = True
    me = teacher()
    me.presses(me.on("Class 2", "take"))
    assert "Stop" in labels(me.at) and html_of(me.at).count("<b>0</b>") == 1, "the browser has the other number"
    me.shows(view_of("cat"), frames=4, clock=clock)
    assert sent("samples")["count"] == 4, "it moves with every sample"
    assert me.counts == {"Class 1": 0, "Class 2": 4}, "there at once, whatever is still to be computed"
    me.waits()
    assert galleries.strip(me.named("Class 2")) == [s.key for s in me.named("Class 2").samples[::-1]], "newest first"
    me.presses(me.on("Class 1", "take"))
    me.shows(view_of("coffee"), frames=3, clock=clock)
    assert me.counts == {"Class 1": 3, "Class 2": 4}, "one at a time"
    me.presses(me.on("Class 1", "stop"))
    assert 'aria-label="4 samples"><b>4</b>' in html_of(me.at)
    me.shows(view_of("coffee"), frames=3, clock=clock)
    assert me.counts == {"Class 1": 3, "Class 2": 4}
    me.waits()
    assert all(sample.features is not None for sample in me.project.samples)


def test_rate_countdown_and_duration_are_those_that_were_chosen(
    teacher: Teachers, no_camera: dict[str, Any], clock: Clock, no_socket: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "features", lambda kind, model, rgb: np.ones(1280, np.float32))
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
    monkeypatch.setattr(taught_classes, "MAX_SAMPLES", 2)
    no_camera["playing"] = True
    me = teacher()
    me.presses(me.on("Class 1", "take"))
    me.shows(view_of("cat"), frames=5, clock=clock)
    me.waits()
    assert me.counts["Class 1"] == 2 and "Class 1 is full: 2 samples" in words(me.at)
    assert "Stop" not in labels(me.at)


def test_an_empty_project_can_learn_from_poses_instead(teacher: Teachers, no_camera: dict[str, Any]) -> None:
    me = teacher()
    ran(me.at.text_input(key=me.on("Class 1", "name")).set_value("Tree").run())
    for title, kind in (("Hand poses", "hand"), ("Body poses", "body"), ("Pictures", "pictures")):
        ran(me.at.segmented_control(key=f"teach/{me.desk.number}/kind").set_value(title).run())
        assert me.project.kind.name == kind and list(me.counts) == ["Tree", "Class 2"]
        assert no_camera["asked"][-1][0].startswith(f"teachable {kind}/")
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


def test_a_pose_is_drawn_before_anything_is_trained(
    teacher: Teachers, no_camera: dict[str, Any], sent: Callable[[str], dict[str, Any]]
) -> None:
    no_camera["playing"] = True
    me = teacher()
    ran(me.at.segmented_control(key=f"teach/{me.desk.number}/kind").set_value("Body poses").run())
    assert sent("skeletons")["skeletons"]["body33"]["bones"] == [list(bone) for bone in SKELETONS["body33"].bones]
    me.shows(sample("astronaut"))
    (pose,) = sent("poses")["poses"]
    nose = np.frombuffer(base64.b64decode(pose["points"]), "<i2")[:2] / 10
    assert pose["kind"] == "body33" and 150 < nose[0] < 300, "the nose is where the face is"
    me.shows(np.full((480, 640, 3), 128, np.uint8))
    assert sent("poses")["poses"] == [], "and nobody is left on the picture"


def test_whether_the_body_is_seen_is_pushed(
    teacher: Teachers, no_camera: dict[str, Any], sent: Callable[[str], dict[str, Any]]
) -> None:
    no_camera["playing"] = True
    me = teacher(Project.fresh("body", ("Left", "Right")))
    me.shows(sample("coffee"))
    assert "not seen" in sent("answer")["text"] and "not seen" not in words(me.at)


def test_without_a_websocket_the_page_says_whether_the_body_is_seen(
    teacher: Teachers, no_camera: dict[str, Any], until: Until, no_socket: None
) -> None:
    no_camera["playing"] = True
    me = teacher(Project.fresh("body", ("Left", "Right")))
    (stream,) = (s for name, s in me.camera.streams.items() if name.startswith("teach "))
    me.shows(sample("coffee"))
    until(lambda: stream.results > 0)
    me.looks()
    assert "A body is not seen" in words(me.at)


# Classes


def test_a_name_that_is_taken_is_refused_and_the_old_one_stays_in_the_box(teacher: Teachers) -> None:
    me = teacher()
    box = me.on("Class 1", "name")
    ran(me.at.text_input(key=box).set_value("class 2").run())
    assert "There is a class Class 2 already" in words(me.at)
    assert me.at.text_input(key=box).value == "Class 1" and list(me.counts) == ["Class 1", "Class 2"]
    ran(me.at.text_input(key=box).set_value("Cup").run())
    assert list(me.counts) == ["Cup", "Class 2"]


@pytest.mark.parametrize(
    "typed, stays",
    [
        ("👩‍🏫", "👩‍🏫"),
        ("cafe\u0301", "café"),
        ("\u202e Cat\u200b ", "Cat"),
        ("👩‍🏫" * 45, "👩‍🏫" * 40),
        ("\u200d\ufe0f", "Class 1"),
    ],
    ids=["joined", "composed", "controls", "too long", "nothing to see"],
)
def test_a_typed_name_is_shown_as_it_stays(typed: str, stays: str, teacher: Teachers) -> None:
    me = teacher()
    box = me.on("Class 1", "name")
    ran(me.at.text_input(key=box).set_value(typed).run())
    assert list(me.counts) == [stays, "Class 2"] and me.at.text_input(key=box).value == stays
    ran(me.at.text_input(key=me.on("Class 2", "name")).set_value(stays.upper()).run())
    assert list(me.counts) == [stays, "Class 2"] and f"There is a class {stays} already" in words(me.at)


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
    me = teacher(project_of(**{f"Class {n}": "" for n in range(1, MAX_CLASSES)}))
    me.presses("teach/add")
    assert len(me.counts) == MAX_CLASSES and me.at.button(key="teach/add").disabled
    me.presses(me.on("Class 1", "copy"))
    assert len(me.counts) == MAX_CLASSES and "20 classes are the most" in words(me.at)


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


# Others


def test_a_name_is_neither_html_nor_markdown(teacher: Teachers) -> None:
    name = "<img src=x> **A** :red[b]"
    project = project_of(trained=True, **{name: "cat 2", "Cup": "coffee 2"})
    me = teacher(project, input="Samples")
    assert "&lt;img src=x&gt; **A**" in verdict(me.at) and "<img" not in html_of(me.at)
    me.presses(me.on(name, "delete"))
    (undo,) = (button.label for button in me.at.button if button.key == "teach/undo")
    assert undo == "Undo deleting " + plain(name) and "**" not in undo


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
