"""Reading order: columns one after the other, a table row by row, headings before what they stand over."""

from collections.abc import Sequence

from models.ocr.boxes import TextBox
from models.ocr.layout.columns import blocks
from models.ocr.layout.page import Page


def in_reading_order(boxes: Sequence[TextBox]) -> list[TextBox]:
    """The boxes that say something, in the order a reader takes them. The page may be skewed by some degrees."""
    return [boxes[i] for line in lines(boxes) for i in line]


def lines(boxes: Sequence[TextBox]) -> list[list[int]]:
    """The visual lines in reading order, columns apart: each the indices of its boxes, left to right (from the right
    in a script that is read so). Boxes of nothing but spaces are left out."""
    page = Page(boxes)
    return [[page.origins[i] for i in line.boxes] for block in blocks(page) for line in block]
