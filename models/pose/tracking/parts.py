"""Parts of a picture that are searched on their own: a landmarker's detector is made for somebody near by."""

import math
from collections.abc import Sequence

import numpy as np

Region = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

PART_SIDES = (1.0, 0.67)  # of the parts of a picture that are searched, in parts of its shorter side
MIN_PART_PIXELS = 64  # of a side; the detector would only see blur
MIN_CROP_PIXELS = 32  # of a side of a crop around somebody, where it is known that they are there


def parts_of(width: int, height: int, sides: Sequence[float] = PART_SIDES) -> list[Region]:
    """Squares that cover a picture, each overlapping the next by half: large ones, then smaller. `sides` are theirs, in
    parts of the picture's shorter side.

    At most 6 in a row: they overlap less on a banner, and from 6:1 on they leave gaps.
    """
    sizes = [side for part in sides if (side := int(part * min(width, height))) >= MIN_PART_PIXELS]
    squares = [(x, y, side, side) for side in sizes for y in _starts(height, side) for x in _starts(width, side)]
    return [square for square in squares if square[2:] != (width, height)]  # which would be the whole once more


def _starts(length: int, side: int) -> list[int]:
    count = min(6, math.ceil(2 * (length - side) / side) + 1)
    return [round(index * (length - side) / max(1, count - 1)) for index in range(count)]


def square_around(xy: np.ndarray, side: float, size_wh: tuple[int, int]) -> Region | None:
    """The square with that middle and side, cut off at the picture's edges; None where less than MIN_CROP_PIXELS of a
    side is left."""
    low = np.clip(np.floor(xy - side / 2), 0, size_wh).astype(int)
    high = np.clip(np.ceil(xy + side / 2), 0, size_wh).astype(int)
    width, height = (int(length) for length in high - low)
    return (int(low[0]), int(low[1]), width, height) if min(width, height) >= MIN_CROP_PIXELS else None
