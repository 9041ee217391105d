"""Live results on the page: the newest of a camera's stream, where its time went, or why there is none."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.hosting.house import house
from models.runtime.engine import Result, Stream

if TYPE_CHECKING:  # the server starts without the camera's libraries
    from components.camera.stream import LiveCamera

EVERY_S = 0.3  # how often a page polls for a newer result; each poll is a small rerun on the server
BESIDE_PUSHED_S = 2.0
PICTURES_EVERY_S = 1.0
STALE_S = 3.0

Seconds = Mapping[str, float | None]
"""By stage; None where it was not measured."""


def show(
    camera: LiveCamera,
    stream: Stream,
    show_one: Callable[[Result], Seconds],
    *,
    every_s: float = EVERY_S,
    stale_s: float = STALE_S,
    is_pushed: bool = False,
    beside_pushed_s: float = BESIDE_PUSHED_S,
) -> None:
    """The newest result of the camera's stream, again and again while it plays. `show_one` shows it and returns the
    seconds of its model, which are shown after those of the way there. Otherwise why there is no result. Where results
    are pushed to the browser as well, it looks only every `beside_pushed_s`."""
    every_s = beside_pushed_s if is_pushed else every_s

    @st.fragment(run_every=every_s if camera.playing else None)
    def newest() -> None:
        if (result := newest_or_reason(camera, stream, stale_s, says_waiting=not is_pushed)) is not None:
            seconds = show_one(result)
            show_seconds({**seconds_on_the_way(camera, result), **seconds})

    newest()


def show_pictures(camera: LiveCamera, stream: Stream, show_one: Callable[[Any], None]) -> None:
    """Pictures that a slow stream makes (a heat map, feature maps), once a second."""

    @st.fragment(run_every=PICTURES_EVERY_S if camera.playing else None)
    def newest() -> None:
        result = stream.latest()
        if camera.playing and result is not None and result.error is None:
            show_one(result.value)

    newest()


def newest_or_reason(
    camera: LiveCamera, stream: Stream, stale_s: float = STALE_S, *, says_waiting: bool = True
) -> Result | None:
    """The newest result worth showing, at most `stale_s` old; otherwise None, after saying on the page why there is
    none. That the first one is awaited is painted at once where results are pushed: then it need not be said here."""
    result = stream.latest()
    if not camera.playing:
        st.caption("The answers appear here once the camera is on.")
    elif house().controls.now.paused:
        st.caption("Answers resume when the presenter turns cameras back on.")
    elif result is None:
        if says_waiting:
            st.caption("Waiting for the first picture…")
    elif result.error:
        st.error(
            f"The model could not read this picture ({result.error}). The camera goes on.", icon=":material/error:"
        )
    elif result.age_s > stale_s:
        st.warning(f"No new picture for {result.age_s:.0f} s. Is the camera covered, or the network slow?")
    else:
        return result
    return None


def seconds_on_the_way(camera: LiveCamera, result: Result) -> dict[str, float | None]:
    """Of this result: camera to server, unpacking, waiting, drawing."""
    stages = {
        "camera → server": camera.link.to_server_s if camera.link else None,
        "unpack": camera.seconds["convert"],
        "wait": result.wait_s,
    }
    if camera.draw is not None:
        stages["draw"] = camera.seconds["draw"]
    return stages


def show_seconds(seconds: Seconds, digits: int = 1) -> None:
    """Where the time went, stage by stage, in milliseconds with so many digits."""
    shown = "".join(
        f"<span>{html.escape(stage)} {'–' if s is None else f'{1000 * s:.{digits}f} ms'}</span>"
        for stage, s in seconds.items()
    )
    st.html(f'<div class="latency">{shown}</div>')
