"""Bodies, hands and faces at once: hands and faces are searched where the bodies' points say they are."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from models.pose import task_files
from models.pose.body import BlazePose
from models.pose.face import Face
from models.pose.hands import Hands
from models.pose.poses import Pose
from models.pose.tracking.parts import Region, square_around
from models.pose.tracking.tracker import Tracker
from models.runtime.report import Report

MIN_VISIBLE = 0.5  # of a wrist or a nose: else it is not looked for
CROP_SIDE = 1.2  # of the crop around a hand or a head, in trunk lengths: about three of either

_HEAD = (0, 7, 8)  # nose, ears
_HANDS = ((15, 17, 19), (16, 18, 20))  # wrist, knuckles of the little and the index finger


def _around(bodies: Iterable[Pose], points: Sequence[int], size_wh: tuple[int, int]) -> list[Region]:
    """A crop around these points of each body that shows the first of them."""
    found = []
    for body in bodies:
        xy, visible = body.keypoints[:, :2], body.keypoints[:, 2]
        shoulders, hips = xy[11:13], xy[23:25]
        trunk = max(np.linalg.norm(shoulders.mean(0) - hips.mean(0)), np.linalg.norm(shoulders[0] - shoulders[1]))
        if visible[points[0]] >= MIN_VISIBLE:
            found.append(square_around(xy[list(points)].mean(0), CROP_SIDE * float(trunk), size_wh))
    return [region for region in found if region is not None]


def heads(bodies: Iterable[Pose], size_wh: tuple[int, int]) -> list[Region]:
    """Crops around the bodies' heads, in a picture of that width and height."""
    return _around(bodies, _HEAD, size_wh)


def hands_of(bodies: Sequence[Pose], size_wh: tuple[int, int]) -> list[Region]:
    """Crops around the bodies' hands."""
    return [region for points in _HANDS for region in _around(bodies, points, size_wh)]


class Everything:
    """The three models as one. Poses come bodies first, then hands, then faces; ids count for each kind."""

    def __init__(self, body: BlazePose, hands: Hands, face: Face) -> None:
        self._body, self._hands, self._face = body, hands, face

    def predict(self, rgb: np.ndarray, people: int = 1, *, masks: bool = False) -> list[Pose]:
        """Of up to `people` (1 to 5) in uint8 (H, W, 3). Raises ValueError for another picture or number."""
        bodies = self._body.predict(rgb, people, masks=masks)
        size_wh = rgb.shape[1], rgb.shape[0]
        hands = self._hands.predict(rgb, people, regions=hands_of(bodies, size_wh))
        return bodies + hands + self._face.predict(rgb, people, regions=heads(bodies, size_wh))

    def tracker(self, people: int = 1, smooth: bool = True, masks: bool = False) -> "EverythingTracker":
        """For one stream."""
        return EverythingTracker(
            self._body.tracker(people, smooth, masks),
            self._hands.tracker(people, smooth),
            self._face.tracker(people, smooth),
        )


class EverythingTracker:
    """The three trackers of one stream, called like one of them."""

    def __init__(self, body: Tracker, hands: Tracker, face: Tracker) -> None:
        self._body, self._hands, self._face = body, hands, face

    def __call__(self, rgb: np.ndarray, at: float | None = None) -> list[Pose]:
        """Who is in the next frame."""
        bodies = self._body(rgb, at)
        size_wh = rgb.shape[1], rgb.shape[0]
        hands = self._hands(rgb, at, hands_of(bodies, size_wh))
        return bodies + hands + self._face(rgb, at, heads(bodies, size_wh))

    def close(self) -> None:
        """Forget everybody and give the memory back."""
        for tracker in (self._body, self._hands, self._face):
            tracker.close()


def load_everything(path: Path | None, report: Report) -> Everything:
    """From the three task files in the folder `path` or in their package."""
    report("Starting MediaPipe", None)
    files = (task_files.BODY, task_files.HANDS, task_files.FACE)
    body, hands, face = (task_files.path_of(file, file.path(path) if path else None) for file in files)
    return Everything(BlazePose(body), Hands(hands), Face(face))
