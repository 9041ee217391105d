"""A stream's results in the browser as soon as the engine has them, without a run of the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from components.layout import browser_component
from components.live.feed import page_feed
from components.live.scripts import BESIDE
from models.runtime.engine import Result, Stream

if TYPE_CHECKING:  # the server starts without the camera's libraries
    from components.camera.stream import LiveCamera


Width = Literal["stretch", "content"]


def push_each(stream: Stream, to_browser: Callable[[Any], Mapping[str, Any]], channel: str) -> None:
    """Push each result of the stream, as `to_browser` makes it of the value, on that channel. What is painted over the
    picture, not beside it, needs no more."""
    feed = page_feed()

    def push(result: Result) -> None:
        if result.error is None:
            feed.push(channel, to_browser(result.value), at=result.offered_at, size_wh=result.size_wh)

    stream.subscribe(channel, push)


def show_pushed(
    camera: LiveCamera, stream: Stream, to_browser: Callable[[Any], Mapping[str, Any]], channel: str = "answer"
) -> bool:
    """Push each result of the stream, as `to_browser` makes it of the value, and have it painted here while the camera
    plays. False where the browser has no websocket to the server: then the page has to show results itself.

    What is drawn over the picture appears on the camera's preview.
    """
    if not camera.playing:
        stream.unsubscribe(channel)
        return False
    push_each(stream, to_browser, channel)
    return _painted(channel)


def show_channel(channel: str, first: Mapping[str, Any], *, width: Width = "stretch") -> bool:
    """Paint here what is pushed to the page's feed on that channel, and `first` until something newer is; neither how
    old it is nor why there is nothing. False as for `show_pushed`."""
    return _painted(channel, first={**first, "at": 1000 * time.monotonic()}, width=width)


def _painted(channel: str, *, first: Mapping[str, Any] | None = None, width: Width = "stretch") -> bool:
    feed = page_feed()
    told = browser_component("live", *BESIDE, isolated=False)(
        key=f"live/{channel}",
        data={"token": feed.token, "page": feed.page, "channel": channel, "first": first},
        width=width,
        on_socket_change=lambda: None,
    )
    return getattr(told, "socket", None) != "away"
