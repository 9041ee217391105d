"""Whether lines are running text that was broken to fit, or lines of their own: verse, lists, menus.

The evidence of each line end is added up as the logarithm of how much more likely it is in running text, as in naive
Bayes. Chances are counts from novels, film reviews and lists; those of capitals and marks are the page's own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.ocr.layout.joining import BROKEN
from models.ocr.layout.marks import CLOSING, ENDS, FUNCTION_WORDS, OPENING, PAUSES, ended, is_cased

# Evidence in nats: the logarithm of how much likelier it is in running text than in lines of their own.
MIN_RUNNING_SCORE = -3.0  # below it lines are their own; running text is the commoner
FUNCTION_WORD_NATS = 2.5  # running text ends a line in four with one of those, lists and verse one in fifty
BROKEN_WORD_NATS = 3.0
ROOM_NATS = -1.5  # the line had room for the next one's first word
PLAIN_NATS = 0.3  # a line end with no mark, where case says nothing
VERSE_CAPITALS = 0.85  # share of lines of their own that begin with a capital
VERSE_MARKS = 0.65  # share of verse's lines that end with a mark
MIN_RUNNING_MARKS = 0.12  # share of running text's words before a mark, where a page has few
MIN_LINE_ENDS = 3  # the marks of two alone are chance


@dataclass(frozen=True)
class LineEnd:
    """Where one line ends and another begins. `room`: the first of them had room for the next one's first word."""

    before: str
    after: str
    room: bool


def score(line_ends: Sequence[LineEnd], texts: Sequence[str]) -> float:
    """The evidence that text goes on over these line ends, in nats; 0 where its script has no case. `texts` are the
    lines around, for how many capitals and marks they have inside."""
    cased = [end for end in line_ends if is_cased(end.before) and is_cased(end.after)]
    if not cased:
        return 0.0
    capitals, marks = _inside(texts)
    by_case, by_marks = 0.0, 0.0
    for end in cased:
        words = (ROOM_NATS if end.room else 0.0) + _by_last_word(end)
        by_case += words + _by_case(end, capitals)
        by_marks += words + _by_marks(end, marks)
    return min(by_case, by_marks if len(cased) >= MIN_LINE_ENDS else max(by_marks, MIN_RUNNING_SCORE))


def _by_last_word(end: LineEnd) -> float:
    if BROKEN.search(end.before) and end.after[:1].islower():
        return BROKEN_WORD_NATS
    last = end.before.split()[-1].lstrip(OPENING).lower()
    return FUNCTION_WORD_NATS if last in FUNCTION_WORDS else 0.0


def _by_case(end: LineEnd, capitals: float) -> float:
    first = end.after.lstrip(OPENING)[:1]
    if ended(end.before) or not (first.isalpha() or first.isdigit()):
        return 0.0
    if first.islower():
        return math.log((1 - capitals) / (1 - VERSE_CAPITALS))
    return math.log(capitals / VERSE_CAPITALS) if first.isupper() else -PLAIN_NATS


def _by_marks(end: LineEnd, marks: float) -> float:
    if end.before.rstrip(CLOSING)[-1:] in (*ENDS, *PAUSES):
        return math.log(max(marks, MIN_RUNNING_MARKS) / VERSE_MARKS)
    return PLAIN_NATS


def _inside(texts: Sequence[str]) -> tuple[float, float]:
    """The shares of words with a capital, and of words with a mark behind, that stand inside the lines."""
    words = [text.split() for text in texts]
    capitals = [word.lstrip(OPENING)[:1].isupper() for line in words for word in line[1:] if is_cased(word)]
    marks = [word.rstrip(CLOSING)[-1:] in (*ENDS, *PAUSES) for line in words for word in line[:-1]]
    return (sum(capitals) + 1) / (len(capitals) + 8), (sum(marks) + 4) / (len(marks) + 30)
