"""The Teachable machine's page: what it shows of the samples, playing with what was taught, keeping it."""

import gc
import io
import json
import re
import secrets
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st

from components import browser_key
from components.teachable import confusion, desk, keeping, lessons, shared
from components.teachable.gallery import Change
from components.trainings import ended
from models.teachable.export.exported import MAX_DIFFERENCE
from models.teachable.keep.files import from_bytes, to_bytes
from models.teachable.keep.shelf import Shelf
from models.teachable.learn.judging import judge
from models.teachable.learn.learning_curve import learning_curve
from models.teachable.project import Project
from models.teachable.rock_paper_scissors import COUNT_S, MOVES, SHOWN_S, outcome
from tests.pages.teaching_visitor import Galleries, Teacher, Until, labels, project_of, taught, view_of, words
from tests.pages.visit import downloads, html_of, ran

Teachers = Callable[..., Teacher]


def mixed() -> Project:
    """Cats and cups, and one cup among the cats."""
    project = project_of(Cat="cat 6", Cup="coffee 5")
    project.add(project.classes[0].id, *taught("coffee", 5))
    return project


def looks_at(me: Teacher, part: str, study: str) -> None:
    ran(me.at.pills(key="teach/part").set_value(part).run())
    me.studies(study)


# Understand


def test_the_matrix_and_the_bars_are_of_heads_that_have_not_seen_the_samples(teacher: Teachers) -> None:
    me = teacher(mixed(), view="Understand")
    me.studies("judge")
    given = me.project.training_set()
    judgement = judge(given.features, given.labels, groups=given.groups)
    assert judgement.confusion.tolist() == [[6, 1], [0, 5]]
    figure = json.loads(me.at.get("plotly_chart")[0].proto.spec)
    shown = {(number["y"], number["x"]): number["text"] for number in figure["layout"]["annotations"]}
    assert shown == {(0, 0): "6", (0, 1): "1", (1, 1): "5"} and figure["layout"]["yaxis"]["ticktext"] == ["Cat", "Cup"]
    assert figure["data"][1]["hovertext"][1] == "Cat taken for Cup: 1"
    assert "11 of 12 samples** (92%)" in words(me.at) and "one recording only" in words(me.at)
    assert "6 of 7 found, 6 of 6 right" in html_of(me.at) and "5 of 5 found, 5 of 6 right" in html_of(me.at)


def test_a_click_on_a_square_shows_its_pictures(
    teacher: Teachers, galleries: Galleries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confusion, "_clicked", lambda event, classes: (0, 1))
    me = teacher(mixed(), view="Understand")
    me.studies("judge")
    assert "1 picture of Cat, taken for Cup" in words(me.at)
    assert [tile.jpeg for tile in galleries.tiles["cell"]] == [taught("coffee", 5)[0]]


def test_a_sample_in_the_wrong_class_is_found_moved_and_can_be_moved_back(
    teacher: Teachers, galleries: Galleries
) -> None:
    me = teacher(mixed(), view="Understand")
    cat, cup = me.project.classes
    looks_at(me, "Wrong ones", "judge")
    (tile,) = galleries.tiles["wrong"]
    assert tile.jpeg == taught("coffee", 5)[0] and tile.to == cup.id
    assert tile.caption.startswith("Cat → Cup ") and tile.colour == cat.colour
    galleries.does["wrong"] = Change("move", (tile.key,), tile.to)
    me.looks()
    assert me.counts == {"Cat": 6, "Cup": 6} and me.named("Cup").samples[-1].key == tile.key
    me.studies("judge")
    assert "None: all 12 are recognised" in words(me.at)
    me.presses("teach/undo")
    assert me.counts == {"Cat": 7, "Cup": 5}
    me.studies("judge")
    assert [tile.key for tile in galleries.tiles["wrong"]] == [tile.key]


