"""Boxes from a network that has never been taught any: where the maps of its strongest classes are high.

The head's logits at every place, each place joined with its neighbours; of the strongest names the places above a
share of the peak, in pieces that hang together (as CAM localises: Zhou et al. 2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partialmethod
from pathlib import Path

import cv2
import numpy as np

from models.classifier.imagenet import lite0_weights
from models.classifier.onnx_files import onnx_file
from models.detector.boxes import Found, suppress
from models.detector.maps import Maps, Trunk
from models.detector.names import everyday, joined
from models.runtime.report import Report

SIDES, LIVE_SIDES = (320, 448), (384,)  # pixels of the longer side of what the network sees, one after the other
FINER = 4  # times finer than the maps, the places are cut out


@dataclass(frozen=True)
class Rules:
    """`names` strongest names are looked at, those with a peak of at least `min_peak`; a piece is what exceeds `share`
    of the peak; of pieces that overlap by more than `max_iou` the surest stays."""

    names: int = 8
    min_peak: float = 0.15
    share: float = 0.5
    max_iou: float = 0.45


RULES = Rules()


@dataclass(frozen=True, eq=False)
class Look:
    """How the boxes came about: `heat` float32 (names, h, w), the probability of each looked-at name at each place;
    `peaks` (n, 2), x and y in 0..1 of the picture; all boxes `before` suppression, and those `after`."""

    names: tuple[str, ...]
    heat: np.ndarray
    peaks: np.ndarray
    before: Found
    after: Found

    def __post_init__(self) -> None:
        if self.heat.shape[:1] != (len(self.names),) or self.peaks.shape != (len(self.before), 2):
            raise ValueError(f"expected a map per name and a peak per box, got {self.heat.shape}, {self.peaks.shape}")


def look(scales: Sequence[Maps], rules: Rules = RULES) -> Look:
    """Boxes from the maps of one picture at one or several scales; scores are the peaks."""
    names, _ = everyday()
    found = [np.moveaxis(joined(np.moveaxis(maps.probabilities, 0, 2)), 2, 0) for maps in scales]  # (names, h, w)
    peak = np.mean([shares.max(axis=(1, 2)) for shares in found], axis=0)  # (names,)
    strongest = [int(row) for row in np.argsort(-peak)[: rules.names] if peak[row] >= rules.min_peak / 2]
    height, width = (FINER * max(maps.logits.shape[axis] for maps in scales) for axis in (1, 2))
    fine = np.array(
        [np.mean([cv2.resize(shares[row], (width, height)) for shares in found], axis=0) for row in strongest]
    )
    fine = fine.reshape(-1, height, width)
    boxes, scores, rows, peaks = [], [], [], []
    for row, heat in zip(strongest, fine, strict=True):
        count, pieces, about, _ = cv2.connectedComponentsWithStats((heat >= rules.share * heat.max()).astype(np.uint8))
        for piece in range(1, count):
            inside = np.where(pieces == piece, heat, 0)
            score = float(inside.max())
            if score < rules.min_peak:
                continue
            y, x = np.unravel_index(int(inside.argmax()), heat.shape)
            left, top, wide, high = about[piece, :4]
            boxes.append((left / width, top / height, (left + wide) / width, (top + high) / height))
            peaks.append(((x + 0.5) / width, (y + 0.5) / height))
            scores.append(score)
            rows.append(row)
    order = np.argsort(-np.array(scores), kind="stable")
    before = Found.from_shares(np.array(boxes), [names[row] for row in rows], np.array(scores), scales[0].size_wh)
    kept = suppress(before.boxes, before.scores, rules.max_iou)
    return Look(
        tuple(names[row] for row in strongest),
        fine.astype(np.float32),
        np.array(peaks, np.float32).reshape(-1, 2)[order],
        before,
        before.only(kept),
    )


class MapDetector:
    """The frozen network, asked at every place. Any number of threads may use it at a time."""

    def __init__(self, trunk: Trunk) -> None:
        self._trunk, self.nbytes = trunk, trunk.nbytes

    def look(self, rgb: np.ndarray, rules: Rules = RULES, sides: Sequence[int] = SIDES) -> Look:
        """How the boxes of uint8 (H, W, 3) come about."""
        return look([self._trunk.maps(rgb, side) for side in sides], rules)

    def find(self, rgb: np.ndarray, rules: Rules = RULES, sides: Sequence[int] = SIDES) -> Found:
        """Everything that may be a thing, before suppression."""
        return self.look(rgb, rules, sides).before

    predict = partialmethod(find, sides=LIVE_SIDES)


def load(path: Path | None, report: Report) -> MapDetector:
    """From the bundled network; `path` is not used."""
    return MapDetector(Trunk(onnx_file("efficientnet-lite0", lite0_weights(), report)))
