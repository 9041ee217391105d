"""Pages of text boxes laid by hand: letters of one width, lines at given places, tilted if wanted. No pictures."""

import random
from collections.abc import Iterable, Sequence

import numpy as np

from models.ocr.boxes import TextBox, Word

LETTER, HEIGHT, PITCH = 10.0, 20.0, 28.0  # pixels: of a letter, of a line's box, from line to line

HEBREW = "הוועדה נפגשה בבית העירייה הישן כדי לשמוע מה מצאו המהנדסים ואיש לא דיבר זמן רב כי השרטוטים הראו סדק גדול"


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


PROSE = (
    "The committee met in the old town hall to hear what the engineers had found. Nobody spoke for a while, because "
    "the drawings showed a crack that ran from the tower down to the river. Åsa asked how much it would cost, and "
    "the answer, 40 000 €, was repeated by everyone who sat in the back rows. It took until midnight to agree that "
    "the bridge should be closed, and that a ferry was to carry people across until the spring flood had passed. "
    "Some of the older members remembered an earlier winter when the ice had done the same work free of charge."
)


def shuffled(boxes: Sequence[TextBox], seed: int = 0) -> list[TextBox]:
    found = list(boxes)
    random.Random(seed).shuffle(found)
    return found


def texts(boxes: Sequence[TextBox]) -> list[str]:
    return [one.text for one in boxes]


def ragged(width: int, count: int, start: int = 0) -> list[str]:
    """Lines of prose, no two columns of which begin at the same word."""
    words = PROSE.split()
    return wrapped(" ".join(words[start:] + words + words), width)[:count]


def columns_page(
    counts: Sequence[int], width: int = 32, gutter: int = 3, heading: str = "", footer: str = "", offset: float = 0
) -> list[TextBox]:
    """Columns of `counts` lines of `width` letters, `gutter` letters apart; every second one lower by `offset`."""
    step = (width + gutter) * LETTER
    across = step * len(counts) - gutter * LETTER
    boxes, top = [], 40.0
    if heading:
        boxes.append(box(heading, 40 + (across - len(heading) * 15) / 2, top, height=30))
        top += 50
    for k, count in enumerate(counts):
        boxes += column(ragged(width, count, 7 * k), 40 + k * step, top + offset * (k % 2))
    if footer:
        bottom = top + max(counts) * PITCH + 2 * PITCH
        boxes.append(box(footer, 40 + (across - len(footer) * LETTER) / 2, bottom))
    return boxes


CELLS = [
    ["Item", "Qty", "Price"],
    ["Copper wire, 2 mm", "3", "14.50"],
    ["Solder", "1", "8.90"],
    ["Heat-shrink tube, black", "12", "3.00"],
    ["Pliers", "1", "22.00"],
]

COLUMNS = {
    "two": columns_page([12, 12]),
    "two, off the grid": columns_page([12, 12], offset=11),
    "two, the second shorter": columns_page([20, 6]),
    "two, the first shorter": columns_page([5, 18]),
    "two short ones": columns_page([4, 4]),
    "two, narrow gap": columns_page([14, 14], gutter=2),
    "two, heading and footer": columns_page([12, 11], heading="A Bridge Is Closed until the Spring", footer="– 12 –"),
    "two, long heading close above": columns_page([9, 9], heading="A Bridge Is Closed until the Spring, and a Ferry"),
    "three": columns_page([10, 10, 10], width=24),
    "three of unequal lengths": columns_page([10, 16, 5], width=24),
    "three, off the grid, heading and footer": columns_page(
        [14, 12, 13], width=22, heading="A Bridge Is Closed", footer="page 3 of 8", offset=9
    ),
    "four": columns_page([15, 15, 14, 9], width=20),
}

RECEIPT = [
    box("CORNER SHOP", 150, 40),
    box("Main Road 7, 12345 Västerås", 90, 68),
    *table([["Bread, whole grain", "3.20"], ["Milk 1 l", "1.15"], ["Cheese", "7.80 €"]], [40, 500], 124, align="lr"),
    *table([["TOTAL EUR", "12.15"]], [40, 500], 236, align="lr"),
    box("Thank you, come again!", 100, 292),
]
PROGRAM = [
    "def mean(values):",
    "    total = 0",
    "    for value in values:",
    "        if value is not None:",
    "            total += value",
    "",
    "    return total / len(values)",
    "",
    "",
    'print(mean([1, 2, 3]), "åäö €")',
]
BRACES = [
    "int main(void) {",
    "  int sum = 0;",
    "  for (int i = 0; i < 9; i++) {",
    "    sum += i;",
    "  }",
    '  printf("%d\\n", sum);',
    "  return 0;",
    "}",
]
LETTER_PAGE = column(wrapped(PROSE, 60))
PAGES: dict[str, list[TextBox]] = {
    **COLUMNS,
    "a letter": LETTER_PAGE,
    "a letter, tilted": tilted(LETTER_PAGE, 2),
    "a receipt": RECEIPT,
    "a table": table(CELLS, [40, 340, 460], align="lrr"),
    "a program": column(PROGRAM),
    "a line": [box("Nobody spoke for a while", 40, 40)],
    "a heap": [box(f"heap {k} of 30", 40 + k, 40 + k % 3) for k in range(30)],
    "twice the same": [box("one", 40, 40), box("one", 40, 40), box("one", 40, 68)],
    "no area": [box("flat", 40, 40, height=0), box("point", 40, 40, height=0, letter=1e-9)],
    "no words told": [*column(wrapped(PROSE, 40)[:5]), box("and so on", 40, 400, words=False)],
    "nothing": [],
}
