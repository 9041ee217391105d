"""Reading order: columns one after the other, a table row by row, headings before what they stand over."""

from collections.abc import Sequence

from models.ocr.boxes import TextBox
from models.ocr.layout.columns import blocks
from models.ocr.layout.page import Page


def in_reading_order(boxes: Sequence[TextBox]) -> list[TextBox]:
    """The boxes that say something, in the order a reader takes them: columns apart, lines from the left (from the
    right in a script that is read so). The page may be skewed by some degrees."""
    page = Page(boxes)
    return [page.boxes[i] for block in blocks(page) for line in block for i in line.boxes]
