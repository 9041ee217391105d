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


def _bounds() -> dict[str, Any]:
    """What the browser is asked to keep to: frames per second, picture height, a pause; and why."""
    caps, paused = house().caps, house().controls.now.paused
    return {
        "fps": caps.fps,
        "height": caps.height,
        "paused": paused,
        "note": "The presenter has paused the cameras." if paused else caps.words,
    }


def camera_preview(key: str, *, mirrored: bool, live: Any, veiled: bool = False, begins: bool = False) -> None:
    """Show the preview above the streamer's buttons and keep `live.link` up to date. `veiled`: only what painters draw
    is seen, on black. `begins`: the camera starts without a press where the browser already has the permission."""
    heard: list[bool] = []

    @st.fragment
    def show() -> None:  # a fragment of its own: what the browser tells must not rerun the page
        told = browser_component("preview", *OVERLAY, "preview/streamer_frame", "preview/line", "preview/camera_start")(
            key=f"{key}/preview",
            data={
                "mirrored": mirrored,
                "veiled": veiled,
                "begins": begins,
                "start": START if patches.knows_streamer() else "",
                **_bounds(),
            },
            on_link_change=lambda: heard.append(True),
        )
        live.link = Link.from_browser(getattr(told, "link", None))
        # On a busy server the run is sometimes lost in which the page would hear that the camera is on
        if heard and not live.playing and live.link is not None and live.link.state == "live":
            heard.clear()
            st.rerun()
        heard.clear()

    show()
