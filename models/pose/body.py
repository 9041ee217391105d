"""Body poses by BlazePose: 33 points each of one to five people, in a picture or on a stream.

MediaPipe's pose landmarker (Bazarevsky et al. 2020), full as bundled, lite and heavy from their own task files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from models.pose import task_files
from models.pose.poses import MIN_PRESENCE, Pose, check_people
from models.pose.tracking import landmarkers
from models.pose.tracking.finder import Finder
from models.pose.tracking.landmarkers import Landmarker
from models.pose.tracking.nearness import distance, is_new
from models.pose.tracking.parts import Region, parts_of
from models.runtime.report import Report

# All chosen on half of the COCO boxes of tests/bench/people.py. Distances are in parts of the person's size.
MIN_VOTES = 6  # looks that must agree on a person in a still: fur and text look like one now and then, not each time
MIN_CLOSE_VOTES = 1  # … of which so many of the four close ones
MAX_CLOSE_APART = 0.1  # of the points of a close look, for it to mean the same person
MARGINS = (1.25, 1.7)  # of the crops for the close looks
MIN_DEVIATION = 2.0  # standard deviation of a channel, of 255; below it there is nothing to see, in the dark it was 3.3
MAX_OVERLAP = 0.5  # intersection over union of two people's boxes


class BlazePose(Finder):
    """Finds bodies: "body33" poses with world points. A keypoint's score is its visibility, `Pose.score` the mean
    presence of the points inside the picture.

    The detector is made for one person near by and is easily mistaken, so a still is looked at whole, in parts, and in
    the mirror image of each. Whom several looks see is there: about a second for a picture of several.
    """

    kind = landmarkers.BODY
    margin = 1.25

    def searches_parts(self, count: int) -> bool:
        """Not for one person, who is the one near by."""
        return count > 1

    def follows_by_crops(self, count: int) -> bool:
        """Several are."""
        return count > 1

    def predict(
        self, rgb: np.ndarray, people: int = 1, *, masks: bool = False, regions: Sequence[Region] | None = None
    ) -> list[Pose]:
        """Up to `people` (1 to 5) in uint8 (H, W, 3), the best first. Raises ValueError for another shape."""
        check_people(people)
        height, width = rgb.shape[:2]
        whole: list[Pose] = [pose for mirrored in (False, True) for pose in self.look(rgb, mirrored=mirrored)]
        found = self._agreed(rgb, whole, people)
        if len(found) < people:
            parts = parts_of(width, height, self.sides) if regions is None else regions
            seen = [pose for part in parts if not _is_bare(rgb, part) for pose in self._both_ways(rgb, part)]
            found = self._agreed(rgb, whole + seen, people)
        if masks:
            found = [replace(pose, mask=self._mask(rgb, pose)) for pose in found]
        return sorted(found, key=lambda pose: -pose.score)

    def confirm(self, rgb: np.ndarray, pose: Pose, *, masks: bool = False) -> Pose | None:
        """On a stream: whom a part shows, if close looks both ways show the same person."""
        close = list(self._close(rgb, pose, self.margin))
        return _mean([pose, *close]) if len(close) == 2 else None

    def _both_ways(self, rgb: np.ndarray, part: Region) -> list[Pose]:
        return [pose for mirrored in (False, True) for pose in self.look(rgb, part, mirrored=mirrored)]

    def _agreed(self, rgb: np.ndarray, seen: Sequence[Pose], people: int) -> list[Pose]:
        """Up to `people` on whom enough looks agree, those of the most votes first."""
        found: list[tuple[int, Pose]] = []
        for votes in _grouped(seen):
            if len(votes) + 2 * len(MARGINS) < MIN_VOTES:
                continue
            middle = _mean(votes)
            close = [pose for margin in MARGINS for pose in self._close(rgb, middle, margin)]
            if len(close) >= MIN_CLOSE_VOTES and len(votes) + len(close) >= MIN_VOTES:
                pose = _mean([middle, *close])
                if pose.score >= MIN_PRESENCE:
                    found.append((len(votes) + len(close), pose))
        once: list[Pose] = []
        for _, pose in sorted(found, key=lambda one: -one[0]):
            if all(is_new(pose, [other]) and _overlap(pose, other) < MAX_OVERLAP for other in once):
                once.append(pose)
        return once[:people]

    def _close(self, rgb: np.ndarray, pose: Pose, margin: float) -> Iterator[Pose]:
        """What close looks both ways show of the same person."""
        for mirrored in (False, True):
            again = self.look_around(rgb, pose, margin=margin, mirrored=mirrored)
            if again is not None and distance(again, pose) < MAX_CLOSE_APART:
                yield again

    def _mask(self, rgb: np.ndarray, pose: Pose) -> np.ndarray:
        again = self.look_around(rgb, pose, masks=True)
        return np.zeros(rgb.shape[:2], np.uint8) if again is None or again.mask is None else again.mask

    def _still(self, masks: bool) -> Landmarker:
        # with the others' votes, doubtful ones help
        return Landmarker(self.kind, self._path, 3, masks=masks, min_detection=0.3, min_presence=0.4)


def _grouped(seen: Sequence[Pose]) -> Iterator[list[Pose]]:
    """Looks at the same person together, around the surest of them."""
    left = sorted(seen, key=lambda pose: -pose.score)
    while left:
        others = [pose for pose in left[1:] if is_new(pose, left[:1])]
        yield [pose for pose in left if not any(pose is other for other in others)]
        left = others


def _mean(poses: Sequence[Pose]) -> Pose:
    """The first with the median of all points, and the mean score."""
    keypoints = np.median([pose.keypoints for pose in poses], axis=0).astype(np.float32)
    return replace(poses[0], keypoints=keypoints, score=float(np.mean([pose.score for pose in poses])))


def _overlap(one: Pose, other: Pose) -> float:
    """Intersection over union of the boxes around their visible points."""
    (low, high), (other_low, other_high) = _seen(one), _seen(other)
    both = float(np.prod(np.maximum(np.minimum(high, other_high) - np.maximum(low, other_low), 0)))
    return both / max(float(np.prod(high - low) + np.prod(other_high - other_low)) - both, 1e-6)


def _seen(pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    visible = pose.keypoints[pose.keypoints[:, 2] >= 0.5, :2]
    points = visible if len(visible) > 1 else pose.keypoints[:, :2]
    return points.min(0), points.max(0)


def _is_bare(rgb: np.ndarray, region: Region) -> bool:
    """Whether that part is of one colour, so that nobody need search it."""
    x, y, width, height = region
    _, deviation = cv2.meanStdDev(rgb[y : y + height, x : x + width])
    return bool(deviation.max() < MIN_DEVIATION)


def load_blazepose(path: Path | None, report: Report) -> BlazePose:
    """From the task file at `path`, by default the package's."""
    report("Starting MediaPipe", None)
    return BlazePose(task_files.path_of(task_files.BODY, path))
