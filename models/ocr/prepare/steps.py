"""Steps that make print easier to read: turn, straighten, crop, lighten, denoise, black and white. Pure functions."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from models.errors import BadInput
from models.pictures.arrays import thumbnail

Threshold = Literal["none", "Otsu", "adaptive"]

MAX_STRAIGHTENED_PIXELS = 60_000_000
"""Of a straightened picture, whose canvas grows with the angle: enough for 28 megapixels at 45°."""

MAX_STRAIGHTENED_SIDE = 32_000
"""Of a picture that is straightened, pixels: OpenCV's warp counts them in 16 bits."""

MIN_SKEW = 0.05
"""Degrees. Less is not worth a resampling that softens every letter."""

_SKEW_SIDE, _SKEW_POINTS = 1200, 60_000  # of the picture in which skew is looked for: longer side; dots of ink
_SKEW_RANGE = 45.0  # further is another quarter turn


@dataclass(frozen=True)
class Tools:
    """What to do with a picture, in this order; what has its default does nothing.

    `turn` quarter turns clockwise; `straighten` degrees clockwise, -45 to 45; `deskew` levels the lines by itself, on
    top of that; `region` is the part of it to keep: (x0, y0, x1, y1), shares of width and height.
    `contrast` is a factor about mid grey, 0 to 4, `brightness` a share of white added, -1 to 1. `denoise` averages
    neighbours whose levels differ less than this, 0 to 100 of 255. `threshold` "Otsu" finds one level for all,
    "adaptive" one for each neighbourhood of `block_size` pixels (odd), and ink differs from its mean by more than
    `offset` levels. Raises ValueError for values outside.
    """

    turn: int = 0
    straighten: float = 0.0
    deskew: bool = False
    region: tuple[float, float, float, float] | None = None
    brightness: float = 0.0
    contrast: float = 1.0
    grey: bool = False
    denoise: int = 0
    threshold: Threshold = "none"
    block_size: int = 31
    offset: int = 10

    def __post_init__(self) -> None:
        for name, low, high in (
            ("straighten", -45, 45),
            ("brightness", -1, 1),
            ("contrast", 0, 4),
            ("denoise", 0, 100),
            ("block_size", 3, 255),
            ("offset", 0, 100),
        ):
            if not low <= (value := getattr(self, name)) <= high:
                raise ValueError(f"{name} must lie in {low}..{high}, got {value}")
        if self.block_size % 2 == 0:
            raise ValueError(f"block_size must be odd, got {self.block_size}")
        if self.threshold not in get_args(Threshold):
            raise ValueError(f"threshold must be one of {get_args(Threshold)}, got {self.threshold!r}")


def apply(rgb: np.ndarray, tools: Tools) -> np.ndarray:
    """The picture after all steps: a new RGB uint8 (h, w, 3), C-contiguous; a black and white one has equal channels.

    Raises BadInput for a region without area, and when the picture is too large to be straightened.
    """
    done = rgb
    for _, after in _steps(rgb, tools):
        done = after
    return rgb.copy() if done is rgb else done


def steps(rgb: np.ndarray, tools: Tools) -> list[tuple[str, np.ndarray]]:
    """The name of each step that does something, for the visitor, and the picture after it. Each takes the memory of a
    whole picture. Raises as `apply`."""
    return list(_steps(rgb, tools))


def skew(rgb: np.ndarray) -> float:
    """How far the lines of print are turned clockwise, in degrees, -45 to 45; 0 where there are none.

    Projection profile (Postl 1986): seen along its lines print is dark rows and light gaps, so at the right angle the
    ink counted per row differs most from row to row. Found to 0.1° in a copy of at most 1200 pixels.
    """
    x, y = _ink(rgb)
    if len(x) < 50:
        return 0.0
    coarse = np.arange(-_SKEW_RANGE, _SKEW_RANGE + 0.5, 0.5)
    scores = np.array([_contrast_of_rows(x, y, angle, 2.0) for angle in coarse])
    if scores.max() < 5.5 * np.median(scores):  # measured: a photo of a cat 1.4, grain of wood 4.8, one word 6.6
        return 0.0
    angle = float(coarse[scores.argmax()])
    fine = angle + np.arange(-0.7, 0.75, 0.05)
    scores = np.array([_contrast_of_rows(x, y, a, 1.0) for a in fine])
    angle = float((fine * (weights := (scores / scores.max()) ** 16)).sum() / weights.sum())
    return min(max(angle, -_SKEW_RANGE), _SKEW_RANGE)


