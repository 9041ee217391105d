"""The trail that one keypoint of each person leaves in a stream."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from models.pose.poses import Pose


def person_key(pose: Pose, order: int) -> int:
    """Whose trail and colour it is: their id, without one their place in the list of poses."""
    return order if pose.id is None else pose.id


class Trail:
    """Where one keypoint of each person was in the last `seconds`: one stream's memory, used from one thread.

    A person who is away for some frames keeps the trail, with a gap where they were away for over `gap_s`.
    """

    def __init__(self, seconds: float = 2.0, *, gap_s: float = 0.5, max_points: int = 256) -> None:
        self.seconds, self._gap_s, self._max_points = seconds, gap_s, max_points
        self._ways: dict[int, deque[tuple[float, float, float]]] = {}
        self._keypoint: str | None = None
        self._now = float("-inf")

    def add(
        self, seconds: float, poses: Sequence[Pose], keypoint: str, *, min_score: float = 0.5
    ) -> dict[int, np.ndarray]:
        """Note where `keypoint` is at `seconds`, and return each person's way, oldest first: float32 (n, 3) of x, y in
        pixels and freshness (1 now, 0 about to go); a row of NaN is a gap. Another keypoint, or a time before the last
        one (a video that starts again), begins anew."""
        if keypoint != self._keypoint or seconds < self._now:
            self._ways.clear()
        self._keypoint, self._now = keypoint, seconds
        for order, pose in enumerate(poses):
            if keypoint in pose.skeleton.names:
                x, y, score = pose.keypoints[pose.skeleton.names.index(keypoint)].tolist()
                if score >= min_score and np.isfinite((x, y)).all():
                    way = self._ways.setdefault(person_key(pose, order), deque(maxlen=self._max_points))
                    way.append((seconds, x, y))
        for key, way in list(self._ways.items()):
            while way and way[0][0] < seconds - self.seconds:
                way.popleft()
            if not way:
                del self._ways[key]
        return {key: self._line(way) for key, way in self._ways.items()}

    def _line(self, way: deque[tuple[float, float, float]]) -> np.ndarray:
        rows: list[tuple[float, float, float]] = []
        before = way[0][0]
        for at, x, y in way:
            if at - before > self._gap_s:
                rows.append((np.nan, np.nan, np.nan))
            rows.append((x, y, 1 - (self._now - at) / self.seconds))
            before = at
        return np.array(rows, np.float32)
