"""Counts repetitions from one angle over time: squats from a knee, curls from an elbow, jumping jacks from a shoulder.

Two thresholds with a gap between them (hysteresis, as in a Schmitt trigger), so that an angle which trembles around
one of them is not counted.
"""

import math
import threading
from collections import deque
from typing import Literal

from models.errors import BadInput

Side = Literal["high", "low"]

CURVE_SECONDS = 60.0
CURVE_POINTS = 2000
MAX_GAP_S = 2.0


class RepetitionCounter:
    """One repetition leads from one side to the other and back. Thread-safe: a stream adds, a page reads.

    With `starts="high"` it goes from `high` degrees or more down to `low` or less and back up: squats, curls,
    push-ups. With `starts="low"` from `low` up to `high` and back down: jumping jacks, raising an arm. From the last
    moment at its start to the first moment back it takes at least `min_seconds`; anything quicker is a trembling
    keypoint. A moment without an angle counts for nothing; after MAX_GAP_S seconds without any, whatever was under
    way is forgotten. Raises BadInput unless 0 <= low < high <= 180.
    """

    def __init__(self, low: float, high: float, min_seconds: float = 0.3, starts: Side = "high") -> None:
        if not 0 <= low < high <= 180:
            raise BadInput(
                f"{low:g}° and {high:g}° do not work as thresholds of a repetition: they must lie between 0° and 180°, "
                "and the lower one below the upper one. Move them apart."
            )
        if not 0 <= min_seconds <= MAX_GAP_S:
            raise BadInput(
                f"A repetition cannot be asked to take at least {min_seconds:g} s. "
                f"Choose a number from 0 to {MAX_GAP_S:g} s."
            )
        if starts not in ("high", "low"):
            raise ValueError(f"starts must be high or low, got {starts!r}")
        self.low, self.high, self.min_seconds, self.starts = low, high, min_seconds, starts
        self._lock = threading.Lock()  # guards everything below
        self._curve: deque[tuple[float, float | None]] = deque(maxlen=CURVE_POINTS)
        self._clear()

    def _clear(self) -> None:
        self._count = 0
        self._curve.clear()
        self._forget()

    def _forget(self) -> None:
        self._phase: Side | None = None
        self._left_at: float | None = None  # when the angle was last on the side where repetitions start
        self._angle_at: float | None = None

    def add(self, seconds: float, angle: float | None) -> bool:
        """The angle in degrees at a time in seconds, None where it is not seen. True if a repetition just ended.
        A time before the last one starts a new curve and forgets what was under way; the count stays."""
        if not math.isfinite(seconds):
            raise ValueError(f"seconds must be a finite number, got {seconds}")
        if angle is not None and not math.isfinite(angle):
            angle = None
        with self._lock:
            self._draw(seconds, angle)
            if self._angle_at is not None and seconds - self._angle_at > MAX_GAP_S:
                self._forget()
            return angle is not None and self._move(seconds, angle)

    def _draw(self, seconds: float, angle: float | None) -> None:
        if self._curve and seconds < self._curve[-1][0]:
            self._curve.clear()
            self._forget()
        while self._curve and seconds - self._curve[0][0] > CURVE_SECONDS:
            self._curve.popleft()
        self._curve.append((seconds, angle))

    def _move(self, seconds: float, angle: float) -> bool:
        self._angle_at = seconds
        side: Side | None = "high" if angle >= self.high else "low" if angle <= self.low else None
        if side is None:
            return False
        before, self._phase = self._phase, side
        if side != self.starts:
            return False
        left_at, self._left_at = self._left_at, seconds
        # left_at is None when the counter began in the middle of a repetition: that one does not count
        ended = left_at is not None and before != side and seconds - left_at >= self.min_seconds
        self._count += ended
        return ended

    def reset(self) -> None:
        """Back to nothing counted and an empty curve."""
        with self._lock:
            self._clear()

    @property
    def count(self) -> int:
        """Repetitions that have ended."""
        with self._lock:
            return self._count

    @property
    def curve(self) -> list[tuple[float, float | None]]:
        """What was added in the last CURVE_SECONDS, CURVE_POINTS at most, oldest first: (seconds, degrees or None)."""
        with self._lock:
            return list(self._curve)
