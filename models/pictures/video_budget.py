"""How much of a video may be read for nothing: a film may consist of millions of frames of 31 bytes, never shown."""

import threading
import time

from models.errors import BadVideo, Cancelled

MAX_UNSHOWN = 20_000
"""Packets and pictures read one after the other without one to show; sound may come a minute before its pictures."""

MAX_NOT_DUE = 1_000
"""Of those, pictures that are whole but come too soon, or again: 240 frames a second leave out 7 in a row."""

MAX_WAIT_S, MAX_DECODED_FPS = 5.0, 1_000
"""Seconds without a picture to show, and pictures per second of the longest video, shown or not."""


class ReadBudget:
    """Counts what one thread reads of the file `name`, a video of at most `max_seconds`; `cancel` ends it at once."""

    def __init__(self, name: str, max_seconds: float, cancel: threading.Event | None = None) -> None:
        self._name, self._cancel = name, cancel
        self._left = round(MAX_DECODED_FPS * (max_seconds + 1))
        self.begin()

    def begin(self) -> None:
        """From here on for the next picture."""
        self._began, self._read, self._not_due = time.monotonic(), 0, 0

    def packet(self) -> None:
        """Before each packet. Raises Cancelled, BadVideo."""
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled(f"{self._name} was cancelled; nothing was kept.")
        self._read += 1
        slow = self._read > 10 and time.monotonic() - self._began > MAX_WAIT_S
        if slow or self._read > MAX_UNSHOWN or self._not_due > MAX_NOT_DUE or self._left < 0:
            raise BadVideo(
                f"{self._name} holds too much that is never shown, and takes too long to read. Export it as MP4 "
                "(H.264) and try again."
            )

    def picture(self) -> None:
        """For each picture that is not due. Raises as `packet`."""
        self._not_due += 1
        self._left -= 1
        self.packet()
