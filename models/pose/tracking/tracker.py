"""What one stream remembers of the bodies, hands or faces in it: who is who, and their smoothed points.

MediaPipe's landmarker follows whom its detector finds in the whole picture. Whoever is too small for that is searched
in parts of the picture by turns and followed by a crop around where they were. Several bodies are followed by crops
only: MediaPipe's own way costs as much and mixes them up.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.pictures.arrays import check
from models.pose.poses import Pose
from models.pose.tracking.landmarkers import Landmarker
from models.pose.tracking.nearness import box_of, distance, each_once, is_new
from models.pose.tracking.one_euro import OneEuro
from models.pose.tracking.parts import Region, parts_of

if TYPE_CHECKING:
    from models.pose.tracking.finder import Finder

MAX_GAP_S = 2.0  # a stream that paused longer than this starts afresh: whoever is there may be somebody else
MAX_LOST_S = 1.0  # somebody lost for longer comes back as a new one
MAX_MOVE = 0.3  # how far somebody may have come between two frames and keep their id, in parts of their size
FRAME_S = 1 / 30  # between two frames whose times do not rise
SMOOTHING = (0.05, 80.0)  # cut-off in Hz and beta of the One-Euro filter: MediaPipe's own for a single body
SIDE_SHARE = 0.2  # of a new frame in how sure a hand's side is: a single doubtful frame does not swap the sides


class _Track:
    """One of them on the stream: what was last seen, and the filters of the points and the side."""

    def __init__(self, number: int, pose: Pose, at: float) -> None:
        self.id, self.last, self.at, self.present = number, pose, at, False
        self._restart()

    def _restart(self) -> None:
        self._points, self._right = OneEuro(*SMOOTHING), None  # type: OneEuro, float | None

    def update(self, pose: Pose, at: float, smooth: bool) -> Pose:
        """The pose with id, smoothed if asked."""
        if not self.present:  # where they were before no longer matters
            self._restart()
        if pose.side is not None:
            pose = replace(pose, side=self._steady_side(pose))
        dt, self.last, self.at, self.present = max(at - self.at, 1e-3), pose, at, True
        if smooth:
            xy = self._points(pose.keypoints[:, :2].astype(np.float64), dt, max(box_of(pose)[1], 1e-6))
            pose = replace(pose, keypoints=np.column_stack((xy, pose.keypoints[:, 2])).astype(np.float32))
        return replace(pose, id=self.id)

    def _steady_side(self, pose: Pose) -> str:
        right = pose.score if pose.side == "right" else 1 - pose.score
        self._right = right if self._right is None else self._right + SIDE_SHARE * (right - self._right)
        return "right" if self._right > 0.5 else "left"

    def rescale(self, factors: np.ndarray) -> None:
        """The frames' size changed."""
        self._points.rescale(factors)
        keypoints = (self.last.keypoints * [*factors, 1]).astype(np.float32)
        self.last = replace(self.last, keypoints=keypoints)


