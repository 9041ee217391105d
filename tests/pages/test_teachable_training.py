"""The Teachable machine's page: training a head, and what it says of pictures and of the camera."""

import json
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from components.teachable import lessons
from components.trainings import ended
from models.pictures.drawing import mirror
from models.pictures.images import to_jpeg
from models.teachable.project import Project
from tests.pages.teaching_visitor import (
    Teacher,
    Until,
    photo,
    project_of,
    taught,
    verdict,
    view_of,
    words,
)
from tests.pages.visit import html_of, ran, sample

Teachers = Callable[..., Teacher]


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


def lesson_of(me: Teacher) -> lessons.Lesson:
    return me.at.session_state["teach/lesson"]


def test_one_press_trains_and_the_result_and_its_curves_are_shown(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 6", Cup="coffee 6"))
    me.trains()
    trained = me.project.trained
    assert trained is not None and trained.names == ("Cat", "Cup")
    assert re.search(r"Trained on 12 samples in \d+\.\d s: 2 of 2 \(100%\) of those held out are right\.", words(me.at))
    assert "10 of 10 (100%) are right" in words(me.at) and "one recording only" in words(me.at)
    loss, accuracy = (json.loads(chart.proto.spec) for chart in me.at.get("plotly_chart"))
    assert [trace["name"] for trace in loss["data"]] == ["training", "validation"]
    assert loss["data"][0]["x"][-1] == 50 and loss["data"][0]["y"][-1] < loss["data"][0]["y"][0] / 4
    assert accuracy["data"][1]["y"][-1] == 1
    assert not me.at.button(key="teach/train").disabled


def test_whole_recordings_are_held_out_where_there_are_two(teacher: Teachers) -> None:
    project = Project.fresh(names=("Cat", "Cup"))
    for one, name in zip(project.classes, ("cat", "coffee"), strict=True):
        for number in range(6):
            project.add(one.id, *taught(name, number), recording=f"r{number // 3}")
    me = teacher(project)
    me.trains()
    assert "6 of 6 (100%) of those held out" in words(me.at) and "whole recordings" in words(me.at)


def test_shuffled_labels_are_an_experiment_that_leaves_the_head_as_it_was(teacher: Teachers) -> None:
    me = teacher(project_of(trained=True, Cat="cat 6", Cup="coffee 6"))
    before = me.project.trained
    ran(me.at.toggle(key="teach/shuffle").set_value(True).run())
    me.trains()
    assert "Labels shuffled: 10 of 10 (100%)" in words(me.at) and "guessing gets 1 in 2" in words(me.at)
    assert me.project.trained is before and len(me.at.get("plotly_chart")) == 2
    ran(me.at.toggle(key="teach/shuffle").set_value(False).run())
    me.trains()
    assert me.project.trained is not before


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
    stopped, train = threading.Event(), lessons.train

    def slow(*given: Any, on_step: Callable[[Any], None], **options: Any) -> Any:
        def hear(epoch: Any) -> None:
            if epoch.step == 5:
                stopped.wait(120)
            on_step(epoch)

        return train(*given, on_step=hear, **options)

    monkeypatch.setattr(lessons, "train", slow)
    me = teacher(project_of(Cat="cat 3", Cup="coffee 3"))
    me.presses("teach/train")
    until(lambda: lesson_of(me).training.latest and lesson_of(me).training.latest.step == 4)
    me.looks()
    assert me.at.button(key="teach/train").disabled, "one at a time"
    me.presses("teach/stop-training")
    stopped.set()
    until(lambda: ended(lesson_of(me).training))
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
    assert threshold.value == 1
    ran(threshold.set_value(4.0).run())
    assert "None of these" not in verdict(me.at)
    ran(next(slider for slider in me.at.slider if slider.key == threshold.key).set_value(0.0).run())
    assert "None of these" in verdict(me.at)
    ran(me.at.toggle(key="teach/none").set_value(False).run())
    assert "None of these" not in verdict(me.at)


def test_live_answers_are_pushed_with_their_colours_and_where_the_network_looked(
    teacher: Teachers, no_camera: dict[str, Any], sent: Callable[[str], dict[str, Any]]
) -> None:
    no_camera["playing"] = True
    me = teacher(project_of(trained=True, Cat="cat 4", Cup="coffee 4"))
    ran(me.at.toggle(key="teach/smooth").set_value(False).run())
    me.shows(view_of("cat"))
    answer = sent("answer")
    assert answer["verdict"] == "Cat" and answer["sure"] and answer["share"] == max(share for _, share in answer["top"])
    assert [label for label, _ in answer["top"]] == ["Cat", "Cup"] and 'class="verdict' not in html_of(me.at)
    assert answer["colours"] == [one.colour for one in me.project.classes]
    me.shows(view_of("page"))
    answer = sent("answer")
    assert answer["verdict"] == "None of these" and not answer["sure"] and "farther than 1.00" in answer["note"]
    assert all(share < answer["threshold"] for _, share in answer["top"]), "no bar stands out"
    ran(me.at.text_input(key=me.on("Cat", "name")).set_value("Chelsea").run())
    me.shows(view_of("cat"))
    assert sent("answer")["verdict"] == "Chelsea", "its present name"


def test_without_a_websocket_the_live_camera_is_answered_by_the_page(
    teacher: Teachers, no_camera: dict[str, Any], until: Until, no_socket: None
) -> None:
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


def test_poses_are_taught_and_told_apart_and_a_picture_of_nobody_is_neither(teacher: Teachers) -> None:
    one = sample("astronaut")
    me = teacher(project=Project.fresh("body", ("Left", "Right")), input="Upload")
    for name, picture in (("Left", one), ("Right", mirror(one))):
        me.uploads(*((f"{cut}.jpg", to_jpeg(picture[:, cut : 512 - cut])) for cut in (0, 8)))
        me.presses(me.on(name, "take"))
    me.waits()
    me.trains()
    for picture, answer in ((one, "Left"), (mirror(one), "Right"), (sample("coffee"), "A body is not seen")):
        me.uploads(("me.jpg", to_jpeg(picture[:, 4:])))
        assert answer in verdict(me.at)
