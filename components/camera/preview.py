"""The visitor's own picture and how the camera stands, told by the browser.

streamlit-webrtc shows no picture when frames are only sent, and little of what goes wrong. This small component looks
into its frame (same origin): it shows the very stream that is sent, mirrored if wanted, names the state with what to do
about it, ends a camera that is gone, starts one again whose start failed, and measures the way to the server, which the
server cannot see.
"""

import math
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.camera import patches
from components.hosting.house import house
from components.layout import browser_component
from components.live.scripts import OVERLAY

START = "Start camera"  # on streamlit-webrtc's button, by which our script finds it


@dataclass(frozen=True)
class Link:
    """What the browser measured: the camera's state, frame size in pixels, frames per second sent, and seconds from the
    camera to the server (encoding, sending, half a round trip), None until known."""

    state: str
    width: int
    height: int
    fps: float
    to_server_s: float | None

    @classmethod
    def from_browser(cls, told: Any) -> "Link | None":
        """None where the browser's words are not what our own script says: they are the visitor's to change."""
        try:
            ms = told.get("toServerMs")
            return cls(
                state=str(told["state"])[:20],
                width=int(_bounded(told["width"], 100_000)),
                height=int(_bounded(told["height"], 100_000)),
                fps=_bounded(told["fps"], 1000),
                to_server_s=None if ms is None else _bounded(ms, 60_000) / 1000,
            )
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
            return None


def _bounded(number: Any, most: float) -> float:
    """0 to `most`; ValueError for what is no finite number."""
    if not math.isfinite(value := float(number)):
        raise ValueError(f"not finite: {value}")
    return min(max(value, 0.0), most)


def _bounds(from_server: bool) -> dict[str, Any]:
    """What the browser is asked to keep to: frames per second, picture height, a pause, no picture back; and why."""
    caps, paused = house().caps, house().controls.now.paused
    return {
        "fps": caps.fps,
        "height": caps.height,
        "paused": paused,
        "withheld": from_server and not caps.picture_back,
        "note": "The presenter has paused the cameras." if paused else caps.words,
    }


def camera_preview(key: str, *, mirrored: bool, from_server: bool, live: Any, veiled: bool = False) -> None:
    """Show the preview above the streamer's buttons and keep `live.link` up to date. `veiled`: only what
    painters draw is seen, on black.

    With `from_server` the streamer itself shows the picture, and only the state line is ours.
    """

    @st.fragment
    def show() -> None:  # a fragment of its own: what the browser tells must not rerun the page
        told = browser_component("preview", *OVERLAY, "preview/streamer_frame", "preview/camera_start")(
            key=f"{key}/preview",
            data={
                "mirrored": mirrored,
                "veiled": veiled,
                "fromServer": from_server,
                "start": START if patches.knows_streamer() else "",
                **_bounds(from_server),
            },
            on_link_change=lambda: None,
        )
        live.link = Link.from_browser(getattr(told, "link", None))

    show()
