"""Where a page has columns: blocks in reading order, after the recursive XY-cut (Nagy & Seth, 1984).

A plain XY-cut takes a table for columns, and a heading close over two columns hides the gap between them. So here a gap
may end where a box lies across it, and both sides of it must be running text, or at least not share their lines.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from models.ocr.layout.marks import is_cased, letter_share
from models.ocr.layout.page import Line, Page, coverage, goes_left

Rows = list[list[int]]

BOX_SPARE = 0.15  # of a box's height by which it may reach beyond its letters, on each side
MIN_COLUMN_GAP = 0.2  # of a line's height between boxes less their spare: justified columns stand close
MAX_TRIES = 12  # gaps tried before a region is taken for one block


def blocks(page: Page) -> list[list[Line]]:
    """The page as blocks in reading order, each a list of visual lines.

    Text that stands on end, such as a stamp along the margin, comes last; vertical writing from right to left.
    """
    level = [i for i in range(len(page)) if not page.standing[i]]
    standing = sorted(np.flatnonzero(page.standing).tolist(), key=lambda i: (-page.left[i], page.top[i], i))
    leftward = goes_left(page.texts)
    found = [*_split(page, page.rows_of(level), leftward), *([[i]] for i in standing)]
    return [[page.line(row) for row in rows] for rows in found]


def _split(page: Page, rows: Rows, leftward: bool) -> Iterator[Rows]:
    """The rows' blocks in reading order."""
    todo = [rows]
    while todo:
        rows = todo.pop()
        cut = _cut(page, rows) if len(rows) > 1 else None
        if cut is None:
            if rows:
                yield rows
            continue
        first, last, gap, insets = cut
        inside = [i for row in rows[first:last] for i in row if i not in insets]
        left = [i for i in inside if _centre(page, i) < gap]
        right = [i for i in inside if _centre(page, i) >= gap]
        sides = [right, left] if leftward else [left, right]
        parts = [rows[:first], *map(page.rows_of, sides), page.rows_of(insets), rows[last:]]
        todo.extend(reversed(parts))


def _centre(page: Page, i: int) -> float:
    return float(page.left[i] + page.right[i]) / 2


def _cut(page: Page, rows: Rows) -> tuple[int, int, float, set[int]] | None:
    """The rows first:last that a gap at x parts into two columns, and what stands in that gap between them."""
    found = []
    for x, width in _gaps(page, rows):
        for run in _runs(page, rows, x):
            found.append((run[2] - len(run[3]), width, x, run))
    found.sort(key=lambda candidate: candidate[:3], reverse=True)
    for _, width, x, (first, last, lines, insets) in found[:MAX_TRIES]:
        if lines >= (2 if width >= 1.5 else 3):
            columns = _columns(page, rows[first:last], x, insets)
            if columns is not None:
                return first + columns[0], first + columns[1], x, insets
    return None


def _gaps(page: Page, rows: Rows) -> list[tuple[float, float]]:
    """(x, width) of the upright strips that few boxes lie across, width in line heights."""
    inside = np.concatenate([np.asarray(row) for row in rows])
    # A detector's boxes are wider than the letters, enough to close the gap between a magazine's columns.
    spare = np.minimum(BOX_SPARE * page.height[inside], (page.right[inside] - page.left[inside]) / 4)
    edges, cover = coverage(page.left[inside] + spare, page.right[inside] - spare)
    if len(edges) < 4:
        return []
    widths = np.diff(edges) / np.median(page.height[inside])
    before = np.maximum.accumulate(cover)
    after = np.maximum.accumulate(cover[::-1])[::-1]
    free = np.flatnonzero((widths >= MIN_COLUMN_GAP) & (cover <= np.minimum(before, after) / 2))
    best = sorted(free, key=lambda k: (cover[k], -widths[k], k))[:MAX_TRIES]
    return [(float(edges[k] + edges[k + 1]) / 2, float(widths[k])) for k in best]


def _runs(page: Page, rows: Rows, x: float) -> Iterator[tuple[int, int, int, set[int]]]:
    """The stretches of rows that nothing crosses x in: first, last, lines on the side that has fewer, insets.

    An inset is a caption or quotation set into the gap: short, with text on both its sides.
    """
    inside = [i for row in rows for i in row]
    width = page.right[inside].max() - page.left[inside].min()
    sides = [_sides(page, row, x) for row in rows]
    lefts, rights = ([i for side in sides for i in side[k]] for k in (0, 2))
    middles = [np.sort(page.middle[lefts]), np.sort(page.middle[rights])]

    def set_in(i: int) -> bool:
        near = page.height[i]
        beside = [
            np.searchsorted(of, page.middle[i] + near) - np.searchsorted(of, page.middle[i] - near) for of in middles
        ]
        if page.right[i] - page.left[i] > width / 3 or not min(beside):
            return False
        # The columns give way to an inset. A column's own line that sticks out begins where the others do.
        widest = page.right[lefts].max() > page.left[i] or page.left[rights].min() < page.right[i]
        return bool(widest and (np.abs(page.left[lefts] - page.left[i]) < page.height[i]).sum() < 2)

    first, lines, insets = 0, [0, 0], set[int]()
    for number, (before, across, after) in enumerate([*sides, ([], [], [])]):
        if number == len(rows) or not all(map(set_in, across)):
            if min(lines) >= 2 and len(insets) <= min(lines) / 3:
                yield first, number, min(lines), insets
            first, lines, insets = number + 1, [0, 0], set[int]()
        else:
            lines = [lines[0] + bool(before), lines[1] + bool(after)]
            insets.update(across)


