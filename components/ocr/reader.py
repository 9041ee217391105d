"""A read picture: its boxes to point at on one side, the text to correct and copy on the other.

The browser does it all (assets/reader): what a box is chosen for costs no run of the page. It tells what
the visitor made of the text, and which part of the picture should be read alone. Both are the visitor's to change: see
`Read`.
"""

import base64
import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import cv2
import numpy as np

from components.layout import browser_component
from models.ocr.boxes import Reading
from models.ocr.layout.pieces import Piece, joined
from models.ocr.prepare.region import Region
from models.pictures.images import to_jpeg

MAX_CHARACTERS = 1_000_000  # of an edited text
MAX_PIXELS = 2_560_000  # of the picture as shown: 1600 × 1600, or a strip whose letters can still be told apart
LONGEST_SIDE = 16_000  # pixels; browsers draw none that is much longer

SCRIPTS = (
    "copy/clipboard",
    "reader/picture",
    "reader/selection",
    "reader/text",
)  # of assets/, in front of reader/reader.js

# Tabs, or a line that begins with spaces: what only letters of one width show as it is meant
_ALIGNED = re.compile(r"\t|^ {2,}\S", re.MULTILINE)
_WIDEST_CELL = 32  # characters between two tab stops


@dataclass(frozen=True)
class Read:
    """What the visitor made of the text, None while unchanged, and the part of the picture to read alone: left, top,
    right, bottom as shares 0..1 of its width and height. `region` is sent once, in the run that it causes."""

    text: str | None = None
    region: Region | None = None

    @classmethod
    def from_browser(cls, edit: Any, region: Any, *, of: str, picture: str) -> "Read":
        """Nothing where the browser's words are not what our own script says, or belong to another text (`of`) or
        `picture` than the one that is shown now."""
        return cls(_text(edit, of), _region(region, picture))


def _text(edit: Any, of: str) -> str | None:
    if not isinstance(edit, dict) or edit.get("of") != of or not isinstance(text := edit.get("text"), str):
        return None
    if len(text) > MAX_CHARACTERS:
        return None
    # JavaScript may cut an emoji in two, and half of one cannot be saved in any file
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _region(sent: Any, picture: str) -> Region | None:
    if not isinstance(sent, dict) or sent.get("of") != picture or not isinstance(sides := sent.get("sides"), list):
        return None
    if len(sides) != 4 or not all(type(side) in (int, float) and math.isfinite(side) for side in sides):
        return None
    left, top, right, bottom = (min(max(float(side), 0.0), 1.0) for side in sides)
    return (left, top, right, bottom) if left < right and top < bottom else None


def reader(reading: Reading, pieces: Sequence[Piece], *, key: str, weak_below: float = 0.8, crop: bool = False) -> Read:
    """Show the picture with its boxes and the text of `pieces`; words whose score is under `weak_below` are marked.

    What the visitor writes stays until other pieces or another picture come, and comes back with them. With `crop` a
    drag chooses no boxes, only the part to read. Raises ValueError for a piece whose box the reading does not have.
    """
    data = _data(reading, pieces, key, weak_below, crop)
    sent = browser_component("reader", *SCRIPTS)(
        key=key, data=data, on_edit_change=lambda: None, on_region_change=lambda: None
    )
    read = Read.from_browser(
        getattr(sent, "edit", None), getattr(sent, "region", None), of=data["of"], picture=data["picture"]["id"]
    )
    return Read(None, read.region) if read.text == joined(pieces) else read


def _data(reading: Reading, pieces: Sequence[Piece], key: str, weak_below: float, crop: bool) -> dict[str, Any]:
    """What the browser gets. `of` names this text in this picture, so that an edit is never taken for another's."""
    if any(piece.box is not None and not 0 <= piece.box < len(reading.boxes) for piece in pieces):
        raise ValueError(f"a piece belongs to none of the {len(reading.boxes)} boxes")
    text = joined(pieces)
    picture = _picture(reading)
    rows = [[piece.text, piece.box, round(float(piece.score), 3)] for piece in pieces]
    height, width = reading.rgb.shape[:2]
    return {
        "of": _digest(json.dumps([key, picture.id, rows]).encode()),
        "picture": {"id": picture.id, "url": picture.url, "width": width, "height": height},
        "boxes": [[_points(b.polygon), b.text, round(float(b.score), 3)] for b in reading.boxes],
        "codes": [[_points(code.polygon), code.text, code.kind] for code in reading.codes],
        "pieces": rows,
        "weakBelow": weak_below,
        "crop": crop,
        "tab": _tab(text) if _ALIGNED.search(text) else 0,
        "most": MAX_CHARACTERS,
    }


def _points(polygon: np.ndarray) -> list[float]:
    """x, y, x, y … in the picture's pixels."""
    return [round(float(number), 1) for number in polygon.ravel()]


def _tab(text: str) -> int:
    """Characters from one tab stop to the next, so that the cells of a table stand below each other."""
    cells = (cell for line in text.split("\n") if "\t" in line for cell in line.split("\t")[:-1])
    return min(max((len(cell) for cell in cells), default=2) + 2, _WIDEST_CELL)


class _Picture(NamedTuple):
    id: str
    url: str


# Encoding takes as long as a frame or two, and a page runs again at every press of a key
_encoded: "WeakKeyDictionary[Reading, _Picture]" = WeakKeyDictionary()


def _picture(reading: Reading) -> _Picture:
    """The reading's picture as a JPEG in a data: address, small enough for a phone."""
    if (known := _encoded.get(reading)) is None:
        jpeg = to_jpeg(_shown(reading.rgb))
        url = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
        known = _encoded[reading] = _Picture(_digest(jpeg), url)
    return known


def _shown(rgb: np.ndarray) -> np.ndarray:
    """The picture in MAX_PIXELS, aspect kept, never enlarged."""
    height, width = rgb.shape[:2]
    scale = min(1.0, math.sqrt(MAX_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))
    if scale == 1:
        return rgb
    size = max(1, math.floor(width * scale)), max(1, math.floor(height * scale))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:20]
