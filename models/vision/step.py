"""A step of the bench: what it is called, what can be set, what it does, and the lines of OpenCV that do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from models.vision.parameters import Parameter

Values = Mapping[str, Any]
"""A step's parameters by name."""

Apply = Callable[[np.ndarray, Values], np.ndarray]
"""Picture, uint8 (H, W, 3) RGB and only read, and values → a new one of the same size. What it says beside the picture
goes into `notes` of `Step.numbers`."""

Numbers = Callable[[np.ndarray, np.ndarray, Values], Mapping[str, str]]
"""Picture before, picture after and values → what to say of them: names and numbers."""


@dataclass(frozen=True)
class Step:
    """`apply` makes the picture and `code` says the same in OpenCV: lines that make `out` of `rgb`. `held` says what a
    picture of the visitor's it works with, "" for none: see `Link.held`."""

    name: str
    title: str
    group: str
    about: str
    parameters: tuple[Parameter, ...]
    apply: Apply
    code: Callable[[Values], str]
    numbers: Numbers = lambda before, after, values: {}
    held: str = ""

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters within their bounds, whatever was given."""
        return {parameter.name: parameter.read(given.get(parameter.name)) for parameter in self.parameters}


def grey_of(rgb: np.ndarray) -> np.ndarray:
    """uint8 (H, W)."""
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)


def in_colour(grey: np.ndarray) -> np.ndarray:
    """uint8 (H, W) as a grey picture, uint8 (H, W, 3)."""
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def grain(shape: tuple[int, ...], strength: float) -> np.ndarray:
    """Normal noise, int16 of that shape: the same each time, for what flickers can't be compared."""
    cv2.setRNGSeed(1)
    randn: Any = cv2.randn  # its stub knows no plain numbers
    return randn(np.empty(shape, np.int16), 0, strength)


def psnr(reference: np.ndarray, picture: np.ndarray) -> str:
    """The peak signal-to-noise ratio in words: the higher, the more alike."""
    return "∞" if np.array_equal(reference, picture) else f"{cv2.PSNR(reference, picture):.1f} dB"
