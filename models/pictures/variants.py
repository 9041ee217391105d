"""Sample pictures changed so that a network's answer surprises: cut up, made small, covered, turned."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from models.pictures.drawn_hand import drawn_hand
from models.pictures.images import SamplePicture, sample_pictures

GREY = 128  # of 255


def in_pieces(rgb: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """The picture, RGB uint8 (H, W, 3), cut into n × n equal pieces that are put together in another order; up to n - 1
    pixels at the right and lower edge are left out. Four pieces are swapped crosswise. ValueError below 1."""
    if n < 1:
        raise ValueError(f"expected at least 1 piece a side, got {n}")
    height, width = rgb.shape[0] // n, rgb.shape[1] // n
    pieces = (
        rgb[: n * height, : n * width].reshape(n, height, n, width, 3).swapaxes(1, 2).reshape(n * n, height, width, 3)
    )
    order = np.arange(n * n)[::-1] if n <= 2 else np.random.default_rng(seed).permutation(n * n)
    return pieces[order].reshape(n, n, height, width, 3).swapaxes(1, 2).reshape(n * height, n * width, 3)


def on_grey(rgb: np.ndarray, share: float) -> np.ndarray:
    """The picture at `share` of its width and height, in the middle of a grey one of its size."""
    out = np.full_like(rgb, GREY)
    small = cv2.resize(rgb, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    y, x = (rgb.shape[0] - small.shape[0]) // 2, (rgb.shape[1] - small.shape[1]) // 2
    out[y : y + small.shape[0], x : x + small.shape[1]] = small
    return out


def covered(rgb: np.ndarray, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """With a sheet of paper over that part, in pixels."""
    out = rgb.copy()
    out[top:bottom, left:right] = 235
    return out


def upside_down(rgb: np.ndarray) -> np.ndarray:
    """Turned by 180 degrees."""
    return np.ascontiguousarray(rgb[::-1, ::-1])


def twice(rgb: np.ndarray) -> np.ndarray:
    """The picture beside its mirror image."""
    return np.hstack([rgb, rgb[:, ::-1]])


def _two_hands() -> np.ndarray:
    return twice(drawn_hand())


_HAND = SamplePicture("hand", "A hand", draw=drawn_hand)
_SAMPLES = {sample.name: sample for sample in sample_pictures()}

OWN: Mapping[str, tuple[SamplePicture, ...]] = {
    "classifier": (
        *_SAMPLES.values(),
        replace(_SAMPLES["cat"], name="cat-2", title="The cat in quarters", change=partial(in_pieces, n=2)),
        replace(_SAMPLES["cat"], name="cat-7", title="… in 49 pieces", change=partial(in_pieces, n=7)),
        replace(_SAMPLES["coffee"], name="cup-small", title="A small cup", change=partial(on_grey, share=1 / 3)),
    ),
    "detector": (
        SamplePicture("motorcycle", "Motorcycle", "motorcycle_left.png"),
        _SAMPLES["coffee"],
        _SAMPLES["cat"],
        replace(_SAMPLES["astronaut"], name="two", title="Two people", change=twice),
        replace(_SAMPLES["coffee"], name="cup-small", title="A small cup", change=partial(on_grey, share=1 / 3)),
    ),
    "pose": (
        _SAMPLES["astronaut"],
        SamplePicture("camera", "Cameraman", "camera.png"),
        replace(_SAMPLES["astronaut"], name="two", title="Two people", change=twice),
        replace(
            _SAMPLES["astronaut"],
            name="paper",
            title="Face behind paper",
            change=partial(covered, left=150, top=40, right=300, bottom=190),
        ),
        replace(_SAMPLES["astronaut"], name="down", title="Upside down", change=upside_down),
        _HAND,
        _SAMPLES["coffee"],
    ),
    "hands": (_HAND, replace(_HAND, name="hands", title="Two hands", draw=_two_hands), _SAMPLES["astronaut"]),
}
"""By demo, where it has others than `sample_pictures`."""


def samples_of(demo: str) -> Mapping[str, SamplePicture]:
    """The sample pictures of that demo by name, in the order of its menu."""
    return {sample.name: sample for sample in OWN.get(demo, tuple(_SAMPLES.values()))}
