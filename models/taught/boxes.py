"""Boxes: drawn by a visitor or found by a head, and how well the ones fit the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MIN_SIDE = 0.015  # in parts of the picture: less was a slip of the finger
OVERLAP = 0.5  # intersection over union from which a found box is right


@dataclass(frozen=True)
class Box:
    """A thing's box: left, top, right, bottom in parts of the picture, 0..1; `name` of its class; `score` in 0..1, 1
    where somebody drew it. ValueError for a box of no size or outside of the picture."""

    left: float
    top: float
    right: float
    bottom: float
    name: str
    score: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError("The box has no size, or lies outside of the picture. Draw it again.")
        if not self.name or not 0 <= self.score <= 1:
            raise ValueError(f"a box needs a name, and a score in 0..1, got {self.name!r} and {self.score}")

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom


def drawn(corners: Sequence[float], name: str) -> Box:
    """A box between any two opposite corners (x, y, x, y), cut to the picture. ValueError where too little is left."""
    x0, y0, x1, y1 = (min(max(float(n), 0.0), 1.0) for n in corners)
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    if not (right - left >= MIN_SIDE and bottom - top >= MIN_SIDE):  # not-a-number is refused, too
        raise ValueError("The box has no size, or lies outside of the picture. Draw it again.")
    return Box(left, top, right, bottom, name)


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of (n, 4) with each of (m, 4): (n, m)."""
    inner = _inner(a, b)
    size = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (a, b)]
    return inner / np.maximum(size[0][:, None] + size[1][None] - inner, 1e-9)


def array_of(boxes: Sequence[Box]) -> np.ndarray:
    """float (n, 4) of their corners."""
    return np.array([box.corners for box in boxes], float).reshape(-1, 4)


def suppress(boxes: Sequence[Box], most: float = 0.4, inside: float = 0.7) -> list[Box]:
    """Non-maximum suppression: the surest first, without those that overlap a surer one by more than `most`, or of
    whose smaller one more than `inside` lies in a surer one of the same name: a part of it, or it with its ground."""
    left = sorted(boxes, key=lambda box: -box.score)
    at = array_of(left)
    found, both = overlaps(at, at), _inner(at, at)
    size = np.prod(at[:, 2:] - at[:, :2], axis=1)
    part = both / np.maximum(np.minimum(size[:, None], size[None]), 1e-9)
    keep: list[int] = []
    for i in range(len(left)):
        if all(found[i, j] <= most and (part[i, j] <= inside or left[i].name != left[j].name) for j in keep):
            keep.append(i)
    return [left[i] for i in keep]


def _inner(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """What each box of (n, 4) shares with each of (m, 4): (n, m)."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.prod(np.clip(high - low, 0, None), axis=2)


@dataclass(frozen=True)
class Compared:
    """One picture's found boxes beside the drawn ones: `right` and `false_alarms` were found, `misses` were drawn."""

    right: tuple[Box, ...]
    false_alarms: tuple[Box, ...]
    misses: tuple[Box, ...]


def compare(truth: Sequence[Box], found: Sequence[Box]) -> Compared:
    """The surest first takes the drawn box of its name that it overlaps most, by OVERLAP at least."""
    open_boxes, right, alarms = list(truth), [], []
    for box in sorted(found, key=lambda one: -one.score):
        same = [one for one in open_boxes if one.name == box.name]
        fits = overlaps(array_of([box]), array_of(same))[0] if same else np.zeros(0)
        if len(fits) and fits.max() >= OVERLAP:
            open_boxes.remove(same[int(fits.argmax())])
            right.append(box)
        else:
            alarms.append(box)
    return Compared(tuple(right), tuple(alarms), tuple(open_boxes))


def average_precision(pictures: Sequence[tuple[Sequence[Box], Sequence[Box]]]) -> float:
    """mAP@0.5 over (drawn, found) of each picture: for each drawn class the area under its precision by recall, made
    monotone (Everingham et al. 2010), then their mean. 0 where nothing was drawn."""
    areas = []
    for name in sorted({box.name for truth, _ in pictures for box in truth}):
        hits: list[tuple[float, bool]] = []
        total = 0
        for truth, found in pictures:
            truth, found = [b for b in truth if b.name == name], [b for b in found if b.name == name]
            compared, total = compare(truth, found), total + len(truth)
            hits += [(b.score, True) for b in compared.right] + [(b.score, False) for b in compared.false_alarms]
        is_right = np.array([hit for _, hit in sorted(hits, reverse=True)], float)
        recall = np.cumsum(is_right) / total
        precision = np.cumsum(is_right) / np.arange(1, len(is_right) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        areas.append(float(np.sum(np.diff(recall, prepend=0) * precision)))
    return float(np.mean(areas)) if areas else 0.0


def to_browser(boxes: Sequence[Box], colours: Mapping[str, str], size_wh: tuple[int, int]) -> dict[str, Any]:
    """For the painter `boxes`: corners in pixels of a picture of that size."""
    width, height = size_wh
    rows = [
        [*(round(n * side) for n, side in zip(box.corners, (width, height) * 2, strict=True)), box.name, box.score]
        for box in boxes
    ]
    return {"kind": "boxes", "boxes": rows, "colours": dict(colours)}
