"""What is read in a picture: words in lines in reading order, bar codes, and how long each stage took.

One vocabulary for every engine (PP-OCR, Tesseract) and for all that is done with the result: text rules, exports,
the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

MAX_SENT_LINES, MAX_SENT_CHARACTERS = 300, 20_000  # to a browser at a time: at most 140 kB


def _checked(polygon: np.ndarray, score: float) -> None:
    if polygon.shape != (4, 2) or polygon.dtype != np.float32:
        raise ValueError(f"polygon must be float32 (4, 2), got {polygon.dtype} {polygon.shape}")
    if not 0 <= score <= 1:
        raise ValueError(f"score must lie in 0..1, got {score}")


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """The polygon of upright text, float32 (4, 2), from its sides in pixels."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


@dataclass(frozen=True, eq=False)
class Word:
    """A word without spaces. `polygon` as in `TextBox`; `score` in 0..1 is how sure the engine is of its letters."""

    text: str
    score: float
    polygon: np.ndarray

    def __post_init__(self) -> None:
        _checked(self.polygon, self.score)


@dataclass(frozen=True, eq=False)
class TextBox:
    """One line of text, or one part of a line that stands apart, such as a table's cell.

    `polygon` is float32 (4, 2), pixels, x to the right and y down, clockwise from the corner where the reader begins:
    top left, top right, bottom right, bottom left of the letters, however they are turned. `words` are in order,
    and joined by single spaces they are `text`; empty where the engine reports none.
    """

    polygon: np.ndarray
    text: str
    score: float
    words: tuple[Word, ...] = ()

    def __post_init__(self) -> None:
        _checked(self.polygon, self.score)

    @classmethod
    def of_words(cls, polygon: np.ndarray, words: Sequence[Word]) -> "TextBox":
        """The line that these words make; its score is their mean over all letters."""
        letters = sum(len(word.text) for word in words)
        score = sum(word.score * len(word.text) for word in words) / max(1, letters)
        return cls(polygon.astype(np.float32), " ".join(word.text for word in words), min(1.0, score), tuple(words))

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the upright rectangle around it, in pixels."""
        left, top = self.polygon.min(axis=0)
        right, bottom = self.polygon.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def height(self) -> float:
        """Of the line, across its direction of reading, in pixels."""
        return (
            float(np.linalg.norm(self.polygon[0] - self.polygon[3]) + np.linalg.norm(self.polygon[1] - self.polygon[2]))
            / 2
        )


@dataclass(frozen=True, eq=False)
class Detection:
    """The first stage: where there is text, not what it says.

    `heat` is float32 (h, w) in 0..1, the network's certainty that there is text; it covers the whole picture.
    `polygons` is float32 (n, 4, 2) in the picture's pixels, points as in `TextBox`, unordered; `scores` float32 (n,).
    """

    heat: np.ndarray
    polygons: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        if self.heat.ndim != 2 or self.heat.dtype != np.float32:
            raise ValueError(f"heat must be float32 (h, w), got {self.heat.dtype} {self.heat.shape}")
        n = len(self.scores)
        if self.polygons.shape != (n, 4, 2):
            raise ValueError(f"polygons must have shape ({n}, 4, 2), got {self.polygons.shape}")


@dataclass(frozen=True, eq=False)
class Code:
    """A QR or bar code. `kind` in words, such as "QR code" or "EAN-13"; `polygon` as in `TextBox`."""

    kind: str
    text: str
    polygon: np.ndarray

    def __post_init__(self) -> None:
        _checked(self.polygon, 1.0)


@dataclass(frozen=True, eq=False)
class Unread:
    """Lines that were found and hardly read, as when the network has never seen their script.

    `polygons` is float32 (n, 4, 2), pixels, points as in `TextBox`; `share` of the length of all lines, 0..1; `scripts`
    whose letters they seem to be, as Unicode names them ("Cyrillic"), empty where that could not be told.
    """

    polygons: np.ndarray
    share: float
    scripts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.polygons.shape[1:] != (4, 2) or len(self.polygons) == 0:
            raise ValueError(f"polygons must have shape (n, 4, 2), n > 0, got {self.polygons.shape}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"share must lie in 0..1, got {self.share}")


@dataclass(frozen=True, eq=False)
class Reading:
    """All that was read in one picture.

    `rgb` is uint8 (H, W, 3), the picture turned upright: by `turned` quarter turns clockwise, 0 to 3, from the
    original. Boxes (in reading order) and codes are in its pixels. `seconds` says where the time went, by stage;
    `engine` who read it, in words. `detection` is None where the engine does not show its first stage, `unread` where
    (almost) all that was found was read.
    """

    rgb: np.ndarray
    boxes: tuple[TextBox, ...]
    codes: tuple[Code, ...] = ()
    turned: int = 0
    engine: str = ""
    detection: Detection | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    unread: Unread | None = None

    @property
    def score(self) -> float:
        """The mean certainty over all letters, 0..1, of which those of unread lines count as 0; 0 where nothing was
        read."""
        letters = sum(len(box.text) for box in self.boxes)
        read = 1 - (self.unread.share if self.unread else 0.0)
        return read * sum(box.score * len(box.text) for box in self.boxes) / letters if letters else 0.0

    def to_browser(self, text: str, weak_below: float) -> dict[str, Any]:
        """What the painter `lines` draws: each line's corners in pixels of the original picture, to 0.1, and whether
        its score is below `weak_below`; beside them `text`, the lines arranged. Both are cut where they are too many,
        as `note` says."""
        boxes, shown = self.boxes_as_it_lay()[:MAX_SENT_LINES], text[:MAX_SENT_CHARACTERS]
        height, width = self.rgb.shape[:2]
        is_cut = len(boxes) < len(self.boxes) or shown != text
        return {
            "kind": "lines",
            "lines": [[*b.polygon.ravel().astype(float).round(1).tolist(), b.score < weak_below] for b in boxes],
            "size": (height, width) if self.turned % 2 else (width, height),
            "text": shown,
            "note": "This is only the beginning of a long text." if is_cut else "",
        }

    def boxes_as_it_lay(self) -> list[TextBox]:
        """The boxes in the pixels of the original picture, before it was turned upright. Their corners keep their
        order: the first is still where the reader begins."""

        def turned_back(polygon: np.ndarray) -> np.ndarray:
            height, width = self.rgb.shape[:2]
            for _ in range(self.turned):
                polygon = np.column_stack([polygon[:, 1], width - polygon[:, 0]])
                height, width = width, height
            return polygon

        return [
            replace(
                box,
                polygon=turned_back(box.polygon),
                words=tuple(replace(word, polygon=turned_back(word.polygon)) for word in box.words),
            )
            for box in self.boxes
        ]
