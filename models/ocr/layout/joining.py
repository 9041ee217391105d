"""Joining words and lines: which letters want a space between them, and which hyphen only broke a word in two."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from models.ocr.layout import links
from models.ocr.layout.page import Line, Page
from models.ocr.layout.pieces import Piece

# Scripts written without spaces: Thai, Lao, Burmese, Khmer, Chinese and Japanese with their full-width marks.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3000-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\U00020000-\U0003ffff]"
)
HYPHENS = "-\u00ad\u2010\u2011\u00ac"
MAX_ADDRESS_LETTERS = 300  # letters
DASHES = "\u2013\u2014"
BROKEN = re.compile(rf"(?P<stem>[^\W\d_]+)[{HYPHENS}]$")
COMPOUND_HYPHEN = re.compile(rf"[^\W_][{HYPHENS}]$")
# A line that ends in one of these and a hyphen ends inside a compound: self-made, well-known, twenty-one.
COMPOUNDS = {"self", "well", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
# "Vor- und Nachteile", "in- och utgång": the hyphen stands for the rest of the next compound.
_CONJUNCTIONS = "and or to und oder bis och eller og et ou y e o en of ja tai"
CONJUNCTIONS = frozenset(_CONJUNCTIONS.split())


@dataclass
class Text:
    """Pieces in the making, of boxes by their numbers in `page`."""

    page: Page
    pieces: list[Piece] = field(default_factory=list)

    def put(self, between: str) -> None:
        """What stands between: spaces, a tab, line ends."""
        if between:
            self.pieces.append(Piece(between))

    def add(self, boxes: Iterable[int], wide: str | None = None) -> None:
        """Boxes of one line, a space between them; `wide` where they stand apart by several letters."""
        last = None
        for i in boxes:
            if last is not None:
                apart = max(self.page.left[i] - self.page.right[last], self.page.left[last] - self.page.right[i])
                far = wide is not None and apart > 1.5 * min(self.page.height[i], self.page.height[last])
                self.put(wide if far and wide else between(self.page.texts[last], self.page.texts[i]))
            self.pieces += box_pieces(self.page, i)
            last = i

    def go_on(self, line: Line) -> None:
        """The line as the last one's continuation: a broken word mended, else a space if their script has them."""
        if self.pieces and not links.goes_on(self._tail(), line.text):
            last = self.pieces[-1]
            if mends(last.text, line.text, self.page.words):
                self.pieces[-1] = Piece(last.text[:-1], last.box, last.score)
            else:
                self.put(between(last.text, line.text))
        self.add(line.boxes)

    def _tail(self) -> str:
        """The end of the paragraph so far, long enough for any address."""
        tail = ""
        for piece in reversed(self.pieces):
            if "\n" in piece.text or len(tail) > MAX_ADDRESS_LETTERS:
                break
            tail = piece.text + tail
        return tail


def box_pieces(page: Page, i: int) -> list[Piece]:
    """Box i as a piece for each of its words; as one piece where it has no words, or not those of its text."""
    box, text, origin = page.boxes[i], page.texts[i], page.origins[i]
    pieces, at = [], 0
    for word in box.words:
        word_text = " ".join(word.text.split())
        start = text.find(word_text, at) if word_text else at
        if start < 0 or text[at:start].strip():
            return [Piece(text, origin, box.score)]
        if start > at:
            pieces.append(Piece(text[at:start]))
        if word_text:
            pieces.append(Piece(word_text, origin, word.score))
        at = start + len(word_text)
    return pieces if pieces and at == len(text) else [Piece(text, origin, box.score)]


def between(before: str, after: str) -> str:
    """What joins two stretches of one sentence: nothing or a space."""
    if not before or not after or (UNSPACED.match(before[-1]) and UNSPACED.match(after[0])):
        return ""
    compound = COMPOUND_HYPHEN.search(before) and after[0].isalnum() and _next_word(after).lower() not in CONJUNCTIONS
    return "" if compound or (before[-1] in DASHES and before[-2:-1].strip()) else " "


def mends(before: str, after: str, words: Container[str] = ()) -> bool:
    """Whether the hyphen that ends a line only broke a word in two: "hyphen-" and "ation".

    The hyphen stays in e-mail, COVID-19, Anne-Marie, well-known, and in a compound that has another hyphen or that
    stands whole among the page's `words`.
    """
    broken = BROKEN.search(before)
    rest = _next_word(after)
    if not broken or not rest[:1].islower():
        return before.endswith("\u00ad")
    stem, word = broken["stem"], before.split()[-1][:-1]
    if len(stem) == 1 or stem.lower() in COMPOUNDS or rest.lower() in CONJUNCTIONS or set(word) & set(HYPHENS):
        return False
    bare = word.lstrip("(\"'“„«[").lower()
    return f"{bare}-{rest.lower()}" not in words or f"{bare}{rest.lower()}" in words


def _next_word(text: str) -> str:
    """The letters that a text begins with."""
    found = re.match(r"[^\W\d_]+", text)
    return found[0] if found else ""
