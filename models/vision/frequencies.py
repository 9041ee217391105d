"""A picture as a sum of waves: its spectrum, and the picture without some of them."""

from functools import lru_cache

import cv2
import numpy as np

from models.vision.parameters import Cells, Slider
from models.vision.step import Step, Values, grey_of, in_colour

SIDE = 32  # cells of the spectrum, across and down, that can be erased
MAX_RADIUS = 100  # of 100: the corner of the spectrum


def spectrum(grey: np.ndarray) -> np.ndarray:
    """How strong each wave is, uint8 (H, W) of uint8 (H, W): the slowest in the middle, logarithmic, the strongest but
    the mean is 255."""
    waves = np.fft.fftshift(cv2.magnitude(*cv2.split(_waves(grey))))
    logarithm = np.log1p(waves)
    logarithm /= max(float(logarithm.max()), 1e-9)
    return np.rint(255 * logarithm).astype(np.uint8)


def mask_of(shape: tuple[int, ...], values: Values) -> np.ndarray:
    """Which waves stay, bool (H, W), the slowest in the middle: between both radii, in none of the erased cells. A wave
    goes with its mirror image; the mean, the wave in the very middle, always stays."""
    return _mask(shape[0], shape[1], values["from"], values["to"], tuple(values["erased"]))


@lru_cache(maxsize=8)
def _mask(height: int, width: int, slowest: float, fastest: float, cells_erased: tuple[int, ...]) -> np.ndarray:
    y = (np.arange(height) - height // 2)[:, None] / (height / 2)
    x = (np.arange(width) - width // 2)[None] / (width / 2)
    radius = np.sqrt((y**2 + x**2) / 2) * MAX_RADIUS
    mask = (radius >= slowest) & (radius <= fastest)
    if cells_erased:
        cells = np.zeros(SIDE * SIDE, np.uint8)
        cells[list(cells_erased)] = 1
        erased = cv2.resize(cells.reshape(SIDE, SIDE), (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)
        # of an even side, the first row and column have no mirror image but themselves
        mirrored = np.roll(erased[::-1, ::-1], ((height + 1) % 2, (width + 1) % 2), (0, 1))
        mask &= ~(erased | mirrored)
    mask[height // 2, width // 2] = True
    mask.flags.writeable = False  # it is shared
    return mask


def _waves(grey: np.ndarray) -> np.ndarray:
    return cv2.dft(grey.astype(np.float32), flags=cv2.DFT_COMPLEX_OUTPUT)


def _filtered(rgb: np.ndarray, values: Values) -> np.ndarray:
    grey = grey_of(rgb)
    mask = np.fft.ifftshift(mask_of(grey.shape, values))
    waves = _waves(grey)
    waves *= mask[..., None]
    back = cv2.idft(waves, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
    return in_colour(np.clip(np.rint(back), 0, 255).astype(np.uint8))


def _code(values: Values) -> str:
    erase = (
        f"cells = np.zeros({SIDE * SIDE}, np.uint8)\n"
        f"cells[{list(values['erased'])}] = 1  # what your brush went over, and its mirror image\n"
        f"cells = cells.reshape({SIDE}, {SIDE})\n"
        "erased = cv2.resize(cells, grey.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0\n"
        "even = [(side + 1) % 2 for side in grey.shape]\n"
        "erased |= np.roll(erased[::-1, ::-1], even, (0, 1))\n"
        "waves[np.fft.ifftshift(erased) & (radius > 0)] = 0\n"
    )
    return (
        "grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)\n"
        "waves = cv2.dft(np.float32(grey), flags=cv2.DFT_COMPLEX_OUTPUT)\n"
        "y, x = np.meshgrid(*(np.fft.fftfreq(side) * 2 for side in grey.shape), indexing='ij')\n"
        "radius = 100 * np.sqrt((y**2 + x**2) / 2)\n"
        f"waves[((radius < {values['from']}) | (radius > {values['to']})) & (radius > 0)] = 0\n"
        f"{erase if values['erased'] else ''}"
        "out = cv2.idft(waves, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)\n"
        "out = np.uint8(np.clip(np.rint(out), 0, 255))"
    )


def _kept(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    share = float(mask_of(before.shape, values).mean())
    return {"waves that stay": f"{share:.0%}"}


STEPS = (
    Step(
        "fourier",
        "Frequencies",
        "Edges",
        "Each picture is a sum of waves. Slow ones make its large shapes, fast ones its edges and its grain.",
        (
            Slider("from", "Slowest wave that stays", 0, MAX_RADIUS, 0, help="0: the mean and all slow ones."),
            Slider("to", "Fastest wave that stays", 1, MAX_RADIUS, 20, help="100: all fast ones."),
            Cells("erased", "Erased with the brush", SIDE),
        ),
        _filtered,
        _code,
        _kept,
    ),
)
