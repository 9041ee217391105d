"""Pictures as arrays: what counts as one, and made smaller."""

import cv2
import numpy as np


def check(rgb: np.ndarray) -> tuple[int, int]:
    """Height and width of an RGB picture in pixels. Raises ValueError unless it is uint8 (H, W, 3), none of them 0."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or 0 in rgb.shape:
        raise ValueError(f"picture must be uint8 (H, W, 3), got {rgb.dtype} {rgb.shape}")
    return rgb.shape[0], rgb.shape[1]


def scaled(picture: np.ndarray, scale: float) -> np.ndarray:
    """Its sides, rounded, times `scale`: (H, W) or (H, W, 3) of any number type → (h, w) or (h, w, 3) of the same. The
    picture itself where nothing changes. Smaller by the mean of each area, larger by bicubic interpolation."""
    height, width = picture.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if size == (width, height):
        return picture
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def thumbnail(picture: np.ndarray, side: int) -> np.ndarray:
    """`scaled` so that no side is over `side` pixels; the picture itself where none is."""
    return scaled(picture, min(1.0, side / max(picture.shape[:2])))
