"""What the presenter set for everybody: banner, pause, kiosk, limits, and where everybody is sent."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from models.errors import BadInput

MAX_BANNER = 280  # letters: what fits on a phone above the picture
SIZES = {"": None, "320×240": 240, "480×360": 360, "640×480": 480}
"""Largest picture size to choose from, and its height in pixels; "" for no limit."""


@dataclass(frozen=True)
class Controls:
    """`kiosk` names the one demo that is shown, "" for all. `sent_to` names the page of the latest sending and
    `sending` counts them, so that each tab follows each once. Limits: 0 and "" mean none but the measured."""

    banner: str = ""
    paused: bool = False
    kiosk: str = ""
    sent_to: str = ""
    sending: int = 0
    max_cameras: int = 0
    max_fps: int = 0
    max_size: str = ""

    def __post_init__(self) -> None:
        if len(self.banner) > MAX_BANNER:
            raise BadInput(f"The banner has {len(self.banner)} letters, {MAX_BANNER} is the maximum: shorten it.")
        if self.max_size not in SIZES:
            raise BadInput(f"{self.max_size!r} is no size limit: choose one of {', '.join(filter(None, SIZES))}.")
        for name, maximum in (("max_cameras", 1000), ("max_fps", 60)):
            if not 0 <= getattr(self, name) <= maximum:
                raise BadInput(f"{name} is {getattr(self, name)}: 0 for no limit, {maximum} at most.")

    @property
    def max_height(self) -> int | None:
        """The size limit as the picture's height in pixels, None without one."""
        return SIZES[self.max_size]


class ControlBoard:
    """The one `Controls` in force. `changed` is called after each change, with the names of what changed."""

    def __init__(self, changed: Callable[[dict[str, Any]], None] = lambda changes: None) -> None:
        self._lock = threading.Lock()
        self._changed = changed
        self.now = Controls()

    def change(self, **changes: Any) -> Controls:
        """Set these, keep the rest. Raises BadInput for a value that cannot be, and then nothing changes."""
        with self._lock:
            before, self.now = self.now, replace(self.now, **changes)
            now = self.now
        new = {name: value for name, value in changes.items() if value != getattr(before, name)}
        if new:
            self._changed(new)
        return now

    def send(self, page: str) -> Controls:
        """Send everybody who is here to a demo; "" is the home page."""
        return self.change(sent_to=page, sending=self.now.sending + 1)
