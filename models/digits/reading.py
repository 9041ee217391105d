"""What a digit is: a drawing or a photograph made ready as MNIST's pictures were, and what the network says of it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from models.digits.layers import SIDE
from models.runtime.onnx_session import open_bytes

BOX = 20  # pixels: MNIST's digits were scaled to fit in this
MIN_INK = 0.002  # of the picture; less is nothing
SHOWN_MAPS = 8  # of each layer
PATCH, STRIDE = 7, 3  # what is covered to see where the network looked
DIGITS = tuple("0123456789")


@dataclass(frozen=True, eq=False)
class Reading:
    """What the network sees, float32 (28, 28) in 0..1, what it says of each digit, float32 (10,), sum 1, and the first
    maps of its layers, float32 (n, h, w)."""

    seen: np.ndarray
    probabilities: np.ndarray
    maps: tuple[np.ndarray, ...] = ()

    def __post_init__(self) -> None:
        if self.seen.shape != (SIDE, SIDE) or self.probabilities.shape != (10,):
            raise ValueError(f"expected (28, 28) and (10,), got {self.seen.shape} and {self.probabilities.shape}")
        if not abs(float(self.probabilities.sum()) - 1) < 1e-3:
            raise ValueError("probabilities sum to 1")

    @property
    def best(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities.argmax())

    def to_browser(self) -> Mapping[str, Any]:
        """For the painter "digit"."""
        return {
            "kind": "digit",
            "seen": as_text(self.seen),
            "probabilities": [round(float(share), 3) for share in self.probabilities],
            "maps": [[as_text(one / max(float(layer.max()), 1e-6)) for one in layer] for layer in self.maps],
        }


def as_text(picture: np.ndarray) -> str:
    """A grey picture, (h, w) in 0..1, as base64 of its bytes."""
    return base64.b64encode(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8).tobytes()).decode()


def prepared(ink: np.ndarray) -> np.ndarray | None:
    """Ink on nothing, float (h, w) in 0..1, as MNIST has it: float32 (28, 28), the digit scaled into a box of 20 × 20
    and put with its centre of mass in the middle. None where there is hardly any ink."""
    ink = np.ascontiguousarray(ink, np.float32)
    if ink.size == 0 or float((ink > 0.3).mean()) < MIN_INK:
        return None
    rows, columns = (np.flatnonzero((ink > 0.15).any(axis=axis)) for axis in (1, 0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(cut.shape)
    width, height = (max(1, round(side * scale)) for side in cut.shape[::-1])
    small = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    small = np.clip(small / max(float(small.max()), 1e-6), 0, 1)
    y, x = np.mgrid[:height, :width]
    total = float(small.sum())
    left = round(SIDE / 2 - (float((x * small).sum()) / total + 0.5))
    top = round(SIDE / 2 - (float((y * small).sum()) / total + 0.5))
    left, top = (min(max(place, 0), SIDE - side) for place, side in ((left, width), (top, height)))
    out = np.zeros((SIDE, SIDE), np.float32)
    out[top : top + height, left : left + width] = small
    return out


def ink_of(rgb: np.ndarray) -> np.ndarray:
    """The ink in a photograph of one digit, uint8 (H, W, 3), dark on light or light on dark: float32 (h, w) in 0..1.
    Shadows are evened out; of several things the one nearest to the middle that is large enough stays."""
    side = 240
    middle = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - middle) // 2, (rgb.shape[1] - middle) // 2
    square = cv2.resize(rgb[top : top + middle, left : left + middle], (side, side), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), (3, 3), 0)
    paper = cv2.medianBlur(grey, 61)
    dark, light = (cv2.subtract(one, other) for one, other in ((paper, grey), (grey, paper)))
    ink = dark if float(np.percentile(dark, 98)) >= float(np.percentile(light, 98)) else light
    level, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_OTSU)
    if level < 18:  # nothing but grain
        return np.zeros((side, side), np.float32)
    mask = cv2.morphologyEx((ink > level).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = [at for at in range(1, len(stats)) if stats[at, cv2.CC_STAT_AREA] >= 60 and _is_inside(stats[at], side)]
    if not large:
        return np.zeros((side, side), np.float32)
    nearest = min(large, key=lambda at: float(np.hypot(*(centres[at] - side / 2))) - stats[at, cv2.CC_STAT_AREA] / 40)
    return np.where(labels == nearest, np.clip(ink.astype(np.float32) / max(1.0, 1.6 * level), 0, 1), 0).astype(
        np.float32
    )


def _is_inside(stats: np.ndarray, side: int) -> bool:
    """What touches the picture's edge is the table or a sleeve."""
    left, top, width, height = (int(number) for number in stats[:4])
    return left > 1 and top > 1 and left + width < side - 1 and top + height < side - 1


def softmax(said: np.ndarray) -> np.ndarray:
    """Of (n, 10)."""
    raised = np.exp(said - said.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


class Reader:
    """Names digits by the network on ONNX Runtime. Thread-safe."""

    def __init__(self, network: bytes, threads: int) -> None:
        self._session = open_bytes(network, threads)
        self._maps = [output.name for output in self._session.get_outputs() if output.name.startswith("map")]
        self.nbytes = len(network)

    def probabilities(self, seen: np.ndarray) -> np.ndarray:
        """float32 (n, 10) of pictures (n, 28, 28)."""
        return softmax(self._session.run(["y"], {"x": seen.astype(np.float32)[:, None]})[0])

    def read(self, seen: np.ndarray) -> Reading:
        """One picture (28, 28), with the network's maps where it gives any."""
        said, *maps = self._session.run(["y", *self._maps], {"x": seen.astype(np.float32)[None, None]})
        return Reading(seen.astype(np.float32), softmax(said)[0], tuple(one[0, :SHOWN_MAPS] for one in maps))

    def looked_at(self, seen: np.ndarray, digit: int) -> np.ndarray:
        """Where covering the picture costs this digit most: float32 (28, 28) in 0..1, the share that is lost."""
        places = [(y, x) for y in range(0, SIDE - PATCH + 1, STRIDE) for x in range(0, SIDE - PATCH + 1, STRIDE)]
        covered = np.repeat(seen[None].astype(np.float32), len(places), axis=0)
        for at, (y, x) in enumerate(places):
            covered[at, y : y + PATCH, x : x + PATCH] = 0
        before = float(self.probabilities(seen[None])[0, digit])
        after = self.probabilities(covered)[:, digit]
        lost, times = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
        for (y, x), now in zip(places, after.tolist(), strict=True):
            lost[y : y + PATCH, x : x + PATCH] += max(0.0, before - now)
            times[y : y + PATCH, x : x + PATCH] += 1
        return lost / np.maximum(times, 1)
