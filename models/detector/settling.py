"""From everything that may be a thing to what is shown: suppression, then score and names."""

from dataclasses import dataclass

import numpy as np

from models.detector.boxes import Found, suppress


@dataclass(frozen=True)
class Wanted:
    """What the visitor wants to see: things with at least `min_score`, of these `names` (all where there are none).
    Whoever overlaps a surer thing of its name by more than `max_iou` goes, or of any name by more than `any_iou`; or
    where of the smaller of two of one name more than `max_part` lies in the other."""

    min_score: float = 0.3
    max_iou: float = 0.35
    names: frozenset[str] = frozenset()
    any_iou: float = 0.8
    max_part: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.min_score <= 1 and 0 <= self.max_iou <= 1 and 0 <= self.any_iou <= 1):
            raise ValueError(f"expected scores and overlaps in 0..1, got {self}")

    def of(self, found: Found) -> Found:
        """Those of them to show."""
        some = found.chosen(self.min_score, self.names)
        return suppressed(some, self.max_iou, self.any_iou, self.max_part)


def suppressed(found: Found, max_iou: float, any_iou: float = 1.0, max_part: float = 1.0) -> Found:
    """Non-maximum suppression within each name; across names where they overlap by more than `any_iou`."""
    numbers = {name: i for i, name in enumerate(dict.fromkeys(found.names))}
    groups = np.array([numbers[name] for name in found.names], int)
    kept = found.only(suppress(found.boxes, found.scores, max_iou, groups, max_part))
    return kept.only(suppress(kept.boxes, kept.scores, any_iou))
