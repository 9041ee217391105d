"""Program text: indents as spaces, from the lines' left edges and the width of a letter."""

import unicodedata
from itertools import pairwise

import numpy as np

from models.ocr.layout.page import Page

MAX_BLANK_LINES = 5  # in a row


def letter_width(page: Page) -> float:
    """Width of one letter, in pixels: the slope of boxes' widths over their lengths (Theil–Sen), so that what a
    detector adds at both ends does not count; their mean width where all boxes are of one length."""
    widths, lengths = page.right - page.left, np.array([columns(text) for text in page.texts])
    chosen = np.linspace(0, len(page) - 1, min(len(page), 200)).astype(int)
    width, length = widths[chosen], lengths[chosen]
    a, b = np.triu_indices(len(chosen), 1)
    apart = np.abs(length[a] - length[b]) >= 3
    slopes = (width[a] - width[b])[apart] / (length[a] - length[b])[apart]
    mean = float(np.median(widths / lengths)) if len(page) else 1.0
    slope = float(np.median(slopes)) if len(slopes) >= 3 else mean
    return max(slope if 0.6 * mean <= slope <= 1.3 * mean else mean, 1.0)


def columns(text: str) -> int:
    """Columns the text takes in a terminal: two for each wide letter, such as a Chinese one."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def starts(page: Page) -> list[int]:
    """The column that each of the page's rows begins in, rounded to steps of 4 or 2 where most rows are near them."""
    if not len(page):
        return []
    exact = np.array([page.left[row].min() for row in page.rows])
    exact = (exact - exact.min()) / letter_width(page)
    indented = exact[exact > 0.7]
    for step in (4, 2):
        near = np.abs(indented - step * np.round(indented / step)) <= 0.2 * step
        if len(indented) and near.mean() >= 0.8:
            return [int(step * round(x / step)) if x > 0.7 else 0 for x in exact.tolist()]
    return [round(x) for x in exact.tolist()]


def blank_lines(page: Page) -> list[int]:
    """The number of blank lines before each of the page's rows."""
    middles = [float(page.middle[row].mean()) for row in page.rows]
    steps = sorted(b - a for a, b in pairwise(middles))
    # The lower quarter: half of a program's lines may have a blank one before them.
    pitch = max(steps[len(steps) // 4], 0.8 * page.line_height) if steps else 1.0
    return [0] * bool(middles) + [
        min(max(round((b - a) / pitch) - 1, 0), MAX_BLANK_LINES) for a, b in pairwise(middles)
    ]
