"""Finding the bodies, hands or faces of a picture: in the whole, in its parts, in a crop around somebody."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.pictures.arrays import check
from models.pose.poses import Pose, check_people
from models.pose.tracking.landmarkers import Kind, Landmarker
from models.pose.tracking.nearness import box_of, distance, each_once, is_new
from models.pose.tracking.parts import Region, parts_of, square_around
from models.pose.tracking.tracker import Tracker

MAX_SHIFT = 0.06  # of the points at a second look, in parts of their size: on photographs of 40 people true hands and
# faces stayed within 0.055, and of 20 photographs without any, one thing did


class Finder:
    """The model of one kind: `predict` for stills, a `tracker` for each stream. Any thread may call; callers of
    `predict` take turns.

    `per_person` are so many of a person; `margin` is how much larger than somebody's box the crop around them is;
    `search_every` so many frames a stream's part is searched while somebody is there and others may be missing;
    `sides` those of the parts of a still that are searched, in parts of its shorter side. A crop shows hands and faces
    that are small in the picture: MediaPipe's detectors look at 192×192 or 128×128 pixels of what they get.
    """

    kind: Kind
    per_person = 1
    margin = 2.0
    search_every = 1
    sides: Sequence[float] = (1.0, 0.67, 0.45)

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._by_masks: dict[bool, Landmarker] = {}
        self.look(np.zeros((64, 64, 3), np.uint8))

    def predict(
        self, rgb: np.ndarray, people: int = 1, *, masks: bool = False, regions: Sequence[Region] | None = None
    ) -> list[Pose]:
        """Those of up to `people` (1 to 5) in uint8 (H, W, 3), without ids. `masks`: bodies with theirs. `regions`: the
        parts that are worth a search, by default all. Raises ValueError for another picture or number."""
        check_people(people)
        count = people * self.per_person
        found = self.look(rgb, masks=masks)
        height, width = rgb.shape[:2]
        for region in parts_of(width, height, self.sides) if regions is None else regions:
            if len(found) >= count:
                break
            for pose in self.look(rgb, region):
                if is_new(pose, found) and (again := self.confirm(rgb, pose)) and is_new(again, found):
                    found.append(again)
        return sorted(found, key=lambda pose: -pose.score)[:count]

    def tracker(self, people: int = 1, smooth: bool = True, masks: bool = False) -> Tracker:
        """For one stream: rgb → list[Pose] with ids, smoothed by default. Raises ValueError for another number."""
        check_people(people)
        return Tracker(self, people * self.per_person, smooth=smooth, masks=masks)

    def look(
        self, rgb: np.ndarray, region: Region | None = None, *, mirrored: bool = False, masks: bool = False
    ) -> list[Pose]:
        """Whom one look at uint8 (H, W, 3) or at that part of it sees, each once; `mirrored`: at its mirror image.
        Raises ValueError for another shape."""
        height, width = check(rgb)
        x, y, w, h = region or (0, 0, width, height)
        part = rgb[y : y + h, x : x + w]
        poses = self._landmarker(masks)(part[:, ::-1] if mirrored else part)
        poses = [pose.mirrored(w) for pose in poses] if mirrored else poses
        return each_once(_moved(pose, x, y, (width, height)) for pose in poses)

    def look_around(
        self,
        rgb: np.ndarray,
        pose: Pose,
        *,
        margin: float | None = None,
        mirrored: bool = False,
        masks: bool = False,
    ) -> Pose | None:
        """The nearest to somebody of those whom it sees in a crop around them."""
        middle, side = box_of(pose)
        region = square_around(middle, (margin or self.margin) * side, rgb.shape[1::-1])
        if region is None:
            return None
        seen = self.look(rgb, region, mirrored=mirrored, masks=masks)
        return min(seen, key=lambda one: distance(one, pose), default=None)

    def confirm(self, rgb: np.ndarray, pose: Pose, *, masks: bool = False) -> Pose | None:
        """What was seen in a part of a picture, as a crop around it shows it; None where that shows something else: a
        hand's or a face's points stay, other things' go elsewhere."""
        again = self.look_around(rgb, pose, masks=masks)
        return again if again is not None and distance(again, pose) <= MAX_SHIFT else None

    def searches_parts(self, count: int) -> bool:
        """Whether a stream's parts are searched for those who are missing of so many."""
        return True

    def follows_by_crops(self, count: int) -> bool:
        """Whether so many on a stream are followed by crops alone."""
        return False

    def stream(self, count: int, masks: bool) -> Landmarker:
        """A landmarker for one stream."""
        return Landmarker(self.kind, self._path, count, stream=True, masks=masks)

    def _landmarker(self, masks: bool) -> Landmarker:
        masks = masks and self.kind.has_masks
        with self._lock:
            if masks not in self._by_masks:
                self._by_masks[masks] = self._still(masks)
            return self._by_masks[masks]

    def _still(self, masks: bool) -> Landmarker:
        return Landmarker(self.kind, self._path, 5 * self.per_person, masks=masks)


def _moved(pose: Pose, x: int, y: int, size_wh: tuple[int, int]) -> Pose:
    """A pose of a part that begins at (x, y), in pixels of the whole."""
    mask = pose.mask
    if mask is not None and mask.shape != size_wh[::-1]:
        height, width = mask.shape
        part, mask = mask, np.zeros(size_wh[::-1], np.uint8)
        mask[y : y + height, x : x + width] = part
    keypoints = (pose.keypoints + np.array([x, y, 0])).astype(np.float32)
    return replace(pose, keypoints=keypoints, mask=mask)