def _sides(page: Page, row: list[int], x: float) -> tuple[list[int], list[int], list[int]]:
    """What of the row lies left of x, across it, and right of it."""
    lefts, across, rights = [], [], []
    for i in row:
        spare = BOX_SPARE * page.height[i]
        centre = _centre(page, i)
        if centre < x and page.right[i] - spare <= x:
            lefts.append(i)
        elif centre >= x and page.left[i] + spare >= x:
            rights.append(i)
        else:
            across.append(i)
    return lefts, across, rights


def _columns(page: Page, rows: Rows, x: float, insets: set[int]) -> tuple[int, int] | None:
    """Which of these rows, first:last, are two columns that meet at x; None: they are a table's, or one text's."""
    sides = []
    for row in rows:
        row = [i for i in row if i not in insets]
        sides.append(([i for i in row if _centre(page, i) < x], [i for i in row if _centre(page, i) >= x]))
    ends = [0, *_breaks(page, rows), len(rows)]
    verdicts = [_verdict(page, sides[a:b]) for a, b in pairwise(ends)]
    if 1 not in verdicts and _verdict(page, sides) == 1:
        verdicts = [1] * len(verdicts)
    best, start = (0, 0), 0
    for k, verdict in enumerate([*verdicts, -1]):
        if verdict < 0:
            if 1 in verdicts[start:k] and ends[k] - ends[start] > best[1] - best[0]:
                best = ends[start], ends[k]
            start = k + 1
    if best == (0, 0):
        return None
    return _without_running_heads(page, sides, *best)


def _breaks(page: Page, rows: Rows) -> list[int]:
    """The rows that stand a good part of a line below the row before."""
    tops = [page.top[row].min() for row in rows]
    bottoms = np.maximum.accumulate([page.bottom[row].max() for row in rows])
    return [k for k in range(1, len(rows)) if tops[k] - bottoms[k - 1] > 0.8 * page.line_height]


def _verdict(page: Page, sides: Sequence[tuple[list[int], list[int]]]) -> int:
    """1: two columns. -1: a table, whose rows are read across. 0: too few lines to decide."""
    left, right = ([page.line(row) for row in side if row] for side in zip(*sides, strict=True))
    fewer = min(len(left), len(right))
    if fewer < 2:
        return 0
    if min(running(left), running(right)) >= 0.5:
        return 1
    level = _level(left, right)
    if level >= 0.6:
        return -1 if fewer >= 3 else 0
    return int(fewer >= 3)


def running(lines: Sequence[Line]) -> float:
    """0..1: how much the lines are one running text: long, of letters, close together, and going on."""
    text = "".join(line.text for line in lines)
    height = float(np.median([line.height for line in lines]))
    lengths = np.array([line.right - line.left for line in lines])
    # Of the parts: a table's rows are long, its cells are not.
    part = float(np.median([length / line.parts for length, line in zip(lengths, lines, strict=True)]))
    long = np.clip((part / height - 3) / 4, 0, 1)
    full = float((lengths > 0.8 * np.quantile(lengths, 0.9)).mean())
    goes_on = sum(line.text[:1].islower() for line in lines[1:]) / max(len(lines) - 1, 1)
    steps = np.diff([line.middle for line in lines])
    close = float((steps < 2.4 * height).mean())
    flow = min(1, 2 * goes_on + (0.25 * full if is_cased(text) else full))
    return float(min(long, 1) * min(1, letter_share(text) / 0.7) * flow * close)


def _level(left: Sequence[Line], right: Sequence[Line]) -> float:
    """The share of lines, on the side that has fewer, that stand level with one on the other side."""
    few, many = sorted([left, right], key=len)
    middles = np.array([line.middle for line in many])
    off = [(middles - line.middle)[np.abs(middles - line.middle).argmin()] / line.height for line in few]
    return float((np.abs(off) < 0.25).mean())


def _without_running_heads(
    page: Page, sides: Sequence[tuple[list[int], list[int]]], first: int, last: int
) -> tuple[int, int]:
    """first:last without a running head above both columns, or a page number under both."""

    middles = [float(np.mean(page.middle[[*left, *right]])) if left or right else np.nan for left, right in sides]

    def stands_apart(edge: int, inner: int) -> bool:
        apart = abs(middles[edge] - middles[inner])
        within = [abs(middles[a] - middles[b]) for a, b in pairwise(range(first + 1, last - 1))]
        if not apart >= max(1.3 * np.nanmax(within), 2 * page.line_height):
            return False
        left, right = sides[edge]
        if not (left and right):
            return True
        # "Chapter 2 . . . page 9" is a running head; "Abstract . . . Introduction" begin with their columns.
        beginnings = [page.left[sides[k][1]].min() for k in range(first, last) if sides[k][1] and k != edge]
        return bool(page.left[right].min() - min(beginnings) > 2 * page.line_height)

    if last - first > 3 and stands_apart(first, first + 1):
        first += 1
    if last - first > 3 and stands_apart(last - 1, last - 2):
        last -= 1
    return first, last
