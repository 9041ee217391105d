"""Cosine distances between features: 1 − cosine, 0 for the same direction, 1 at right angles, 2 for opposites.

A block of them at a time: those of 10,000 samples at once would take 400 MB.
"""

from collections.abc import Iterator

import numpy as np

_BLOCK = 2_000_000  # distances in memory at a time, 8 MB


def unit(features: np.ndarray) -> np.ndarray:
    """Float32 (n, d) with rows of length 1; a row of zeros stays one."""
    if features.ndim != 2:
        raise ValueError(f"features must be (n, d), got {features.shape}")
    x = features.astype(np.float32, copy=False)
    length = np.linalg.norm(x, axis=1, keepdims=True)
    unit: np.ndarray = x / np.where(length > 0, length, 1)
    return unit


def blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of the rows so that distances from each to all columns fit the memory."""
    step = max(1, _BLOCK // max(1, columns))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))
