"""Boxes with names on a picture, as the browser's painter draws them on live video."""

import zlib
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np

from models.detector.boxes import Found
from models.detector.counting import Gate
from models.pictures import drawing
from models.pictures.arrays import check

COLOURS = ("#e8590c", "#2f9e44", "#1c7ed6", "#ae3ec9", "#e03131", "#0c8599", "#c2255c", "#5c940d", "#6741d9", "#a66a00")
EDGE, GATE, GREY = (16, 16, 24), (255, 212, 59), "#9a9a9a"


def colour_of(name: str) -> str:
    """Of things of that name, #rrggbb; always the same one."""
    return COLOURS[zlib.crc32(name.encode()) % len(COLOURS)]


def outlined(rgb: np.ndarray, found: Found, *, named: bool = True, colour: str | None = None) -> np.ndarray:
    """A new picture with the boxes, the surest on top, each in its name's colour or in that one."""
    height, width = check(rgb)
    out = rgb.copy()
    thick, em = max(2, min(width, height) // 200), max(12, min(width, height) // 28)
    for place in reversed(range(len(found))):
        name = found.names[place]
        left, top, right, bottom = np.rint(found.boxes[place]).astype(int).tolist()
        cv2.rectangle(out, (left, top), (right, bottom), EDGE, thick + 2)
        cv2.rectangle(out, (left, top), (right, bottom), drawing.rgb_of(colour or colour_of(name)), thick)
        if named:
            number = f" {found.ids[place]}" if len(found.ids) else ""
            ink = drawing.typeset(f"{name}{number} {found.scores[place]:.0%}", em, width)
            drawing.plate(out, ink, min(left, width - ink.shape[1]), max(0, top - ink.shape[0]))
    return out


def with_gate(rgb: np.ndarray, gate: Gate) -> np.ndarray:
    """A new picture with the line or zone where things are counted."""
    height, width = check(rgb)
    out = rgb.copy()
    places = [
        (round(x * (width - 1)), round(y * (height - 1))) for x, y in ((gate.left, gate.top), (gate.right, gate.bottom))
    ]
    draw: Any = cv2.rectangle if gate.is_zone else cv2.line
    for colour, thick in ((EDGE, 6), (GATE, 3)):
        draw(out, *places, colour, thick)
    return out


def with_dots(rgb: np.ndarray, places: Iterable[tuple[float, float]]) -> np.ndarray:
    """A new picture with a dot at each place, x and y in 0..1."""
    height, width = check(rgb)
    out = rgb.copy()
    radius = max(4, min(width, height) // 90)
    for x, y in places:
        at = round(x * (width - 1)), round(y * (height - 1))
        cv2.circle(out, at, radius + 2, EDGE, -1)
        cv2.circle(out, at, radius, (255, 255, 255), -1)
    return out
