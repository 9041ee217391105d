"""A visitor of the pose tracker's page who has a camera."""

from collections.abc import Callable
from typing import Any

import numpy as np

from components.camera import stream as camera
from components.pose.watching import Watcher
from tests.pages.visit import opened, ran

Seam = dict[str, Any]
Until = Callable[[Callable[[], object]], None]


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

    def films(self, rgb: np.ndarray) -> np.ndarray:
        """The camera sees this; the page shows what comes of it. Returns the picture that goes back afterwards."""
        self.shown(rgb)
        ran(self.at.run())
        return self.shown(rgb)

    def shown(self, rgb: np.ndarray) -> np.ndarray:
        """The picture that goes back for this one, with what was found before; then this one has been looked at."""
        before = self.stream.results
        shown = self.camera.on_frame(camera.frame_from_rgb(rgb))
        self._until(lambda: self.stream.results > before)
        return camera.rgb_from_frame(shown)

    def does(self, what: str) -> None:
        ran(self.at.segmented_control(key="do Body").set_value(what).run())
