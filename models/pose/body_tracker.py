"""What one stream remembers of the people in it: who is who, where to search next, and their smoothed points."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from models.pose.body_graphs import Seen, size_of
from models.pose.one_euro import OneEuro
from models.pose.poses import Pose

MAX_GAP_S = 2.0  # a stream that paused longer than this starts afresh: whoever is there may be somebody else
MAX_LOST_S = 1.0  # somebody lost for longer comes back as a new person
MAX_MOVE = 0.3  # how far a person may have come between two frames and keep their id, in parts of their size
SAME_PERSON_DISTANCE = 0.1  # mean, in parts of their size, between the points of two poses of one person
VISIBILITY_S = 0.32  # time constant of the visibility; mediapipe's low-pass (0.1 a frame) at its 30 frames/s

_TRUNK = (0, 11, 12, 23, 24)  # nose, shoulders, hips


@dataclass(frozen=True)
class Sighting:
    """One person in a frame; `circle` is the number of the followed circle they were found by, None for a newcomer."""

    seen: Seen
    circle: int | None = None


class PoseModel(Protocol):
    """What a tracker asks of a model: to inspect one frame, and to remember nothing."""

    def inspect(self, rgb: np.ndarray, people: int, followed: Sequence[np.ndarray], turn: int) -> list[Sighting]:
        """Up to `people` of them. `followed` are the circles they were in before; `turn` counts the stream's frames,
        for a model that searches a different part of the picture each time."""


def distance(one: Seen, other: Seen, points: Sequence[int] | slice = slice(None)) -> float:
    """The mean distance of two people's points, in parts of the smaller one's size."""
    apart = np.hypot(*(one.pose.keypoints - other.pose.keypoints)[points, :2].T).mean()
    return float(apart / max(min(size_of(one.circle), size_of(other.circle)), 1e-6))


@dataclass
class _Track:
    """One person on the stream: what was last seen of them, and the filters of their points and circle."""

    id: int
    last: Seen
    at: float
    points: OneEuro = field(default_factory=lambda: OneEuro(0.05, 80.0))
    around: OneEuro = field(default_factory=lambda: OneEuro(0.01, 10.0))
    visible: np.ndarray | None = None
    lost: bool = True

    def update(self, seen: Seen, at: float, smooth: bool) -> Pose:
        if self.lost:  # a newcomer, or somebody found again: where they were no longer matters
            self.points, self.around, self.visible = OneEuro(0.05, 80.0), OneEuro(0.01, 10.0), None
        dt, size = max(at - self.at, 1e-3), max(size_of(seen.circle), 1e-6)
        keypoints = seen.pose.keypoints
        if smooth:
            xy = self.points(keypoints[:, :2].astype(np.float64), dt, size)
            before = keypoints[:, 2] if self.visible is None else self.visible
            self.visible = before + (1 - math.exp(-dt / VISIBILITY_S)) * (keypoints[:, 2] - before)
            keypoints = np.column_stack((xy, self.visible)).astype(np.float32)
        pose = replace(seen.pose, keypoints=keypoints, id=self.id)
        # the circle is smoothed either way: it is where the network looks next, and should not tremble
        circle = self.around(seen.circle.astype(np.float64), dt, size).astype(np.float32)
        self.last, self.at, self.lost = Seen(seen.pose, circle), at, False
        return pose

    def rescale(self, x: float, y: float) -> None:
        factors = np.array([x, y])
        self.points.rescale(factors)
        self.around.rescale(factors)
        keypoints = (self.last.pose.keypoints * [x, y, 1]).astype(np.float32)
        circle = (self.last.circle * factors).astype(np.float32)
        self.last = Seen(replace(self.last.pose, keypoints=keypoints), circle)


class PoseTracker:
    """The people of ONE stream: call it with each frame, from one thread at a time.

    Returns up to `people` poses with ids, the longest known first. It holds a few kilobytes and shares the model, so
    every stream gets its own. Frames may change their size; `close` forgets everybody.
    """

    def __init__(self, model: PoseModel, people: int = 1, smooth: bool = True) -> None:
        self.people, self.smooth = people, smooth
        self._model = model
        self._next_id = 1
        self.close()

    def close(self) -> None:
        """Forget everybody. The next frame starts afresh; ids go on counting."""
        self._tracks: list[_Track] = []
        self._shape: tuple[int, ...] | None = None
        self._at = -math.inf
        self._turn = 0

    def __call__(self, rgb: np.ndarray, at: float | None = None) -> list[Pose]:
        """The people in uint8 (H, W, 3). `at` is the frame's time in seconds, by default now: for a video file, give
        its own."""
        at = time.monotonic() if at is None else at
        self._settle(rgb.shape, at)
        followed = [track for track in self._tracks if not track.lost]
        sightings = self._model.inspect(rgb, self.people, [track.last.circle for track in followed], self._turn)
        self._turn += 1
        poses = {
            followed[one.circle].id: followed[one.circle].update(one.seen, at, self.smooth)
            for one in sightings
            if one.circle is not None
        }
        for track in followed:
            track.lost = track.id not in poses
        for seen, known in self._recognise([one.seen for one in sightings if one.circle is None], poses):
            track = known or self._welcome(seen, at)
            poses[track.id] = track.update(seen, at, self.smooth)
        self._tracks = [track for track in self._tracks if at - track.at <= MAX_LOST_S]
        return [poses[number] for number in sorted(poses)]

    def _settle(self, shape: tuple[int, ...], at: float) -> None:
        """Make what is remembered fit a frame of this shape and time, or forget it."""
        if not 0 <= at - self._at <= MAX_GAP_S:
            self._tracks = []
        if self._shape not in (None, shape):
            (height, width), (was_height, was_width) = shape[:2], self._shape[:2]
            x, y = width / was_width, height / was_height
            if abs(x / y - 1) > 0.05:  # a phone was turned: nothing is where it was
                self._tracks = []
            for track in self._tracks:
                track.rescale(x, y)
        self._shape, self._at = shape, at

    def _welcome(self, seen: Seen, at: float) -> _Track:
        track = _Track(self._next_id, seen, at)
        self._next_id += 1
        self._tracks.append(track)
        return track

    def _recognise(self, newcomers: list[Seen], taken: dict[int, Pose]) -> list[tuple[Seen, _Track | None]]:
        """Whom of those who were lost each newcomer is, the nearest pairs first; None for somebody new."""
        pairs = sorted(
            (
                (distance(seen, track.last, _TRUNK), number, track)
                for number, seen in enumerate(newcomers)
                for track in self._tracks
                if track.id not in taken
            ),
            key=lambda pair: pair[:2],
        )
        who: dict[int, _Track] = {}
        for apart, number, track in pairs:
            if apart < MAX_MOVE and number not in who and track not in who.values():
                who[number] = track
        return [(seen, who.get(number)) for number, seen in enumerate(newcomers)]
