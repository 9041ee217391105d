"""The sharpest frame of the last second of a camera: a page held in the hand is blurred in most of them."""

import threading
import time
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

from models.pictures.arrays import thumbnail

SLOTS = 4
"""Per window. Each keeps its best, so that when the best of all grows too old there is a good one to follow it, at the
cost of as many frames of memory."""

_SIDE = 640  # pixels of the longer side in which sharpness is measured; more costs time and measures the sensor's noise


def sharpness(rgb: np.ndarray) -> float:
    """Variance of the Laplacian of the grey picture, at most 640 pixels on a side (Pech-Pacheco et al. 2000): 0 for an
    even surface, more for crisp edges. Compares frames of one camera and scene, not one scene with another."""
    grey = thumbnail(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), _SIDE)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))
    return float(deviation[0, 0] ** 2)


@dataclass(frozen=True, eq=False)
class _Frame:
    at: float
    sharpness: float
    rgb: np.ndarray


class Sharpest:
    """Called with every frame, as the `predict` of an engine's stream; `best()` gives the frame worth reading.

    Thread-safe. The window ends with the newest frame, so what was seen last stays when the camera is frozen.
    """

    def __init__(self, window_s: float = 1.0) -> None:
        if not window_s > 0:
            raise ValueError(f"window_s must be above 0, got {window_s}")
        self.window_s = window_s
        self._lock = threading.Lock()  # guards what follows
        self._bests: deque[_Frame] = deque()  # the sharpest of each slot of time, oldest first
        self._slot = 0

    def __call__(self, rgb: np.ndarray, at: float | None = None) -> float:
        """The frame's sharpness. `at` is when it was seen, in seconds of time.monotonic(), now if None. The frame is
        copied only where it is the sharpest of its slot."""
        value = sharpness(rgb)
        at = time.monotonic() if at is None else at
        slot = int(at * SLOTS // self.window_s)
        with self._lock:
            while self._bests and at - self._bests[0].at > self.window_s:
                self._bests.popleft()
            if self._bests and slot == self._slot:
                if value <= self._bests[-1].sharpness:
                    return value
                self._bests.pop()
            self._slot = slot
            copy = rgb.copy()
            copy.flags.writeable = False  # several callers may get it
            self._bests.append(_Frame(at, value, copy))
        return value

    def best(self) -> np.ndarray | None:
        """The sharpest frame, uint8 (H, W, 3), read-only, of the window that ends with the newest one: of all of it but
        its oldest slot, which may have lost its best. None before the first frame."""
        with self._lock:
            return max(self._bests, key=lambda frame: frame.sharpness).rgb if self._bests else None
