"""Teach it where: boxes and strokes teach, what can't be used is refused in words, and nothing is lost."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from components.camera import stream as camera
from components.taught import drawing
from models.taught.scenes import scene
from tests.pages.visit import downloads, html_of, opened, ran, said

INPUTS = ("Live", "Photo", "Upload", "Paste", "Samples")


@pytest.mark.parametrize("mode", ["Boxes", "Brush"])
@pytest.mark.parametrize("source", INPUTS)
def test_every_input_opens_in_each_mode(source: str, mode: str) -> None:
    at = opened("taught", input=source, mode=mode)
    assert at.segmented_control(key="mode").value == mode and not at.error


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


def test_ready_pictures_teach_a_detector_that_is_tested_saved_and_exported(
    pen: dict[str, Any], no_camera: dict[str, Any], until: Callable
) -> None:
    at = ran(opened("taught").button(key="taught/examples").click().run())
    assert len(pen["data"]["marks"]) == 3
    ran(at.button(key="taught/train").click().run())
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
