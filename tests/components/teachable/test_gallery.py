"""The gallery, server side: what the browser gets, and what is believed of what it says.

What it does in a browser is in tests/browser/test_gallery.py."""

import base64
import io
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from components.teachable import gallery as module
from components.teachable.gallery import MAX_KEYS, Change, Tile, gallery
from models.pictures.images import sample_pictures, to_jpeg

CLASSES = [("a", "Cup", "#e8590c"), ("b", "Hand", "#1c7ed6")]
KEYS = ("k1", "k2", "k3")
DELETE = {"action": "delete", "keys": ["k1", "k3"], "to": None}
MOVE = {"action": "move", "keys": ["k2"], "to": "b"}


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    return to_jpeg(sample_pictures()[0].load()[50:274, 100:324])


class Browser:
    """Stands in for the browser: keeps what it was sent, and says what it is told to say, until it is told otherwise:
    as a component's state does."""

    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}
        self.says: Any = None

    def __call__(self, **options: Any) -> SimpleNamespace:
        self.sent = options["data"]
        assert callable(options["on_change_change"])
        return SimpleNamespace(change=self.says)

    def press(self, message: dict[str, Any], id: Any = "first", **more: Any) -> None:
        self.says = {**message, "id": id, "of": self.sent["of"], **more}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    browser = Browser()
    monkeypatch.setattr(module, "browser_component", lambda *_: browser)
    monkeypatch.setattr(st, "session_state", {})
    return browser


def show(jpeg: bytes, keys: Sequence[str] = KEYS, classes: Any = CLASSES, **options: Any) -> Change | None:
    return gallery([Tile(key, jpeg) for key in keys], classes, key="page", **options)


def test_what_our_own_script_says_is_taken() -> None:
    assert Change.from_browser(DELETE, keys=KEYS, classes="ab") == Change("delete", ("k1", "k3"), None)
    assert Change.from_browser(MOVE, keys=KEYS, classes="ab") == Change("move", ("k2",), "b")


def test_unknown_samples_are_dropped_and_the_others_named_once() -> None:
    told = DELETE | {"keys": ["k9", "k2", None, 7, ["k1"], {}, "k2", "k1"]}
    assert Change.from_browser(told, keys=KEYS, classes=()) == Change("delete", ("k2", "k1"))


@pytest.mark.parametrize(
    "told",
    [None, "delete", 7, [], [DELETE], True, {}, {"action": "delete"}]
    + [DELETE | {"keys": keys} for keys in (None, "k1", {"k1": 1}, [], ["k9"], ["k1"] * (MAX_KEYS + 1))]
    + [DELETE | {"action": action} for action in (None, "Delete", "undo", ["delete"], 1)]
    + [MOVE | {"to": to} for to in (None, "", "c", ["b"], 1, {"b": 1})],
)
def test_anything_else_is_nothing(told: Any) -> None:
    assert Change.from_browser(told, keys=KEYS, classes=("a", "b")) is None


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "#123456;background:url(x)", "#123456\n"])
def test_a_frame_is_a_colour_and_nothing_else(colour: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        Tile("k", b"", colour=colour)


def test_a_press_is_told_once_though_the_browser_goes_on_saying_it(browser: Browser, jpeg: bytes) -> None:
    assert show(jpeg) is None
    browser.press(DELETE)
    assert show(jpeg) == Change("delete", ("k1", "k3"))
    assert show(jpeg) is None
    browser.press(DELETE, "second")
    assert show(jpeg) == Change("delete", ("k1", "k3")), "the same again is another press"


def test_the_browser_learns_what_was_heard(browser: Browser, jpeg: bytes) -> None:
    show(jpeg)
    assert browser.sent["heard"] == ""
    browser.press(MOVE)
    st.session_state["page"] = SimpleNamespace(change=browser.says)  # where Streamlit has it before the call
    assert show(jpeg) == Change("move", ("k2",), "b")
    assert browser.sent["heard"] == "first"


def test_a_press_of_another_session_is_none_of_this(browser: Browser, jpeg: bytes) -> None:
    show(jpeg)
    browser.press(DELETE)
    st.session_state.clear()  # the server was started again, and the browser says its last once more
    assert show(jpeg) is None
    for of in (None, "", 7, ["x"]):
        browser.press(DELETE, of=of)
        assert show(jpeg) is None


@pytest.mark.parametrize("id", [None, "", 7, ["x"], {}])
def test_a_message_without_a_name_is_nothing(browser: Browser, jpeg: bytes, id: Any) -> None:
    show(jpeg)
    browser.press(DELETE, id)
    assert show(jpeg) is None


def test_only_samples_that_are_shown_can_be_chosen(browser: Browser, jpeg: bytes) -> None:
    show(jpeg)
    browser.press(DELETE)
    assert show(jpeg, ["k2", "k3"]) == Change("delete", ("k3",))


def test_a_strip_knows_those_that_newer_ones_have_just_pushed_out(browser: Browser, jpeg: bytes) -> None:
    show(jpeg, compact=True)
    show(jpeg, [f"new{number}" for number in range(24)], compact=True)
    browser.press(DELETE)
    assert show(jpeg, ["k9"], compact=True) == Change("delete", ("k1", "k3"))


def test_a_strip_forgets_in_the_end(browser: Browser, jpeg: bytes) -> None:
    show(jpeg, compact=True)
    for number in range(60):
        show(jpeg, [f"{number}/{place}" for place in range(24)], compact=True)
    browser.press(DELETE)
    assert show(jpeg, ["k9"], compact=True) is None
    assert len(st.session_state["page/gallery"]["shown"]) <= 1000


def test_the_browser_gets_small_pictures_and_texts_as_they_are(browser: Browser, jpeg: bytes) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    gallery([Tile("k1", jpeg, hostile, "#0a0b0c", "b"), Tile("k2", jpeg, to="gone")], CLASSES, key="page", side=72)
    (key, encoded, caption, colour, to), second = browser.sent["tiles"]
    assert (key, caption, colour, to) == ("k1", hostile, "#0a0b0c", "b")
    assert second[4] == "", "a class that is gone is suggested to nobody"
    shown = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert shown.size == (96, 96)
    original = Image.open(io.BytesIO(jpeg)).resize((96, 96))
    assert np.abs(np.asarray(shown, float) - np.asarray(original, float)).mean() < 8
    assert browser.sent["classes"] == [["a", "Cup"], ["b", "Hand"]]


def test_another_picture_under_the_same_key_is_another_picture(browser: Browser, jpeg: bytes) -> None:
    black = to_jpeg(np.zeros((224, 224, 3), np.uint8))
    show(jpeg, ["k1"])
    mine = browser.sent["tiles"][0][1]
    gallery([Tile("k1", black)], CLASSES, key="another visitor's")
    assert browser.sent["tiles"][0][1] != mine
