"""Teach it where: boxes and strokes teach, what can't be used is refused in words, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.camera import stream as camera
from components.taught import drawing
from components.trainings import ended
from models.taught.project import Project, to_bytes
from models.taught.scenes import scene
from tests.pages.test_detector import passing
from tests.pages.visit import downloads, html_of, opened, ran, said

INPUTS = ("Live", "Photo", "Upload", "Paste", "Samples", "Video")


@pytest.mark.parametrize("mode", ["Boxes", "Brush", "Ready-made"])
@pytest.mark.parametrize("source", INPUTS)
def test_every_input_opens_in_each_mode(source: str, mode: str) -> None:
    at = opened("taught", input=source, mode=mode)
    assert at.segmented_control(key="mode").value == mode and not at.error


def test_the_ready_made_one_is_offered_with_its_size_and_licence() -> None:
    at = opened("taught", mode="Ready-made", input="Samples")
    assert "13 MB to download" in said(at) and "BSD-3" in said(at) and "potted plant" in said(at)


@pytest.fixture
def pen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the browser says was drawn: set `marks`."""
    says: dict[str, Any] = {}

    def component(**asked: Any) -> SimpleNamespace:
        says["data"] = asked["data"]
        marks = says.get("marks")
        return SimpleNamespace(drawn=None if marks is None else {"of": asked["data"]["of"], "marks": marks})

    monkeypatch.setattr(drawing, "browser_component", lambda name: component)
    return says


def trained(at: AppTest, until: Callable) -> None:
    ran(at.button(key="taught/train").click().run())
    assert at.button(key="taught/train").disabled, "it learns beside the page"
    until(lambda: ended(at.session_state["taught/training"]))
    ran(at.run())


def test_what_was_taught_is_said_to_be_old_when_its_boxes_change(pen: dict[str, Any], until: Callable) -> None:
    at = ran(opened("taught").button(key="taught/examples").click().run())
    trained(at, until)
    assert "press **Train** again" not in said(at)
    at.session_state["taught/at box"] = "ready 0"
    ran(at.run())
    pen["marks"] = pen["data"]["marks"][:1]
    ran(at.run())
    assert "press **Train** again" in said(at)
    pen["marks"] = None
    trained(at, until)
    assert "press **Train** again" not in said(at)


def test_opening_a_project_and_deleting_a_picture_can_be_undone(pen: dict[str, Any], until: Callable) -> None:
    at = ran(opened("taught").button(key="taught/examples").click().run())
    trained(at, until)
    other = to_bytes(Project(("Hat",)).with_picture("a", "hat", scene(1)[0]))
    ran(at.file_uploader(key="taught/open box").set_value([("hat.zip", other, "application/zip")]).run())
    assert "1 of 1" in said(at) and not at.metric
    ran(at.button(key="taught/undo it box").click().run())
    assert "8 of 8" in said(at) and at.metric and at.text_input(key="taught/names box").value == "Cat, Cup, Face"
    ran(at.button(key="taught/delete box").click().run())
    assert "of 7" in said(at) and at.metric, "it still finds what it found"
    ran(at.button(key="taught/undo it box").click().run())
    assert "of 8" in said(at)


@pytest.mark.parametrize("mode", ["Boxes", "Brush"])
def test_without_a_websocket_the_page_draws_itself(
    pen: dict[str, Any], no_camera: dict[str, Any], no_socket: None, until: Callable, mode: str
) -> None:
    at = opened("taught", mode=mode, input="Live" if mode == "Boxes" else "Samples")
    if mode == "Boxes":
        ran(at.button(key="taught/examples").click().run())
        trained(at, until)
    else:
        ran(at.button(key="taught/add brush").click().run())
        pen["marks"] = [{"kind": kind, "points": [[x, 0.2], [x, 0.8]]} for kind, x in enumerate((0.3, 0.9))]
        ran(at.run())
        at.segmented_control(key="input").set_value("Live")
    no_camera["playing"] = True
    ran(at.run())
    shown = "The boxes" if mode == "Boxes" else "The masks"

    def drawn() -> bool:
        no_camera["live"].on_frame(camera.frame_from_rgb(scene(500)[0]))
        return any(picture.alt == shown for one in ran(at.run()).get("image") for picture in one.proto.imgs)

    until(drawn)


