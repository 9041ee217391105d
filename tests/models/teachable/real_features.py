"""Real features for the statistics: handwritten digits as they are, and embeddings of crops of photographs."""

from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from models.cache import ModelCache
from models.pictures.images import sample_pictures


def digits(each: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 (classes · each, 64), 8×8 pixels of scanned digits, class by class, and their labels."""
    pixels, numbers = load_digits(return_X_y=True)
    chosen = [np.flatnonzero(numbers == digit)[:each] for digit in range(classes)]
    return (pixels[np.concatenate(chosen)] / 16).astype(np.float32), np.repeat(np.arange(classes), each)


@cache
def crops() -> tuple[np.ndarray, np.ndarray]:
    """Embeddings float32 (18, 1280) of six crops of each of three photographs, as a camera that moves a little sees
    them, and their labels."""
    network, embeddings = _network(), []
    for sample in sample_pictures()[:3]:
        picture = sample.load()
        side = min(picture.shape[:2]) * 3 // 4
        for step in range(6):
            crop = picture[14 * step : 14 * step + side, 20 * step : 20 * step + side]
            embeddings.append(network.embed(np.ascontiguousarray(crop)))
    return np.stack(embeddings), np.repeat(np.arange(3), 6)


@cache
def strangers() -> np.ndarray:
    """Embeddings float32 (2, 1280) of a rocket and a printed page, which are in none of the crops."""
    return np.stack([_network().embed(sample.load()) for sample in sample_pictures()[3:5]])


@cache
def _network() -> Any:
    return ModelCache(10**9).get("efficientnet-lite0")
