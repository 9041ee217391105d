"""Words whose letters stand one below the other, as on signs: each letter upright, and yet the word runs down.

Detection frames some of the letters, some stretches of the word, or both. Here what lies in one narrow column is taken
apart into letters by the paper between them, and they are set side by side as the line that recognition was taught.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from models.ocr.boxes import TextBox, Word, rectangle
from models.ocr.lines.crop import crop_line
from models.ocr.lines.recognition import Letters, LineReader
from models.ocr.lines.words import inked_pixels
from models.ocr.stages import Check

MAX_LETTER_WIDTH = 1.6  # widths to a height of one letter's frame; of several below each other it is less
MIN_WIDTH_RATIO = 0.3  # of the widest frame in the column: an I
MAX_FRAME_DISTANCE = 2.2  # widths of the column from one frame to the next: a blank may stand between
MIN_SLENDERNESS = 1.8  # heights to a width of the column
MIN_STACKED_LETTERS = 3
COLUMN_MARGIN = 0.15  # of the column's width around it
MIN_LETTER_GAP = 0.15  # of a letter's height, of paper to the next; in a line that stands on end it is less
MAX_FRAGMENT = 0.35  # of a letter's height: the dot of an i, the accent of an é
MAX_PITCH_ERROR = 0.3  # of the pitch, by which a letter may lie off its place
TABLE_REACH = 8.0  # widths of the column to either side in which a table's other cells stand
LETTER_SPACING = 0.05  # of the line's height between the letters set side by side
MIN_STACKED_SCORE = 0.8  # of the line so set


@dataclass(frozen=True, eq=False)
class Stacked:
    """A word read downwards, and the numbers of the polygons that are parts of it."""

    box: TextBox
    parts: list[int]


def stacked_words(
    rgb: np.ndarray, polygons: np.ndarray, reader: LineReader, check: Check = lambda: None
) -> list[Stacked]:
    """The words in uint8 (H, W, 3) whose letters stand below each other, of polygons (n, 4, 2) that were found."""
    words = []
    for parts in _columns(polygons):
        column = _around(polygons[parts], rgb.shape)
        strip = crop_line(rgb, column)
        spans = _letter_spans(inked_pixels(strip))
        if spans is None or _in_a_table(column, spans, np.delete(polygons, parts, axis=0)):
            continue
        line = _side_by_side(strip, spans)
        (read,) = reader.read([(line.shape[1], line.shape[0])], [line].__getitem__, check)
        if _is_word(read, len(spans)):
            text = " ".join(read.text.split())
            found = tuple(Word(word, read.score, column) for word in text.split())
            words.append(Stacked(TextBox(column, text, read.score, found), parts))
    return words


def _is_word(read: Letters, count: int) -> bool:
    text = "".join(read.text.split())
    return len(text) == count and read.score >= MIN_STACKED_SCORE and 2 * sum(map(str.isalpha, text)) > count


def _columns(polygons: np.ndarray) -> Iterator[list[int]]:
    """Numbers of polygons that stand below each other, each no wider than a letter, and make a slender column."""
    left, top = polygons.min(axis=1).reshape(-1, 2).T
    right, bottom = polygons.max(axis=1).reshape(-1, 2).T
    narrow = np.flatnonzero(right - left <= MAX_LETTER_WIDTH * (bottom - top))
    columns: list[list[int]] = []
    for i in narrow[np.argsort(top[narrow], kind="stable")]:
        for column in columns:
            low, high = left[column].min(), right[column].max()
            widths = sorted((high - low, right[i] - left[i]))
            shared = min(high, right[i]) - max(low, left[i])
            if (
                shared > widths[0] / 2
                and widths[0] > MIN_WIDTH_RATIO * widths[1]
                and top[i] - bottom[column].max() < MAX_FRAME_DISTANCE * widths[1]
            ):
                column.append(int(i))
                break
        else:
            columns.append([int(i)])
    for column in columns:
        if np.ptp([top[column].min(), bottom[column].max()]) >= MIN_SLENDERNESS * (
            right[column].max() - left[column].min()
        ):
            yield column


def _around(polygons: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The upright rectangle around them with a margin, inside the picture: float32 (4, 2)."""
    points = polygons.reshape(-1, 2)
    margin = COLUMN_MARGIN * float(np.ptp(points[:, 0]))
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    (left, top), (right, bottom) = np.clip((np.floor(low), np.ceil(high)), 0, (shape[1], shape[0]))
    return rectangle(left, top, right, bottom)


