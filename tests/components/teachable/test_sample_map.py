"""The map of all samples, server side: what the browser gets, and what is believed of what it says.

What it does in a browser is in tests/browser/test_gallery.py."""

import base64
import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from components.teachable import sample_map as module
from components.teachable.sample_map import MAX_POINTS, sample_map
from models.pictures.images import to_jpeg

CLASSES = [("Cup", "#e8590c"), ("<b>Hand</b>", "#1c7ed6")]
POINTS = np.array([[0, 0], [4, 0], [4, 2]], np.float32)


def plain(red: int, green: int = 0, blue: int = 0) -> bytes:
    return to_jpeg(np.full((224, 224, 3), (red, green, blue), np.uint8))


JPEGS = [plain(250), plain(0, 250), plain(0, 0, 250)]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands in for the browser: keeps what it was `sent`, and says `says`."""
    browser = SimpleNamespace(sent={}, says=None)

    def component(**options: Any) -> SimpleNamespace:
        browser.sent = options["data"]
        assert callable(options["on_point_change"])
        return SimpleNamespace(point=browser.says)

    monkeypatch.setattr(module, "browser_component", lambda *_: component)
    return browser


def show(
    points: Any = POINTS, jpegs: Any = JPEGS, of: Any = (0, 1, 1), classes: Any = CLASSES, **more: Any
) -> int | None:
    return sample_map(points, jpegs, of, classes, key="page", **more)


def test_the_sheet_has_each_picture_at_its_place(browser: SimpleNamespace) -> None:
    show()
    sheet = browser.sent["sheet"]
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet["url"].partition(",")[2]))), int)
    for place, colour in enumerate([(250, 0, 0), (0, 250, 0), (0, 0, 250)]):
        top, left = place // sheet["columns"] * sheet["side"], place % sheet["columns"] * sheet["side"]
        tile = image[top : top + sheet["side"], left : left + sheet["side"]]
        assert np.abs(np.median(tile, (0, 1)) - colour).max() < 12


def test_one_scale_for_both_directions_and_up_is_up(browser: SimpleNamespace) -> None:
    show()
    assert browser.sent["points"] == [[0, 0.5], [1, 0.5], [1, 0]]
    assert browser.sent["height"] == 0.5


def test_a_tall_map_is_no_taller_than_a_window_and_a_single_point_is_in_the_middle(browser: SimpleNamespace) -> None:
    show(np.array([[0, 0], [0.1, 900], [0, 1000]]))
    assert browser.sent["height"] == 1.2
    assert all(0 <= x <= 1 and 0 <= y <= 1.2 for x, y in browser.sent["points"])
    show(np.ones((1, 2)), JPEGS[:1], [0])
    assert browser.sent["points"] == [[0.5, browser.sent["height"] / 2]]


def test_the_wrong_ones_are_named(browser: SimpleNamespace) -> None:
    show(wrong=np.array([True, False, True]))
    assert browser.sent["wrong"] == [0, 2]
    assert browser.sent["classOf"] == [0, 1, 1]
    assert browser.sent["classes"] == [["Cup", "#e8590c"], ["<b>Hand</b>", "#1c7ed6"]]


def test_no_samples_are_a_map_too(browser: SimpleNamespace) -> None:
    assert show(np.zeros((0, 2)), [], []) is None
    assert browser.sent["points"] == []


def test_the_clicked_one_is_returned_as_long_as_it_is_the_same_map(browser: SimpleNamespace) -> None:
    assert show() is None
    browser.says = {"of": browser.sent["of"], "index": 2}
    assert show() == 2
    assert show(wrong=[True, False, False]) == 2, "it was trained again: the samples are where they were"
    assert show(POINTS[::-1]) is None, "projected another way: the browser has not clicked there"
    assert show(jpegs=JPEGS[::-1]) is None


@pytest.mark.parametrize("index", [None, -1, 3, 1.0, "1", True, [1], float("nan"), 10**30])
def test_an_index_that_is_none_is_nothing(browser: SimpleNamespace, index: Any) -> None:
    show()
    browser.says = {"of": browser.sent["of"], "index": index}
    assert show() is None


@pytest.mark.parametrize("told", [None, 1, "1", [], [1], {}, {"index": 1}, {"of": None, "index": 1}])
def test_anything_but_our_own_message_is_nothing(browser: SimpleNamespace, told: Any) -> None:
    browser.says = told
    assert show() is None


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"points": POINTS[:2]}, "points"),
        ({"points": POINTS[:, :1]}, "points"),
        ({"points": POINTS * np.nan}, "finite"),
        ({"of": [0, 1]}, "classes"),
        ({"of": [0, 1, 2]}, "0..1"),
        ({"of": [0, 1, -1]}, "0..1"),
        ({"wrong": [True]}, "classes"),
        ({"classes": [("Cup", "red"), ("Hand", "#1c7ed6")]}, "#rrggbb"),
    ],
)
def test_arguments_that_do_not_fit_are_a_mistake_of_ours(
    browser: SimpleNamespace, wrong: dict[str, Any], match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        show(**wrong)


def test_too_many_points_are_refused_and_as_many_as_may_be_fit_into_one_sheet(browser: SimpleNamespace) -> None:
    many = np.random.default_rng(0).normal(size=(MAX_POINTS + 1, 2))
    with pytest.raises(ValueError, match="1500 points at most, got 1501"):
        show(many, JPEGS[:1] * len(many), [0] * len(many))
    show(many[:-1], JPEGS[:1] * MAX_POINTS, [0] * MAX_POINTS)
    sheet = browser.sent["sheet"]
    width, height = Image.open(io.BytesIO(base64.b64decode(sheet["url"].partition(",")[2]))).size
    assert sheet["side"] == 48 and width * height <= module.MAX_PIXELS
    assert sheet["columns"] * 48 == width


def test_a_sheet_is_made_once(browser: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    jpegs = [plain(1, 2, 3), plain(3, 2, 1), plain(2, 2, 2)]
    show(jpegs=jpegs)
    monkeypatch.setattr(module, "thumb", lambda *_: pytest.fail("made again"))
    show(jpegs=[bytes(bytearray(jpeg)) for jpeg in jpegs])
