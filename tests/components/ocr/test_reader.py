"""The read page's component, server side: what the browser gets, and what is believed of what it says.

What it does in a browser is in tests/browser/test_reader.py."""

import base64
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.ocr import reader as module
from components.ocr.reader import LONGEST_SIDE, MAX_CHARACTERS, MAX_PIXELS, Read, reader
from models.ocr.boxes import Code, Reading, TextBox
from models.ocr.layout.pieces import Piece
from models.pictures.images import open_image


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def picture(width: int = 200, height: int = 100) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def small_reading() -> Reading:
    boxes = (TextBox(rectangle(10, 10, 90, 30), "Hello there", 0.97), TextBox(rectangle(10, 40, 90, 60), "wrold", 0.55))
    return Reading(picture(), boxes, (Code("QR code", "https://example.org", rectangle(120, 10, 180, 70)),))


PIECES = (Piece("Hello", 0, 0.99), Piece(" "), Piece("there", 0, 0.95), Piece("\n"), Piece("wrold", 1, 0.55))


class Browser:
    """Stands in for the browser: keeps what it was sent, and says what it is told to say."""

    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}
        self.says: dict[str, Any] = {}

    def __call__(self, **options: Any) -> SimpleNamespace:
        self.sent = options["data"]
        assert callable(options["on_edit_change"]) and callable(options["on_region_change"])
        return SimpleNamespace(**self.says)

    def edit(self, text: Any, of: Any = None) -> None:
        self.says["edit"] = {"of": of or self.sent["of"], "text": text}

    def region(self, sides: Any, of: Any = None) -> None:
        self.says["region"] = {"of": of or self.sent["picture"]["id"], "sides": sides}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    browser = Browser()
    monkeypatch.setattr(module, "browser_component", lambda *_: browser)
    return browser


def test_a_text_nobody_touched_is_none(browser: Browser) -> None:
    assert reader(small_reading(), PIECES, key="page") == Read(text=None, region=None)


def test_the_browser_gets_boxes_codes_and_pieces_as_they_are(browser: Browser) -> None:
    reader(small_reading(), PIECES, key="page", weak_below=0.6, crop=True)
    assert browser.sent["boxes"] == [
        [[10, 10, 90, 10, 90, 30, 10, 30], "Hello there", 0.97],
        [[10, 40, 90, 40, 90, 60, 10, 60], "wrold", 0.55],
    ]
    assert browser.sent["codes"] == [[[120, 10, 180, 10, 180, 70, 120, 70], "https://example.org", "QR code"]]
    assert browser.sent["pieces"] == [
        ["Hello", 0, 0.99],
        [" ", None, 1],
        ["there", 0, 0.95],
        ["\n", None, 1],
        ["wrold", 1, 0.55],
    ]
    assert (browser.sent["weakBelow"], browser.sent["crop"]) == (0.6, True)


def test_what_the_visitor_wrote_comes_back_even_when_it_is_nothing(browser: Browser) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    for text in ("Hello there\nworld", "", "<img src=x onerror=alert(1)>", "עולם\u0301 👩\u200d🚀"):
        browser.edit(text)
        assert reader(reading, PIECES, key="page").text == text


def test_writing_back_what_was_read_is_no_change(browser: Browser) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    browser.edit("Hello there\nwrold")
    assert reader(reading, PIECES, key="page").text is None


@pytest.mark.parametrize("change", ["pieces", "picture", "key"])
def test_an_edit_of_another_text_is_not_taken_for_this_one(browser: Browser, change: str) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    browser.edit("mine")
    assert reader(reading, PIECES, key="page").text == "mine"
    pieces = PIECES[:-1] if change == "pieces" else PIECES
    other = Reading(255 - reading.rgb, reading.boxes) if change == "picture" else reading
    assert reader(other, pieces, key="second" if change == "key" else "page").text is None
    assert reader(reading, PIECES, key="page").text == "mine", "and is still there when that one comes back"


def test_the_same_picture_read_again_is_the_same_text(browser: Browser) -> None:
    reader(small_reading(), PIECES, key="page")
    browser.edit("mine")
    assert reader(small_reading(), PIECES, key="page", weak_below=0.3, crop=True).text == "mine"


@pytest.mark.parametrize("edit", [None, "mine", 7, [], {}, True, {"text": "mine"}, {"of": None, "text": "mine"}])
def test_an_edit_that_is_not_our_own_message_is_nothing(browser: Browser, edit: Any) -> None:
    browser.says["edit"] = edit
    assert reader(small_reading(), PIECES, key="page") == Read()


@pytest.mark.parametrize(
    "text", [None, 7, ["a"], {"a": 1}, "x" * (MAX_CHARACTERS + 1)], ids=lambda text: repr(text)[:9]
)
def test_an_edit_that_is_no_text_or_too_long_is_nothing(browser: Browser, text: Any) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    browser.edit(text)
    assert reader(reading, PIECES, key="page").text is None


def test_half_an_emoji_becomes_a_sign_that_can_be_saved(browser: Browser) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    browser.edit("a\ud83d b \ud83d\ude00")
    text = reader(reading, PIECES, key="page").text
    assert text == "a\ufffd b 😀"
    text.encode()


