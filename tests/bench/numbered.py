"""A film for Chromium's fake camera that tells, of every picture that is kept, which frame it was.

A thing that moves, and on it two rows of eight black or white blocks: they lie inside the middle square, which is all
that a sample keeps, and are large enough to survive VP8, scaling to 224 pixels and JPEG. Chromium plays a file of JPEGs
at 30 frames a second whatever it holds, so each frame stands in it twice, and a camera at 15 sees each once.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from models.pictures.images import sample_pictures

FPS = 15
WIDTH, HEIGHT = 640, 480
MOST_FRAMES = 1 << 12
_COLUMNS, _ROWS, _BLOCK = 8, 2, HEIGHT // 8


def _code(number: int) -> int:
    """16 bits: twelve of the number, four as a check on it."""
    return number | (number ^ number >> 4 ^ number >> 8 ^ 0b1010) % 16 << 12


def frame(number: int) -> np.ndarray:
    """RGB uint8 (480, 640, 3) of the frame with that number, 0 to MOST_FRAMES - 1."""
    if not 0 <= number < MOST_FRAMES:
        raise ValueError(f"the film has numbers for {MOST_FRAMES} frames, got {number}")
    angle = 2 * np.pi * number / (4 * FPS)
    x, y = round(130 + 30 * np.sin(angle)), round(60 + 30 * np.cos(angle))
    picture = _thing()[y : y + HEIGHT, x : x + WIDTH].copy()
    left = (WIDTH - HEIGHT) // 2
    for bit in range(_COLUMNS * _ROWS):
        row, column = divmod(bit, _COLUMNS)
        top, at = row * _BLOCK, left + column * _BLOCK
        picture[top : top + _BLOCK, at : at + _BLOCK] = 235 if _code(number) >> bit & 1 else 16
    return picture


@cache
def _thing() -> np.ndarray:
    coffee = next(sample for sample in sample_pictures() if sample.name == "coffee").load()
    return cv2.resize(coffee, (900, 600))


def write(path: Path, frames: int) -> Path:
    """The film as Chromium's fake camera takes it: 20 kB a frame, over and over when it is at its end."""
    with path.open("wb") as file:
        for number in range(frames):
            bgr = cv2.cvtColor(frame(number), cv2.COLOR_RGB2BGR)
            jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes()
            file.write(jpeg + jpeg)
    return path


def read_number(square: np.ndarray) -> int | None:
    """The number in the middle square of a frame, uint8 (side, side, 3) of any size; None if there is none."""
    side, luma = len(square), square.mean(axis=2)
    block, code = side / _COLUMNS, 0
    for bit in range(_COLUMNS * _ROWS):
        row, column = divmod(bit, _COLUMNS)
        (top, bottom), (left, right) = ((round((n + 0.3) * block), round((n + 0.7) * block)) for n in (row, column))
        level = luma[top:bottom, left:right].mean()
        if abs(level - 128) < 40:
            return None
        code |= int(level > 128) << bit
    number = code % MOST_FRAMES
    return number if code == _code(number) else None