def test_the_samples_between_two_classes_come_first(teacher: Teachers, galleries: Galleries) -> None:
    me = teacher(mixed(), view="Understand")
    looks_at(me, "Unsure ones", "judge")
    given = me.project.training_set()
    order = judge(given.features, given.labels, groups=given.groups).uncertain(12)
    assert [tile.key for tile in galleries.tiles["unsure"]] == [given.samples[i].key for i in order]
    assert " %" not in galleries.tiles["unsure"][0].caption and galleries.tiles["unsure"][0].caption.count("%") == 2


def test_near_copies_are_found_deleted_and_brought_back(teacher: Teachers, galleries: Galleries) -> None:
    project = project_of(Cat="cat 2", Cup="coffee 2")
    cat, cup = project.classes
    for to in (cat, cat, cup):
        project.add(to.id, *taught("cat", 0))
    me = teacher(project, view="Understand")
    looks_at(me, "Near-copies", "duplicates")
    assert "4 samples lie in one class and, nearly the same, in another" in words(me.at)
    assert "look alike" in words(me.at)
    assert {tile.jpeg for tile in galleries.tiles["across"]} == {taught("cat", 0)[0]}
    assert "4 of 7 samples have a near-copy" in words(me.at) and "Delete 2 near-copies" in labels(me.at)
    me.presses("teach/thin")
    assert me.counts == {"Cat": 2, "Cup": 3} and "2 samples deleted" in words(me.at)
    me.presses("teach/undo")
    assert me.counts == {"Cat": 4, "Cup": 3}