class Tracker:
    """The bodies, hands or faces of ONE stream: call it with each frame, from one thread at a time.

    Returns up to `count` poses with ids, the longest known first. Its landmarker, made at the first frame, follows this
    stream only; `close` gives it back and forgets everybody, and so does dropping the tracker. Frames may change their
    size and come at any times.
    """

    def __init__(self, finder: "Finder", count: int, *, smooth: bool = True, masks: bool = False) -> None:
        self.count = count
        self._finder, self._smooth, self._masks = finder, smooth, masks
        self._landmarker: Landmarker | None = None
        self._next_id = 1
        self.close()

    def close(self) -> None:
        """Forget everybody. The next frame starts afresh; ids go on counting."""
        if self._landmarker is not None:
            self._landmarker.close()
        self._landmarker = None
        self._tracks: list[_Track] = []
        self._shape: tuple[int, ...] | None = None
        self._at, self._ms, self._turn = -math.inf, 0, 0

    def __call__(self, rgb: np.ndarray, at: float | None = None, regions: Sequence[Region] | None = None) -> list[Pose]:
        """Whom the next frame, uint8 (H, W, 3), shows. `at` is its time in seconds, by default now: for a video file,
        give its own. `regions`: the parts that are worth a search, by default all. Raises ValueError for another shape.
        """
        check(rgb)
        at = time.monotonic() if at is None else at
        self._settle(rgb.shape, at)
        found = [] if self._finder.follows_by_crops(self.count) else self._whole(rgb)
        if self._finder.searches_parts(self.count):
            self._look_closer(rgb, found, regions)
        smooth = self._smooth and not (self.count == 1 and self._finder.kind.calms_one)
        poses = {}
        for pose, track in self._recognise(found):
            poses[track.id] = track.update(pose, at, smooth)
        for track in self._tracks:
            track.present = track.id in poses
        return [poses[number] for number in sorted(poses)]

    def _whole(self, rgb: np.ndarray) -> list[Pose]:
        """Whom MediaPipe follows in the whole picture."""
        landmarker = self._landmarker  # another thread may close this tracker meanwhile
        if landmarker is None:
            # it calms one's points itself, asked or not
            count = self.count if self._smooth else max(2, self.count)
            landmarker = self._landmarker = self._finder.stream(count, self._masks)
        return each_once(landmarker(rgb, self._ms))[: self.count]

    def _settle(self, shape: tuple[int, ...], at: float) -> None:
        """Make what is remembered fit a frame of this shape and time, or forget it."""
        passed = at - self._at
        if not -MAX_GAP_S <= passed <= MAX_GAP_S:  # a pause, another recording
            self._tracks = []
            passed = FRAME_S
        elif passed <= 0:  # a clock that was put back, a frame that came twice
            passed = FRAME_S
            for track in self._tracks:
                track.at += at - passed - self._at
        self._tracks = [track for track in self._tracks if at - track.at <= MAX_LOST_S]
        if self._shape not in (None, shape):
            (height, width), (was_height, was_width) = shape[:2], self._shape[:2]
            x, y = width / was_width, height / was_height
            if abs(x / y - 1) > 0.05:  # a phone was turned: nothing is where it was
                self._tracks = []
            for track in self._tracks:
                track.rescale(np.array([x, y]))
        self._ms += max(1, round(1000 * passed))  # MediaPipe refuses times that do not rise
        self._shape, self._at = shape, at

    def _look_closer(self, rgb: np.ndarray, found: list[Pose], regions: Sequence[Region] | None) -> None:
        """Add whom the whole picture does not show: those who were there a frame ago, and one part's by turns."""
        for track in self._tracks:
            if len(found) < self.count and track.present and is_new(track.last, found):
                again = self._finder.look_around(rgb, track.last, masks=self._masks)
                if again is not None and distance(again, track.last) < MAX_MOVE and is_new(again, found):
                    found.append(again)
        self._turn += 1
        every = self._finder.search_every
        if len(found) >= self.count or (found and self._turn % every):
            return
        for region in self._next_regions(rgb, bool(found), regions):
            for pose in self._finder.look(rgb, region):
                if len(found) < self.count and is_new(pose, found):
                    again = self._finder.confirm(rgb, pose)
                    if again is not None and is_new(again, found):
                        found.append(again)

    def _next_regions(
        self, rgb: np.ndarray, anybody: bool, regions: Sequence[Region] | None
    ) -> Sequence[Region | None]:
        """The part whose turn it is; of those who are followed by crops only also the whole, each time that nobody is
        in sight."""
        parts: list[Region | None] = list(parts_of(rgb.shape[1], rgb.shape[0]) if regions is None else regions)
        by_crops = self._finder.follows_by_crops(self.count)
        if by_crops and anybody:
            parts.append(None)
        turn = self._turn // (self._finder.search_every if anybody else 1)
        return [None] * (by_crops and not anybody) + ([parts[turn % len(parts)]] if parts else [])

    def _recognise(self, found: list[Pose]) -> list[tuple[Pose, _Track]]:
        """Who each is, the nearest pairs first; a new track for somebody new."""
        pairs = sorted(
            (
                (distance(pose, track.last), number, track)
                for number, pose in enumerate(found)
                for track in self._tracks
            ),
            key=lambda pair: pair[:2],
        )
        who: dict[int, _Track] = {}
        for apart, number, track in pairs:
            if apart < MAX_MOVE and number not in who and track not in who.values():
                who[number] = track
        return [(pose, who.get(number) or self._welcome(pose)) for number, pose in enumerate(found)]

    def _welcome(self, pose: Pose) -> _Track:
        track = _Track(self._next_id, pose, self._at)
        self._next_id += 1
        self._tracks.append(track)
        return track
