"""Which lines go on from the line before: paragraphs and list items, from indents, gaps, lengths and letters.

The main rule is the typesetter's: a line that had room for the next line's first word was ended on purpose.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.ocr.layout import links, prose
from models.ocr.layout.joining import BROKEN, UNSPACED
from models.ocr.layout.marks import CLOSING, closed, ended, is_cased
from models.ocr.layout.page import Line, goes_left, mirrored
from models.ocr.layout.records import BULLET, NUMBER, begins

GOES_ON, LINE_END, PARAGRAPH_END = "", "\n", "\n\n"

MAX_PART_GAP = 1.5  # line heights between two boxes of one sentence; a form or table has more
MIN_RUNNING_WIDTH = 14  # line heights; so wide is hardly a line of a list or of an address
QUOTES = frozenset('"“”„»«')
CARE_OF = ("c/o ", "att: ", "attn: ")  # lines of an address that begin with a small letter
MIN_SWAY, MAX_SWAY = -3.0, 1.5  # nats that the stanzas before and after count for one
NEARBY_LINES = 6  # before and after a line, by which it is judged short


def median_gap(lines: Sequence[Line]) -> float:
    """The median white between two of these lines, in pixels; the lower of two middle ones."""
    gaps = sorted(_gap(a, b) for a, b in pairwise(lines))
    return gaps[(len(gaps) - 1) // 2] if gaps else 0.0


def stands_apart(before: Line, line: Line, median: float) -> bool:
    """Whether there is clearly more white between the two lines than the median gap, in pixels."""
    return _gap(before, line) > median + 0.45 * min(before.height, line.height)


def breaks(blocks: Sequence[Sequence[Line]]) -> list[str]:
    """What ends each line but the last: nothing where its sentence goes on, or the end of a line or of a paragraph.

    Blocks are in reading order; a sentence may go on from one to the next, as from column to column.
    """
    found: list[str] = []
    for number, block in enumerate(blocks):
        if number:
            found.append(GOES_ON if _flows(blocks[number - 1][-1], block[0]) else PARAGRAPH_END)
        leftward = goes_left(line.text for line in block)
        found += _block_breaks([mirrored(line) for line in block] if leftward else block)
    return found


def _block_breaks(lines: Sequence[Line]) -> list[str]:
    median = median_gap(lines)
    items = begins([line.text for line in lines])
    linked = links.continued([line.text for line in lines])
    apart = [False] * len(lines)
    starts = [0]  # lines that paragraphs begin with
    for k in range(1, len(lines)):
        before, line = lines[k - 1], lines[k]
        apart[k] = stands_apart(before, line, median) or _other_type(before, line)
        items[k] |= bool(NUMBER.match(line.text)) and (items[starts[-1]] or apart[k] or _complete(lines, k))
        if apart[k] and _flows(before, line) and _gap(before, line) < median + before.height:
            apart[k] = False
        if apart[k] or items[k] or not (linked[k] or _goes_on(lines, starts[-1], k)):
            starts.append(k)
    own = [k for k in _lines_of_their_own(lines, starts, apart, items) if not linked[k]]
    starts = sorted({*starts, *own})
    found = [GOES_ON] * (len(lines) - 1)
    for begin, start, end in zip(starts, starts[1:], [*starts[2:], len(lines)], strict=False):
        listed = items[start] and (items[begin] or not apart[start])
        single = start - begin == 1 and end - start == 1 and not apart[start]
        found[start - 1] = LINE_END if listed or single else PARAGRAPH_END
    return found


def _lines_of_their_own(
    lines: Sequence[Line], starts: Sequence[int], apart: Sequence[bool], items: Sequence[bool]
) -> list[int]:
    """Those that stand in verse or in a list, by the ends of the lines that are taken to go on."""
    edges = [0, *(k for k in range(1, len(lines)) if apart[k]), len(lines)]
    groups = [range(a + 1, b) for a, b in pairwise(edges)]
    texts = [line.text for line in lines]

    def line_end(k: int) -> prose.LineEnd:
        return prose.LineEnd(texts[k - 1], texts[k], k not in starts and _had_room(lines, k))

    # A line that is left short in the middle of a sentence speaks against running text, too.
    open_ends = [[k for k in group if k not in starts or not (items[k] or closed(texts[k - 1]))] for group in groups]
    scores = [prose.score([line_end(k) for k in group], texts) for group in open_ends]
    beside = [before + after for before, after in zip([0.0, *scores], [*scores[1:], 0.0], strict=False)]
    sways = np.clip(beside, MIN_SWAY, MAX_SWAY)
    own = [score + sway < prose.MIN_RUNNING_SCORE for score, sway in zip(scores, sways, strict=True)]
    return [k for group, theirs in zip(groups, own, strict=True) if theirs for k in group]


def _gap(before: Line, line: Line) -> float:
    return line.middle - before.middle - (before.height + line.height) / 2


def _flows(before: Line, line: Line) -> bool:
    """Whether the words alone say that the sentence goes on."""
    if BULLET.match(line.text) or _other_type(before, line):
        return False
    if BROKEN.search(before.text) and line.text[:1].isalnum():
        return True
    if line.text.lower().startswith(CARE_OF):
        return False
    begins_small = line.text.lstrip(CLOSING + "(«“„")[:1].islower()
    return begins_small and not ended(before.text) and not NUMBER.match(line.text)


def _other_type(before: Line, line: Line) -> bool:
    """Whether the lines are set in clearly different sizes, as a heading and its text."""
    sizes, letters = sorted([before.height, line.height]), sorted([before.letter, line.letter])
    return sizes[1] > 1.25 * sizes[0] and letters[1] > 1.15 * letters[0]


def _edge(lines: Sequence[Line], k: int) -> float:
    """How far to the right the lines around line k reach; one that sticks out alone does not count."""
    ends = sorted(line.right for line in lines[max(0, k - NEARBY_LINES) : k + NEARBY_LINES + 1])
    return ends[-2] if len(ends) > 3 else ends[-1]


def _complete(lines: Sequence[Line], k: int) -> bool:
    """Whether line k - 1 was ended on purpose: its sentence is, or it had room for the first word of line k."""
    return ended(lines[k - 1].text) or _had_room(lines, k)


def _had_room(lines: Sequence[Line], k: int) -> bool:
    before, line = lines[k - 1], lines[k]
    word = line.text[:1] if UNSPACED.match(line.text) else line.text.split()[0] + " "
    return _edge(lines, k - 1) - before.right > len(word) * line.letter + 0.3 * line.height


def _indented(lines: Sequence[Line], k: int) -> bool:
    """Whether line k begins deeper than the lines around it."""
    step = 0.7 * lines[k].height
    after = lines[k + 1].left if k + 1 < len(lines) else lines[k - 1].left
    return lines[k].left > lines[k - 1].left + step and lines[k].left > after + step


def _indented_too(lines: Sequence[Line], k: int) -> bool:
    """Whether line k begins as deep as the whole paragraph of one line before it, as in a novel's dialogue."""
    before, line = lines[k - 1], lines[k]
    margin = min(near.left for near in lines[max(0, k - NEARBY_LINES) : k + NEARBY_LINES + 1])
    level = abs(line.left - before.left) < 0.35 * line.height
    return level and line.left > margin + 0.7 * line.height and ended(before.text)


