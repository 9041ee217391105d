"""How good boxes are: average precision, and whether the largest thing is named and boxed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.detector.boxes import Found, iou

IOU = 0.5


@dataclass(frozen=True)
class Truth:
    """The things in one picture: boxes (n, 4) in 0..1 and their names."""

    boxes: np.ndarray
    names: tuple[str, ...]


def _shares(found: Found) -> np.ndarray:
    return found.boxes / np.array(found.size_wh * 2)


def average_precision(name: str, found: Sequence[Found], truth: Sequence[Truth]) -> float | None:
    """Of that name: the area below precision over recall (all points), None where no picture shows it."""
    total = sum(of.names.count(name) for of in truth)
    if not total:
        return None
    scores: list[float] = []
    hits: list[bool] = []
    for here, of in zip(found, truth, strict=True):
        wanted = of.boxes[[i for i, one in enumerate(of.names) if one == name]]
        places = [i for i, one in enumerate(here.names) if one == name]
        taken = np.zeros(len(wanted), bool)
        overlaps = iou(_shares(here)[places], wanted) if len(wanted) else np.zeros((len(places), 0))
        for row in np.argsort(-here.scores[places], kind="stable"):
            free = np.where(taken, 0, overlaps[row]) if len(wanted) else np.zeros(1)
            best = int(free.argmax())
            hit = bool(free[best] >= IOU)
            if hit:
                taken[best] = True
            scores.append(float(here.scores[places[row]]))
            hits.append(hit)
    order = np.argsort(-np.array(scores), kind="stable")
    right = np.cumsum(np.array(hits, float)[order])
    if not len(right):
        return 0.0
    precision = right / np.arange(1, len(right) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate(([0.0], right / total)))
    return float((steps * precision).sum())


def mean_average_precision(names: Sequence[str], found: Sequence[Found], truth: Sequence[Truth]) -> float:
    """mAP@0.5 over those names that the pictures show."""
    each = [average_precision(name, found, truth) for name in names]
    return float(np.mean([ap for ap in each if ap is not None]))


def largest(names: Sequence[str], found: Sequence[Found], truth: Sequence[Truth]) -> tuple[int, float, float]:
    """In how many pictures there is a thing of such a name; in what share of them the largest one's name is among
    those found, and in what share a box of that name overlaps it by IOU."""
    count = named = boxed = 0
    for here, of in zip(found, truth, strict=True):
        shared = [i for i, name in enumerate(of.names) if name in names]
        if not shared:
            continue
        area = np.prod(of.boxes[:, 2:] - of.boxes[:, :2], axis=1)
        wanted = max(shared, key=lambda i: area[i])
        places = [i for i, name in enumerate(here.names) if name == of.names[wanted]]
        count += 1
        named += bool(places)
        boxed += bool(places) and float(iou(_shares(here)[places], of.boxes[[wanted]]).max()) >= IOU
    return count, named / max(count, 1), boxed / max(count, 1)
