"""The One-Euro filter, which calms points on a stream."""

import math

import numpy as np


class OneEuro:
    """The One-Euro filter (Casiez et al. 2012): smooths what stands still, follows what moves.

    `beta` and the rest are mediapipe's. Speeds are in parts of the person's size, so a small person is smoothed as
    much as a large one.
    """

    def __init__(self, min_cutoff: float, beta: float, derivative_cutoff: float = 1.0) -> None:
        self.min_cutoff, self.beta, self.derivative_cutoff = min_cutoff, beta, derivative_cutoff
        self._raw: np.ndarray | None = None
        self._smooth = self._speed = np.zeros(0)

    def __call__(self, values: np.ndarray, dt: float, size: float) -> np.ndarray:
        """The smoothed values, of the same shape; `dt` in seconds since the last ones, `size` in their unit."""
        if self._raw is None:
            self._smooth, self._speed = values, np.zeros_like(values)
        else:
            speed = (values - self._raw) / (size * dt)
            self._speed = self._speed + _alpha(self.derivative_cutoff, dt) * (speed - self._speed)
            alpha = _alpha(self.min_cutoff + self.beta * np.abs(self._speed), dt)
            self._smooth = self._smooth + alpha * (values - self._smooth)
        self._raw = values
        return self._smooth

    def rescale(self, factors: np.ndarray) -> None:
        """The picture's size changed: what is remembered, times `factors`. Speeds are in parts of a size, and stay."""
        if self._raw is not None:
            self._raw, self._smooth = self._raw * factors, self._smooth * factors


def _alpha(cutoff: float | np.ndarray, dt: float) -> float | np.ndarray:
    return 1 / (1 + 1 / (2 * math.pi * cutoff * dt))
