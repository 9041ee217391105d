"""How well each way of arranging fits what was read: by the share of lines that go on, of cells that align, of code."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.ocr.layout import syntax
from models.ocr.layout.code import starts
from models.ocr.layout.columns import blocks
from models.ocr.layout.marks import letter_share
from models.ocr.layout.page import Line, Page
from models.ocr.layout.paragraphs import GOES_ON, breaks
from models.ocr.layout.table import Grid, grid

MAX_CELL_OFFSET = 0.6  # line heights by which a cell may stand off its column's edge


def fit(page: Page) -> dict[str, float]:
    """0..1 for each of arrange.MODES. Where nothing else fits, the lines are left as they are."""
    if not len(page):
        return {"As it is": 1.0, "Paragraphs": 0.0, "One line": 0.0, "Table": 0.0, "Code": 0.0}
    found = blocks(page)
    single = sum(map(len, found)) == 1
    code = syntax.score([page.line(row).text for row in page.rows], starts(page))
    cells = grid(page)
    side_by_side = sum(map(len, found)) > len(page.rows) + 2 and not _of_few_words(page, cells)
    table = 0.0 if side_by_side else _tabular(page, cells)
    if code > 0.7:
        table /= 2  # the parts of a program align by chance only
    paragraphs = _running(found) * (1 - table)
    if code > 0.5:
        paragraphs *= 1 - code  # its lines may well be as wide as each other
    if single:
        return {"As it is": 0.5, "Paragraphs": 0.3, "One line": 1.0, "Table": 0.0, "Code": 0.0}
    others = {"Paragraphs": paragraphs, "One line": 0.0, "Table": table, "Code": code}
    return {"As it is": 1 - max(others.values())} | others


def _of_few_words(page: Page, table: Grid) -> bool:
    """Whether it has the cells of a table: columns of running text have more words on a line."""
    words = [sum(len(page.texts[i].split()) for i in cell) for row in table.rows for cell in row if cell]
    return table.columns >= 3 and float(np.median(words)) <= 2


def _running(found: Sequence[Sequence[Line]]) -> float:
    """The share of letters that stand in lines which go on, one way or the other."""
    lines = [line for block in found for line in block]
    goes_on = [False, *(ending == GOES_ON for ending in breaks(found)), False]
    letters = np.array([len(line.text) for line in lines])
    inside = np.array([before or after for before, after in pairwise(goes_on)])
    of_letters = letter_share("".join(line.text for line in lines))
    return float((letters * inside).sum() / letters.sum()) * min(1.0, of_letters / 0.75)


def _tabular(page: Page, table: Grid) -> float:
    """The share of rows with several cells, if the cells fill the grid and share an edge with their column."""
    rows = [row for row in table.rows if sum(map(bool, row)) > 1]
    if table.columns < 2 or len(rows) < 3:
        return 0.0
    filled = sum(bool(cell) for row in rows for cell in row) / (len(rows) * table.columns)
    columns = [
        np.array([_edges(page, cell) for row in rows if (cell := row[k])]).reshape(-1, 3) for k in range(table.columns)
    ]
    aligned = [_aligned(column, MAX_CELL_OFFSET * page.line_height) for column in columns]
    # A receipt has lines between its rows of two; a table has a title at most, or rows with nothing but a name.
    alone = sum(_stands_in_column(page, row, columns) for row in table.rows) if table.columns > 2 else 0
    several = np.clip(((len(rows) + alone) / len(table.rows) - 0.45) / 0.4, 0, 1)
    lengths = [sum(len(page.texts[i]) for i in cell) for row in rows for cell in row if cell]
    short = 1.0 if np.median(lengths) < 25 else 0.5
    return float(several * min(1.0, filled / 0.8) * np.mean(aligned) * short)


def _aligned(column: np.ndarray, spare: float) -> float:
    """The share of a column's cells, (n, 3) of their edges, that have the edge in common that most have."""
    near = np.abs(column - np.median(column, axis=0)) < spare if len(column) > 1 else np.zeros((1, 3))
    return float(near.mean(0).max())


def _edges(page: Page, cell: Sequence[int]) -> tuple[float, float, float]:
    """The cell's left, right and middle."""
    left, right = float(page.left[cell].min()), float(page.right[cell].max())
    return left, right, (left + right) / 2


def _stands_in_column(page: Page, row: Sequence[Sequence[int]], columns: Sequence[np.ndarray]) -> bool:
    """Whether the row is one cell, as wide as its column at most, that shares an edge with it."""
    filled = [k for k, cell in enumerate(row) if cell]
    if len(filled) != 1 or not len(columns[filled[0]]):
        return False
    others, own = columns[filled[0]], np.array(_edges(page, row[filled[0]]))
    spare = MAX_CELL_OFFSET * page.line_height
    within = own[0] > others[:, 0].min() - spare and own[1] < others[:, 1].max() + 4 * spare
    return bool(within and (np.abs(own - np.median(others, axis=0)) < spare).any())