def test_ready_pictures_teach_a_detector_that_is_tested_saved_and_exported(
    pen: dict[str, Any], no_camera: dict[str, Any], until: Callable
) -> None:
    at = ran(opened("taught").button(key="taught/examples").click().run())
    assert len(pen["data"]["marks"]) == 3
    trained(at, until)
    assert at.metric[0].value.endswith("%") and "Learnt 6 pictures" in said(at)
    assert {"Save the project", "Detector as ONNX, with predict.py"} <= set(downloads(at))
    no_camera["playing"] = True
    ran(at.run())
    live = no_camera["live"]
    live.on_frame(camera.frame_from_rgb(scene(500)[0]))
    found = [stream for stream in live.streams.values() if hasattr(stream, "latest")]
    until(lambda: all(stream.latest() for stream in found))
    boxes, _ = found[0].latest().value
    assert {box.name for box in boxes} == {"Cat", "Cup", "Face"}
    ran(at.button(key="taught/correct").click().run())
    assert pen["data"]["of"] not in {f"ready {n}" for n in range(8)} and len(pen["data"]["marks"]) == len(boxes)


def test_a_box_of_no_size_is_refused_and_the_others_stay(pen: dict[str, Any]) -> None:
    at = ran(opened("taught").button(key="taught/examples").click().run())
    pen["marks"] = [*pen["data"]["marks"], {"kind": 0, "points": [[0.5, 0.5], [0.5, 0.5]]}]
    ran(at.run())
    assert "no size" in said(at)
    pen["marks"] = None
    ran(at.run())
    assert len(pen["data"]["marks"]) == 3


def test_strokes_of_two_classes_give_a_mask_and_one_class_says_what_is_missing(pen: dict[str, Any]) -> None:
    at = opened("taught", input="Samples", mode="Brush")
    ran(at.button(key="taught/add brush").click().run())
    pen["marks"] = [{"kind": 0, "points": [[0.4, 0.5], [0.6, 0.5]]}]
    ran(at.run())
    assert "at least two classes" in said(at)
    pen["marks"] = [*pen["marks"], {"kind": 1, "points": [[0.05, 0.05], [0.05, 0.9]]}]
    ran(at.run())
    assert html_of(at).count('class="bar"') == 2 and {"Mask as PNG", "Mask as NPZ"} <= set(downloads(at))


@pytest.mark.parametrize("mode", ["Boxes", "Brush"])
def test_a_film_comes_back_with_what_was_taught(pen: dict[str, Any], temp: Path, until: Callable, mode: str) -> None:
    at = opened("taught", mode=mode, input="Samples")
    assert at.segmented_control(key="mode").value == mode
    if mode == "Boxes":
        ran(at.button(key="taught/examples").click().run())
        trained(at, until)
    else:
        ran(at.button(key="taught/add brush").click().run())
        pen["marks"] = [{"kind": kind, "points": [[x, 0.2], [x, 0.8]]} for kind, x in enumerate((0.3, 0.9))]
        ran(at.run())
    ran(at.segmented_control(key="input").set_value("Video").run())
    ran(at.file_uploader(key="video-file").set_value([("cup.mp4", passing(6), "video/mp4")]).run())
    ran(at.button(key="film").click().run())
    until(lambda: not at.session_state["taught/film"].running)
    ran(at.run())
    assert not at.error and "6 frames" in said(at) and "Download MP4" in downloads(at)


def test_before_anything_was_taught_no_film_is_begun() -> None:
    at = opened("taught", input="Video")
    assert at.button(key="film-sample").disabled and "once something was" in said(at)