def _steps(rgb: np.ndarray, tools: Tools) -> Iterator[tuple[str, np.ndarray]]:
    if turns := tools.turn % 4:
        rgb = np.rot90(rgb, -turns).copy()
        yield f"Turned by {90 * turns}°", rgb
    if tools.straighten:
        rgb = _rotated(rgb, tools.straighten)
        yield f"Straightened by {tools.straighten:.1f}°", rgb
    if tools.deskew and abs(angle := skew(rgb)) >= MIN_SKEW:
        rgb = _rotated(rgb, -angle)
        yield f"Deskewed by {-angle:.1f}°", rgb
    if tools.region is not None:
        whole = rgb.shape
        rgb = _cropped(rgb, tools.region)
        if rgb.shape != whole:
            yield "Cropped", rgb
    if tools.brightness or tools.contrast != 1:
        levels = (np.arange(256) - 127.5) * tools.contrast + 127.5 + 255 * tools.brightness
        rgb = cv2.LUT(rgb, np.clip(np.rint(levels), 0, 255).astype(np.uint8))
        yield "Brightness and contrast", rgb
    if tools.grey:
        rgb = _as_rgb(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
        yield "Grey", rgb
    if tools.denoise:
        # keeps the edges of thin strokes, which a median eats; non-local means takes 20 times as long for the same
        rgb = cv2.bilateralFilter(rgb, 5, tools.denoise, 2)
        yield "Denoised", rgb
    if tools.threshold == "Otsu":
        rgb = _as_rgb(cv2.threshold(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 0, 255, cv2.THRESH_OTSU)[1])
        yield "Otsu threshold", rgb
    if tools.threshold == "adaptive":
        rgb = _as_rgb(_adaptive(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), tools.block_size, tools.offset))
        yield "Adaptive threshold", rgb


def _as_rgb(grey: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def _rotated(rgb: np.ndarray, degrees: float) -> np.ndarray:
    """Turned clockwise on a canvas that holds all of it, the corners filled with the colour of its edges."""
    height, width = rgb.shape[:2]
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    new_width = max(1, round(width * cos + height * abs(sin)))
    new_height = max(1, round(height * cos + width * abs(sin)))
    if (
        new_width * new_height > MAX_STRAIGHTENED_PIXELS
        or max(width, height, new_width, new_height) > MAX_STRAIGHTENED_SIDE
    ):
        raise BadInput(
            f"This picture of {width} × {height} pixels turned by {degrees:.1f}° would be {new_width} × {new_height} "
            f"pixels; at most {MAX_STRAIGHTENED_PIXELS / 1e6:g} million, and {MAX_STRAIGHTENED_SIDE} on a side, "
            "can be straightened. Cut it into shorter pictures, or leave it as it is."
        )
    x, y = (width - 1) / 2, (height - 1) / 2  # pixel centres have whole numbers
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0]])
    matrix[:, 2] = np.array([(new_width - 1) / 2, (new_height - 1) / 2]) - matrix[:, :2] @ [x, y]
    edges = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    fill = tuple(float(level) for level in np.median(edges, axis=0))
    return cv2.warpAffine(rgb, matrix, (new_width, new_height), flags=cv2.INTER_CUBIC, borderValue=fill)


def _cropped(rgb: np.ndarray, region: tuple[float, float, float, float]) -> np.ndarray:
    """The part of it that lies in the region, its edges moved outwards to whole pixels."""
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = (min(max(share, 0.0), 1.0) for share in region)
    if not (x0 < x1 and y0 < y1):  # also where one is not a number
        raise BadInput(
            "The region is empty: there is nothing of the picture in it. Draw one that is wider and higher, or take "
            "the whole picture."
        )
    left, top = math.floor(x0 * width + 1e-6), math.floor(y0 * height + 1e-6)  # 0.1 * 30 is a little more than 3
    right, bottom = math.ceil(x1 * width - 1e-6), math.ceil(y1 * height - 1e-6)
    return rgb[top : max(bottom, top + 1), left : max(right, left + 1)].copy()


def _adaptive(grey: np.ndarray, block_size: int, offset: int) -> np.ndarray:
    """Ink is what is darker than the mean of its neighbourhood; lighter, where the print is light on dark: OpenCV's
    threshold alone turns a dark screen white, with the letters' outlines."""
    small = thumbnail(grey, _SKEW_SIDE).astype(np.float32)
    unlike = small - cv2.blur(small, (31, 31))
    if float((unlike**3).mean()) > 0:  # ink is the rare part, and stands out: it sets the sign of the third moment
        return 255 - _adaptive_dark(255 - grey, block_size, offset)
    return _adaptive_dark(grey, block_size, offset)


def _adaptive_dark(grey: np.ndarray, block_size: int, offset: int) -> np.ndarray:
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block_size, offset)


def _ink(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where there is ink, dark on light or light on dark: (n,) x and y in a small copy."""
    small = thumbnail(rgb, _SKEW_SIDE)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    unlike = cv2.absdiff(grey, cv2.medianBlur(grey, 31))  # a median follows a sheet's edges and a shadow, not letters
    ink = (unlike > max(12.0, 4 * float(np.median(unlike)))).astype(np.uint8)  # grain and texture stay below
    _, parts, boxes, _ = cv2.connectedComponentsWithStats(ink)
    # what is long is no letter: joints of a table, a frame, a fold; in a photo they are seldom parallel to the lines
    sides = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    short = sides < max(small.shape[:2]) / 4
    short[0] = False  # the ground
    y, x = np.nonzero(short[parts])
    every = max(1, len(x) // _SKEW_POINTS)
    jitter = np.random.default_rng(0).uniform(-0.5, 0.5, (2, len(x[::every])))  # or the pixels' grid looks like lines
    return x[::every] + jitter[0], y[::every] + jitter[1]


def _contrast_of_rows(x: np.ndarray, y: np.ndarray, degrees: float, row: float) -> float:
    """Sum of squared differences between the ink in neighbouring rows of `row` pixels that slope by `degrees`."""
    angle = math.radians(degrees)
    across = (y * math.cos(angle) - x * math.sin(angle)) / row
    profile = np.bincount((across - across.min()).astype(np.int64))
    return float((np.diff(profile.astype(np.float64)) ** 2).sum())
