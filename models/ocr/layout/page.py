"""A page of text boxes, straightened: where each stands once the page's skew is taken out, and which share a line."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from models.ocr.boxes import TextBox
from models.ocr.layout.right_to_left import RIGHT_TO_LEFT

MAX_CORNER_ERROR = 2.0  # pixels by which a detector's corner may be off


@dataclass(frozen=True, eq=False)
class Line:
    """Boxes side by side, in the order they are read. `boxes` are numbers in the page; `gap` is the widest white
    between two of them, in line heights; the rest pixels."""

    boxes: list[int]
    text: str
    left: float
    right: float
    middle: float
    height: float
    gap: float = 0.0
    parts: int = 1

    @property
    def letter(self) -> float:
        """Mean width of a letter, in pixels."""
        return (self.right - self.left) / max(len(self.text), 1)


class Page:
    """Boxes turned so that most lines lie level. They are numbered by their place, so that the result does not depend
    on the order they came in; `origins[i]` is box i's index in that order.

    `left`, `right`, `top`, `bottom`, `middle`, `height` are float64 (n,), pixels of the straightened page.
    """

    def __init__(self, boxes: Sequence[TextBox], origins: Sequence[int] | None = None) -> None:
        """`origins` are the boxes' indices where several come from one; by default each has its own."""
        texts = [" ".join(box.text.split()) for box in boxes]
        polygons = np.array([box.polygon for box in boxes], np.float64).reshape(-1, 4, 2)
        polygons = np.nan_to_num(polygons, nan=0.0, posinf=0.0, neginf=0.0)
        keys = [(*polygons[i, :, 1], *polygons[i, :, 0], texts[i], boxes[i].score) for i in range(len(boxes))]
        order = sorted((i for i in range(len(boxes)) if texts[i]), key=keys.__getitem__)
        self.origins = order if origins is None else [origins[i] for i in order]
        self.boxes = [boxes[i] for i in order]
        self.texts = [texts[i] for i in order]
        self.polygons = straightened(polygons[order])
        along = self.polygons[:, [1, 2]] - self.polygons[:, [0, 3]]
        level = abs(along[..., 1]).sum(1) <= abs(along[..., 0]).sum(1)
        self.left, self.top = self.polygons.min(1).T
        self.right, self.bottom = self.polygons.max(1).T
        self.middle = self.polygons[..., 1].mean(1)
        long = np.array([len(text) > 2 for text in self.texts], bool)
        # across the page's lines
        self.standing = ~level | (long & (self.bottom - self.top > 2 * (self.right - self.left)))
        across = np.linalg.norm(self.polygons[:, [0, 1]] - self.polygons[:, [3, 2]], axis=2).mean(1)
        # A level box's own height: the upright rectangle around a long, slightly slanted line is too tall.
        self.height = np.maximum(np.where(level, np.minimum(across, self.bottom - self.top), self.bottom - self.top), 1)
        self.top, self.bottom = self.middle - self.height / 2, self.middle + self.height / 2

    def __len__(self) -> int:
        return len(self.boxes)

    @cached_property
    def line_height(self) -> float:
        """The median height of a line, in pixels."""
        return float(np.median(self.height)) if len(self) else 1.0

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the page, in lower case, without the marks around it."""
        return frozenset(word.strip(".,;:!?()\"'“”").lower() for text in self.texts for word in text.split())

    @cached_property
    def rows(self) -> list[list[int]]:
        """The visual lines over the whole width, columns or not, from top to bottom."""
        return self.rows_of(range(len(self)))

    def rows_of(self, numbers: Iterable[int]) -> list[list[int]]:
        """These boxes as visual lines, top to bottom, each left to right.

        Grown from the left, each box joining the line whose last box is level with it: follows a curled receipt.
        """
        order = sorted(numbers, key=lambda i: (self.left[i], self.middle[i], i))
        middles, heights = np.empty(len(order)), np.empty(len(order))  # of each row's last box
        rows: list[list[int]] = []
        for i in order:
            n, middle, height = len(rows), self.middle[i], self.height[i]
            if n:
                apart = np.abs(middles[:n] - middle)
                smaller = np.minimum(heights[:n], height)
                overlap = (heights[:n] + height) / 2 - apart
                # A drop capital or a stamp along the margin is in no line.
                alike = np.maximum(heights[:n], height) < 3 * smaller
                relative = np.where(alike & (overlap >= smaller / 2), apart / smaller, np.inf)
                best = int(relative.argmin())
                if relative[best] < np.inf:
                    rows[best].append(i)
                    middles[best], heights[best] = middle, height
                    continue
            middles[n], heights[n] = middle, height
            rows.append([i])
        return sorted(rows, key=lambda row: (sum(self.middle[i] for i in row) / len(row), self.left[row[0]]))

    def line(self, row: Sequence[int]) -> Line:
        """The row as a line to read: from the right where its letters go that way."""
        boxes = list(row)
        height = sorted(float(self.height[i]) for i in boxes)[len(boxes) // 2]
        gaps = [float(self.left[b] - self.right[a]) / height for a, b in pairwise(boxes)]
        if goes_left(self.texts[i] for i in boxes):
            boxes.reverse()
        return Line(
            boxes,
            " ".join(self.texts[i] for i in boxes),
            min(float(self.left[i]) for i in boxes),
            max(float(self.right[i]) for i in boxes),
            sum(float(self.middle[i]) for i in boxes) / len(boxes),
            height,
            max(0.0, *gaps) if gaps else 0.0,
            1 + sum(gap > 0.6 for gap in gaps),
        )


def mirrored(line: Line) -> Line:
    """The line as seen in a mirror, so that what is read from the right can be judged as if read from the left."""
    return replace(line, left=-line.right, right=-line.left)


def straightened(polygons: np.ndarray) -> np.ndarray:
    """float64 (n, 4, 2): turned about the origin by the slant that most of the text has."""
    if not len(polygons):
        return polygons
    along = (polygons[:, 1] - polygons[:, 0] + polygons[:, 2] - polygons[:, 3]) / 2
    length = np.linalg.norm(along, axis=1)
    height = np.linalg.norm(polygons[:, 3] - polygons[:, 0], axis=1)
    weights = np.where(length > 2 * height, length, 0)  # the slant of a short box is mostly noise
    if not weights.any():
        weights = length
    if not weights.any():
        return polygons
    slants = np.arctan2(along[:, 1], along[:, 0])
    around = np.arctan2((weights * np.sin(slants)).sum(), (weights * np.cos(slants)).sum())
    off = (slants - around + np.pi) % (2 * np.pi) - np.pi
    order = np.argsort(off, kind="stable")
    half = np.searchsorted(weights[order].cumsum(), weights.sum() / 2)
    slant = around + off[order[min(half, len(order) - 1)]]
    # Short words alone, as in a table of figures, may seem slanted by the roundness of their corners.
    level = np.round(slant / (np.pi / 2)) * np.pi / 2
    if abs(slant - level) < MAX_CORNER_ERROR * max(2 / np.linalg.norm(weights), 1 / weights.max()):
        slant = level
    cos, sin = np.cos(slant), np.sin(slant)
    return polygons @ np.array([[cos, -sin], [sin, cos]])


def goes_left(texts: Iterable[str]) -> bool:
    """Whether most letters belong to scripts that are read from the right, such as Hebrew and Arabic."""
    balance = 0
    for text in texts:
        if not text.isascii():
            for letter in text:
                side = unicodedata.bidirectional(letter)
                balance += (side in RIGHT_TO_LEFT) - (side == "L")
        else:
            balance -= sum(map(str.isalpha, text))
    return balance > 0


def coverage(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of spans from `left` to `right`, both (n,): the x where any begins or ends, sorted (m,), and how many lie over
    each stretch between two of those (m - 1,)."""
    ends = np.unique(np.concatenate([left, right]))
    starts, stops = np.searchsorted(ends, left), np.searchsorted(ends, right)
    return ends, np.cumsum(np.bincount(starts, minlength=len(ends)) - np.bincount(stops, minlength=len(ends)))[:-1]
