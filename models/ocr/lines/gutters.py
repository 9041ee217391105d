"""Takes lines apart that the detector joined across the gutter between two columns.

Detection frames lines without knowing of columns: where the gutter is narrow, some lines of the left column grow
together with their neighbours of the right one. The other lines still show where the right column begins, and in the
picture that place is blank from top to bottom.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np

from models.ocr.boxes import TextBox
from models.ocr.lines.crop import part_of

MIN_STARTERS = 3  # lines that begin at one x and make it a column's left edge
MIN_GUTTER = 0.4  # heights of the line; narrower gaps are between words
MAX_EDGE_OFFSET = 0.5  # heights of the line by which it may begin off the column's edge
MIN_SIDE_REACH = 4.0  # heights of the line that it reaches to both sides of the gutter
GUTTER_SPARE = 0.1  # heights of the line by which a box is wider than its letters, on each side
MAX_SLOPE = 0.05  # rise over run of a line that is split


def split_at_gutters(rgb: np.ndarray, boxes: Sequence[TextBox]) -> list[TextBox]:
    """The boxes with joined ones as two, in their order. `rgb` uint8 (H, W, 3) is the picture that they are of."""
    if len(boxes) < 2 * MIN_STARTERS:
        return list(boxes)
    height = float(np.median([box.height for box in boxes]))
    edges = list(_column_edges(boxes, height))
    split: list[TextBox] = []
    for box in boxes:
        parts = [box]
        for x, starters in edges:
            parts = [part for whole in parts for part in _split(rgb, whole, x, starters)]
        split += parts
    return split


def _column_edges(boxes: Sequence[TextBox], height: float) -> Iterator[tuple[float, list[TextBox]]]:
    """An x and the lines of about median height that begin there, with others left of them; from left to right."""
    body = sorted((box for box in boxes if 0.75 < box.height / height < 1.33), key=lambda box: box.xyxy[0])
    group: list[TextBox] = []
    for box in [*body, None]:
        if box is not None and (not group or box.xyxy[0] - group[-1].xyxy[0] < MAX_EDGE_OFFSET * height):
            group.append(box)
            continue
        if len(group) >= MIN_STARTERS:
            x = float(np.median([b.xyxy[0] for b in group]))
            top, bottom = min(b.xyxy[1] for b in group), max(b.xyxy[3] for b in group)
            beside = [
                b
                for b in body
                if b.xyxy[2] < x + MAX_EDGE_OFFSET * height
                and b.xyxy[0] < x - MIN_SIDE_REACH * height
                and top < b.xyxy[3]
                and b.xyxy[1] < bottom
            ]
            if len(beside) >= MIN_STARTERS:
                yield x, group
        group = [box] if box is not None else []


def _split(rgb: np.ndarray, box: TextBox, x: float, starters: Sequence[TextBox]) -> list[TextBox]:
    height = box.height
    left, top, right, bottom = box.xyxy
    rise = abs(float(box.polygon[1][1] - box.polygon[0][1]))
    if not (left < x - MIN_SIDE_REACH * height and right > x + MIN_SIDE_REACH * height) or rise > MAX_SLOPE * (
        right - left
    ):
        return [box]
    median = float(np.median([other.height for other in starters]))
    near = min(abs((other.xyxy[1] + other.xyxy[3]) - (top + bottom)) / 2 for other in starters)
    if len(box.words) < 2 or not 0.75 < height / median < 1.33 or near > 2.5 * height:
        return [box]
    blank = _blank(rgb, box, x)
    if blank is None:
        return [box]
    start, end = blank
    before = [word for word in box.words if word.polygon[:, 0].mean() < (start + end) / 2]
    after = [word for word in box.words if word.polygon[:, 0].mean() >= (start + end) / 2]
    if not before or not after:
        return [box]
    ends, begins = (start - left) / (right - left), (end - left) / (right - left)
    return [
        TextBox.of_words(part_of(box.polygon, 0, ends), before),
        TextBox.of_words(part_of(box.polygon, begins, 1), after),
    ]


def _blank(rgb: np.ndarray, box: TextBox, x: float) -> tuple[float, float] | None:
    """The blank strip through the box that ends about where the column's lines begin: its left and right in pixels."""
    height = box.height
    left, top, _, bottom = box.xyxy
    rows = slice(max(0, round(top + 0.1 * height)), max(1, round(bottom - 0.1 * height)))
    first = max(0, round(left))
    strip = rgb[rows, first : round(x + height)]
    if 0 in strip.shape:
        return None
    grey = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_RGB2GRAY).astype(int)
    contrast = int(np.ptp(grey))
    inked = np.flatnonzero(np.ptp(grey, axis=0) > 0.3 * contrast)
    runs = ((b - a - 1, first + a + 1) for a, b in pairwise(inked))
    ending_here = (run for run in runs if -MAX_EDGE_OFFSET * height < sum(run) - x < 2 * MAX_EDGE_OFFSET * height)
    width, start = max(ending_here, default=(0, 0))
    if width < MIN_GUTTER * height:
        return None
    end = start + width
    spare = min(GUTTER_SPARE * height, width / 4)  # a detector's boxes are a little wider than their letters
    return float(start + spare), float(end - spare)
