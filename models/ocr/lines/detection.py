"""Where there is text: PP-OCR's detection network over pictures of any size.

rapidocr shrinks whatever is longer than 2000 pixels. Here large pictures go through the network in overlapping tiles
at full size, and the tiles' heat maps are put together before lines are searched, so that no line is cut or found
twice; letters too large for a tile come from a second pass over the picture made small. Bare paper is left out, because
it takes time and its grain would be taken for text.
"""

import math

import cv2
import numpy as np
from rapidocr.ch_ppocr_det import TextDetector
from rapidocr.ch_ppocr_det.utils import DBPostProcess
from shapely.geometry import Polygon  # type: ignore[import-untyped]  # rapidocr's own

from models.ocr.boxes import Detection
from models.ocr.lines.crop import line_size
from models.ocr.lines.line_ends import to_their_ends
from models.ocr.lines.networks import run
from models.ocr.lines.speckle import Part, bounds, inked_part, is_bare_paper, is_speckled
from models.ocr.stages import Check
from models.pictures.arrays import scaled

MIN_SHORT_SIDE = 736  # pixels that a small picture's shorter side is enlarged to, as in rapidocr
MAX_ENLARGEMENT = 3.0  # times; letters enlarged further are not found any better
MAX_PASS_PIXELS = 2_400_000  # pixels that go through the network at once: about 200 MB
TILE_SIDE, TILE_OVERLAP = 1280, 192  # pixels; half of the overlap is thrown away at each side of a tile
COARSER_FACTOR = 3.0  # each further pass is over a picture smaller by this
MIN_COARSE_SIDE = 100  # pixels of its shorter side, below which there is no further pass
MIN_COARSE_HEIGHT = 32  # pixels; lower lines are left to the finer pass
MIN_COARSE_SCORE = 0.75  # of a line of a coarse pass; a block of small print has 0.5 to 0.65
MIN_WHOLE_SCORE = 0.7  # of a line of a fine pass that is no stroke of a large letter; strokes have 0.5 to 0.7
MAX_STROKES = 12  # that large letters fall into in a fine pass
MAX_LIVE_PIXELS = 700_000  # of a camera's frame
MAX_LINES = 5000  # in one picture
MAX_SHOWN_PIXELS = 2_000_000  # of the heat map in the result
TEXT_LEVEL = 0.3 * 255  # level of the heat map above which a pixel is text
SURE_LEVEL = 0.7 * 255  # … where lines touch: print that shows through from the back reaches 0.2 to 0.6
MIN_SURE_HEIGHT = 0.6  # of such a line, in parts of the other lines' median height; print from the back is lower there
MAX_LONELY_SHARE = 0.5  # of a picture in which nothing was found, for its inked part to be searched alone
MIN_CONTRAST = 12  # levels between darkest and brightest pixel of a tile with text


