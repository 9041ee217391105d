"""Nine versions of a picture, as networks are shown in training so that they learn what does not matter."""

from collections.abc import Callable

import cv2
import numpy as np

from models.vision.parameters import Slider
from models.vision.step import Step, Values, grain

VERSIONS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "as it is": lambda rgb, amount: rgb,
    "mirrored": lambda rgb, amount: cv2.flip(rgb, 1),
    "its middle": lambda rgb, amount: _moved(rgb, 0.0, 1 + amount),
    "smaller": lambda rgb, amount: _moved(rgb, 0.0, 1 / (1 + amount)),
    "turned": lambda rgb, amount: _moved(rgb, 30 * amount, 1.0),
    "brighter": lambda rgb, amount: cv2.convertScaleAbs(rgb, alpha=1 + amount),
    "darker": lambda rgb, amount: cv2.convertScaleAbs(rgb, alpha=1 / (1 + 2 * amount)),
    "paler": lambda rgb, amount: cv2.addWeighted(rgb, 1 - amount, np.full_like(rgb, 128), amount, 0),
    "with grain": lambda rgb, amount: cv2.add(rgb, grain(rgb.shape, 60 * amount), dtype=cv2.CV_8U),
}
"""By name: picture and amount in 0..1 → picture of the same size."""


def _moved(rgb: np.ndarray, degrees: float, scale: float) -> np.ndarray:
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REFLECT)


def versions(rgb: np.ndarray, amount: float) -> list[np.ndarray]:
    """Nine pictures of the size of uint8 (H, W, 3), changed by an `amount` in 0..1."""
    return [change(rgb, amount) for change in VERSIONS.values()]


def _grid(rgb: np.ndarray, values: Values) -> np.ndarray:
    height, width = rgb.shape[:2]
    small = cv2.resize(rgb, (max(1, width // 3), max(1, height // 3)), interpolation=cv2.INTER_AREA)
    made = versions(small, values["amount"] / 100)
    grid = cv2.vconcat([cv2.hconcat(made[at : at + 3]) for at in (0, 3, 6)])
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)


def _code(values: Values) -> str:
    amount = values["amount"] / 100
    return (
        "mirrored = cv2.flip(rgb, 1)\n"
        f"brighter = cv2.convertScaleAbs(rgb, alpha={1 + amount:g})\n"
        "turn = cv2.getRotationMatrix2D((rgb.shape[1] / 2, rgb.shape[0] / 2), "
        f"{30 * amount:g}, 1)\nturned = cv2.warpAffine(rgb, turn, rgb.shape[1::-1], borderMode=cv2.BORDER_REFLECT)"
    )


STEPS = (
    Step(
        "augment",
        "Nine versions",
        "Find",
        "Mirrored, cropped, brighter, grainy: to you the same thing. A network has to be shown that it is.",
        (Slider("amount", "How much, %", 5, 80, 30),),
        _grid,
        _code,
    ),
)
