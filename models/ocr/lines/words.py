"""A line's words, with their own polygons, from its letters and its crop.

The network places a letter to a step of 8 in 48 pixels of height. The paper between two words is exact, so words end
where their ink does.
"""

import math
import unicodedata
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from models.ocr.boxes import TextBox, Word
from models.ocr.layout.right_to_left import words_as_read
from models.ocr.lines.crop import part_of
from models.ocr.lines.recognition import Letters

MIN_BLANK_GAP = 0.4  # of the line's height, of a gap that may be a blank which the network left out
MIN_BLANK_SCORE = 0.015  # of the network for such a blank; inside words it is 0.001
MIN_INK_CONTRAST = 0.35  # of the line's strongest contrast, above which a pixel is ink


def text_box(polygon: np.ndarray, crop: np.ndarray, letters: Letters) -> TextBox | None:
    """The line with its words; None where it has no letters."""
    text = _narrow(letters.text)
    inked = np.asarray(inked_pixels(crop).any(axis=0))
    words = _words(letters, inked, crop.shape[0])
    if not words:
        return None
    width = len(inked)
    spans = [(letters.places[first] * width, letters.places[last] * width) for first, last in words]
    edges = [float(inked.argmax())]
    for (_, end), (begin, _) in pairwise(spans):
        edges += _gap(inked, end, begin)
    edges.append(width - float(inked[::-1].argmax()))
    made = []
    for number, (first, last) in enumerate(words):
        left, right = edges[2 * number] / width, edges[2 * number + 1] / width
        score = float(letters.scores[first : last + 1].mean())
        made.append(Word(text[first : last + 1], score, part_of(polygon, left, right)))
    # the network reports letters from left to right, whichever way they are read
    made = [replace(made[index], text=word) for index, word in words_as_read(text, words)]
    visible = [index for index, letter in enumerate(letters.text) if not letter.isspace()]
    score = float(letters.scores[visible].mean())
    return TextBox(polygon.astype(np.float32), " ".join(word.text for word in made), score, tuple(made))


def _words(letters: Letters, inked: np.ndarray, height: float) -> list[tuple[int, int]]:
    """(first, last) letter of each. The network leaves out a blank now and then, mostly beside a colon or where the
    type is wide: where its score for one was not low, the paper between the letters decides."""
    visible = [index for index, letter in enumerate(letters.text) if not letter.isspace()]
    pairs = [(a, b) for a, b in pairwise(visible) if b == a + 1]
    places = letters.places * len(inked)
    gaps = {b: np.ptp(_gap(inked, places[a], places[b])) / height for a, b in pairs}
    median = float(np.median(list(gaps.values()))) if gaps else 0.0
    words: list[tuple[int, int]] = []
    for index in visible:
        gap = gaps.get(index)
        ends = gap is None or (gap >= max(MIN_BLANK_GAP, 2 * median) and letters.blanks[index] >= MIN_BLANK_SCORE)
        words.append((index, index) if ends else (words.pop()[0], index))
    return words


def _narrow(text: str) -> str:
    """Chinese punctuation as everybody else writes it, where there is no Chinese: the network mixes up the two."""
    if any(unicodedata.east_asian_width(letter) == "W" for letter in text):
        return text
    return "".join(chr(ord(letter) - 0xFEE0) if "\uff01" <= letter <= "\uff5e" else letter for letter in text)


def inked_pixels(crop: np.ndarray, line: slice = slice(None)) -> np.ndarray:
    """bool (h, w): what is not paper. What paper and ink look like is learned in the columns `line`."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.int16)
    contrast = np.abs(grey - int(np.median(grey[:, line])))
    return contrast > max(1.0, MIN_INK_CONTRAST * float(contrast[:, line].max()))


def _gap(inked: np.ndarray, end: float, begin: float) -> tuple[float, float]:
    """Where the ink of one word ends and that of the next begins: the widest gap between the middle of the last letter
    of one and the first of the other."""
    low, high = int(end), min(len(inked), math.ceil(begin) + 1)
    blank = np.concatenate([[False], ~inked[low:high], [False]]).astype(np.int8)
    starts, ends = np.flatnonzero(np.diff(blank) == 1), np.flatnonzero(np.diff(blank) == -1)
    if len(starts) == 0:
        middle = (end + begin) / 2
        return middle, middle
    widest = int((ends - starts).argmax())
    return low + float(starts[widest]), low + float(ends[widest])
