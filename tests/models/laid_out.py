"""Pages of text boxes laid by hand: letters of one width, lines at given places, tilted if wanted. No pictures."""

from collections.abc import Iterable, Sequence

import numpy as np

from models.text_boxes import TextBox, Word

LETTER, HEIGHT, PITCH = 10.0, 20.0, 28.0  # pixels: of a letter, of a line's box, from line to line


def box(text: str, x: float, y: float, *, height: float = HEIGHT, letter: float = 0, words: bool = True) -> TextBox:
    """A line of text whose top left corner is at x, y. Its letters grow with its height unless `letter` is given."""
    letter = letter or LETTER * height / HEIGHT

    def polygon(begin: int, end: int) -> np.ndarray:
        left, right = x + letter * begin, x + letter * end
        return np.array([[left, y], [right, y], [right, y + height], [left, y + height]], np.float32)

    told, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        told.append(Word(word, 0.9, polygon(at, at + len(word))))
        at += len(word)
    return TextBox(polygon(0, len(text)), text, 0.95, tuple(told) if words else ())


def column(
    lines: Iterable[str], x: float = 40, y: float = 40, *, pitch: float = PITCH, height: float = HEIGHT
) -> list[TextBox]:
    """Lines under each other, one box each; leading spaces indent, empty lines leave a gap."""
    return [
        box(line.strip(), x + LETTER * height / HEIGHT * (len(line) - len(line.lstrip())), y + k * pitch, height=height)
        for k, line in enumerate(lines)
        if line.strip()
    ]


def table(
    rows: Sequence[Sequence[str]],
    xs: Sequence[float],
    y: float = 40,
    *,
    align: str = "",
    pitch: float = PITCH,
) -> list[TextBox]:
    """Cells at the x of their columns, none for an empty cell. `align` has l, r or c for each column, l if shorter."""
    found = []
    for k, row in enumerate(rows):
        for cell, x, side in zip(row, xs, align.ljust(len(xs), "l"), strict=True):
            if cell:
                shift = {"l": 0.0, "c": 0.5, "r": 1.0}[side] * LETTER * len(cell)
                found.append(box(cell, x - shift, y + k * pitch))
    return found


def tilted(boxes: Iterable[TextBox], degrees: float) -> list[TextBox]:
    """The same boxes turned clockwise about the page's corner."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

    def turned(polygon: np.ndarray) -> np.ndarray:
        return (polygon @ turn).astype(np.float32)

    return [
        TextBox(
            turned(one.polygon),
            one.text,
            one.score,
            tuple(Word(word.text, word.score, turned(word.polygon)) for word in one.words),
        )
        for one in boxes
    ]


def wrapped(text: str, width: int) -> list[str]:
    """Broken between words into lines of at most `width` letters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
