"""Tables: columns from the white strips that run down between the cells of many rows; TSV, CSV and Markdown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.ocr.layout.joining import Text
from models.ocr.layout.page import Page, coverage
from models.ocr.layout.pieces import Piece
from models.runtime.csv_cells import csv_text, harmless

Cell = list[int]  # numbers of the boxes in it, left to right
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class Grid:
    """A page as a table: rows of equal length. `edges` are the x of the strips between the columns, in pixels."""

    rows: list[list[Cell]]
    edges: list[float]

    @property
    def columns(self) -> int:
        """How many there are."""
        return len(self.edges) + 1


def grid(page: Page) -> Grid:
    """The page's boxes in rows and columns, each box in one cell; every visual line is a row."""
    rows = [_cells(page, row) for row in page.rows]
    edges = _edges(page, [row for row in rows if len(row) > 1])
    cells: list[list[Cell]] = []
    for row in rows:
        cells.append([[] for _ in range(len(edges) + 1)])
        for cell in row:
            cells[-1][_column(page, cell, edges)] += cell
    return Grid(cells, edges)


def cell_pieces(page: Page, cell: Cell) -> list[Piece]:
    """A cell's boxes as they are read."""
    text = Text(page)
    if cell:
        text.add(page.line(cell).boxes)
    return text.pieces


def _cells(page: Page, row: Sequence[int]) -> list[Cell]:
    """A row's boxes, those that stand as close as words do put together."""
    cells: list[Cell] = []
    for i in row:
        if cells and page.left[i] - page.right[cells[-1][-1]] < 0.5 * min(page.height[i], page.height[cells[-1][-1]]):
            cells[-1].append(i)
        else:
            cells.append([i])
    return cells


def _span(page: Page, cell: Cell) -> tuple[float, float]:
    return float(page.left[cell].min()), float(page.right[cell].max())


def _edges(page: Page, rows: Sequence[Sequence[Cell]]) -> list[float]:
    """The middles of the strips between columns. A narrow strip must be free in all rows; a wide one may be crossed by
    a tenth of them, such as by a heading over two columns."""
    spans = np.array([_span(page, cell) for row in rows for cell in row]).reshape(-1, 2)
    if len(rows) < 2:
        return []
    height = float(np.median([page.height[i] for row in rows for cell in row for i in cell]))
    ends, cover = coverage(spans[:, 0], spans[:, 1])
    edges: list[float] = []
    for allowed, least in ((0, 0.2), (max(1, len(rows) // 10) if len(rows) >= 5 else 0, 1.0)):
        for left, right in _strips(ends, cover <= allowed):
            middle = (left + right) / 2
            if right - left >= least * height and not any(left <= edge <= right for edge in edges):
                edges.append(middle)
    return _with_something_between(sorted(edges), spans)


def _strips(ends: np.ndarray, free: np.ndarray) -> list[tuple[float, float]]:
    """(left, right) of each stretch of free intervals between the first covered one and the last."""
    covered = np.flatnonzero(~free)
    return [(float(ends[a + 1]), float(ends[b])) for a, b in pairwise(covered) if b > a + 1]


def _with_something_between(edges: list[float], spans: np.ndarray) -> list[float]:
    """The edges less those that would leave a column without a cell of its own."""
    useful: list[float] = []
    middles = spans.mean(1)
    for edge in edges:
        if ((middles > (useful[-1] if useful else -np.inf)) & (middles < edge)).any():
            useful.append(edge)
    while useful and not (middles > useful[-1]).any():
        useful.pop()
    return useful


def _column(page: Page, cell: Cell, edges: Sequence[float]) -> int:
    """The column that most of the cell stands in; the first of them where it spans several, as a title does."""
    left, right = _span(page, cell)
    bounds = [min(left, *edges) if edges else left, *edges, max(right, *edges) if edges else right]
    shares = [min(right, b) - max(left, a) for a, b in pairwise(bounds)]
    return int(np.argmax(np.array(shares) > 0.7 * max(shares)))


def to_tsv(rows: Rows) -> str:
    """Tab-separated values as spreadsheets paste them (IANA text/tab-separated-values: nothing is quoted, so tabs and
    line ends inside cells become spaces), none of them a formula."""
    return "\n".join("\t".join(harmless(_one_line(cell)) for cell in row) for row in rows)


def to_csv(rows: Rows) -> str:
    """Comma-separated values after RFC 4180, none of them a formula."""
    return csv_text(rows)


def to_markdown(rows: Rows) -> str:
    """A GitHub-flavoured Markdown table; the first row is its heading. Marks that Markdown would act on are escaped."""
    if not rows or not rows[0]:
        return ""
    escaped = [[re.sub(r"([\\`*_|<\[~])", r"\\\1", _one_line(cell)) for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in escaped]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def _one_line(cell: str) -> str:
    return " ".join(cell.split())
