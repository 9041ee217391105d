"""The governor: steps everybody's streams down when the machine no longer keeps up, and up again when it does.

What it looks at is measured, once a second: the age of results (95th percentile, the worst engine's), this process's
share of the CPU, and how late the event loop is that carries all video. It acts on what lasts: some seconds of overload
for a step down, many more of calm for a step up, and after each step it waits to see what that one did. The band
between the two limits, and a calm that has to last the longer the sooner the last step up failed, keep it from
swinging.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

UNLIMITED_FPS = 60  # more than any camera is asked for


class Level(IntEnum):
    """How far streams are stepped down; each level includes those before it. What costs the server most, and visitors
    least, goes first.

    An answer costs 5 to 25 ms of a core, a picture 2 ms, one of 240 pixels 0.5 ms. Visitors see their own picture,
    which stays as it was when fewer are sent; in smaller ones models no longer read small print or find far faces, so
    that comes after. By these costs two cores carry 28, 41, 70 cameras of the classifier at the first three steps, and
    14, 18, 27 of the pose tracker.
    """

    FULL = 0
    FEWER_ANSWERS = 1
    FEWER_PICTURES = 2
    SMALLER_PICTURES = 3
    PHOTO = 4


@dataclass(frozen=True)
class Caps:
    """What each stream may have at most: answers per second of one engine, camera frames per second, picture height in
    pixels; and what people are told about it."""

    answers_per_s: float = math.inf
    fps: int = UNLIMITED_FPS
    height: int = 10_000
    words: str = ""


CAPS = {
    Level.FULL: Caps(),
    Level.FEWER_ANSWERS: Caps(5, words="The server is busy: answers come less often."),
    Level.FEWER_PICTURES: Caps(4, 8, words="The server is busy: it gets fewer pictures and answers less often."),
    Level.SMALLER_PICTURES: Caps(3, 6, 240, words="The server is busy: it gets fewer and smaller pictures."),
    Level.PHOTO: Caps(
        2,
        4,
        240,
        words="The server carries no more cameras: those that are on go on slowly, others take photos.",
    ),
}


@dataclass(frozen=True)
class Load:
    """One second's measurement. Seconds; `cpu` is this process's share of all cores, 0..1; None: nothing to measure."""

    cameras: int
    age_p95_s: float | None
    cpu: float
    loop_lag_s: float | None


@dataclass(frozen=True)
class Limits:
    """Beyond any of the first three for `patience_s` it is overload; below `calm` times all of them it is calm."""

    age_s: float = 0.5
    cpu: float = 0.95
    loop_lag_s: float = 0.25
    calm: float = 0.6
    patience_s: float = 4
    recovery_s: float = 15


class Governor:
    """One decision a second. `level` is where it stands; `capacity` is the number of cameras that turned out to be the
    most, None while none was too many. Not thread-safe: one thread steps it, anyone reads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.level = Level.FULL
        self.capacity: int | None = None
        self.reason = ""  # of the last step, in words
        self._over_since: float | None = None
        self._calm_since: float | None = None
        self._stepped_at = -math.inf
        self._raised_at = -math.inf
        self._recovery_s = self.limits.recovery_s

    @property
    def caps(self) -> Caps:
        """What each stream may have now."""
        return CAPS[self.level]

    def step(self, load: Load, now: float) -> bool:
        """Look at a second's load at `now` (monotonic seconds). Returns whether anything changed."""
        over = self._overload(load)
        calm = not over and not self._overload(load, self.limits.calm)
        # a moment that is neither ends both waits: what is to count must last
        self._over_since = (self._over_since or now) if over else None
        self._calm_since = (self._calm_since or now) if calm else None
        if not load.cameras:  # nothing to step down, and whatever was measured with many cameras is over
            return self._reset()
        if over and now - max(self._over_since or now, self._stepped_at) >= self.limits.patience_s:
            return self._down(load, over, now)
        if calm and now - max(self._calm_since or now, self._stepped_at) >= self._recovery_s:
            return self._up(load, now)
        return False

    def _overload(self, load: Load, share: float = 1.0) -> str:
        """Which limit is passed, in words; "" when none is."""
        limits = self.limits
        if load.age_p95_s is not None and load.age_p95_s > share * limits.age_s:
            return f"answers are {load.age_p95_s:.1f} s old"
        if load.loop_lag_s is not None and load.loop_lag_s > share * limits.loop_lag_s:
            return f"the loop that carries the video is {load.loop_lag_s:.1f} s late"
        # calm asks less of the processor: an engine with enough to do keeps a core busy at any level
        if load.cpu > (limits.cpu if share == 1 else 0.9 * limits.cpu):
            return f"the processor is busy to {load.cpu:.0%}"
        return ""

    def _down(self, load: Load, why: str, now: float) -> bool:
        if now - self._raised_at < 2 * self._recovery_s:
            self._recovery_s = min(2 * self._recovery_s, 16 * self.limits.recovery_s)  # that was too early
        self._stepped_at, self.reason = now, why
        if self.level < Level.PHOTO:
            self.level = Level(self.level + 1)
            if self.level == Level.PHOTO:
                self.capacity = load.cameras
            return True
        fewer = max(1, min(self.capacity or load.cameras, load.cameras) - 1)
        changed, self.capacity = fewer != self.capacity, fewer
        return changed

    def _up(self, load: Load, now: float) -> bool:
        if self.level == Level.FULL:
            self._recovery_s = self.limits.recovery_s
            return False
        self._stepped_at = self._raised_at = now
        self.reason = "the server has room again"
        self.level = Level(self.level - 1)
        if self.level < Level.PHOTO:
            self.capacity = None
        return True

    def _reset(self) -> bool:
        changed = self.level != Level.FULL
        self.level, self.capacity, self._recovery_s = Level.FULL, None, self.limits.recovery_s
        self.reason = "no camera is on" if changed else self.reason
        return changed
