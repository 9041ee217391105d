"""A visitor of the pose tracker's page who has a camera."""

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from components.camera import stream as camera
from components.hosting.house import house
from components.pose.watching import Watcher
from models.hosting.feeds import Feed
from models.pose.poses import UNSEEN
from tests.pages.visit import opened, ran

Seam = dict[str, Any]
Until = Callable[[Callable[[], object]], None]


def decoded(message: str | bytes) -> dict[str, Any]:
    """What the browser makes of a message; a picture is under "picture"."""
    if isinstance(message, str):
        return json.loads(message)
    length = 4 + int.from_bytes(message[:4], "big")
    return {**json.loads(message[4:length]), "picture": message[length:]}


def is_answer(message: str | bytes) -> bool:
    """Whether it is a result."""
    return decoded(message)["channel"] == "answer"


def points_of(pose: dict[str, Any]) -> np.ndarray:
    """x and y in pixels as the browser reads them: float (n, 2), NaN for what is not drawn."""
    tenths = np.frombuffer(base64.b64decode(pose["points"]), "<i2").reshape(-1, 2)
    return np.where(tenths[:, :1] == UNSEEN, np.nan, tenths / 10)


def words_of(message: dict[str, Any]) -> str:
    """What is said of a result, one after the other, as the page would write it."""
    said = []
    for block in message["blocks"]:
        said.append(f"{block.get('verdict', '')} {block.get('small', '')} {block.get('note', '')}".strip())
        said += [f"{name}: {figure}" for name, _, figure, _ in block.get("bars", [])]
    return "\n".join(said)


class Live:
    """A visitor whose camera is on."""

    def __init__(self, seam: Seam, until: Until, **query: str) -> None:
        seam["playing"] = True
        self.at = opened("pose", **query)
        self._seam, self._until = seam, until

    @property
    def camera(self) -> camera.LiveCamera:
        return self._seam["live"]

    @property
    def stream(self) -> Any:
        (stream,) = self.camera.streams.values()
        return stream

    @property
    def watcher(self) -> Watcher:
        return self.at.session_state["pose/watcher"]

    def films(self, rgb: np.ndarray) -> dict[str, Any]:
        """The camera sees this, and the page runs. Returns what went to the browser of it, by `Feed.push`."""
        before, feed = self.stream.results, self.feed
        feed.take()
        self.camera.on_frame(camera.frame_from_rgb(rgb))
        self._until(lambda: self.stream.results > before)
        messages: list[Any] = []
        self._until(lambda: messages.extend(feed.take()) or any(is_answer(one) for one in messages))
        self.pushed = [decoded(one) for one in messages]
        ran(self.at.run())
        return next(message for message in self.pushed if message["channel"] == "answer")

    @property
    def feed(self) -> Feed:
        """Of the page."""
        (feed,) = house().feeds.all()
        return feed

    def does(self, what: str) -> None:
        ran(self.at.segmented_control(key="do Body").set_value(what).run())
