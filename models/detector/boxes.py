"""Boxes around things, as every detector here returns them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Found:
    """Things in a picture of `size_wh` pixels, the surest first: `boxes` float32 (n, 4), left, top, right, bottom in
    pixels; a name and a score in 0..1 each; `ids` int (n,) where somebody follows them, else empty."""

    boxes: np.ndarray
    names: tuple[str, ...]
    scores: np.ndarray
    size_wh: tuple[int, int]
    ids: np.ndarray = field(default_factory=lambda: np.empty(0, int))

    def __post_init__(self) -> None:
        n = len(self.names)
        if self.boxes.shape != (n, 4) or self.scores.shape != (n,) or len(self.ids) not in (0, n):
            raise ValueError(f"expected {n} boxes and scores, got {self.boxes.shape} and {self.scores.shape}")
        if n and (self.boxes[:, 2:] < self.boxes[:, :2]).any():
            raise ValueError("a box whose right or lower side lies before its left or upper one")

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def from_shares(
        cls, boxes: np.ndarray, names: Sequence[str], scores: np.ndarray, size_wh: tuple[int, int]
    ) -> "Found":
        """Of boxes in 0..1 of the picture's sides; cut at its edges, the surest first."""
        order = np.argsort(-scores, kind="stable")
        shares = np.clip(np.asarray(boxes, np.float32).reshape(-1, 4), 0, 1)[order]
        pixels = shares * np.array(size_wh * 2, np.float32)
        return cls(pixels, tuple(names[i] for i in order), np.asarray(scores, np.float32)[order], size_wh)

    def only(self, which: np.ndarray) -> "Found":
        """Those at these places, or where this is True."""
        places = np.arange(len(self))[which]
        ids = self.ids[places] if len(self.ids) else self.ids
        return Found(self.boxes[places], tuple(self.names[i] for i in places), self.scores[places], self.size_wh, ids)

    def chosen(self, min_score: float, names: Collection[str] = ()) -> "Found":
        """Those with at least that score and one of these names; any name where none is given."""
        named = np.array([not names or name in names for name in self.names], bool)
        return self.only(named & (self.scores >= min_score))

    def counts(self) -> dict[str, int]:
        """How many there are of each name, the most first."""
        counted: dict[str, int] = {}
        for name in self.names:
            counted[name] = counted.get(name, 0) + 1
        return dict(sorted(counted.items(), key=lambda item: -item[1]))

    def to_browser(self) -> dict[str, Any]:
        """For the painter `detections`."""
        ids = self.ids if len(self.ids) else [0] * len(self)
        return {
            "kind": "detections",
            "things": [
                [*(round(float(side), 1) for side in box), name, round(float(score), 3), int(number)]
                for box, name, score, number in zip(self.boxes, self.names, self.scores, ids, strict=True)
            ],
        }


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The overlap of each box of (n, 4) with each of (m, 4) over their union, float (n, m)."""
    both, one, other = _shared(a, b)
    return np.asarray(both / np.maximum(one + other - both, 1e-9))


def _shared(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The area that each of (n, 4) has in common with each of (m, 4), (n, m); their own areas, (n, 1) and (1, m)."""
    least, most = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    one, other = (np.prod(box[:, 2:] - box[:, :2], axis=1) for box in (a, b))
    return np.prod(np.clip(most - least, 0, None), axis=2), one[:, None], other[None]


def suppress(
    boxes: np.ndarray, scores: np.ndarray, max_iou: float, groups: np.ndarray | None = None, max_part: float = 1.0
) -> np.ndarray:
    """Places of the boxes (n, 4) that stay, the surest first: whoever overlaps a surer one by more goes (non-maximum
    suppression), or where of the smaller of the two more than `max_part` lies in the other. Only those of one group
    count against each other, where `groups` (n,) says which."""
    order = np.argsort(-scores, kind="stable")
    both, one, other = _shared(boxes, boxes)
    overlaps = both > max_iou * (one + other - both)
    overlaps |= both > max_part * np.minimum(one, other)
    if groups is not None:
        overlaps &= groups[:, None] == groups[None]
    kept: list[int] = []
    gone = np.zeros(len(boxes), bool)
    for place in order:
        if not gone[place]:
            kept.append(int(place))
            gone |= overlaps[place]
    return np.array(kept, int)
