"""Paper grain: what the detection network takes for thousands of specks of text where there is none.

It was hardly shown a stretch of grainy paper without a line on it. With one it keeps to the line; without, it finds
text all over. A grainy scan at 300 dots per inch has such tiles, and its 80,000 outlines hide the lines of the others.
"""

import cv2
import numpy as np

NEAR = 4  # pixels of a square that is averaged, to be compared …
AROUND = 13  # … with so many of such squares each way around it
FAINTEST_INK = 2.0  # levels by which, so averaged, the faintest ink differs from flat paper …
OUTLIER = 7.0  # … and from grainy paper by this many of the grain's standard deviations, …
MEDIAN_OF_NORMAL = 0.6745  # (in which the median of what deviates by chance is this)
COARSEST_GRAIN = 4.0  # … if that is at most so many levels: in coarser grain ink may hide
ALONG = 32  # squares along a line of print, over which grain evens out …
EVENED_OUT = 0.38  # … to this share of its deviation: grain has 0.22 to 0.27, a page full of faint print 0.54 to 0.8
SPECK = 5  # pixels: a speck of the heat map is no larger to either side; a letter's place is
MAX_SPECKS = 500  # in a million pixels of it; dense print has 20, a photograph with a sharp texture 1000

Part = tuple[slice, slice]


def is_bare_paper(rgb: np.ndarray) -> bool:
    """Whether uint8 (h, w, 3) is a flat surface, grainy or not, with nothing written on it."""
    rows, _ = inked_part(rgb)
    return rows.start == rows.stop


def inked_part(rgb: np.ndarray) -> Part:
    """Rows and columns, in pixels, of the least part of uint8 (h, w, 3) around which is but flat paper, grainy or not:
    empty where nothing is written at all."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    near = cv2.resize(grey, None, fx=1 / NEAR, fy=1 / NEAR, interpolation=cv2.INTER_AREA)
    contrast = near - cv2.blur(near, (AROUND, AROUND))
    grain = float(np.median(np.abs(contrast))) / MEDIAN_OF_NORMAL
    whole = slice(0, rgb.shape[0]), slice(0, rgb.shape[1])
    rows, columns = bounds(np.abs(contrast) >= max(FAINTEST_INK, OUTLIER * grain), AROUND)
    beyond = np.ones(contrast.shape, bool)
    beyond[rows, columns] = False
    contrast[~beyond] = 0
    if np.abs(contrast).max() >= FAINTEST_INK:
        if float(np.median(np.abs(contrast[beyond]))) > COARSEST_GRAIN * MEDIAN_OF_NORMAL:
            return whole
        # ink all over the place is no outlier, but stands in lines
        lines = max(cv2.blur(contrast, size)[beyond].std() for size in ((ALONG, 1), (1, ALONG)))
        if lines >= EVENED_OUT * contrast[beyond].std():
            return whole
    return slice(NEAR * rows.start, NEAR * rows.stop), slice(NEAR * columns.start, NEAR * columns.stop)


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
    specks = (stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].min(axis=1) <= SPECK).sum()
    return bool(specks > MAX_SPECKS * heat.size / 1e6 and specks > count / 2)
