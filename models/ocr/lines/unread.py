"""Lines that were found and hardly read, as when a network has never seen their script.

A CTC network says "no letter" for letters it does not know: most of a line of Cyrillic comes out as nothing, and the
comma in it with 99 %. A line is unread where its ink lies far from any letter that was read.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.ocr.boxes import TextBox, Unread
from models.ocr.lines.crop import crop_line, line_size
from models.ocr.lines.recognition import Letters
from models.ocr.lines.script import script_of
from models.ocr.lines.words import inked_pixels

LETTER_REACH = 0.6  # heights of the line to either side of a letter's middle, which its ink takes
MIN_LETTER_HEIGHT = 0.25  # heights of the line, of ink that may be a letter: rules and leaders are lower
ACCENTED_GREEK = "ά"  # only in the alphabet of a network that reads Greek; others know the letters of formulas
MIN_GREEK_LETTERS = 4  # in a line of Greek, and half of all its letters
MIN_COVERED_INK = 0.5  # share of a line's ink; a line of which less was read is unread
MIN_UNREAD_LENGTH = 2.5  # heights of a line; what is taken for text in photographs is shorter
MIN_UNREAD_SHARE = 0.15  # of the length of all lines
MIN_UNREAD_TOTAL = 4.0  # heights of all unread lines, about eight letters: less is a smudge or a stamp
MAX_STRIPS = 12  # lines, the longest, from which their script is guessed


def covered(letters: Letters, crop: np.ndarray) -> float:
    """The share of a line's ink, by columns of its crop uint8 (h, w, 3), that belongs to a letter that was read."""
    height, width = crop.shape[:2]
    ink = inked_pixels(crop)
    below = height - ink[::-1].argmax(axis=0)
    columns = np.flatnonzero(ink.any(axis=0) & (below - ink.argmax(axis=0) >= MIN_LETTER_HEIGHT * height))
    if len(columns) == 0:
        return 1.0
    near = np.zeros(width, bool)
    for place, letter in zip(letters.places, letters.text, strict=True):
        if not letter.isspace():
            near[
                max(0, int(place * width - LETTER_REACH * height)) : int(place * width + LETTER_REACH * height) + 1
            ] = True
    return float(near[columns].mean())


def is_foreign_greek(text: str, alphabet: Sequence[str]) -> bool:
    """Whether a line is Greek that was read by a network which knows its letters from formulas alone."""
    if ACCENTED_GREEK in alphabet:
        return False
    letters = [letter for letter in text if letter.isalpha()]
    greek = sum(unicodedata.name(letter, "").startswith("GREEK") for letter in letters)
    return greek >= MIN_GREEK_LETTERS and 2 * greek >= len(letters)


def doubted(box: TextBox, share: float) -> TextBox | None:
    """What is left of a line of which only this share was read: nothing where that is but a comma."""
    if sum(map(str.isalnum, box.text)) < 2:
        return None
    words = tuple(replace(word, score=word.score * share) for word in box.words)
    return replace(box, score=box.score * share, words=words)


def unread_lines(rgb: np.ndarray, polygons: np.ndarray, greek: np.ndarray, found: np.ndarray) -> Unread | None:
    """What could not be read in uint8 (H, W, 3): of the lines found (m, 4, 2) these polygons (n, 4, 2), and these that
    are `greek`. None where that is too little to report."""
    polygons, greek, found = (lines[lengths(lines) >= MIN_UNREAD_LENGTH] for lines in (polygons, greek, found))
    lost = np.concatenate([polygons, greek])
    total = float(lengths(lost).sum())
    if total < MIN_UNREAD_TOTAL or total < MIN_UNREAD_SHARE * lengths(found).sum():
        return None
    longest = polygons[np.argsort(-lengths(polygons), kind="stable")[:MAX_STRIPS]]
    script = script_of([crop_line(rgb, polygon) for polygon in longest]) if len(longest) else None
    scripts = dict.fromkeys(name for name in (script, "Greek" if len(greek) else None) if name)
    return Unread(lost, min(1.0, total / float(lengths(found).sum())), tuple(scripts))


def lengths(polygons: np.ndarray) -> np.ndarray:
    """Of lines (n, 4, 2), in heights of each: float64 (n,)."""
    sizes = np.array([line_size(polygon) for polygon in polygons]).reshape(-1, 2)
    return sizes.max(axis=1) / sizes.min(axis=1)
