"""The pad: bars while one draws, over the page's own socket, and the visitor's digit for all views."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from components import live
from components.camera.stream import live_camera
from components.layout import browser_component
from components.loading import frames_engine
from components.pictures import PHOTO, UPLOAD, pictures
from models.digits.bundled import Digits
from models.digits.reading import ink_of, prepared
from models.hosting.feeds import Feed

LOOK = "Takes the digit that is before the camera now; what is shown of it stays until you press again."
CHANNEL = "digit"
SIDE = 112  # pixels of the ink that the browser sends
EMPTY = {"kind": "digit"}
MAPS = "maps"
_PAD, _CLEARED = "digits/pad", "digits/cleared"


@dataclass
class Desk:
    """One session's: the digit that was drawn last, float32 (28, 28), None before; those that were set aside, with what
    they were meant to be; and what the network said."""

    seen: np.ndarray | None = None
    kept: list[tuple[np.ndarray, int, int]] = field(default_factory=list)


def desk() -> Desk:
    """This session's."""
    return st.session_state.setdefault("digits/desk", Desk())


def clear() -> None:
    """An empty pad from the next run on."""
    st.session_state[_CLEARED] = st.session_state.get(_CLEARED, 0) + 1
    desk().seen = None


def pad(digits: Digits) -> bool:
    """The pad. Whether the browser paints the bars by itself; the digit is on the desk in each run after a stroke."""
    feed = live.page_feed()
    feed.on_bytes = partial(_answer, feed, digits, shows_maps())
    sent = browser_component("pad", "live/socket")(
        key=_PAD,
        data={"token": feed.token, "page": feed.page, "cleared": st.session_state.get(_CLEARED, 0)},
        on_drawing_change=lambda: None,
    )
    ink = ink_from(getattr(sent, "drawing", None), st.session_state.get(_CLEARED, 0))
    if ink is not None:
        desk().seen = prepared(ink)
    return True


def ink_from(sent: Any, cleared: int) -> np.ndarray | None:
    """What the browser says was drawn, float32 (112, 112) in 0..1; None where it says something else, or speaks of a
    drawing that was cleared since."""
    if not isinstance(sent, dict) or sent.get("cleared") != cleared or not isinstance(text := sent.get("ink"), str):
        return None
    try:
        return _ink(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None


def _ink(data: bytes) -> np.ndarray | None:
    if len(data) != SIDE * SIDE:
        return None
    return np.frombuffer(data, np.uint8).reshape(SIDE, SIDE).astype(np.float32) / 255


def shows_maps() -> bool:
    """Whether the layers' maps are wanted beside the bars."""
    return bool(st.session_state.get(MAPS, True))


def _told(digits: Digits, seen: np.ndarray | None, maps: bool) -> Mapping[str, Any]:
    if seen is None:
        return EMPTY
    told = digits.reader.read(seen).to_browser()
    return told if maps else {**told, "maps": []}


def _answer(feed: Feed, digits: Digits, maps: bool, data: bytes) -> None:
    """On the websockets' thread: what the network says of the ink now, a few milliseconds."""
    ink = _ink(data)
    if ink is None:
        return
    feed.push(CHANNEL, _told(digits, prepared(ink), maps))


def bars(digits: Digits) -> None:
    """What the network says of the digit on the desk: painted in the browser, or, without a socket, as it stands."""
    seen = desk().seen
    if not live.show_channel(CHANNEL, _told(digits, seen, shows_maps())) and seen is not None:
        reading = digits.reader.read(seen)
        st.markdown(f"**{reading.best}**, {reading.probabilities.max():.0%}")


def photo(source: str) -> None:
    """A written digit on a photograph becomes the digit on the desk."""
    if source not in (PHOTO, UPLOAD):
        return
    for picture in pictures(source, "digits")[:1]:
        seen = prepared(ink_of(picture.rgb))
        if seen is None:
            st.info("No digit was found in this picture. Write it large and dark on plain paper, alone in the middle.")
        desk().seen = seen


def camera(digits: Digits) -> None:
    """A written digit held up: the bars follow it, and the newest is the digit on the desk."""
    cam, own, maps = live_camera("digits", settings_in=st.container(horizontal=True)), desk(), shows_maps()

    def predict(rgb: np.ndarray) -> np.ndarray | None:
        seen = prepared(ink_of(rgb))
        if seen is not None:
            own.seen = seen
        return seen

    stream = cam.listen("digit", frames_engine(), predict=predict, max_rate=8)
    cam.only(stream)
    if cam.playing:
        live.push_each(stream, lambda seen: _told(digits, seen, maps), CHANNEL)
    st.button("Look into this one", icon=":material/search:", disabled=not cam.playing, help=LOOK, key="digits/look")


def shown(picture: np.ndarray, side: int = 168) -> np.ndarray:
    """A grey picture (h, w) in 0..1 as uint8 (side, side, 3), its pixels to be seen."""
    times = max(1, side // len(picture))
    grey = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8).repeat(times, 0).repeat(times, 1)
    return np.repeat(grey[..., None], 3, axis=2)


def needed() -> np.ndarray | None:
    """The digit on the desk; where there is none, the page says what to do."""
    seen = desk().seen
    if seen is None:
        st.info("Draw a digit on the pad first.", icon=":material/draw:")
    return seen
