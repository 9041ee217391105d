"""Novelty: how far something is from everything that was taught. Beyond a threshold it is "none of these".

A head always shares 100 % among its classes, however strange the picture; distances do not.
"""

import numpy as np

from models.teachable.cosine import blocks, unit

SLACK = 1.5  # of the distances usual among the samples: live pictures vary more than what was recorded in one go
USUAL = 0.95  # share of the samples that have another of their class nearer than `usual` without its slack


class Novelty:
    """Measures distances to examples float32 (m, d), normalised once; `near` is up to where it is one of them."""

    def __init__(self, examples: np.ndarray, near: float) -> None:
        if not len(examples) or near <= 0:
            raise ValueError(f"there must be examples and near be above 0, got {examples.shape} and {near}")
        self.near = near
        self._examples = unit(examples)

    def distance(self, features: np.ndarray) -> np.ndarray:
        """Cosine distance to the nearest example, in 0..2: float32 (n,) for features (n, d)."""
        x, cosine = unit(features), np.empty(len(features), np.float32)
        if x.shape[1] != self._examples.shape[1]:
            raise ValueError(f"features must be (n, {self._examples.shape[1]}), got {x.shape}")
        for rows in blocks(len(x), len(self._examples)):
            cosine[rows] = (x[rows] @ self._examples.T).max(1)
        return np.clip(1 - cosine, 0, 2)

    def is_none(self, distance: float, threshold: float | None = None) -> bool:
        """Whether something this far away is none of the classes; by default beyond `near`."""
        return distance > (self.near if threshold is None else threshold)


def distance(features: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Cosine distance to the nearest of the examples (m, d): float32 (n,) for features (n, d)."""
    return Novelty(examples, 1.0).distance(features)


def usual(examples: np.ndarray, labels: np.ndarray, floor: float) -> float:
    """A threshold that suits these examples (m, d) with labels (m,): 1.5 times the distance within which 95 % of them
    have another of their class, and `floor` at least, because a burst of one pose says nothing of the next person."""
    if examples.ndim != 2 or labels.shape != examples.shape[:1]:
        raise ValueError(f"examples must be (m, d) and labels (m,), got {examples.shape} and {labels.shape}")
    nearest = [_nearest_other(unit(examples[labels == label])) for label in np.unique(labels)]
    distances = np.concatenate(nearest) if nearest else np.zeros(0)
    return max(floor, SLACK * float(np.quantile(distances, USUAL))) if len(distances) else floor


def _nearest_other(x: np.ndarray) -> np.ndarray:
    """Cosine distance (n,) of each unit row (n, d) to the nearest other row; (0,) for a single one."""
    if len(x) < 2:
        return np.zeros(0)
    nearest = np.empty(len(x))
    for rows in blocks(len(x), len(x)):
        cosine = x[rows] @ x.T
        own = np.arange(rows.start, rows.stop)
        cosine[own - rows.start, own] = -np.inf
        nearest[rows] = 1 - cosine.max(1)
    return np.maximum(nearest, 0)
