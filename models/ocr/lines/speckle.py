"""Paper grain: what the detection network takes for thousands of specks of text where there is none.

It was hardly trained on grainy paper without a line. With a line it finds only that; without, it finds text all over.
A grainy scan at 300 dots per inch has such tiles, and its 80,000 outlines hide the lines of the others.
"""

import cv2
import numpy as np

SQUARE_SIDE = 4  # pixels of a square that is averaged
SURROUNDING_SQUARES = 13  # each way, with which a square is compared
MIN_INK_LEVELS = 2.0  # by which the average of the faintest ink differs from flat paper
MIN_INK_DEVIATIONS = 7.0  # standard deviations of the grain by which ink differs from grainy paper
MEDIAN_OF_NORMAL = 0.6745  # median of the absolute normal distribution, in standard deviations
MAX_GRAIN = 4.0  # levels of standard deviation; ink may hide in coarser grain
LINE_SQUARES = 32  # squares along a line of print, over which grain evens out
MAX_EVENED_GRAIN = 0.38  # of its deviation that grain keeps then: it has 0.22 to 0.27, faint print 0.54 to 0.8
MAX_SPECK_SIDE = 5  # pixels of the heat map on its shorter side; a letter has more
MAX_SPECKS = 500  # in a million pixels; dense print has 20, a photograph with a sharp texture 1000

Part = tuple[slice, slice]


def is_bare_paper(rgb: np.ndarray) -> bool:
    """Whether uint8 (h, w, 3) is a flat surface, grainy or not, with nothing written on it."""
    rows, _ = inked_part(rgb)
    return rows.start == rows.stop


def inked_part(rgb: np.ndarray) -> Part:
    """Rows and columns, in pixels, of the least part of uint8 (h, w, 3) around which is but flat paper, grainy or not:
    empty where nothing is written at all."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    height, width = (max(1, round(side / SQUARE_SIDE)) for side in grey.shape)
    near = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    contrast = near - cv2.blur(near, (SURROUNDING_SQUARES, SURROUNDING_SQUARES))
    grain = float(np.median(np.abs(contrast))) / MEDIAN_OF_NORMAL
    whole = slice(0, rgb.shape[0]), slice(0, rgb.shape[1])
    rows, columns = bounds(np.abs(contrast) >= max(MIN_INK_LEVELS, MIN_INK_DEVIATIONS * grain), SURROUNDING_SQUARES)
    beyond = np.ones(contrast.shape, bool)
    beyond[rows, columns] = False
    contrast[~beyond] = 0
    if np.abs(contrast).max() >= MIN_INK_LEVELS:
        if float(np.median(np.abs(contrast[beyond]))) > MAX_GRAIN * MEDIAN_OF_NORMAL:
            return whole
        # ink all over the place is no outlier, but stands in lines
        lines = max(cv2.blur(contrast, size)[beyond].std() for size in ((LINE_SQUARES, 1), (1, LINE_SQUARES)))
        if lines >= MAX_EVENED_GRAIN * contrast[beyond].std():
            return whole
    return slice(SQUARE_SIDE * rows.start, SQUARE_SIDE * rows.stop), slice(
        SQUARE_SIDE * columns.start, SQUARE_SIDE * columns.stop
    )


def bounds(mask: np.ndarray, margin: int) -> Part:
    """Rows and columns of the rectangle around what is True in bool (h, w), with a margin; empty without any."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if len(rows) == 0:
        return slice(0, 0), slice(0, 0)
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


def is_speckled(heat: np.ndarray, threshold: float) -> bool:
    """Whether a heat map uint8 (h, w) falls into specks above the threshold."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((heat > threshold).astype(np.uint8), ltype=cv2.CV_16U)
    specks = (stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].min(axis=1) <= MAX_SPECK_SIDE).sum()
    return bool(specks > MAX_SPECKS * heat.size / 1e6 and specks > count / 2)
