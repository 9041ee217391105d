"""Recorder: takes samples from a live camera into one class at a time, at a steady rate."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.errors import BadInput
from models.teachable.kinds import sample_jpeg
from models.teachable.project import Project
from models.teachable.samples import Sample


@dataclass(frozen=True)
class Recording:
    """What a recorder is doing: the class, seconds of countdown left (0 once it takes), samples taken, and seconds
    left (None: until it is stopped)."""

    class_id: str
    countdown_s: float
    taken: int
    left_s: float | None


class Recorder:
    """Something that frames are offered to, as to an engine's stream. `on_sample` gets each sample, on the frames'
    thread.

    The class is fixed when a frame is taken, by its id: a sample can't land in another one. A sample is in its class
    when `offer` returns; only its features come later.
    """

    def __init__(self, project: Project, on_sample: Callable[[Sample], None]) -> None:
        self.project = project
        self.error: BadInput | None = None  # why the last recording ended by itself
        self.on_taken: Callable[[], None] = lambda: None  # after each sample, on the frames' thread
        self._on_sample = on_sample
        self._lock = threading.Lock()  # guards everything below
        self._class_id: str | None = None
        self._recording = ""
        self._interval_s = 0.1
        self._begins = self._due = 0.0
        self._ends: float | None = None
        self._taken = 0

    def start(self, class_id: str, *, rate: float = 10, seconds: float | None = None, delay_s: float = 0) -> None:
        """Record into this class, `rate` samples a second, after a countdown of `delay_s`, for `seconds` or until
        `stop`. A recording that runs ends."""
        if not 0 < rate <= 60 or delay_s < 0 or (seconds is not None and seconds <= 0):
            raise ValueError(f"rate, seconds and delay_s must be positive, got {rate}, {seconds}, {delay_s}")
        with self._lock:
            self._class_id, self.error, self._taken = class_id, None, 0
            self._recording = secrets.token_hex(6)
            self._interval_s = 1 / rate
            self._begins = self._due = time.monotonic() + delay_s
            self._ends = None if seconds is None else self._begins + seconds

    def stop(self) -> None:
        """Take no more."""
        with self._lock:
            self._class_id = None

    close = stop

    @property
    def now(self) -> Recording | None:
        """What it is doing, None when it is not recording."""
        with self._lock:
            at = time.monotonic()
            if self._class_id is None or self._over(at):
                return None
            left = None if self._ends is None else max(0.0, self._ends - max(at, self._begins))
            return Recording(self._class_id, max(0.0, self._begins - at), self._taken, left)

    def offer(self, rgb: np.ndarray) -> None:
        """A frame, uint8 (H, W, 3); taken when one is due. Takes a few milliseconds then, and never waits."""
        at = time.monotonic()
        with self._lock:
            if self._class_id is None or at < self._due:
                return
            if self._over(at):
                self._class_id = None
                return
            class_id, recording = self._class_id, self._recording
            # on average the rate that was asked for, though frames come when they come; no catching up after a gap
            self._due = max(self._due + self._interval_s, at - self._interval_s)
            self._taken += 1
        try:
            self._on_sample(self.project.add(class_id, sample_jpeg(self.project.kind, rgb), recording=recording))
        except BadInput as full:
            with self._lock:
                if self._class_id == class_id:
                    self._class_id, self.error = None, full
                self._taken -= 1
        else:
            self.on_taken()

    def _over(self, at: float) -> bool:
        return self._ends is not None and at >= self._ends