@pytest.mark.parametrize(
    ("sides", "region"),
    [
        ([0.25, 0.5, 0.75, 1], (0.25, 0.5, 0.75, 1.0)),
        ([0, 0, 1, 1], (0.0, 0.0, 1.0, 1.0)),
        ([-3, 0.5, 2, 1e308], (0.0, 0.5, 1.0, 1.0)),
    ],
)
def test_a_region_lies_within_the_picture(browser: Browser, sides: list[float], region: tuple[float, ...]) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    browser.region(sides)
    assert reader(reading, PIECES, key="page").region == region


@pytest.mark.parametrize(
    "sides",
    [
        None,
        "0,0,1,1",
        [],
        [0, 0, 1],
        [0, 0, 1, 1, 1],
        [0.5, 0, 0.5, 1],
        [0.7, 0, 0.2, 1],
        [0, 0.4, 1, 0.4],
        [1.5, 0, 2, 1],
        [math.nan, 0, 1, 1],
        [0, 0, math.inf, 1],
        [0, 0, True, 1],
        ["0", 0, 1, 1],
        [[0], 0, 1, 1],
        {"left": 0},
    ],
)
def test_a_region_that_is_none_or_empty_is_nothing(browser: Browser, sides: Any) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    browser.region(sides)
    assert reader(reading, PIECES, key="page").region is None


def test_a_region_of_another_picture_is_nothing(browser: Browser) -> None:
    reading = small_reading()
    reader(reading, PIECES, key="page")
    browser.region([0, 0, 0.5, 0.5])
    assert reader(Reading(255 - reading.rgb, ()), (), key="page").region is None


def shown(browser: Browser) -> np.ndarray:
    kind, _, encoded = browser.sent["picture"]["url"].partition(",")
    assert kind == "data:image/jpeg;base64"
    return open_image(base64.b64decode(encoded), max_side=LONGEST_SIDE)


@pytest.mark.parametrize(("width", "height"), [(200, 100), (1, 1), (4096, 3072), (800, 20_000), (30_000, 40)])
def test_the_picture_is_sent_small_in_its_own_shape_and_its_size_with_it(
    browser: Browser, width: int, height: int
) -> None:
    reader(Reading(np.full((height, width, 3), 200, np.uint8), ()), (), key="page")
    assert (browser.sent["picture"]["width"], browser.sent["picture"]["height"]) == (width, height)
    rgb = shown(browser)
    assert rgb.shape[0] * rgb.shape[1] <= MAX_PIXELS and max(rgb.shape) <= LONGEST_SIDE
    assert rgb.shape[1] <= width and rgb.shape[0] <= height
    assert rgb.shape[1] / rgb.shape[0] == pytest.approx(width / height, rel=0.05)
    assert rgb.mean() == pytest.approx(200, abs=2)


def test_a_screenshot_is_sent_at_its_full_size(browser: Browser) -> None:
    reader(Reading(picture(1920, 1080), ()), (), key="page")
    assert shown(browser).shape == (1080, 1920, 3)


def test_a_reading_is_encoded_once(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    real = module.to_jpeg
    monkeypatch.setattr(module, "to_jpeg", lambda rgb: encoded.append(rgb) or real(rgb))
    reading = small_reading()
    for pieces in (PIECES, PIECES, PIECES[:1]):
        reader(reading, pieces, key="page")
    assert len(encoded) == 1


@pytest.mark.parametrize(
    ("text", "tab"),
    [
        ("plain\ntext", 0),
        (" one space is none", 0),
        ("if x:\n    return", 4),
        ("a\tb", 3),
        ("Cheesecake\t4.50\nTea\t2", 12),
        ("x" * 100 + "\tb", 32),
    ],
)
def test_a_table_or_code_stands_in_letters_of_one_width(browser: Browser, text: str, tab: int) -> None:
    reader(small_reading(), [Piece(text, 0)], key="page")
    assert browser.sent["tab"] == tab


@pytest.mark.parametrize("box", [2, -1])
def test_a_piece_of_no_box_is_refused(browser: Browser, box: int) -> None:
    with pytest.raises(ValueError, match="none of the 2 boxes"):
        reader(small_reading(), [Piece("a", box)], key="page")


def test_the_real_component_shows_on_a_page() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from components.ocr.reader import Read, reader
        from models.ocr.boxes import Reading, TextBox
        from models.ocr.layout.pieces import Piece

        polygon = np.array([[1, 1], [9, 1], [9, 5], [1, 5]], np.float32)
        reading = Reading(np.zeros((10, 10, 3), np.uint8), (TextBox(polygon, "<b>\ud800", 0.5),))
        st.write(str(reader(reading, [Piece("<b>\ud800", 0, 0.5)], key="page") == Read()))
        st.write(str(reader(Reading(reading.rgb, ()), [], key="empty") == Read()))

    at = AppTest.from_function(script, default_timeout=60).run()
    assert not at.exception
    assert [line.value for line in at.markdown] == ["True", "True"]
    assert all("limelight_reader" in component.proto.component_name for component in at.get("bidi_component"))