def _goes_on(lines: Sequence[Line], first: int, k: int) -> bool:
    """Whether line k belongs to the paragraph that began with line `first` and has reached line k - 1."""
    before, line = lines[k - 1], lines[k]
    if _flows(before, line):
        return True
    step = 0.7 * line.height
    hanging = k - first > 1 and all(lines[j].left > lines[first].left + step for j in range(first + 1, k))
    if hanging and line.left < before.left - step:
        return False
    if _indented(lines, k) or (first == k - 1 and _indented_too(lines, k)) or _another_speaks(before.text, line.text):
        return False
    return not _had_room(lines, k) and not max(before.gap, line.gap) > MAX_PART_GAP and _running(lines, k)


def _another_speaks(before: str, after: str) -> bool:
    """Whether one quotation ends and another begins between the lines, as in a novel's dialogue."""
    return ended(before) and before[-1:] in QUOTES and after[:1] in QUOTES


def _running(lines: Sequence[Line], k: int) -> bool:
    """Whether line k stands in running text: sentences near it go on from line to line, or its lines are long."""
    near = lines[max(0, k - 4) : k + 4]
    if lines[k - 1].right - lines[k - 1].left > MIN_RUNNING_WIDTH * lines[k].height:
        return True
    return not any(is_cased(line.text) for line in near) or any(_flows(a, b) for a, b in pairwise(near))
