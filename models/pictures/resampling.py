"""The middle of a picture in another size, in doubles, where every pixel has to be the very same as elsewhere."""

from functools import lru_cache

import numpy as np
from scipy import sparse


def scaled_square(rgb: np.ndarray, size: int) -> np.ndarray:
    """The middle square of uint8 (H, W, 3) as float64 (size, size, 3) in 0..255, not rounded: bilinear, antialiased,
    as torch and Pillow do it in integers."""
    side = min(rgb.shape[:2])
    top, left = ((length - side) // 2 for length in rgb.shape[:2])
    weights = _triangles(side, size)
    part = rgb[top : top + side, left : left + side].astype(np.float64)
    flat = (weights @ part.reshape(side, -1)).reshape(size, side, 3)
    turned = flat.transpose(1, 0, 2).reshape(side, -1)
    return (weights @ turned).reshape(size, size, 3).transpose(1, 0, 2)


@lru_cache(maxsize=32)  # cameras have few sizes
def _triangles(side: int, size: int) -> sparse.csr_array:
    """What each of `side` pixels counts for each of `size`: (size, side), rows sum to 1."""
    step = side / size
    centres = (np.arange(size) + 0.5) * step
    distances = np.abs(np.arange(side) + 0.5 - centres[:, None]) / max(step, 1.0)
    weights = np.maximum(1 - distances, 0)
    return sparse.csr_array(weights / weights.sum(axis=1, keepdims=True))
