"""Steps beside the lines of OpenCV that the page shows for them, run as they stand."""

from typing import Any

import cv2
import numpy as np

from models.pictures.images import sample_pictures
from models.vision.chain import Link

SIZES = ((640, 480), (321, 203))
PICTURES = {
    f"{sample.name} {width}x{height}": cv2.resize(sample.load(), (width, height), interpolation=cv2.INTER_AREA)
    for sample in sample_pictures()
    if sample.name in ("cat", "coffee", "astronaut")
    for width, height in SIZES
}
"""Three pictures in two sizes, by name."""


def plainly(link: Link, rgb: np.ndarray, **names: Any) -> np.ndarray:
    """What the step's code makes of the picture, uint8 (H, W, 3)."""
    space: dict[str, Any] = {"cv2": cv2, "np": np, "rgb": rgb.copy(), **names}
    exec(link.step.code(link.given), space)
    out = space["out"]
    return out if out.ndim == 3 else cv2.cvtColor(out, cv2.COLOR_GRAY2RGB)


def applied(link: Link, rgb: np.ndarray) -> np.ndarray:
    """What the step makes of it; the picture it was given is left alone."""
    before = rgb.copy()
    out = link.step.apply(rgb, link.given)
    assert (rgb == before).all() and out.shape == rgb.shape and out.dtype == np.uint8
    return out


def furthest(one: np.ndarray, other: np.ndarray) -> int:
    """The largest difference of two pictures, in levels."""
    return int(np.abs(one.astype(int) - other.astype(int)).max())
