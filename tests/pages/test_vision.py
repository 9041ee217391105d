"""The vision bench: samples go through a chain, the chain is edited; bad links and bad kernels are met with words."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.camera import stream as camera
from components.vision import boxing, fractal
from models.vision.chain import EXAMPLES, MAX_STEPS, STEPS
from models.vision.fractal import View
from tests.pages.visit import html_of, opened, ran, said, sample


def titles(at: AppTest) -> list[str]:
    return list(at.pills(key="vision/at").options)


def press(at: AppTest, name: str) -> AppTest:
    return ran(at.button(key=f"vision/{name}").click().run())


def setting(at: AppTest, name: str, kind: str = "slider") -> Any:
    return next(widget for widget in at.get(kind) if widget.key.endswith(f"/{name}"))


def test_a_sample_stands_there_before_and_after_edges_are_found() -> None:
    at = opened("vision")
    assert titles(at) == ["1 Smooth", "2 Canny"]
    assert "edges" in said(at) and "cv2.Canny(grey, 60, 150)" in at.code[0].value


def test_steps_are_added_moved_switched_and_removed() -> None:
    at = press(opened("vision"), "add/grey")
    assert titles(at) == ["1 Smooth", "2 Canny", "3 Grey"]
    press(at, "earlier")
    assert titles(at) == ["1 Smooth", "2 Grey", "3 Canny"]
    press(at, "switch")
    assert titles(at)[1] == "2 Grey (off)" and "Grey" not in at.code[0].value
    press(press(press(at, "remove"), "remove"), "remove")
    assert "No step yet" in said(at)
    press(at, "reset")
    assert titles(at) == ["1 Smooth", "2 Canny"]


def test_a_slider_changes_the_chain_and_the_code() -> None:
    at = opened("vision")
    ran(setting(at, "low").set_value(20).run())
    assert json.loads(at.session_state["chain"])[1] == ["canny", {"low": 20}]
    assert "cv2.Canny(grey, 20, 150)" in at.code[0].value


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_opens(name: str) -> None:
    at = press(opened("vision"), f"example/{name}")
    assert at.session_state["chain"] == EXAMPLES[name] and not at.error and not at.warning


@pytest.mark.parametrize(
    "text", ["", "[", "[[[[", '"grey"', "[[1]]", '[["grey",[]]]', '[["nothing",{}]]', "[" * 5000, '{"a":1}', "[null]"]
)
def test_a_broken_link_opens_the_bench(text: str) -> None:
    assert not opened("vision", chain=text).error


def test_a_chain_of_thirty_steps_is_bounded() -> None:
    at = opened("vision", chain=json.dumps([["grey", {}]] * 30))
    assert len(titles(at)) == MAX_STEPS and "most" in said(at)


def test_a_kernel_that_is_none_is_said_and_the_one_before_stays() -> None:
    at = opened("vision", chain=EXAMPLES["Own kernel"])
    ran(setting(at, "kernel", "text_area").set_value("1 2\n3 x").run())
    assert "3 rows" in said(at) and "[0, -1, 0]" in at.code[0].value
    ran(setting(at, "kernel", "text_area").set_value("0 0 0\n0 2 0\n0 0 0").run())
    assert "3 rows" not in said(at) and "[0, 2, 0]" in at.code[0].value


def test_the_cameras_picture_comes_back_through_the_chain(no_camera: dict[str, Any]) -> None:
    no_camera["playing"] = True
    at = opened("vision", input="Live", chain='[["grey",{}]]')
    live = no_camera["live"]
    back = camera.rgb_from_frame(live.on_frame(camera.frame_from_rgb(sample("coffee"))))
    assert np.abs(np.diff(back.astype(int), axis=2)).max() < 8, "grey, but for the coding of colours"
    assert "sum of the weights" in said(ran(at.run()))
    assert no_camera["asked"][-1][1].returns


def test_a_picture_goes_to_the_classifier_and_nine_to_teachable() -> None:
    at = opened("vision")
    press(at, "classify")
    assert at.title[0].value == "Image classifier" and at.session_state["input"] == "Paste"
    (picture,) = at.session_state["classifier/pasted"]
    assert picture.name == "from the vision bench" and 'class="bar' in html_of(at)
    at = press(opened("vision"), "teach")
    assert at.title[0].value == "Teachable machine" and len(at.session_state["teachable/pasted"]) == 9


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "box",
        {},
        {"of": "b", "sides": [0, 0, 1, 1]},
        {"of": "a", "sides": [0, 0, 0, 1]},
        {"of": "a", "sides": [0.1]},
    ]
    + [
        {"of": "a", "sides": sides}
        for sides in ([0.5, 0, 0.2, 1], [0, 0, 1, 2], [0, 0, "1", 1], [0, 0, float("nan"), 1])
    ],
)
def test_what_is_no_box_is_none(sent: Any) -> None:
    assert boxing.sides_of(sent, "a") is None
    assert boxing.sides_of({"of": "a", "sides": [0, 0.25, 0.5, 1]}, "a") == (0, 0.25, 0.5, 1)


@pytest.mark.parametrize("sent", [None, {}, {"x": "a"}, {"x": 1e9, "y": 0, "reach": 1}, {"x": 0, "y": 0, "reach": 0}])
def test_what_is_no_view_is_the_whole_set(sent: Any) -> None:
    assert fractal.view_of(sent, False) == View()


def test_a_fractal_is_computed_in_three_ways(until: Callable) -> None:
    at = opened("vision", view="Why GPUs?")
    press(at, "compute")
    until(lambda: "NumPy" in html_of(ran(at.run())))
    assert {"plain Python", "NumPy", "torch"} <= set(html_of(at).replace("<b>", "|").replace("</b>", "|").split("|"))


def test_each_step_has_a_title_of_its_own() -> None:
    assert len({step.title for step in STEPS.values()}) == len(STEPS)
