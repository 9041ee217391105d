"""Novelty: how far something is from everything that was taught. Beyond a threshold it is "none of these".

A head always shares 100 % among its classes, however strange the picture; distances do not.
"""

import numpy as np

from models.teachable.understand.cosine import blocks, unit

KNOWN_SHARE = 0.95  # of the samples, held out, that are still taken for one of the classes
MIN_LIMIT_SHARE = 0.1  # of the default limit: the same still picture twice says nothing of the next one


class Novelty:
    """Measures distances to examples float32 (m, d), normalised once, in units of `near`, the cosine distance up to
    which something is one of them: 1 means the same in every project and for every kind."""

    def __init__(self, examples: np.ndarray, near: float) -> None:
        if not len(examples) or near <= 0:
            raise ValueError(f"there must be examples and near be above 0, got {examples.shape} and {near}")
        self.near = near
        self._examples = unit(examples)

    def distance(self, features: np.ndarray) -> np.ndarray:
        """Distance to the nearest example, in units of `near`: float32 (n,) for features (n, d)."""
        return self.cosine_distance(features) / np.float32(self.near)

    def cosine_distance(self, features: np.ndarray) -> np.ndarray:
        """Cosine distance to the nearest example, in 0..2: float32 (n,) for features (n, d)."""
        x, cosine = unit(features), np.empty(len(features), np.float32)
        if x.shape[1] != self._examples.shape[1]:
            raise ValueError(f"features must be (n, {self._examples.shape[1]}), got {x.shape}")
        for rows in blocks(len(x), len(self._examples)):
            cosine[rows] = (x[rows] @ self._examples.T).max(1)
        return np.clip(1 - cosine, 0, 2)


def distance(features: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Cosine distance to the nearest of the examples (m, d): float32 (n,) for features (n, d)."""
    return Novelty(examples, 1.0).cosine_distance(features)


def limit(examples: np.ndarray, labels: np.ndarray, groups: np.ndarray, default: float, *, whole: bool) -> float:
    """The cosine distance up to which something is one of these examples (m, d) with labels (m,).

    The distance within which KNOWN_SHARE of them have one of their class that is in another of the `groups` int (m,).
    Where these are `whole` recordings, a new one of the same things will be about as far: of others it
    left out 3 to 12 % of pictures, 3 to 8 % of hands and 4 to 9 % of bodies. Frames of one recording are nearer to each
    other than the next recording will be (95 % of it would be left out); then the limit is `default` at least.
    """
    if examples.ndim != 2 or not labels.shape == groups.shape == examples.shape[:1]:
        raise ValueError(
            f"examples must be (m, d), labels and groups (m,), got {examples.shape}, {labels.shape}, {groups.shape}"
        )
    nearest = [_nearest_other(unit(examples[labels == label]), groups[labels == label]) for label in np.unique(labels)]
    distances = np.concatenate(nearest) if nearest else np.zeros(0)
    least = MIN_LIMIT_SHARE * default if whole else default
    return max(least, float(np.quantile(distances, KNOWN_SHARE))) if len(distances) else default


def _nearest_other(x: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Cosine distance (n,) of each unit row (n, d) to the nearest of another group; (0,) where there is one group."""
    if len(np.unique(groups)) < 2:
        return np.zeros(0)
    nearest = np.empty(len(x))
    for rows in blocks(len(x), len(x)):
        cosine = np.where(groups[rows, None] == groups, -np.inf, x[rows] @ x.T)
        nearest[rows] = 1 - cosine.max(1)
    return np.maximum(nearest, 0)
