"""Boxes and labels of pixels on a picture that is sent as one."""

import io
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image

from models.pictures.arrays import check
from models.pictures.drawing import rgb_of
from models.taught.boxes import Box


def outlined(rgb: np.ndarray, boxes: Sequence[Box], colours: Mapping[str, str]) -> np.ndarray:
    """A new picture with the boxes' outlines."""
    height, width = check(rgb)
    out = rgb.copy()
    for box in reversed(boxes):
        at = [round(n * side) for n, side in zip(box.corners, (width, height) * 2, strict=True)]
        cv2.rectangle(out, at[:2], at[2:], rgb_of(colours.get(box.name, "#7ac70c")), max(2, width // 200))
    return out


def cut_out(rgb: np.ndarray, box: Box) -> np.ndarray:
    """What lies in the box, one pixel at least."""
    height, width = check(rgb)
    left, top = min(int(box.left * width), width - 1), min(int(box.top * height), height - 1)
    return rgb[top : max(top + 1, round(box.bottom * height)), left : max(left + 1, round(box.right * width))]


def layer(mask: np.ndarray, colours: Sequence[str], opacity: float = 0.5, *, clear: int | None = None) -> np.ndarray:
    """The labels uint8 (H, W) as RGBA uint8 (H, W, 4), each in its class's colour; class number `clear` in none."""
    table = np.array([(*rgb_of(colour), round(255 * opacity)) for colour in colours], np.uint8)
    if clear is not None:
        table[clear, 3] = 0
    return table[np.minimum(mask, len(table) - 1)]


def labelled(rgb: np.ndarray, mask: np.ndarray, colours: Sequence[str], opacity: float = 0.5) -> np.ndarray:
    """A new picture under its labels' colours."""
    over = layer(mask, colours)[..., :3]
    return cv2.addWeighted(rgb, 1 - opacity, np.ascontiguousarray(over), opacity, 0)


def webp(rgba: np.ndarray) -> bytes:
    """As a WebP file without loss, see-through where it is."""
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "webp", lossless=True, quality=0, method=0)
    return file.getvalue()


def png(mask: np.ndarray, colours: Sequence[str]) -> bytes:
    """The labels as a PNG with a palette: a pixel's value is its class number."""
    image, file = Image.fromarray(mask, "P"), io.BytesIO()
    image.putpalette([part for colour in colours for part in rgb_of(colour)])
    image.save(file, "PNG")
    return file.getvalue()


def npz(mask: np.ndarray, names: Sequence[str]) -> bytes:
    """`mask` uint8 (H, W) and `names`, for numpy.load."""
    file = io.BytesIO()
    np.savez_compressed(file, mask=mask, names=np.array(names))
    return file.getvalue()