class TextFinder:
    """Finds lines. Remembers nothing, so any thread may call it."""

    def __init__(self, stage: TextDetector) -> None:
        self._stage = stage
        # on maps of bytes, a quarter of the memory: thresholds in levels of 255; more lines than rapidocr's 1000
        self._lines, self._sure_lines = (
            DBPostProcess(
                thresh=level, box_thresh=0.5 * 255, max_candidates=MAX_LINES, unclip_ratio=1.6, use_dilation=True
            )
            for level in (TEXT_LEVEL, SURE_LEVEL)
        )

    def find(self, rgb: np.ndarray, *, thorough: bool = True, check: Check = lambda: None) -> Detection:
        """The lines in uint8 (H, W, 3). Not `thorough`: in one pass over a picture made small. `check` is called
        between two passes, and what it raises ends the search."""
        height, width = rgb.shape[:2]
        if not thorough:
            heat = self._heat(rgb, min(1.0, math.sqrt(MAX_LIVE_PIXELS / (height * width))), check)
            return _detection(heat, *self._boxes(heat, height, width))
        scale = min(MAX_ENLARGEMENT, max(1.0, MIN_SHORT_SIDE / min(height, width)))
        scale = max(1.0, min(scale, math.sqrt(MAX_PASS_PIXELS / (height * width))))
        heat, polygons, scores = np.zeros((height, width), np.uint8), np.zeros((0, 4, 2), np.float32), np.zeros(0)
        is_small = height * width <= MAX_PASS_PIXELS
        if is_small:
            heat, polygons, scores = self._search(rgb, scale, min(height, width), 2 * TILE_SIDE, check)
            if len(polygons):
                return _detection(heat, *to_their_ends(rgb, polygons, scores))
        # of a receipt on a large scan only the receipt is searched; a line alone on a page is overlooked at first
        part = _inked_part(rgb)
        if 0 < rgb[part].size < (MAX_LONELY_SHARE * rgb.size if is_small else math.inf):
            heat = np.zeros((height, width), np.uint8)
            heat[part], polygons, scores = self._search(rgb[part], scale, min(height, width), TILE_SIDE, check)
            polygons += np.array([part[1].start, part[0].start], np.float32)
        return _detection(heat, *to_their_ends(rgb, polygons, scores))

    def _search(
        self, rgb: np.ndarray, scale: float, short_side: int, longest: int, check: Check
    ) -> tuple[np.ndarray, ...]:
        """Heat map, polygons and scores of what is written on a picture whose shorter side has so many pixels; of
        `longest` see `_heat`."""
        height, width = rgb.shape[:2]
        # in one pass over a large part, small print is missed beside a large heading
        heat = self._heat(rgb, scale, check, longest)
        polygons, scores = self._boxes(heat, height, width)
        while (scale := scale / COARSER_FACTOR) * short_side >= MIN_COARSE_SIDE:
            coarse = self._boxes(self._heat(rgb, scale, check), height, width)
            polygons, scores = _with_large(polygons, scores, *coarse, MIN_COARSE_HEIGHT / scale)
        return heat, polygons, scores

    def _heat(self, rgb: np.ndarray, scale: float, check: Check, longest: int = 2 * TILE_SIDE) -> np.ndarray:
        """uint8 (h, w), h and w the picture's times `scale`: certainty of text, 255 for 1. A side of more than
        `longest` pixels goes through in tiles."""
        rgb = scaled(rgb, scale)
        height, width = rgb.shape[:2]
        heat = np.zeros((height, width), np.uint8)
        whole = height * width <= MAX_PASS_PIXELS and max(height, width) <= longest
        rows = [(0, height, 0, height)] if whole else _tiles(height)
        columns = [(0, width, 0, width)] if whole else _tiles(width)
        for top, bottom, y0, y1 in rows:
            for left, right, x0, x1 in columns:
                part = rgb[top:bottom, left:right]
                if whole or not is_bare_paper(part):
                    check()
                    tile = self._unspeckled(part)
                    heat[y0:y1, x0:x1] = tile[y0 - top : y1 - top, x0 - left : x1 - left]
        return heat

    def _unspeckled(self, rgb: np.ndarray) -> np.ndarray:
        """`_pass`, over a grainy picture made so small that the grain is gone."""
        heat = self._pass(rgb)
        height, width = heat.shape
        if min(height, width) < 2 * MIN_COARSE_SIDE or not is_speckled(heat, TEXT_LEVEL):
            return heat
        smaller = cv2.resize(rgb, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        return cv2.resize(self._unspeckled(smaller), (width, height), interpolation=cv2.INTER_LINEAR)

    def _pass(self, rgb: np.ndarray) -> np.ndarray:
        """One pass through the network: uint8 (h, w) of uint8 (h, w, 3)."""
        height, width = rgb.shape[:2]
        if int(rgb.max()) - int(rgb.min()) < MIN_CONTRAST:
            return np.zeros((height, width), np.uint8)
        # the network wants sides in 32s; beyond the picture goes on in the colour of its edge, and a little on all
        # sides, because letters that touch the edge are not found
        pad_y, pad_x = (16 + (-side) % 32 // 2 for side in (height, width))
        below, beside = ((-side) % 32 + 32 - pad for side, pad in ((height, pad_y), (width, pad_x)))
        padded = cv2.copyMakeBorder(
            rgb, pad_y, below, pad_x, beside, cv2.BORDER_CONSTANT, value=edge_colour(rgb)
        )  # fmt: skip
        # PP-OCR is trained on BGR
        batch = cv2.dnn.blobFromImage(padded, 2 / 255, mean=(127.5, 127.5, 127.5), swapRB=True)
        heat = run(self._stage, batch)[0, 0, pad_y : pad_y + height, pad_x : pad_x + width]
        return np.rint(heat * 255).astype(np.uint8)

    def _boxes(self, heat: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Polygons float32 (n, 4, 2) in a picture of that size, and their scores float32 (n,)."""
        boxes, scores = _lines_of(self._lines, heat, height, width)
        # lines that touch print from the back make one blob with it, whose mean score is too low for a line
        rest = heat.copy()
        cv2.fillPoly(rest, list(np.rint(boxes * (rest.shape[1] / width, rest.shape[0] / height)).astype(np.int32)), 0)
        sure, sure_scores = _lines_of(self._sure_lines, rest, height, width)
        lowest = MIN_SURE_HEIGHT * np.median([_height(box) for box in boxes]) if len(boxes) else 0.0
        high = np.array([_height(box) >= lowest for box in sure], bool)
        return np.concatenate([boxes, sure[high]]), np.concatenate([scores, sure_scores[high]])


def _lines_of(stage: DBPostProcess, heat: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    boxes, scores = stage(heat[None, None], (height, width))
    return np.array(boxes, np.float32).reshape(-1, 4, 2), np.array(scores, np.float32) / 255


def edge_colour(rgb: np.ndarray) -> tuple[int, ...]:
    """The middle colour of the picture's outermost pixels."""
    edge = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    return tuple(int(level) for level in np.median(edge, axis=0))


def _inked_part(rgb: np.ndarray) -> Part:
    """Rows and columns of the rectangle around all that is written in uint8 (h, w, 3); empty for bare paper."""
    inked = np.zeros(rgb.shape[:2], bool)
    for top, bottom, *_ in _tiles(rgb.shape[0]):
        for left, right, *_ in _tiles(rgb.shape[1]):
            inked[top:bottom, left:right][inked_part(rgb[top:bottom, left:right])] = True
    return bounds(inked, 0)


def _tiles(length: int) -> list[tuple[int, int, int, int]]:
    """(begin, end, from, to): tiles that cover `length` with TILE_OVERLAP, and the part of each that is used."""
    count = max(1, math.ceil((length - TILE_OVERLAP) / (TILE_SIDE - TILE_OVERLAP)))
    step = (length - TILE_OVERLAP) / count
    edges = [round(index * step) for index in range(count)]
    tiles = []
    for index, begin in enumerate(edges):
        end = length if index == count - 1 else edges[index + 1] + TILE_OVERLAP
        used = begin + TILE_OVERLAP // 2 if index else 0, end if index == count - 1 else end - TILE_OVERLAP // 2
        tiles.append((begin, end, *used))
    return tiles


def _with_large(
    fine: np.ndarray, fine_scores: np.ndarray, coarse: np.ndarray, coarse_scores: np.ndarray, min_height: float
) -> tuple[np.ndarray, np.ndarray]:
    """The fine lines, but where the coarse pass saw letters of at least `min_height`, its line, not fragments."""
    free, taken = np.ones(len(fine), bool), []
    for index, polygon in enumerate(coarse):
        if _height(polygon) < min_height or coarse_scores[index] < MIN_COARSE_SCORE:
            continue
        inside = np.array([n for n in np.flatnonzero(free) if _shared(fine[n], polygon) > 0.5], int)
        # a fine line that is the same, and no stroke, has the sharper edges
        if any(fine_scores[n] >= MIN_WHOLE_SCORE and _shared(polygon, fine[n]) > 0.5 for n in inside):
            continue
        # small print looks like a line when made small, but its fine lines are many and score higher than strokes
        if len(inside) > MAX_STROKES or fine_scores[inside].sum() > len(inside) * coarse_scores[index]:
            continue
        free[inside] = False
        taken.append(index)
    return np.concatenate([fine[free], coarse[taken]]), np.concatenate([fine_scores[free], coarse_scores[taken]])


def _height(polygon: np.ndarray) -> float:
    return min(line_size(polygon))


def _shared(polygon: np.ndarray, other: np.ndarray) -> float:
    """The part of `polygon` that lies in `other`."""
    # not by OpenCV, whose intersectConvexConvex finds nothing where edges coincide
    return float(Polygon(polygon).intersection(Polygon(other)).area) / max(1.0, cv2.contourArea(polygon))


def _detection(heat: np.ndarray, polygons: np.ndarray, scores: np.ndarray) -> Detection:
    heat = scaled(heat, min(1.0, math.sqrt(MAX_SHOWN_PIXELS / heat.size)))
    return Detection(heat.astype(np.float32) / 255, polygons, scores)
