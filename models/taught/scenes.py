"""Pictures composed of three known things on known backgrounds, with their boxes: to try the page without a camera, and
to measure heads where the answer is known."""

import cv2
import numpy as np

from models.pictures.images import sample_pictures
from models.taught.boxes import Box

CUTS = {"cat": (85, 10, 320, 255), "coffee": (150, 55, 460, 335), "astronaut": (150, 5, 310, 215)}
"""Of the sample pictures: left, top, right, bottom in pixels; the ellipse in it is the thing."""
NAMES = {"cat": "Cat", "coffee": "Cup", "astronaut": "Face"}
SIZE_WH = (640, 480)


def scene(number: int, backgrounds: list[np.ndarray] | None = None) -> tuple[np.ndarray, list[Box]]:
    """Picture `number`, RGB uint8 (480, 640, 3), one thing of each class in it, and their boxes. The same number gives
    the same picture. Without `backgrounds` it is part of other sample pictures, turned and darkened."""
    random = np.random.default_rng(number)
    samples = {sample.name: sample for sample in sample_pictures()}
    behind = backgrounds or [samples["rocket"].load(), samples["page"].load()]
    width, height = SIZE_WH
    rgb = np.ascontiguousarray(_backdrop(behind[number % len(behind)], random))
    boxes: list[Box] = []
    for place, name in zip(random.permutation(3), CUTS, strict=True):
        left, top, right, bottom = CUTS[name]
        thing = samples[name].load()[top:bottom, left:right]
        wide = int(random.uniform(0.2, 0.31) * width)
        high = min(int(wide * (bottom - top) / (right - left)), height - 20)
        thing = cv2.resize(thing, (wide, high), interpolation=cv2.INTER_AREA)
        thing = np.clip(thing * random.uniform(0.75, 1.2), 0, 255).astype(np.uint8)
        x = int(place * width / 3 + random.uniform(0, max(1, width / 3 - wide)))
        y = int(random.uniform(0, height - high))
        share = np.zeros((high, wide), np.float32)
        cv2.ellipse(share, (wide // 2, high // 2), (wide // 2 - 1, high // 2 - 1), 0, 0, 360, 1.0, -1)
        soft = cv2.GaussianBlur(share, (0, 0), 1.5)[..., None]
        part = rgb[y : y + high, x : x + wide]
        part[:] = (thing[:, : part.shape[1]] * soft + part * (1 - soft)).astype(np.uint8)
        corners = x / width, y / height, min(1.0, (x + wide) / width), min(1.0, (y + high) / height)
        boxes.append(Box(*corners, NAMES[name]))
    return rgb, boxes


def _backdrop(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    height, width = rgb.shape[:2]
    w, h = int(width * random.uniform(0.5, 0.9)), int(height * random.uniform(0.5, 0.9))
    x, y = int(random.integers(0, width - w + 1)), int(random.integers(0, height - h + 1))
    part = cv2.resize(rgb[y : y + h, x : x + w], SIZE_WH)
    part = part[:, ::-1] if random.random() < 0.5 else part
    return np.clip(part * random.uniform(0.6, 1.1), 0, 255).astype(np.uint8)
