"""An open hand, drawn: no installed package brings the picture of one."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np

SIDE = 640  # pixels
SKIN = np.array([224, 172, 140], np.float32)
LIGHT = np.array([-0.4, -0.5, 0.77], np.float32)

Ball = tuple[int, int, int]
"""x, y and radius in pixels."""

FINGERS: tuple[tuple[Ball, ...], ...] = (
    ((285, 470, 40), (225, 410, 34), (185, 350, 29), (158, 300, 24)),
    ((262, 350, 34), (243, 265, 30), (233, 205, 26), (226, 150, 22)),
    ((315, 335, 34), (312, 240, 31), (310, 172, 27), (309, 112, 22)),
    ((366, 347, 33), (380, 258, 29), (388, 196, 25), (394, 140, 21)),
    ((412, 375, 29), (440, 305, 24), (456, 258, 21), (470, 212, 18)),
)
"""From the palm to the tip, the thumb first."""
PALM: tuple[tuple[Ball, Ball], ...] = (
    ((275, 480, 60), (275, 365, 44)),
    ((320, 490, 62), (318, 355, 46)),
    ((360, 480, 60), (364, 365, 44)),
    ((385, 470, 50), (402, 390, 38)),
    ((270, 500, 52), (295, 470, 55)),
    ((330, 500, 66), (335, 680, 60)),  # the wrist
)
LINES = (
    ((250, 425), (300, 398), (350, 393), (400, 410)),
    ((252, 438), (290, 440), (330, 455), (367, 483)),
    ((262, 425), (268, 462), (290, 498), (332, 535)),
)
"""Of the palm."""


def drawn_hand() -> np.ndarray:
    """A left hand's palm with all fingers up, uint8 (640, 640, 3) RGB; the same each time."""
    pairs = [*PALM, *(pair for finger in FINGERS for pair in pairwise(finger))]
    height = np.maximum.reduce([_capsule(*pair) for pair in pairs])
    mask = (height > 0).astype(np.float32)
    skin = SKIN * (0.45 + 0.6 * _lit(height))[..., None] * (1 - 0.33 * _creases())[..., None]
    tips = np.zeros((SIDE, SIDE), np.float32)
    for finger in FINGERS:
        cv2.circle(tips, finger[-1][:2], 28, 1.0, -1)
    skin += _soft(tips, 14)[..., None] * np.array([14, -14, -10], np.float32)
    shadow = cv2.warpAffine(mask, np.array([[1.0, 0, 18], [0, 1, 14]]), (SIDE, SIDE))
    down = np.linspace(1, 0.75, SIDE, dtype=np.float32)[:, None, None]
    ground = np.array([200, 206, 206], np.float32) * down * (1 - 0.25 * _soft(shadow, 16))[..., None]
    edge = _soft(mask, 1.4)[..., None]
    grain = np.random.default_rng(0).normal(0, 3, (SIDE, SIDE, 1))
    return np.clip(ground * (1 - edge) + skin * edge + grain, 0, 255).astype(np.uint8)


def _soft(plane: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(plane, (0, 0), sigma)


def _capsule(one: Ball, other: Ball) -> np.ndarray:
    """How high the ball stands above the ground, rolled from one place to the other, float32 (SIDE, SIDE)."""
    (x0, y0, r0), (x1, y1, r1) = one, other
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
    along = np.clip(along, 0, 1)
    apart = (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2
    return np.sqrt(np.maximum((r0 + (r1 - r0) * along) ** 2 - apart, 0))


def _lit(height: np.ndarray) -> np.ndarray:
    """How much light falls on each place, 0..1."""
    smooth = _soft(height, 7)
    slope: list[Any] = [cv2.Sobel(smooth, cv2.CV_32F, *way, ksize=3) / 8 for way in ((1, 0), (0, 1))]
    towards = np.dstack((-slope[0], -slope[1], np.ones_like(smooth)))
    return np.clip(towards @ LIGHT / np.linalg.norm(towards, axis=2), 0, 1)


def _creases() -> np.ndarray:
    """Lines of the palm and at the joints, float32 (SIDE, SIDE) in 0..1."""
    lines = [np.array(line, np.int32) for line in LINES]
    for finger in FINGERS:
        for (x, y, radius), after in pairwise(finger[1:]):
            joint = np.array((x, y))
            ahead = np.array(after[:2]) - joint
            ahead = ahead / np.hypot(*ahead)
            across = 0.75 * radius * np.array([-ahead[1], ahead[0]])
            lines.append(np.rint([joint + across, joint - 4 * ahead, joint - across]).astype(np.int32))
    drawn = np.zeros((SIDE, SIDE), np.float32)
    cv2.polylines(drawn, lines, False, 1.0, 2, cv2.LINE_AA)
    return _soft(drawn, 1.6)
