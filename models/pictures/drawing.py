"""Overlays and picture grids: take RGB uint8 (H, W, 3), return a NEW one; the input is never modified.

Called for every video frame, so the times matter. Measured on 640×480 with one thread: label 0.1 ms, or 0.5
to 0.9 ms when its text is new; heatmap 0.6 ms.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.pictures.arrays import check

Region = tuple[int, int, int, int]  # x, y, width, height in pixels

PLATE_LIGHT = 0.35  # how much of the picture shines through a caption's plate
_OUTSIDE_LIGHT = 0.7  # brightness left outside a heat map's region


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Of #rrggbb, 0 to 255 each."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _rgb_palette(colormap: int) -> np.ndarray:
    """One of OpenCV's colour maps as RGB (256, 1, 3), so that applying it needs no BGR → RGB pass."""
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    return cv2.cvtColor(cv2.applyColorMap(ramp, colormap), cv2.COLOR_BGR2RGB)


# Inferno gets lighter all the way up, so it reads on a washed-out projector and for colour-blind people.
# Turbo is brightest in its middle: half-hot would outshine hot.
_INFERNO = _rgb_palette(cv2.COLORMAP_INFERNO)
_VIRIDIS = _rgb_palette(cv2.COLORMAP_VIRIDIS)


def heatmap(rgb: np.ndarray, heat: np.ndarray, *, strength: float = 0.5, region: Region | None = None) -> np.ndarray:
    """The picture glowing where `heat`, float (h, w) in 0..1, is high: cold leaves it as it is, and the
    hottest is `strength` (0..1) parts colour. NaN counts as cold.

    `region` (x, y, width, height in pixels) is where the heat map lies when the model saw only a part of the
    picture; the rest is dimmed. ValueError if it reaches outside the picture, or for wrong shapes.
    """
    height, width = check(rgb)
    if heat.ndim != 2 or heat.size == 0:
        raise ValueError(f"expected heat of shape (h, w), got {heat.shape}")
    if not 0 <= strength <= 1:
        raise ValueError(f"expected strength in 0..1, got {strength}")
    x, y, w, h = region or (0, 0, width, height)
    if min(x, y) < 0 or min(w, h) < 1 or x + w > width or y + h > height:
        raise ValueError(f"expected a region inside 0, 0, {width}, {height}, got {x}, {y}, {w}, {h}")

    level = _heat_level(heat, w, h)
    # The blend as two tables over the level: how much of the picture stays, and the light added to it.
    alpha = np.linspace(0, strength, 256)[:, None, None]
    stays = np.rint(255 * (1 - alpha)).astype(np.uint8).repeat(3, axis=2)
    added = np.rint(_INFERNO * alpha).astype(np.uint8)
    glowing = cv2.multiply(rgb[y : y + h, x : x + w], cv2.applyColorMap(level, stays), scale=1 / 255)
    cv2.add(glowing, cv2.applyColorMap(level, added), dst=glowing)
    if region is None:
        return glowing
    out = cv2.convertScaleAbs(rgb, alpha=_OUTSIDE_LIGHT)
    out[y : y + h, x : x + w] = glowing
    return out


def heat_layer(heat: np.ndarray, width: int, height: int, *, strength: float = 0.5) -> np.ndarray:
    """What `heatmap` lays over a picture, for a browser to lay it there: RGBA uint8 (height, width, 4), see-through
    where it is cold."""
    level = _heat_level(heat, width, height)
    alpha = np.rint(strength * level).astype(np.uint8)
    return np.dstack([cv2.applyColorMap(level, _INFERNO), alpha])


def _heat_level(heat: np.ndarray, width: int, height: int) -> np.ndarray:
    # In bytes throughout: five times faster than float, and cubic's overshoot saturates instead of wrapping.
    level = np.rint(255 * np.clip(np.nan_to_num(heat), 0, 1)).astype(np.uint8)
    return cv2.resize(level, (width, height), interpolation=cv2.INTER_CUBIC)