def test_how_much_data_is_needed_is_a_curve_and_a_sentence(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 6", Cup="coffee 6"), view="Understand")
    looks_at(me, "How much data", "curve")
    given = me.project.training_set()
    curve = learning_curve(given.features, given.labels, groups=given.groups)
    assert curve.verdict() in words(me.at)
    _, mean = json.loads(me.at.get("plotly_chart")[0].proto.spec)["data"]
    assert mean["x"] == [point.size for point in curve.points]
    assert np.allclose(mean["y"], [point.accuracy for point in curve.points])


def test_a_curve_of_too_few_samples_says_how_many_it_needs(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 3", Cup="coffee 2"), view="Understand")
    looks_at(me, "How much data", "curve")
    assert "has 2 samples. A curve needs" in words(me.at) and "Try again" in labels(me.at)


@pytest.mark.parametrize("method, told", [("PCA", "PCA: the plane on which"), ("t-SNE", "t-SNE: most neighbours stay")])
def test_the_map_shows_every_sample_in_its_classs_colour(
    method: str, told: str, teacher: Teachers, galleries: Galleries
) -> None:
    me = teacher(mixed(), view="Understand")
    ran(me.at.pills(key="teach/part").set_value("Map").run())
    ran(me.at.segmented_control(key="teach/method").set_value(method).run())
    me.studies(f"map {method}")
    points, jpegs, class_of, classes = galleries.maps[-1]
    assert jpegs == [sample.jpeg for sample in me.project.samples] and class_of == [0] * 7 + [1] * 5
    assert classes == [(one.name, one.colour) for one in me.project.classes]
    cats, cups = points[:6], points[6:]
    assert np.linalg.norm(cats.mean(0) - cups.mean(0)) > 2 * np.linalg.norm(cups - cups.mean(0), axis=1).mean()
    assert told in words(me.at)


# Play


@pytest.mark.parametrize("kind", ["hand", "pictures"])
def test_a_press_sets_the_game_up(kind: str, teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 1"), view="Play")
    mine = me.project
    assert "Save the one that is open first" in words(me.at)
    me.asks(f"teach/set-up/{kind}")
    me.presses(f"teach/no/set-up/{kind}")
    assert me.project is mine and not [b for b in me.at.button if b.key.startswith("teach/yes/")]
    assert "1 sample in 1 class would go" in me.asks(f"teach/set-up/{kind}")
    me.agrees(f"teach/set-up/{kind}")
    assert me.counts == dict.fromkeys(MOVES, 0) and me.project.kind.name == kind
    assert me.at.segmented_control(key="view").value == "Teach" and "Three classes are ready" in words(me.at)
    ran(me.at.segmented_control(key="view").set_value("Play").run())
    assert "record each of the three hands" in words(me.at)
    ran(me.at.segmented_control(key="view").set_value("Teach").run())
    me.presses("teach/undo")
    assert me.project is mine


def player(teacher: Teachers, **names: str) -> Teacher:
    """Who has taught three moves; pictures stand in for hands."""
    return teacher(project_of(trained=True, **(names or {"Rock": "rocket 4", "Paper": "page 4", "Scissors": "cat 4"})))


def test_the_classes_may_have_other_languages_names_and_the_game_needs_the_camera(teacher: Teachers) -> None:
    me = player(teacher, Stein="rocket 2", Papier="page 2", Schere="cat 2")
    ran(me.at.segmented_control(key="view").set_value("Play").run())
    assert "start the camera to play" in words(me.at) and "teach/play" not in [button.key for button in me.at.button]


def test_a_round_is_counted_in_played_and_scored(teacher: Teachers, no_camera: dict[str, Any], until: Until) -> None:
    no_camera["playing"] = True
    me = player(teacher)
    ran(me.at.toggle(key="teach/smooth").set_value(False).run())
    ran(me.at.segmented_control(key="view").set_value("Play").run())
    (stream,) = (s for name, s in me.camera.streams.items() if name.startswith("teach "))
    me.presses("teach/play")
    assert me.at.button(key="teach/play").disabled and "count-in" not in html_of(me.at), "the browser counts"
    me.shows(view_of("cat"))
    until(lambda: stream.results > 0)
    table = me.at.session_state["teach/table"]
    assert table.last is None, "the hand before the count is over does not count"
    table.began -= COUNT_S + SHOWN_S
    me.shows(view_of("page"))
    until(lambda: table.last is not None)
    me.looks()
    ended = outcome("Paper", table.last.computers)
    assert f'class="board {ended}"' in html_of(me.at) and "you: Paper" in html_of(me.at)
    assert f"computer: {table.last.computers}" in html_of(me.at)
    score = {metric.label: metric.value for metric in me.at.metric}
    assert score == {"You": "0", "Computer": "0", "Draws": "0"} | {
        {"win": "You", "lose": "Computer", "draw": "Draws"}[ended]: "1"
    }
    assert me.at.button(key="teach/play").label == "Another round"
    before = stream.results
    me.shows(view_of("cat"))
    until(lambda: stream.results > before)
    assert len(table.game.rounds) == 1, "what is shown after a round is of no round"
    me.presses("teach/score")
    assert {metric.value for metric in me.at.metric} == {"0"}


def test_without_a_websocket_the_page_counts_itself_and_a_round_without_a_hand_is_not_scored(
    teacher: Teachers, no_camera: dict[str, Any], no_socket: None
) -> None:
    no_camera["playing"] = True
    me = player(teacher)
    ran(me.at.segmented_control(key="view").set_value("Play").run())
    me.presses("teach/play")
    assert '<b class="count-in">Rock</b>' in html_of(me.at)
    me.at.session_state["teach/table"].began -= COUNT_S
    me.looks()
    assert '<b class="count-in">Show!</b>' in html_of(me.at)
    me.at.session_state["teach/table"].began -= 60
    me.looks()
    assert "No hand was recognised" in words(me.at)
    assert {metric.value for metric in me.at.metric} == {"0"} and not me.at.button(key="teach/play").disabled


# Keep


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[str, bytes]]:
    """What the button of that label gives: the file's name and its bytes, made as the browser asks for them."""
    given: dict[str, tuple[str, Any]] = {}
    real = st.download_button

    def spy(label: str, data: Any, file_name: str, *more: Any, **options: Any) -> Any:
        given[label] = file_name, data
        return real(label, data, file_name, *more, **options)

    monkeypatch.setattr(keeping.st, "download_button", spy)

    def press(label: str) -> tuple[str, bytes]:
        name, data = given[next(key for key in given if key.startswith(label))]
        return name, data() if callable(data) else data

    return press


def test_a_project_that_is_saved_under_its_name_opens_again_as_it_was(
    teacher: Teachers, saved: Callable[[str], tuple[str, bytes]]
) -> None:
    me = teacher(project_of(trained=True, Cat="cat 3", Cup="coffee 3"), view="Keep")
    ran(me.at.text_input(key=f"teach/{me.desk.number}/project").set_value("My desk: 2").run())
    assert me.project.name == "My desk: 2" and "6 samples, 0.1 MB" in words(me.at)
    name, data = saved("Save project")
    assert name == "My-desk-2.zip" and data == to_bytes(me.project)
    again = from_bytes(data, budget_bytes=10**8)
    assert to_bytes(again) == data and again.trained is not None and me.project.trained is not None
    x = np.stack([taught("rocket", 0)[1], taught("cat", 5)[1]])
    assert np.array_equal(again.trained.head.predict_proba(x), me.project.trained.head.predict_proba(x))


def test_an_empty_project_is_not_saved_and_keeps_its_name(teacher: Teachers) -> None:
    me = teacher(view="Keep")
    ran(me.at.text_input(key="teach/1/project").set_value("  ").run())
    assert me.project.name == "My project"
    (save,) = me.at.get("download_button")
    assert save.proto.disabled and "Train first: there is no model yet" in words(me.at)


def test_the_model_is_made_checked_and_given_with_the_classes_present_names(
    teacher: Teachers, saved: Callable[[str], tuple[str, bytes]]
) -> None:
    me = teacher(project_of(trained=True, Cat="cat 2", Cup="coffee 2"), view="Keep")
    me.project.rename(me.named("Cat").id, "Chelsea")
    me.presses("teach/export/make")
    me.studies("export")
    told = words(me.at).partition("Checked: onnxruntime gives this page's numbers within ")[2]
    assert float(told.partition(". ")[0].rstrip(".")) <= MAX_DIFFERENCE
    assert re.fullmatch(r"Download the model \(\d\d MB\)", downloads(me.at)[1])
    name, data = saved("Download the model")
    assert name == "My-project-onnx.zip"
    assert zipfile.ZipFile(io.BytesIO(data)).read("labels.txt").split() == [b"Chelsea", b"Cup"]
    me.project.rename(me.named("Cup").id, "Mug")
    me.looks()
    me.studies("export")
    assert zipfile.ZipFile(io.BytesIO(saved("Download the model")[1])).read("labels.txt").split() == [
        b"Chelsea",
        b"Mug",
    ]


@pytest.mark.parametrize("kind, name", [("body", "Body poses"), ("hand", "Hand poses"), ("pictures", "Pictures")])
def test_a_new_project_can_be_begun(kind: str, name: str, teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 1"), view="Keep")
    mine = me.project
    assert "replaces this one" in words(me.at)
    assert "1 sample in 1 class would go" in me.asks(f"teach/new/{kind}")
    me.agrees(f"teach/new/{kind}")
    assert me.counts == {"Class 1": 0, "Class 2": 0} and me.project.kind.name == kind
    assert me.at.segmented_control(key="view").value == "Teach"
    assert f"A new project: it learns from {name.lower()}" in words(me.at)
    me.project.add(me.named("Class 1").id, *taught("coffee", 0))
    me.looks()
    assert "Undo replacing My project" in labels(me.at)
    me.presses("teach/undo")
    assert me.project is mine and me.counts == {"Cat": 1}


def test_an_empty_project_is_replaced_without_a_question(teacher: Teachers) -> None:
    me = teacher(view="Keep")
    me.presses("teach/new/hand")
    assert me.project.kind.name == "hand" and "teach/undo" not in [button.key for button in me.at.button]


def test_what_came_after_the_question_makes_it_another_one(teacher: Teachers) -> None:
    me = teacher(project_of(Cat="cat 1"), view="Keep")
    me.asks("teach/new/hand")
    me.project.add(me.named("Cat").id, *taught("cat", 3))
    me.presses("teach/yes/new/hand")
    assert me.counts == {"Cat": 2} and "2 samples in 1 class would go" in words(me.at)
    me.presses("teach/yes/new/hand")
    assert me.counts == {"Class 1": 0, "Class 2": 0}


def test_another_kind_does_not_take_what_could_be_brought_back(teacher: Teachers, galleries: Galleries) -> None:
    me = teacher(project_of(Cat="cat 2"))
    cat = me.named("Cat")
    galleries.does[f"{cat.id}/strip"] = Change("delete", tuple(sample.key for sample in cat.samples))
    me.looks()
    ran(me.at.segmented_control(key=f"teach/{me.desk.number}/kind").set_value("Hand poses").run())
    assert me.project.kind.name == "hand"
    me.presses("teach/undo")
    me.presses("teach/undo")
    assert me.counts == {"Cat": 2} and me.project.kind.name == "pictures"


# Kept on the server


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Which browser the visitor has; `files` are what the server keeps."""
    mine = SimpleNamespace(key="5a" * 32, files=lambda: sorted((tmp_path / "projects").glob("*")))
    monkeypatch.setattr(desk, "browser_key", lambda: mine.key)
    yield mine
    shared.shelf().close()


def restarted() -> None:
    """The server, after it wrote what there was to write."""
    shared.shelf().close()
    st.cache_resource.clear()


def visitor_with(teacher: Teachers, project: Project, **query: str) -> Teacher:
    """Who has made that project in this browser."""
    me = teacher(**{"view": "Keep", "input": "Upload"} | query)
    me.uploads(("mine.zip", to_bytes(project)))
    me.presses(next(button.key for button in me.at.button if button.label == "Open this project"))
    return me


def test_a_tab_that_tells_a_new_key_in_each_run_keeps_one_project(
    teacher: Teachers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def component(**_: Any) -> SimpleNamespace:
        return SimpleNamespace(browser=secrets.token_hex(32))

    monkeypatch.setattr(browser_key, "browser_component", lambda *_: component)
    me = teacher(view="Keep")
    for number in range(5):
        me.project.call(f"Name {number}")
        me.looks()
        shared.shelf().flush()
    assert len(list((tmp_path / "projects").glob("*.project"))) == 1
    shared.shelf().close()


def test_a_reload_after_a_restart_brings_the_project_back_to_its_browser_alone(
    teacher: Teachers, browser: SimpleNamespace
) -> None:
    mine = project_of(trained=True, Cat="cat 2", Cup="coffee 2")
    me = visitor_with(teacher, mine)
    assert "is kept for 24 hours after its last change" in words(me.at)
    restarted()
    assert len(browser.files()) == 1 and browser.key not in str(browser.files())
    again = teacher()
    assert to_bytes(again.project) == to_bytes(mine)
    assert "Welcome back: your project with 4 samples is here again" in words(again.at)
    assert "Samples are kept on this server for 24 hours, for this browser only" in words(again.at)
    browser.key = "7c" * 32
    other = teacher()
    assert other.counts == {"Class 1": 0, "Class 2": 0} and "Welcome back" not in words(other.at)


def test_two_tabs_of_a_browser_have_one_project(teacher: Teachers, browser: SimpleNamespace) -> None:
    me, other = teacher(), teacher()
    assert other.project is me.project
    me.presses("teach/add")
    other.looks()
    assert list(other.counts) == ["Class 1", "Class 2", "Class 3"]
    ran(me.at.segmented_control(key="view").set_value("Keep").run())
    me.presses("teach/new/body")
    other.looks()
    assert other.project is me.project and other.project.kind.name == "body"
    assert desk.OUTDATED in words(other.at)


def test_an_older_tab_says_that_it_is_and_overwrites_nothing(teacher: Teachers, browser: SimpleNamespace) -> None:
    older = visitor_with(teacher, project_of(Cat="cat 2", Cup="coffee 2"), view="Teach")
    newer = teacher()
    box, colour, on = (newer.on("Cat", what) for what in ("name", "colour", "on"))
    ran(newer.at.text_input(key=box).set_value("Katze").run())
    ran(newer.at.color_picker(key=colour).set_value("#112233").run())
    stale = older.on("Katze", "name")
    ran(older.at.text_input(key=stale).set_value("Chat").run())
    assert list(older.counts) == ["Katze", "Cup"] and desk.OUTDATED in words(older.at)
    assert older.at.text_input(key=older.on("Katze", "name")).value == "Katze", "the box as it is now"
    assert older.at.color_picker(key=older.on("Katze", "colour")).value == "#112233"
    ran(older.at.text_input(key=older.on("Katze", "name")).set_value("Chat").run())
    assert list(older.counts) == ["Chat", "Cup"] and desk.OUTDATED not in words(older.at)
    ran(newer.at.toggle(key=on).set_value(False).run())
    assert newer.named("Chat").enabled and desk.OUTDATED in words(newer.at)


def test_an_older_tab_deletes_nothing_of_what_the_other_has_opened(teacher: Teachers, browser: SimpleNamespace) -> None:
    older = visitor_with(teacher, project_of(Cat="cat 2", Cup="coffee 2"))
    newer = visitor_with_another(teacher, project_of(Theirs="rocket 3", Else="page 3"))
    older.presses("teach/forget")
    assert older.counts == {"Theirs": 3, "Else": 3} and desk.OUTDATED in words(older.at)
    assert older.project is newer.project


def visitor_with_another(teacher: Teachers, project: Project) -> Teacher:
    """The same browser's second tab, in which another project is opened in place of the first."""
    me = teacher(view="Keep", input="Upload")
    me.uploads(("other.zip", to_bytes(project)))
    me.agrees(next(button.key for button in me.at.button if button.label == "Open this project"))
    return me


def test_what_another_process_has_written_is_not_overwritten(
    teacher: Teachers, browser: SimpleNamespace, tmp_path: Path
) -> None:
    me = visitor_with(teacher, project_of(Cat="cat 2", Cup="coffee 2"), view="Teach")
    shared.shelf().flush()
    elsewhere = Shelf(tmp_path / "projects", 3600, 10**9)
    theirs = elsewhere.open(browser.key)
    assert theirs is not None
    theirs.rename(theirs.classes[0].id, "Katze")
    theirs.add(theirs.classes[0].id, *taught("cat", 4))
    elsewhere.flush()
    ran(me.at.text_input(key=me.on("Cat", "name")).set_value("Chat").run())
    assert me.counts == {"Katze": 3, "Cup": 2} and desk.OUTDATED in words(me.at)
    shared.shelf().flush()
    assert not elsewhere.open(browser.key).undo_words and elsewhere.open(browser.key).find("Katze")
    me.presses("teach/undo")
    assert me.counts == {"Cat": 2, "Cup": 2}, "what this tab had can be brought back"
    shared.shelf().flush()
    again = elsewhere.open(browser.key)
    elsewhere.close()
    assert again is not None and again.find("Cat")


def test_what_is_deleted_from_the_server_does_not_come_back(teacher: Teachers, browser: SimpleNamespace) -> None:
    me = visitor_with(teacher, project_of(Cat="cat 2", Cup="coffee 2"))
    shared.shelf().flush()
    assert browser.files()
    assert "4 samples in 2 classes would be deleted" in me.asks("teach/forget")
    assert browser.files()
    me.agrees("teach/forget")
    assert not browser.files() and "The project is deleted, here and on the server" in words(me.at)
    assert me.counts == {"Class 1": 0, "Class 2": 0}
    restarted()
    again = teacher()
    assert again.counts == {"Class 1": 0, "Class 2": 0} and "Welcome back" not in words(again.at)


def test_a_deletion_from_the_server_can_be_taken_back_and_is_kept_again(
    teacher: Teachers, browser: SimpleNamespace
) -> None:
    mine = project_of(Cat="cat 2", Cup="coffee 2")
    me = visitor_with(teacher, mine)
    me.agrees("teach/forget")
    assert "Undo deleting My project" in labels(me.at)
    me.presses("teach/undo")
    assert to_bytes(me.project) == to_bytes(mine)
    restarted()
    assert to_bytes(teacher().project) == to_bytes(mine)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Trainings stand still after two epochs until this is set; they end with the test."""
    go_on, train, ends = threading.Event(), lessons.train, []

    def slow(*arguments: Any, on_step: Callable[[Any], None], **options: Any) -> Any:
        def report(epoch: Any) -> None:
            if epoch.step == 3:
                go_on.wait(60)
            on_step(epoch)

        ends.append(end := threading.Event())
        try:
            return train(*arguments, on_step=report, **options)
        finally:
            end.set()

    monkeypatch.setattr(lessons, "train", slow)
    yield go_on
    go_on.set()
    for end in ends:
        end.wait(60)


def test_a_training_goes_on_when_the_page_is_loaded_again(
    teacher: Teachers, browser: SimpleNamespace, slow: threading.Event, until: Until
) -> None:
    me = visitor_with(teacher, project_of(Cat="cat 3", Cup="coffee 3"), view="Teach")
    me.presses("teach/train")
    again = teacher()
    assert again.at.button(key="teach/train").disabled
    assert "teach/stop-training" in [button.key for button in again.at.button], "it is the same training"
    slow.set()
    until(lambda: ended(again.at.session_state["teach/lesson"].training))
    again.looks()
    assert "Trained on 6 samples" in words(again.at) and not again.at.button(key="teach/train").disabled
    assert again.project.trained is not None and "interrupted" not in words(again.at)


def test_a_training_that_nobody_waited_for_is_kept(
    teacher: Teachers, browser: SimpleNamespace, slow: threading.Event, until: Until
) -> None:
    me = visitor_with(teacher, project_of(Cat="cat 3", Cup="coffee 3"), view="Teach")
    me.presses("teach/train")
    lesson = me.at.session_state["teach/lesson"]
    del me
    gc.collect()
    slow.set()
    until(lambda: ended(lesson.training))
    restarted()
    assert teacher().project.trained is not None


def test_a_training_that_a_server_did_not_survive_is_said(
    teacher: Teachers, browser: SimpleNamespace, slow: threading.Event
) -> None:
    me = visitor_with(teacher, project_of(Cat="cat 3", Cup="coffee 3"), view="Teach")
    me.presses("teach/train")
    restarted()
    again = teacher()
    assert "training was interrupted" in words(again.at) and again.counts == {"Cat": 3, "Cup": 3}
    slow.set()
    again.trains()
    assert again.project.trained is not None and "interrupted" not in words(again.at)
    restarted()
    assert "interrupted" not in words(teacher().at)


def test_a_server_that_keeps_nothing_says_so(
    teacher: Teachers, browser: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMELIGHT_PROJECT_HOURS", "0")
    me = visitor_with(teacher, project_of(Cat="cat 2", Cup="coffee 2"))
    assert "This server keeps nothing of it: once the page is reloaded the project is gone" in words(me.at)
    assert "teach/forget" not in [button.key for button in me.at.button]
    restarted()
    assert not browser.files() and teacher().counts == {"Class 1": 0, "Class 2": 0}


def test_a_project_that_cannot_be_written_is_said_to_be_at_risk(
    teacher: Teachers, browser: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "projects").write_text("a file where the folder should be")
    me = visitor_with(teacher, project_of(Cat="cat 1"))
    shared.shelf().flush()
    me.looks()
    assert "The server does not keep this project at the moment" in words(me.at)
