"""From boxes to text, by five rules, after NormCap's idea: each says how well it fits, the best is taken."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from models.ocr.boxes import TextBox
from models.ocr.layout import code, leaders
from models.ocr.layout.columns import blocks
from models.ocr.layout.joining import Text
from models.ocr.layout.links import continued
from models.ocr.layout.page import Line, Page
from models.ocr.layout.paragraphs import GOES_ON, breaks, median_gap, stands_apart
from models.ocr.layout.pieces import Arranged, joined
from models.ocr.layout.records import begins
from models.ocr.layout.suitability import fit
from models.ocr.layout.table import cell_pieces, grid

WIDE_GAP = "    "  # between boxes of a line that stand apart


def arrange(boxes: Sequence[TextBox], mode: str) -> Arranged:
    """The boxes as text by one of MODES, whatever order they come in. KeyError for another mode."""
    return _RULES[mode](_page(boxes))


def arrange_best(boxes: Sequence[TextBox]) -> Arranged:
    """By the mode that fits best; `Arranged.mode` says which."""
    page = _page(boxes)
    fits = fit(page)
    return _RULES[max(MODES, key=fits.__getitem__)](page)


def _page(boxes: Sequence[TextBox]) -> Page:
    return leaders.transform(Page(boxes))


def _as_it_is(page: Page) -> Arranged:
    text = Text(page)
    for block in blocks(page):
        text.put("\n\n" if text.pieces else "")
        text.add(block[0].boxes, wide=WIDE_GAP)
        median, linked = median_gap(block), _linked(block)
        for k, (before, line) in enumerate(pairwise(block), 1):
            if linked[k]:
                text.go_on(line)
            else:
                text.put("\n\n" if stands_apart(before, line, median) else "\n")
                text.add(line.boxes, wide=WIDE_GAP)
    return Arranged("As it is", text.pieces)


def _linked(block: Sequence[Line]) -> list[bool]:
    """The lines that begin inside a link, which is joined to be copied whole."""
    texts = [line.text for line in block]
    return [goes_on and not item for goes_on, item in zip(continued(texts), begins(texts), strict=True)]


def _paragraphs(page: Page) -> Arranged:
    found = blocks(page)
    text = Text(page)
    for line, ending in zip((line for block in found for line in block), [GOES_ON, *breaks(found)], strict=False):
        if ending == GOES_ON:
            text.go_on(line)
        else:
            text.put(ending)
            text.add(line.boxes)
    return Arranged("Paragraphs", text.pieces)


def _one_line(page: Page) -> Arranged:
    text = Text(page)
    for block in blocks(page):
        for line in block:
            text.go_on(line)
    return Arranged("One line", text.pieces)


def _table(page: Page) -> Arranged:
    rows = [[cell_pieces(page, cell) for cell in row] for row in grid(page).rows]
    text = Text(page)
    for number, row in enumerate(rows):
        text.put("\n" if number else "")
        for column, pieces in enumerate(row):
            text.put("\t" if column else "")
            text.pieces += pieces
    return Arranged("Table", text.pieces, tuple(tuple(map(joined, row)) for row in rows))


def _code(page: Page) -> Arranged:
    text = Text(page)
    letter = code.letter_width(page)
    for row, start, blank in zip(page.rows, code.starts(page), code.blank_lines(page), strict=True):
        text.put("\n" * (blank + 1) if text.pieces else "")
        text.put(" " * start)
        at = start
        for i in row:
            if i != row[0]:
                column = round(start + (page.left[i] - page.left[row[0]]) / letter)
                text.put(" " * max(column - at, 1))
                at = max(column, at + 1)
            text.add([i])
            at += code.columns(page.texts[i])
    return Arranged("Code", text.pieces)


_RULES: dict[str, Callable[[Page], Arranged]] = {
    "As it is": _as_it_is,
    "Paragraphs": _paragraphs,
    "One line": _one_line,
    "Table": _table,
    "Code": _code,
}
MODES = tuple(_RULES)
