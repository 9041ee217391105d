"""Augmentation: changed copies of a sample that are still the same thing, so that a head minds such changes less."""

import zlib
from typing import Any

import cv2
import numpy as np

from models.teachable.kinds import Kind, features, opened
from models.teachable.samples import Sample

COPIES = 2  # of each sample


def variants(kind: Kind, model: Any, sample: Sample) -> np.ndarray:
    """Features float32 (≤ COPIES, d) of changed copies of a sample: always the same ones, and computed once.

    A picture is turned by up to 12°, zoomed in by up to a quarter, moved, and its light and contrast changed (not
    mirrored: left may mean something). Points are turned by up to 10° and each moved a little.
    """
    if sample.variants is None:
        random = np.random.default_rng(zlib.crc32(sample.key.encode()))
        if kind.name == "pictures":
            rgb = opened(sample.jpeg)
            looked = [features(kind, model, changed(rgb, random)) for _ in range(COPIES)]
            rows = [found for found in looked if found is not None]
        else:
            assert sample.features is not None
            rows = [_turned(sample.features, random) for _ in range(COPIES)]
        sample.variants = np.stack(rows).astype(np.float16)
    return sample.variants.astype(np.float32)


def changed(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A new uint8 (H, W, 3) of the same size."""
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-12, 12), random.uniform(1.05, 1.25))
    way = random.uniform(-0.06, 0.06, 2) * np.array([width, height])
    moved = cv2.warpAffine(
        rgb,
        turn + np.c_[np.zeros((2, 2)), way],
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    contrast, light = random.uniform(0.8, 1.25), random.uniform(-25, 25)
    grey = moved.mean()
    return np.clip((moved.astype(np.float32) - grey) * contrast + grey + light, 0, 255).astype(np.uint8)


def _turned(points: np.ndarray, random: np.random.Generator) -> np.ndarray:
    turn = np.radians(random.uniform(-10, 10))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    xy = points.reshape(-1, 2) @ matrix
    return (xy + random.normal(0, 0.02, xy.shape)).astype(np.float32).ravel()
