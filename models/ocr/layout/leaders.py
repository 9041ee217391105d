"""Leaders: the dots that lead the eye from a title to its page, or from a dish to its price. They are no text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from models.ocr.boxes import TextBox, Word
from models.ocr.layout.page import Page
from models.ocr.lines.crop import part_of

DOTS = ".·•…‥⋅∙,"  # as readers take them
MIN_DOTS = 2  # on a line that proves leaders; the reader may leave one of the others
MIN_LEADER_LINES = 2  # a single one may be a line to be filled in, or an ellipsis
LETTER_WIDTH = 0.5  # line heights, where no word shows how wide the letters are

# Within a box at least four dots, or two with blanks between; between two boxes they need only touch the gap.
INSIDE = re.compile(
    rf"(?<=\S)\s*(?:[{DOTS}](?:\s?[{DOTS}]){{3,}}|\s[.·•⋅∙](?: [.·•⋅∙])+ ?|…(?:\s?[.…])+)\s*"
    rf"(?=[^\s{DOTS}]\S{{0,11}}(?: \S{{1,8}})?$)"
)
TRAILING = re.compile(rf"(?:(?<=\S)\s+[{DOTS}]|[{DOTS}]{{2,}}|…)(?:\s?[{DOTS}])*$")
LEADING = re.compile(rf"^[{DOTS}](?:\s?[{DOTS}])*\s*(?=\S)")
ONLY = re.compile(rf"[{DOTS}\s]+$")


def transform(page: Page) -> Page:
    """The page without leaders, a title and its number parted into boxes of their own; the same page if it has none.
    Each box still knows which of the original ones it comes from."""
    leaders = [_led(page, row) for row in page.rows]
    if sum(_dots(page, row) >= MIN_DOTS for row in leaders) < MIN_LEADER_LINES:
        return page
    parts: list[tuple[TextBox, int]] = []
    led = {i for row in leaders for i in row}
    for i, box in enumerate(page.boxes):
        parts += ((part, page.origins[i]) for part in (_without(box, page.texts[i]) if i in led else [box]))
    return Page([box for box, _ in parts], [origin for _, origin in parts])


def _led(page: Page, row: Sequence[int]) -> list[int]:
    """The boxes of the row that hold a leader or a part of one; none where nothing stands behind it."""
    texts = [page.texts[i] for i in row]
    if len(row) == 1:
        return list(row) if INSIDE.search(texts[0]) else []
    if ONLY.match(texts[-1]) or ONLY.match(texts[0]):
        return []
    touching = [bool(TRAILING.search(text)) for text in texts[:-1]] + [False]
    begun = [False] + [bool(LEADING.match(text)) for text in texts[1:]]
    whole = [bool(ONLY.match(text) or INSIDE.search(text)) for text in texts]
    return [i for i, *marks in zip(row, touching, begun, whole, strict=True) if any(marks)]


def _dots(page: Page, row: Sequence[int]) -> int:
    """The dots in the row's boxes; a comma is none, but may be one misread beside others."""
    return sum(letter in DOTS and letter != "," for i in row for letter in page.texts[i])


def _without(box: TextBox, text: str) -> Iterator[TextBox]:
    """The box without its leader, in two where that stands inside."""
    if ONLY.match(text):
        return
    inside = INSIDE.search(text)
    if inside:
        yield _part(box, text, 0, inside.start())
        yield _part(box, text, inside.end(), len(text))
        return
    leading, trailing = LEADING.match(text), TRAILING.search(text)
    yield _part(box, text, leading.end() if leading else 0, trailing.start() if trailing else len(text))


def _part(box: TextBox, text: str, start: int, end: int) -> TextBox:
    """The letters text[start:end] of the box."""
    words, cut = _words(box, text, start, end)
    letter = LETTER_WIDTH * box.height / max(float(np.linalg.norm(box.polygon[1] - box.polygon[0])), 1.0)
    left = max(0.0, 1 - letter * (len(text) - start)) if start else 0.0
    right = 1.0
    if end < len(text):
        right = min(1.0, letter * end) if cut or not words else _along(box, words[-1].polygon[[1, 2]])
    polygon = part_of(box.polygon, left, max(right, left)).astype(np.float32)
    return replace(box, polygon=polygon, text=text[start:end], words=words)


def _words(box: TextBox, text: str, start: int, end: int) -> tuple[tuple[Word, ...], bool]:
    """The box's words in text[start:end], as far as they lie there, and whether the last of them goes on behind it."""
    words, at, cut = [], 0, False
    for word in box.words:
        begin = text.find(word.text, at)
        if begin < 0:
            return (), False
        at = begin + len(word.text)
        part = text[max(begin, start) : min(at, end)]
        if part:
            words.append(Word(part, word.score, word.polygon))
            cut = at > end
    return tuple(words), cut


def _along(box: TextBox, points: np.ndarray) -> float:
    """Where the points stand between the box's ends, 0..1."""
    line = (box.polygon[1] - box.polygon[0]).astype(float)
    where = ((points - box.polygon[0]) @ line).mean() / max(float(line @ line), 1.0)
    return float(np.clip(where, 0, 1))
