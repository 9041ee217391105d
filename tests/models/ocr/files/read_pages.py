"""Readings made by hand for the tests of the files that are made of them."""

import math

import numpy as np

from models.ocr.boxes import Reading, TextBox, Word


def rectangle(x: float, y: float, width: float, height: float, angle: float = 0) -> np.ndarray:
    """Float32 (4, 2): a rectangle that begins at x, y and is turned about that corner, clockwise in degrees."""
    right = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    down = np.array([-right[1], right[0]])
    corners = [0 * right, width * right, width * right + height * down, height * down]
    return (np.array([x, y]) + np.array(corners)).astype(np.float32)


def word(text: str, x: float, y: float, width: float, height: float = 30, angle: float = 0, score: float = 0.9) -> Word:
    return Word(text, score, rectangle(x, y, width, height, angle))


def line(*words: Word) -> TextBox:
    """An upright line around the words."""
    points = np.concatenate([word.polygon for word in words])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return TextBox(
        rectangle(left, top, right - left, bottom - top), " ".join(word.text for word in words), words[0].score, words
    )


def reading(*boxes: TextBox, width: int = 800, height: int = 600) -> Reading:
    """Of a white picture."""
    return Reading(np.full((height, width, 3), 255, np.uint8), boxes, engine="by hand")
