"""The map of all samples, server side: what the browser gets.

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
    """Stands in for the browser: keeps what it was `sent`."""
    browser = SimpleNamespace(sent={})

    def component(**options: Any) -> None:
        browser.sent = options["data"]

    monkeypatch.setattr(module, "browser_component", lambda *_: component)
    return browser


def show(points: Any = POINTS, jpegs: Any = JPEGS, of: Any = (0, 1, 1), classes: Any = CLASSES) -> None:
    sample_map(points, jpegs, of, classes, key="page")


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


def test_each_sample_has_its_class(browser: SimpleNamespace) -> None:
    show()
    assert browser.sent["classOf"] == [0, 1, 1]
    assert browser.sent["classes"] == [["Cup", "#e8590c"], ["<b>Hand</b>", "#1c7ed6"]]


def test_no_samples_are_a_map_too(browser: SimpleNamespace) -> None:
    show(np.zeros((0, 2)), [], [])
    assert browser.sent["points"] == []


def test_another_map_has_another_name(browser: SimpleNamespace) -> None:
    show()
    first = browser.sent["of"]
    show(classes=CLASSES[::-1])
    assert browser.sent["of"] == first, "the samples are where they were: what was clicked stays marked"
    show(POINTS[::-1])
    moved = browser.sent["of"]
    show(jpegs=JPEGS[::-1])
    assert len({first, moved, browser.sent["of"]}) == 3


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"points": POINTS[:2]}, "points"),
        ({"points": POINTS[:, :1]}, "points"),
        ({"points": POINTS * np.nan}, "finite"),
        ({"of": [0, 1]}, "classes"),
        ({"of": [0, 1, 2]}, "0..1"),
        ({"of": [0, 1, -1]}, "0..1"),
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
