"""People's masks on a picture: the background blurred or cut out, each person tinted in a colour of their own.

A mask is uint8 (H, W), 0 where nobody is and 255 where the person surely is; its soft edge blends. Pictures are RGB
uint8 (H, W, 3) and are not written to. Measured on 640×480 with one thread, two people: cut out 1.5 ms, tint 2 ms, blur
2.2 ms.
"""

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from models.pictures.arrays import check

Colour = tuple[int, int, int]

KEEP, BLUR, CUT_OUT, COLOUR, PICTURE = BACKGROUNDS = ("Keep", "Blur", "Cut out", "Colour", "Picture")

PLAIN = (38, 44, 56)  # dark, so that skeletons in light colours stand out on it
Behind = Colour | np.ndarray
"""What stands where people are not: a colour, or a picture, RGB uint8 (h, w, 3) of any size."""

TINT = 0.5
_SHRINK = 8  # the background is blurred at an eighth of its size: it has nothing finer left to show
BLUR_SHARE = 0.06  # standard deviation, in parts of the shorter side


def together(masks: Sequence[np.ndarray], size_wh: tuple[int, int]) -> np.ndarray:
    """All people's masks as one, of that width and height: for each pixel the surest of them; all 0 without people.
    A mask of another size (the camera has changed its own meanwhile) is scaled."""
    whole = np.zeros(size_wh[::-1], np.uint8)
    for mask in masks:
        cv2.max(whole, _fitted(mask, size_wh), dst=whole)
    return whole


def with_background(
    rgb: np.ndarray, masks: Sequence[np.ndarray], background: str, behind: Behind = PLAIN
) -> np.ndarray:
    """The people of a picture as they are, the rest as `background` says: one of BACKGROUNDS. `behind` is that colour
    or that picture. Without people all of the picture is background. Raises ValueError for another word."""
    if background not in BACKGROUNDS:
        raise ValueError(f"background must be one of {', '.join(BACKGROUNDS)}, got {background!r}")
    height, width = check(rgb)
    if background == KEEP:
        return rgb.copy()
    people = together(masks, (width, height))
    if background == BLUR:
        back = _blurred(rgb, people)
    elif isinstance(behind, np.ndarray):
        back = _covering(behind, (width, height))
    else:
        back = _filled(rgb, PLAIN if background == CUT_OUT else behind)
    return _blend(rgb, back, people)


def see_through(rgb: np.ndarray, masks: Sequence[np.ndarray]) -> bytes:
    """The people alone, as a PNG file whose opacity is their masks'."""
    height, width = check(rgb)
    file = io.BytesIO()
    Image.fromarray(np.dstack((rgb, together(masks, (width, height))))).save(file, "PNG")
    return file.getvalue()


def tinted(
    rgb: np.ndarray, masks: Sequence[np.ndarray], colours: Sequence[Colour], strength: float = TINT
) -> np.ndarray:
    """The picture with each person half in the colour that stands at their mask's place; `strength` in 0..1."""
    height, width = check(rgb)
    out = rgb.copy()
    for mask, colour in zip(masks, colours, strict=True):
        share = cv2.convertScaleAbs(_fitted(mask, (width, height)), alpha=strength)
        out = _blend(_filled(rgb, colour), out, share)
    return out


def _fitted(mask: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    return mask if mask.shape == size_wh[::-1] else cv2.resize(mask, size_wh, interpolation=cv2.INTER_LINEAR)


def _covering(picture: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """The middle of the picture, as large as fits that width and height."""
    scale = max(size_wh[0] / picture.shape[1], size_wh[1] / picture.shape[0])
    width, height = (max(1, round(side / scale)) for side in size_wh)
    left, top = (picture.shape[1] - width) // 2, (picture.shape[0] - height) // 2
    return cv2.resize(picture[top : top + height, left : left + width], size_wh, interpolation=cv2.INTER_AREA)


def _filled(rgb: np.ndarray, colour: Colour) -> np.ndarray:
    """A picture of that size in one colour; numpy's own filling is ten times slower for three channels."""
    height, width = rgb.shape[:2]
    return cv2.rectangle(np.empty_like(rgb), (0, 0), (width, height), colour, cv2.FILLED)


def _blend(front: np.ndarray, back: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`front` where `share` is 255, `back` where it is 0. In bytes and in place: three times faster than float."""
    share = cv2.merge((share, share, share))
    shown = cv2.multiply(front, share, scale=1 / 255)
    rest = cv2.multiply(back, cv2.bitwise_not(share, dst=share), scale=1 / 255, dst=share)
    return cv2.add(shown, rest, dst=shown)


def _blurred(rgb: np.ndarray, people: np.ndarray) -> np.ndarray:
    """The background without its people: each pixel is weighted by how surely nobody is there (normalised convolution,
    Knutsson & Westin 1993), else the people would have a halo of their own colours."""
    height, width = people.shape
    small = (max(1, width // _SHRINK), max(1, height // _SHRINK))
    empty = cv2.bitwise_not(people)
    without = cv2.multiply(rgb, cv2.merge((empty, empty, empty)), scale=1 / 255)
    colours = cv2.resize(without, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = cv2.resize(empty, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    sigma = max(1.0, BLUR_SHARE * min(small))
    soft = cv2.GaussianBlur(colours, (0, 0), sigma) / (cv2.GaussianBlur(weight, (0, 0), sigma)[:, :, None] + 1e-3)
    return cv2.resize(np.rint(soft).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
