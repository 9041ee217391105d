"""Frozen result types that every page shares; library outputs enter only through a `from_…` constructor."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Scores:
    """A probability per label.

    `values` is float32 (n,), sums to 1, in the order of `labels`. `seconds` says where the time went, by stage.
    """

    labels: Sequence[str]
    values: np.ndarray
    seconds: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.labels),):
            raise ValueError(f"values must have shape ({len(self.labels)},), got {self.values.shape}")
        if self.values.dtype != np.float32:
            raise ValueError(f"values must be float32, got {self.values.dtype}")
        if not abs(float(self.values.sum()) - 1) < 1e-3:
            raise ValueError(f"values must sum to 1, got {float(self.values.sum()):.4f}")

    @classmethod
    def from_logits(
        cls, labels: Sequence[str], logits: np.ndarray, seconds: Mapping[str, float] | None = None
    ) -> "Scores":
        """Softmax of float (n,) logits."""
        exp = np.exp(logits.astype(np.float64) - logits.max())
        return cls(labels, (exp / exp.sum()).astype(np.float32), seconds or {})

    def top(self, k: int) -> list[tuple[str, float]]:
        """The k largest as (label, value), largest first."""
        order = np.argsort(-self.values, kind="stable")[:k]
        return [(self.labels[i], float(self.values[i])) for i in order]

    def to_browser(self, k: int = 5, threshold: float = 0.0) -> dict[str, Any]:
        """What the painter `scores` draws: the k largest as [label, value], values to 0.001, and whether the first is
        `sure`, that is reaches `threshold`, below which bars are weak."""
        top = self.top(k)
        rounded = [[label, round(value, 3)] for label, value in top]
        return {"kind": "scores", "top": rounded, "sure": top[0][1] >= threshold, "threshold": threshold}


class MovingAverage:
    """The exponential moving average of a stream's results, with a time constant in seconds, so that it is as calm at 3
    results a second as at 15. One per stream; it has a memory. 0 seconds: nothing is averaged."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.clear()

    def clear(self) -> None:
        """Begin again with the next result."""
        self._average: Scores | None = None
        self._at = 0.0

    def add(self, scores: Scores) -> Scores:
        """The average with this result, which has the same labels as those before."""
        if not self._seconds:
            return scores
        now = time.monotonic()
        if (average := self._average) is not None:
            weight = np.float32(1 - math.exp((self._at - now) / self._seconds))
            scores = replace(scores, values=average.values + weight * (scores.values - average.values))
        self._average, self._at = scores, now
        return scores


def smoothed(predict: Callable[[np.ndarray], Scores], seconds: float = 0.25) -> Callable[[np.ndarray], Scores]:
    """`predict` with the MovingAverage of its results, for one stream."""
    average = MovingAverage(seconds)
    return lambda rgb: average.add(predict(rgb))


@dataclass(frozen=True, eq=False)
class Explanation:
    """What raised the score of one label.

    `heat` is float32 (h, w) in 0..1; it covers `region` (x, y, width, height in pixels) of a picture of `size_wh`.
    `full` is the score at heat 1, the same for every picture; None: heat 1 is this picture's own maximum.
    """

    label: str
    heat: np.ndarray
    region: tuple[int, int, int, int]
    size_wh: tuple[int, int]
    full: float | None = None

    def __post_init__(self) -> None:
        if self.heat.ndim != 2 or self.heat.dtype != np.float32:
            raise ValueError(f"heat must be float32 (h, w), got {self.heat.dtype} {self.heat.shape}")

    def region_on(self, rgb: np.ndarray) -> tuple[int, int, int, int]:
        """The region in pixels of another size of the same picture: a camera changes size while it runs."""
        sx, sy = rgb.shape[1] / self.size_wh[0], rgb.shape[0] / self.size_wh[1]
        x, y, width, height = self.region
        return round(x * sx), round(y * sy), round(width * sx), round(height * sy)


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """Some of one layer's maps: float32 (n, h, w), and the number of each in the layer, counted from 0."""

    title: str
    maps: np.ndarray
    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.maps.ndim != 3 or len(self.maps) != len(self.numbers):
            raise ValueError(f"maps must have shape ({len(self.numbers)}, h, w), got {self.maps.shape}")
