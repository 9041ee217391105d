"""Painters on a page of their own: what they draw lies where it belongs on the picture, whichever way it is shown."""

import base64
import json
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from components.layout import ROOT
from components.live.scripts import PAINTERS
from models.classifier.results import Scores
from models.ocr.boxes import Reading, TextBox, rectangle
from models.ocr.drawing import GOOD, WEAK
from models.pose import painting
from models.pose.overlay import Overlay
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS
from models.teachable.answering import Answer
from tests.browser.stage import INK, Stage, at

pytestmark = pytest.mark.browser


def person(*visible: tuple[int, float, float], identity: int = 1) -> dict[str, Any]:
    """A body of which these points alone are seen: (number, x, y)."""
    points = np.zeros((len(SKELETONS["body33"].names), 3), np.float32)
    for number, x, y in visible:
        points[number] = x, y, 1
    return Pose(points, 1.0, "body33", id=identity).to_browser()


def poses(*people: dict[str, Any], size: tuple[int, int] = (640, 480)) -> dict[str, Any]:
    return {"channel": "poses", "kind": "poses", "poses": list(people), "size": list(size)}


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (480, 640)], ids=lambda size: "×".join(map(str, size)))
@pytest.mark.parametrize("mirrored", [False, True], ids=["as it is", "mirrored"])
@pytest.mark.parametrize("scale", [1, 2], ids=["one pixel", "a sharp screen"])
def test_a_joint_is_drawn_where_it_is_on_the_picture(
    stage: Stage, size: tuple[int, int], mirrored: bool, scale: float
) -> None:
    page = stage(size, device_scale_factor=scale)
    small = (size[0] // 2, size[1] // 2)  # the server looks at a smaller copy, which a busy browser may send
    found = at(page, poses(person((0, 0.25 * small[0], 0.3 * small[1])), size=small), mirrored=mirrored)
    assert (found["width"], found["height"]) == (600, 450)
    fit = min(600 / size[0], 450 / size[1])
    width, height = fit * size[0], fit * size[1]
    x = (600 - width) / 2 + (0.75 if mirrored else 0.25) * width
    assert found["n"] > 5
    assert abs(found["x"] - x) < 1.5 and abs(found["y"] - ((450 - height) / 2 + 0.3 * height)) < 1.5


def test_points_are_joined_as_the_skeleton_says_and_unseen_ones_are_left_out(stage: Stage) -> None:
    page = stage()
    pair = next(iter(SKELETONS["body33"].bones))
    two = person((pair[0], 100, 100), (pair[1], 500, 100))
    apart = at(page, poses(two))["n"]
    style = painting.skeletons(["body33"], Overlay())
    page.evaluate("(message) => push(message)", {"channel": "skeletons", **style})
    joined = at(page, poses(two))
    assert joined["n"] > apart + 300 and abs(joined["y"] - 100 * 600 / 640) < 2
    one = person((pair[0], 100, 100))
    assert at(page, poses(one))["n"] < apart


def test_between_two_results_a_figure_moves_and_with_reduced_motion_it_does_not(stage: Stage) -> None:
    def halfway(page: Page) -> float:
        # the frozen clock says how far the second result is
        page.evaluate("(message) => push(message, 100)", poses(person((0, 100, 200))))
        page.evaluate("(message) => push(message)", poses(person((0, 500, 200))))
        return page.evaluate(
            """() => {
          const { newest, before } = liveHub().channels.get("poses"), xs = [];
          const draw = new Proxy({}, {
            get: (_, name) => (...values) => void (name === "arc" && xs.push(values[0])),
            set: () => true,
          });
          const view = placed(draw, { width: 600, height: 450 }, video, newest.size, false);
          const extra = { channel: () => undefined, still: wantsStill() };
          PAINTERS.poses.over({ ...view, ...extra }, newest, before, newest.received + 50);
          return xs[0] * 640 / 600;
        }"""
        )

    assert abs(halfway(stage()) - 300) < 20
    assert abs(halfway(stage(reduced_motion="reduce")) - 500) < 1


def test_what_is_old_is_wiped_off(stage: Stage) -> None:
    page = stage()
    assert at(page, poses(person((0, 320, 240))))["n"] > 5
    page.wait_for_function("() => [...canvas.getContext('2d').getImageData(0, 0, 600, 450).data].every((v) => v === 0)")
    assert at(page, poses(person((0, 320, 240))), on=False)["n"] == 0, "nor is anything drawn on no picture"


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_picture_lies_in_its_region_the_way_round_that_the_video_is(stage: Stage, mirrored: bool) -> None:
    page = stage()
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[:, :4] = (0, 0, 255, 255)  # its left half alone
    data = base64.b64encode(cv2.imencode(".png", rgba)[1].tobytes()).decode()
    message = {"channel": "heat", "kind": "picture", "region": [160, 0, 320, 480], "size": [640, 480]}
    page.evaluate(
        """async ([message, data]) => {
      message.picture = await (await fetch(`data:image/png;base64,${data}`)).blob();
      message.lasts = 60000;
      push(message);
    }""",
        [message, data],
    )
    page.evaluate("(mirrored) => Object.assign(shown, { mirrored })", mirrored)
    page.wait_for_function(f"() => ({INK})().n > 1000")
    page.evaluate("() => new Promise((done) => setTimeout(done, 1000))")
    found = page.evaluate(INK)
    assert abs(found["x"] - (375 if mirrored else 225)) < 5 and abs(found["n"] - 150 * 450) < 5000


def lines(*drawn: list[Any], size: tuple[int, int] = (640, 480)) -> dict[str, Any]:
    return {"channel": "answer", "kind": "lines", "lines": list(drawn), "text": "words", "note": "", "size": list(size)}


@pytest.mark.parametrize("size", [(640, 480), (1280, 720)], ids=lambda size: "×".join(map(str, size)))
@pytest.mark.parametrize("mirrored", [False, True], ids=["as it is", "mirrored"])
@pytest.mark.parametrize("turned", [0, 1], ids=["upright", "turned"])
def test_the_frame_of_a_line_lies_round_its_letters(
    stage: Stage, size: tuple[int, int], mirrored: bool, turned: int
) -> None:
    page = stage(size)
    width, height = size
    read = Reading(
        np.zeros((width, height, 3) if turned else (height, width, 3), np.uint8),
        (TextBox(rectangle(40, 60, 240, 100), "words", 0.9),),
        turned=turned,
    )
    message = {**lines(), **read.to_browser("words", 0.8)}
    found = at(page, message, mirrored=mirrored)
    scale = min(600 / width, 450 / height)
    # a quarter turn clockwise brought the left edge of the original to the top
    sides = (60, height - 240, 100, height - 40) if turned else (40, 60, 240, 100)
    left, right = sorted((width - x if mirrored else x) * scale + (600 - width * scale) / 2 for x in sides[::2])
    top, bottom = (y * scale + (450 - height * scale) / 2 for y in sides[1::2])
    assert np.abs(np.subtract(found["bounds"], (left, top, right, bottom))).max() <= 2
    assert found["n"] < 0.5 * (right - left) * (bottom - top), "the letters are not covered"


def test_a_weak_line_is_dashed_and_of_another_colour(stage: Stage) -> None:
    page, corners = stage(), [100, 100, 500, 100, 500, 200, 100, 200]
    colour = """() => { const { data } = canvas.getContext("2d").getImageData(0, 0, 600, 450);
      const i = data.findIndex((value, i) => i % 4 === 3 && value === 255); return [...data.slice(i - 3, i)] }"""
    solid = at(page, lines([*corners, False]))
    assert tuple(page.evaluate(colour)) == GOOD
    dashed = at(page, lines([*corners, True]))
    assert tuple(page.evaluate(colour)) == WEAK
    assert 0.4 * solid["n"] < dashed["n"] < 0.85 * solid["n"]


def test_a_text_is_shown_as_it_is_and_its_note_in_place_of_none(stage: Stage) -> None:
    page = stage()
    evil = '<img src=x onerror="window.evil = 1">\n  two'
    assert beside(page, {**lines([0] * 9), "text": evil}).startswith(evil.split("\n")[0])
    assert beside(page, {**lines(), "text": "", "note": "No text in view."}) == "No text in view."
    assert not page.locator("#beside .written").is_visible() and not page.evaluate("() => window.evil")


def test_a_teachable_answer_has_its_classes_colours_and_its_distance(stage: Stage) -> None:
    page, found = stage(), Answer(Scores(("Cup", "Cat"), np.array([0.25, 0.75], np.float32)), 0.9)
    colours = {"Cup": "#ff0000", "Cat": "#0000ff"}
    shown = beside(page, found.to_browser(1.0, "", colours))
    assert shown.splitlines()[0].split() == ["Cat", "75", "%"] and "nearest sample 0.90" in shown
    own = "(bars) => bars.map((bar) => bar.style.getPropertyValue('--limelight'))"
    assert page.locator("#beside .bar i").evaluate_all(own) == list(colours.values())
    shown = beside(page, found.to_browser(0.5, "", colours))
    assert "None of these" in shown and page.locator("#beside .bar.weak").count() == 2
    assert page.locator("#beside .verdict.unsure").count() == 1
    assert beside(page, Answer(None).to_browser(1.0, "a hand", colours)).strip() == "A hand is not seen"


def test_a_countdown_says_its_words_by_the_clock_and_asks_to_be_called_for_the_next(stage: Stage) -> None:
    page = stage()
    ask = """([message, age]) => { const { beside } = PAINTERS.countdown;
      const hub = { age: () => age };
      const again = beside(document.getElementById("beside"), message, hub);
      return [document.getElementById("beside").textContent, again]; }"""
    message = {"kind": "countdown", "words": ["Rock", "Paper", "Show!"], "every": 1000, "passed": 0}
    assert page.evaluate(ask, [message, 0]) == ["Rock", 1000]
    assert page.evaluate(ask, [message, 1400]) == ["Paper", 600]
    assert page.evaluate(ask, [{**message, "passed": 900}, 500]) == ["Paper", 600]
    assert page.evaluate(ask, [message, 99999]) == ["Show!", 0], "the last one stays"


def test_samples_are_counted_after_the_countdown(stage: Stage) -> None:
    page = stage()
    ask = """([message, age]) => {
      PAINTERS.samples.beside(document.getElementById("beside"), message, { age: () => age });
      return document.getElementById("beside").textContent.trim().replace(/\\s+/g, " "); }"""
    message = {"kind": "samples", "count": 1234, "wait": 2500, "left": 5000}
    assert page.evaluate(ask, [message, 0]) == "3 get ready"
    assert page.evaluate(ask, [message, 1600]) == "1 get ready"
    assert page.evaluate(ask, [message, 3500]) == "1,234 4 s"
    assert page.evaluate(ask, [{**message, "left": None}, 3500]) == "1,234"


def beside(page: Page, message: dict[str, Any]) -> str:
    page.evaluate(
        "(message) => painterOf(message).beside(document.getElementById('beside'), message, liveHub())", message
    )
    return page.locator("#beside").inner_text()


def test_what_is_beside_the_picture_changes_in_place_and_is_never_markup(stage: Stage) -> None:
    page = stage()
    evil = '<img src=x onerror="window.evil = 1">'
    top = [[evil, 0.6], ["dog", 0.3], ["owl", 0.001]]
    shown = beside(page, {"kind": "scores", "top": top, "sure": True, "threshold": 0.5, "channel": "a"})
    assert evil in shown and "60 %" in shown and "< 1 %" in shown
    page.evaluate("() => (window.first = document.querySelector('#beside .bar'))")
    shown = beside(page, {"kind": "scores", "top": top[1:], "sure": False, "threshold": 0.5, "channel": "a"})
    assert "Not sure. Perhaps dog (30 %)" in shown and evil not in shown
    assert page.evaluate("() => window.first === document.querySelector('#beside .bar') && !window.evil")
    assert page.locator("#beside .bar.weak").count() == 2
    assert evil in beside(page, {"kind": "text", "text": evil, "channel": "a"})
    assert not page.evaluate("() => window.evil")


def test_a_report_changes_in_place_block_by_block_and_is_never_markup(stage: Stage) -> None:
    page, evil = stage(), '<img src=x onerror="window.evil = 1">'
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'
    bars = {"bars": [[evil, 0.5, "50%", 0], ["knee", 0.2, "36°", 1]], "words": False}
    blocks = [{"verdict": "3", "small": "repetitions"}, {"faces": [svg]}, bars, {"note": evil}]
    for kind in ("report", "poses"):  # what is drawn over the picture may be reported beside it
        shown = beside(page, {"kind": kind, "blocks": blocks, "poses": [], "channel": "a"})
        assert shown.count(evil) == 2 and "36°" in shown and "3 repetitions" in shown
    assert page.locator("#beside .bar.weak").count() == 1
    assert page.locator("#beside .avatars img").evaluate("(img) => img.decode().then(() => img.naturalWidth > 0)")
    page.evaluate("() => (window.first = document.querySelector('#beside .verdict'))")
    shown = beside(page, {"kind": "report", "blocks": [{"verdict": "4", "unsure": True}, bars], "channel": "a"})
    assert page.evaluate("() => window.first === document.querySelector('#beside .verdict') && !window.evil")
    assert page.locator("#beside .unsure").count() == 1 and page.locator("#beside img").count() == 0
    said = page.evaluate("(blocks) => PAINTERS.poses.said({ blocks })", blocks)
    assert said == "3 repetitions"


def test_a_kind_without_a_painter_is_shown_as_text(stage: Stage) -> None:
    shown = beside(stage(), {"kind": "nobody's", "channel": "a", "at": 1, "speed": 12})
    assert json.loads(shown) == {"speed": 12}


def test_every_painter_of_the_folder_registers_its_kind(stage: Stage) -> None:
    assert set(PAINTERS) == set(stage().evaluate("() => Object.keys(PAINTERS)"))
    assert set(PAINTERS) == {path.stem for path in (ROOT / "assets" / "live" / "painters").iterdir()}


def detections(*things: list[Any], size: tuple[int, int] = (640, 480), **more: Any) -> dict[str, Any]:
    return {"channel": "answer", "kind": "detections", "things": list(things), "size": list(size), **more}


@pytest.mark.parametrize("mirrored", [False, True], ids=["as it is", "mirrored"])
def test_a_box_is_drawn_around_its_thing_and_the_line_where_it_is(stage: Stage, mirrored: bool) -> None:
    page = stage()
    found = at(page, detections([64, 120, 320, 360, "cup", 0.8, 1]), mirrored=mirrored)
    left, top, right, bottom = found["bounds"]
    edges = (300, 540) if mirrored else (60, 300)  # of 600 pixels
    assert abs(left - edges[0]) < 6 and abs(right - edges[1]) < 6 and abs(bottom - 337.5) < 6
    assert 60 < top < 115, "its name stands above it"
    gate = {"zone": False, "corners": [0.25, 0, 0.25, 1]}
    line = at(page, detections(gate=gate), mirrored=mirrored)
    assert abs(line["x"] - (450 if mirrored else 150)) < 3 and line["bounds"][1] < 3 < 447 < line["bounds"][3]
