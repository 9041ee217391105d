"""All samples on one plane, alike ones near each other: points or pictures to look at, one by one."""

import base64
import hashlib
import io
import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from components.layout import browser_component
from components.remembered import Recent
from components.teachable.gallery import COLOUR
from models.teachable.kinds import thumb

MAX_POINTS = 1500
TILE_SIDES = (96, 72, 48)  # pixels of a picture in the sheet: the fewer there are, the sharper they come
MAX_PIXELS = 3_600_000  # of the sheet
WIDENED = 1.5


class _Sheet(NamedTuple):
    """All pictures in one JPEG, row by row, as a data: address."""

    id: str
    url: str
    side: int
    columns: int


def sample_map(
    points: np.ndarray, jpegs: Sequence[bytes], class_of: Sequence[int], classes: Sequence[tuple[str, str]], *, key: str
) -> None:
    """Show samples at `points`, float (n, 2), in the colours of their `classes` (name, #rrggbb).

    Raises ValueError for more than MAX_POINTS and for arguments that do not fit each other.
    """
    browser_component("sample_map")(key=key, data=_data(points, jpegs, class_of, classes))


def _data(
    points: np.ndarray, jpegs: Sequence[bytes], class_of: Sequence[int], classes: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """What the browser gets. `of` names these samples at these points: what was clicked on another is not marked."""
    n = len(jpegs)
    if n > MAX_POINTS:
        raise ValueError(f"a map has {MAX_POINTS} points at most, got {n}")
    if points.shape != (n, 2) or len(class_of) != n:
        raise ValueError(f"{n} pictures need points ({n}, 2) and as many classes, got {points.shape}, {len(class_of)}")
    if not np.isfinite(points).all():
        raise ValueError("points must be finite")
    if not all(0 <= number < len(classes) for number in class_of):
        raise ValueError(f"class numbers must be in 0..{len(classes) - 1}")
    if not all(COLOUR.fullmatch(colour) for _, colour in classes):
        raise ValueError(f"colours must be #rrggbb, got {[colour for _, colour in classes]}")
    places, height = _places(points)
    sheet = _sheet(jpegs)
    return {
        "of": hashlib.sha256(json.dumps([sheet.id, places]).encode()).hexdigest()[:20],
        "sheet": sheet._asdict(),
        "points": places,
        "height": height,
        "classOf": [int(number) for number in class_of],
        "classes": [[name, colour] for name, colour in classes],
    }


def _places(points: np.ndarray) -> tuple[list[list[float]], float]:
    """Points with x in 0..1 and y, downwards, in 0..height; scaled as one, for distances mean something. Only what is
    tall is widened, by half at most: windows are wide."""
    if not len(points):
        return [], 1.0
    low, high = points.min(0), points.max(0)
    middle, (width, height) = (low + high) / 2, high - low
    widened = float(np.clip(height / max(width, 1e-9) / 0.6, 1, WIDENED))
    span = float(max(width * widened, height / 1.2, 1e-9))
    x, y = (points - middle).T / span
    height = min(max(float(height) / span, 0.3), 1.2)
    return np.stack([0.5 + widened * x, height / 2 - y], 1).round(4).tolist(), round(height, 4)


_sheets: Recent[_Sheet] = Recent(8)  # making one takes up to a second


def _sheet(jpegs: Sequence[bytes]) -> _Sheet:
    """Of these pictures."""
    known = hashlib.sha256()
    for jpeg in jpegs:
        known.update(hashlib.sha256(jpeg).digest())
    return _sheets.get(known.digest(), lambda: _made(jpegs, known.hexdigest()[:20]))


def _made(jpegs: Sequence[bytes], name: str) -> _Sheet:
    columns = max(1, math.ceil(math.sqrt(len(jpegs))))
    rows = max(1, math.ceil(len(jpegs) / columns))
    side = next((side for side in TILE_SIDES if columns * rows * side**2 <= MAX_PIXELS), TILE_SIDES[-1])
    image = Image.new("RGB", (columns * side, rows * side))
    for place, jpeg in enumerate(jpegs):
        with Image.open(io.BytesIO(thumb(jpeg, side)), formats=["JPEG"]) as tile:
            image.paste(tile, (place % columns * side, place // columns * side))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=75)
    return _Sheet(name, "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode(), side, columns)
