"""Which way up: by how sure the recognition network is of what it reads, each way round.

rapidocr asks a classifier of its own for every line; on rendered pages it turned a line in twelve upside down that
stood right.
"""

from collections.abc import Callable, Sequence

import numpy as np

from models.ocr.lines.crop import line_size, part_of
from models.ocr.lines.recognition import Letters

MAX_SAMPLE_LINES = 8  # that are read each way round
MAX_SAMPLE_LENGTH = 6.0  # heights of a line, of which its middle is read
MIN_UPRIGHT_SCORE = 0.9  # mean score that upside-down text does not reach
MIN_LEGIBLE_SCORE = 0.6  # mean score that text on its side does not reach
MIN_SAMPLE_LETTERS = 6  # fewer look alike too often: wow, MOM
MIN_PAGE_GAIN = 0.1  # of mean score, by which a page must read better to be turned
MIN_TALL_RATIO = 1.5  # heights to a width of a line that stands

ReadLines = Callable[[Sequence[np.ndarray]], Sequence[Letters]]


def is_tall(polygon: np.ndarray) -> bool:
    """Whether the line stands on end, from the corner that is called its first."""
    width, height = line_size(polygon)
    return height >= MIN_TALL_RATIO * width


def quarter_turns(polygons: np.ndarray, read: ReadLines) -> int:
    """By how many quarters clockwise the picture must be turned to stand upright, 0 to 3; 0 where that is uncertain.
    `read` reads lines of the picture. As they lie it gets whole polygons, so that they need not be read again where
    the picture lies right."""
    if len(polygons) == 0:
        return 0
    lengths = np.array([max(line_size(polygon)) for polygon in polygons])
    tall = np.array([is_tall(polygon) for polygon in polygons])
    on_side = lengths[tall].sum() > lengths[~tall].sum()
    # the longest lines say most; only lines that stand alike are compared
    alike = [polygons[index] for index in np.argsort(-lengths, kind="stable") if tall[index] == on_side][
        :MAX_SAMPLE_LINES
    ]
    ways = (1, 3) if on_side else (0, 2)
    best, best_score, letters = 0, 0.0, 0
    for way in ways:
        lines = read([_middle(first_corner(polygon, way)) for polygon in alike] if way else alike)
        scores = np.concatenate([line.scores for line in lines])
        score = float(scores.mean()) if len(scores) else 0.0
        if score > best_score + (MIN_PAGE_GAIN if way == 2 else 0.0):
            best, best_score, letters = way, score, len(scores)
        if score >= MIN_UPRIGHT_SCORE:
            break
    if letters < MIN_SAMPLE_LETTERS or (on_side and best_score < MIN_LEGIBLE_SCORE):
        return 0  # too few letters, or letters one below the other
    return best


def first_corner(polygon: np.ndarray, quarters: int) -> np.ndarray:
    """The same polygon, beginning where a line begins for which the picture would have to be turned so far."""
    return np.roll(polygon, quarters, axis=0)


def turned(polygons: np.ndarray, quarters: int, shape: tuple[int, ...]) -> np.ndarray:
    """Where polygons (n, 4, 2) lie once their picture of that shape (H, W) is turned by quarters clockwise; each
    begins at its top left again."""
    height, width = shape[:2]
    for _ in range(quarters % 4):
        polygons = np.stack([height - polygons[..., 1], polygons[..., 0]], axis=-1)
        height, width = width, height
    return np.roll(polygons, quarters % 4, axis=1).astype(np.float32)


def _middle(polygon: np.ndarray) -> np.ndarray:
    """The middle part of a line that is longer than MAX_SAMPLE_LENGTH."""
    width, height = line_size(polygon)
    cut = max(0.0, (1 - MAX_SAMPLE_LENGTH * height / width) / 2)
    return part_of(polygon, cut, 1 - cut)
