"""One camera's poses: tracked, counted, recorded, compared. Runs on the engine's thread, with each of its frames."""

import time
from collections.abc import Mapping

import numpy as np

from components.pose.choice import BODY, FACE, Choice, of
from models.pose.angles import angles
from models.pose.face import lines
from models.pose.matching import Match, similarity
from models.pose.overlay import draw_poses
from models.pose.poses import Pose
from models.pose.recording import Recording
from models.pose.repetitions import RepetitionCounter
from models.pose.trail import Trail


class Watcher:
    """`predict` of one stream: a tracker of its own, and what is done with each of its results.

    The script thread writes its attributes, one assignment each; the engine's thread reads them.
    """

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.counter: RepetitionCounter | None = None
        self.joint = ""
        self.recording: Recording | None = None
        self.target: Pose | None = None
        self.match: Match | None = None
        self.best = 0.0
        self._tracker = choice.model.tracker(people=choice.people, masks=choice.overlay.masks)
        self._trail = Trail()
        self._ways: Mapping[int, np.ndarray] = {}

    def __call__(self, rgb: np.ndarray, at: float | None = None) -> list[Pose]:
        """The poses in this frame of time `at` in seconds, by default now; also counted, recorded and compared, where
        the visitor asked for it."""
        at = time.monotonic() if at is None else at
        choice = self.choice
        poses = choice.shown(self._tracker(rgb, at))
        limit = choice.overlay.min_keypoint_score
        if choice.overlay.trail:
            self._ways = self._trail.add(at, poses, choice.overlay.trail, min_score=limit)
        if (recording := self.recording) is not None:
            recording.add(at, poses, size_wh=(rgb.shape[1], rgb.shape[0]))
        if choice.has_bodies:
            self._exercise(next(iter(of(BODY, poses)), None), at, limit)
        return poses

    def _exercise(self, body: Pose | None, at: float, limit: float) -> None:
        if (counter := self.counter) is not None:
            counter.add(at, angles(body, limit).get(self.joint) if body else None)
        if (target := self.target) is not None:
            # a mirror image is as good: people copy what they see
            self.match = similarity(body, target, mirror=True) if body else None
            self.best = max(self.best, self.match.score if self.match else 0.0)

    @property
    def trails(self) -> Mapping[int, np.ndarray]:
        """As `Trail.add` returned them for the last frame, if the visitor wants to see them."""
        return self._ways if self.choice.overlay.trail else {}

    def close(self) -> None:
        """The camera has stopped: give the tracker's memory back. The next frame starts afresh."""
        self._tracker.close()

    def aim_at(self, target: Pose | None) -> None:
        """Compare with this pose from now on."""
        if target is not self.target:
            self.target, self.match, self.best = target, None, 0.0


def draw(
    rgb: np.ndarray,
    poses: list[Pose],
    choice: Choice,
    *,
    mirrored: bool = False,
    trails: Mapping[int, np.ndarray] | None = None,
) -> np.ndarray:
    """A new picture with the poses on it, in the visitor's style."""
    faces = of(FACE, poses)
    mesh = lines(faces[0].kind) if faces else None
    return draw_poses(rgb, poses, choice.overlay, mirrored=mirrored, trails=trails, face_lines=mesh)
