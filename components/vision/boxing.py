"""A box drawn on a picture with a finger, the mouse or the keyboard."""

import base64
import math
from typing import Any

import numpy as np

from components.layout import browser_component
from models.pictures.images import to_jpeg

LEAST = 0.02  # of the picture's sides


def draw_box(rgb: np.ndarray, words: str, *, key: str, of: str) -> np.ndarray | None:
    """Show the picture, uint8 (H, W, 3), with `words` that say what to draw a box around; returns what is in it, a new
    picture, or None. `of` names the picture: another name begins without a box."""
    picture = f"data:image/jpeg;base64,{base64.b64encode(to_jpeg(rgb)).decode()}"
    sent = browser_component("box")(
        key=key, data={"picture": picture, "of": of, "words": words}, on_box_change=lambda: None
    )
    sides = sides_of(getattr(sent, "box", None), of)
    if sides is None:
        return None
    height, width = rgb.shape[:2]
    left, top, right, bottom = sides
    x0, y0 = math.floor(left * width), math.floor(top * height)
    return rgb[y0 : max(y0 + 1, round(bottom * height)), x0 : max(x0 + 1, round(right * width))].copy()


def sides_of(sent: Any, of: str) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom as shares of the picture's sides; None where the browser says something else, speaks
    of another picture, or of a box without a size."""
    if not isinstance(sent, dict) or sent.get("of") != of or not isinstance(sides := sent.get("sides"), list):
        return None
    if len(sides) != 4 or not all(type(side) in (int, float) and 0 <= side <= 1 for side in sides):
        return None
    left, top, right, bottom = map(float, sides)
    return (left, top, right, bottom) if right - left >= LEAST and bottom - top >= LEAST else None
