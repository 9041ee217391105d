"""Files made of what was read: plain text and JSON. hocr.py and searchable_pdf.py make the others.

JSON, version 1: {"format": "limelight-ocr", "version": 1, "pages": [page, …]}, and each page has

    name, width, height    the file's name; pixels of the picture as it was read, upright
    turned                 quarter turns clockwise, 0 to 3, from the original picture to the upright one
    engine, score          the engine's name; the mean certainty over all letters, 0..1
    seconds                {stage: seconds}
    text, arranged         the page's text, with the visitor's changes; the rule that arranged it, or null
    rows                   the table as lists of cells, or null
    boxes                  [{text, score, polygon, words: [{text, score, polygon}]}] in reading order, as read
    codes                  [{kind, text, polygon}]

A polygon is four [x, y] in pixels, clockwise from the top left of the letters, however they are turned.
"""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.ocr.boxes import Reading, TextBox, Word
from models.ocr.files.glyphless_font import advance
from models.ocr.layout.pieces import Arranged
from models.ocr.lines.crop import part_of

FORMAT, VERSION = "limelight-ocr", 1
_BREAKS = str.maketrans("\t\n\r\f\v", " " * 5)


@dataclass(frozen=True, eq=False)
class Page:
    """One picture and what was read in it. `name` is its file's; `arranged` the text by one of the rules; `text` the
    text as the visitor left it, None where it was not touched."""

    name: str
    reading: Reading
    text: str | None = None
    arranged: Arranged | None = None

    @property
    def final_text(self) -> str:
        """The visitor's text, else the arranged one, else the boxes as lines."""
        if self.text is not None:
            return self.text
        return self.arranged.text if self.arranged else "\n".join(box.text for box in self.reading.boxes)


def to_text(pages: Iterable[Page]) -> str:
    """The pages' texts. Each ends with a line break; a form feed stands between two pages, as pdftotext does it."""
    return _encodable("\f".join(page.final_text.replace("\f", "\n").rstrip("\n") + "\n" for page in pages))


def to_json(pages: Iterable[Page]) -> str:
    """All there is to know but the pictures, as the module's docstring describes it. Pixels are rounded to 0.1,
    scores and seconds to 0.001."""
    document = {"format": FORMAT, "version": VERSION, "pages": [_page(page) for page in pages]}
    return _encodable(json.dumps(document, ensure_ascii=False, allow_nan=False))


def words_of(box: TextBox) -> tuple[Word, ...]:
    """The box's words; where the engine reports none, its text cut at the spaces, with polygons that divide the box's
    by the typical widths of letters. Words come without control characters, and empty ones are left out."""
    words = box.words or _divided(box)
    cleaned = ((word, printable(word.text)) for word in words)
    return tuple(
        word if text == word.text else Word(text, word.score, word.polygon) for word, text in cleaned if text.strip()
    )


def printable(text: str) -> str:
    """`text` without what XML 1.0 and PDF text cannot hold: control characters, lone surrogates, non-characters.
    Line breaks and tabs become spaces."""
    text = text.translate(_BREAKS)
    return "".join(
        char for char in text if unicodedata.category(char) not in ("Cc", "Cs") and (ord(char) & 0xFFFE) != 0xFFFE
    )


def reads_leftwards(text: str) -> bool:
    """Whether its first letter that has a direction is of a script written from right to left."""
    classes = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in classes if kind in ("L", "R", "AL")), "L") != "L"


def _divided(box: TextBox) -> tuple[Word, ...]:
    if not box.text.split():
        return ()
    edges = np.cumsum([0, *(advance(char) for char in box.text)], dtype=np.float64)
    edges /= edges[-1]
    leftwards = reads_leftwards(box.text)
    words, end = [], 0
    for text in box.text.split():
        start = box.text.index(text, end)
        end = start + len(text)
        part = (1 - edges[end], 1 - edges[start]) if leftwards else (edges[start], edges[end])
        words.append(Word(text, box.score, part_of(box.polygon, *part)))
    return tuple(words)


def _page(page: Page) -> dict[str, Any]:
    reading = page.reading
    height, width = reading.rgb.shape[:2]
    return {
        "name": page.name,
        "width": width,
        "height": height,
        "turned": reading.turned,
        "engine": reading.engine,
        "score": _rounded(reading.score),
        "seconds": {stage: _rounded(seconds) for stage, seconds in reading.seconds.items()},
        "text": page.final_text,
        "arranged": page.arranged.mode if page.arranged else None,
        "rows": [list(row) for row in page.arranged.rows] if page.arranged and page.arranged.rows else None,
        "boxes": [{**_read(box), "words": [_read(word) for word in box.words]} for box in reading.boxes],
        "codes": [{"kind": code.kind, "text": code.text, "polygon": _pixels(code.polygon)} for code in reading.codes],
    }


def _read(part: TextBox | Word) -> dict[str, Any]:
    return {"text": part.text, "score": _rounded(part.score), "polygon": _pixels(part.polygon)}


def _rounded(value: float) -> float:
    return round(float(value), 3)


def _pixels(polygon: np.ndarray) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in polygon]


def _encodable(text: str) -> str:
    """A lone surrogate, as a bar code's bytes may become, would stop the file from being written as UTF-8."""
    return text.encode("utf-8", "replace").decode()