def grid(
    tiles: Sequence[np.ndarray],
    *,
    columns: int,
    pad: int = 2,
    background: tuple[int, int, int] = (24, 24, 24),
) -> np.ndarray:
    """Tiles of one size, RGB uint8 (h, w, 3) or grey uint8 (h, w), row by row in one picture, `pad` pixels of
    `background` between them. Fewer tiles than `columns` make it narrower. ValueError if sizes differ.
    """
    if not len(tiles) or columns < 1 or pad < 0:
        raise ValueError(f"expected tiles, columns ≥ 1 and pad ≥ 0, got {len(tiles)}, {columns} and {pad}")
    height, width = tiles[0].shape[:2]
    for tile in tiles:
        if tile.dtype != np.uint8 or tile.shape not in ((height, width), (height, width, 3)):
            raise ValueError(
                f"expected uint8 tiles of shape {(height, width)} or {(height, width, 3)}, "
                f"got {tile.dtype} {tile.shape}"
            )
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    out = np.empty((rows * (height + pad) - pad, columns * (width + pad) - pad, 3), np.uint8)
    out[:] = background
    for i, tile in enumerate(tiles):
        y, x = i // columns * (height + pad), i % columns * (width + pad)
        out[y : y + height, x : x + width] = tile if tile.ndim == 3 else tile[:, :, None]
    return out


def feature_maps(maps: np.ndarray, *, columns: int = 8, tile: int = 48) -> np.ndarray:
    """Activations float (n, h, w) as a grid of viridis tiles, the longer side of each `tile` pixels.

    Each map is stretched to 0..255 on its own, so that a faint channel shows too; a constant one is all dark.
    Small maps are enlarged without smoothing: their pixels are what there is to see.
    """
    if maps.ndim != 3 or maps.size == 0:
        raise ValueError(f"expected maps of shape (n, h, w), got {maps.shape}")
    n, h, w = maps.shape
    values = np.nan_to_num(maps.astype(np.float32))
    low = values.min(axis=(1, 2), keepdims=True)
    span = values.max(axis=(1, 2), keepdims=True) - low
    level = np.rint(255 * (values - low) / np.where(span > 0, span, 1)).astype(np.uint8)
    coloured = cv2.applyColorMap(level.reshape(n * h, w), _VIRIDIS).reshape(n, h, w, 3)
    scale = tile / max(h, w)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    how = cv2.INTER_NEAREST if scale >= 1 else cv2.INTER_AREA
    return grid([cv2.resize(one, size, interpolation=how) for one in coloured], columns=columns)


def mirror(rgb: np.ndarray) -> np.ndarray:
    """The picture as a mirror shows it, left and right swapped; a contiguous copy."""
    check(rgb)
    return cv2.flip(rgb, 1)


def _dejavu() -> Path | None:
    """DejaVu Sans (Latin, Greek, Cyrillic, symbols), which matplotlib ships; found without importing it."""
    spec = find_spec("matplotlib")
    file = Path(spec.origin or "").parent / "mpl-data/fonts/ttf/DejaVuSans.ttf" if spec else None
    return file if file and file.is_file() else None


_FONT_FILE = _dejavu()


@lru_cache(maxsize=32)
def font_of(em: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu Sans at `em` pixels; Pillow's own where it is not there."""
    return ImageFont.truetype(_FONT_FILE, em) if _FONT_FILE else ImageFont.load_default(em)


@lru_cache(maxsize=256)
def typeset(text: str, em: int, width: int) -> np.ndarray:
    """A caption's ink, read-only uint8 (h, w ≤ `width`): 0 where the plate is bare, 255 where it is white."""
    margin, font = em // 2, font_of(em)
    fitted = _fit(text, font, width - 2 * margin)
    size = min(width, int(font.getlength(fitted)) + 1 + 2 * margin), 2 * (margin // 2) + round(1.25 * em)
    plate = Image.new("L", size)
    ImageDraw.Draw(plate).text((margin, margin // 2), fitted, fill=255, font=font)
    mask = np.asarray(plate).copy()
    mask.flags.writeable = False  # shared by every frame with this caption
    return mask


def plate(out: np.ndarray, ink: np.ndarray, x: int, y: int) -> None:
    """White letters, `ink` as `typeset` makes it, on a dark translucent plate; cut off at the picture's edge. Writes to
    `out`."""
    x, y = max(0, x), max(0, y)
    under = out[y : y + ink.shape[0], x : x + ink.shape[1]]
    if under.size:
        ink = ink[: under.shape[0], : under.shape[1]]
        dark = cv2.convertScaleAbs(under, alpha=PLATE_LIGHT)
        under[:] = cv2.max(dark, cv2.merge((ink, ink, ink)))


def _fit(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: float) -> str:
    """As much of `text` as is at most `room` pixels wide, with "…" where it is cut."""
    if not _FONT_FILE:  # Pillow's own font has ASCII only: é → e, and what has no base letter is left out
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    if font.getlength(text) <= room:
        return text
    fitting = bisect_right(range(len(text)), room, key=lambda n: font.getlength(text[:n] + "…")) - 1
    return text[: max(0, fitting)].rstrip() + "…"
