"""What a picture with transparency is laid on: white, unless its ink is lost there."""

import cv2
import numpy as np
from PIL import Image

from models.pictures.arrays import thumbnail

# 8-bit greys, the preferred one first. Mid grey is for ink of both kinds, as in a logo with a black and a white word.
WHITE, BLACK, GREY = 255, 0, 128

_SIDE = 1024  # pixels, longer side of the copy in which the ground is chosen
_CLEAR = 80  # levels of luma from one side of an edge to the other: more makes it no easier to see
# How much more there must be to see on another ground than on white. A picture of which most is opaque has a hole, or
# rounded corners, rather than ink: only what can hardly be seen on white moves it.
_GAIN_INK, _GAIN_HOLE = 1.25, 2.0


def on_ground(image: Image.Image) -> Image.Image:
    """The same picture without transparency, mode RGB, on the grey that its ink needs: dark ink, and whatever can be
    seen there, on white; light ink on black; where either would be lost on the other's ground, on mid grey."""
    rgba = image.convert("RGBA")
    level = ground_for(np.asarray(rgba))
    ground = Image.new("RGB", image.size, (level, level, level))
    ground.paste(rgba, mask=rgba)
    return ground


def ground_for(rgba: np.ndarray) -> int:
    """The grey, one of WHITE, BLACK, GREY, on which most edges of uint8 (H, W, 4) can be seen; white where it makes
    little difference. An edge counts by its contrast of luma, up to `_CLEAR`."""
    alpha = rgba[..., 3]
    if alpha.min() == 255:
        return WHITE
    ink = cv2.multiply(cv2.cvtColor(rgba, cv2.COLOR_RGBA2GRAY), alpha, scale=1 / 255)  # laying on a grey adds to this
    ink, alpha = thumbnail(ink, _SIDE), thumbnail(alpha, _SIDE)
    gain = _GAIN_INK if alpha.mean() < 128 else _GAIN_HOLE
    seen = {level: _edges(ink, alpha, level) for level in (WHITE, BLACK, GREY)}
    best = max(seen, key=lambda level: seen[level])
    return best if seen[best] > gain * seen[WHITE] else WHITE


def _edges(ink: np.ndarray, alpha: np.ndarray, level: int) -> int:
    laid = cv2.add(ink, cv2.multiply(255 - alpha, np.full_like(alpha, level), scale=1 / 255))
    steps = cv2.morphologyEx(laid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return int(np.minimum(steps, _CLEAR).sum(dtype=np.int64))