def _letter_spans(ink: np.ndarray) -> np.ndarray | None:
    """int (n, 2): where each letter begins and ends, downwards; None where these are not letters one below the
    other: too few, too close, or at no even pitch."""
    inked = np.concatenate([[0], ink.any(axis=1), [0]]).astype(np.int8)
    spans = np.stack([np.flatnonzero(np.diff(inked) == 1), np.flatnonzero(np.diff(inked) == -1)], axis=1)
    if len(spans) < MIN_STACKED_LETTERS:
        return None
    height = np.median(np.ptp(spans, axis=1)[np.ptp(spans, axis=1) > MAX_FRAGMENT * np.ptp(spans, axis=1).max()])
    whole: list[np.ndarray] = []
    for span in spans:  # a dot or an accent belongs to what follows
        if (
            whole
            and whole[-1][1] - whole[-1][0] < MAX_FRAGMENT * height
            and span[0] - whole[-1][1] < MAX_FRAGMENT * height
        ):
            whole[-1] = np.array([whole[-1][0], span[1]])
        else:
            whole.append(span)
    spans = np.array(whole)
    if len(spans) < MIN_STACKED_LETTERS or np.ptp(spans, axis=1).max() > 2 * height:
        return None
    if np.median(spans[1:, 0] - spans[:-1, 1]) < MIN_LETTER_GAP * height:
        return None
    return spans if np.abs(_off(spans)).max() <= MAX_PITCH_ERROR * _pitch(spans) else None


def _pitch(spans: np.ndarray) -> float:
    return float(np.median(np.diff(spans[:, 1])))


def _off(spans: np.ndarray) -> np.ndarray:
    """How far below an even pitch each letter ends, pixels: a g's tail does; a blank is a whole pitch."""
    ends = spans[:, 1] - spans[0, 1]
    off = ends - _pitch(spans) * np.rint(ends / _pitch(spans))
    return off - np.median(off)


def _in_a_table(column: np.ndarray, spans: np.ndarray, others: np.ndarray) -> bool:
    """Whether text stands beside most of the letters: a list's numbers are no word."""
    if len(others) == 0:
        return False
    (left, top), (right, _) = column[0], column[1]
    near = (others[..., 0].max(axis=1) > left - TABLE_REACH * (right - left)) & (
        others[..., 0].min(axis=1) < right + TABLE_REACH * (right - left)
    )
    middles = others[near][..., 1].mean(axis=1)
    beside = [np.abs(middles - top - (begin + end) / 2).min(initial=np.inf) < (end - begin) / 2 for begin, end in spans]
    return 2 * sum(beside) > len(spans)


def _side_by_side(strip: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """The letters as one line, on the strip's paper: uint8 (h, w, 3). Far apart, they would be read as Chinese ones."""
    ink = inked_pixels(strip)
    paper = np.median(strip[~ink], axis=0)
    off = np.rint(_off(spans)).astype(int)
    above = int((np.ptp(spans, axis=1) - off).max())
    gap = max(2, round(LETTER_SPACING * above))
    pieces = []
    steps = np.rint(np.diff(spans[:, 1], prepend=spans[0, 1]) / _pitch(spans))
    for (begin, end), below, step in zip(spans, off, steps, strict=True):
        columns = np.flatnonzero(ink[begin:end].any(axis=0))
        letter = strip[begin:end, columns[0] : columns[-1] + 1]
        top = gap + above + below - len(letter)
        piece = np.empty((above + int(off.max()) + 2 * gap, letter.shape[1] + 2 * gap, 3), np.uint8)
        piece[:] = paper
        piece[top : top + len(letter), gap:-gap] = letter
        blank = np.repeat(piece[:, :1], above // 2 if step > 1 else 0, axis=1)
        pieces += [blank, piece]
    return cv2.hconcat([piece for piece in pieces if piece.shape[1]])
