"""Lines to their very ends: what the detection network leaves out beside them, such as underscores and quotes.

The network learned to find words. `__name__ == "__main__":` it finds in three pieces without their underscores; here
each line grows over the ink that goes on beside it, and lines that meet then become one.
"""

import numpy as np

from models.ocr.lines.crop import crop_line, line_size, part_of
from models.ocr.lines.words import inked_pixels

# All but the shares of ink in heights of the line.
MAX_GROWTH = 2.0  # at each end
MAX_INK_GAP = 0.45  # of paper before more ink of the same line: a blank in a typewriter's face
MAX_LETTER_GAP = 0.15  # of paper between two letters of a word
END_MARGIN = 0.2  # of paper that a line keeps beyond its ink
MIN_STANDING_RATIO = 2.5  # heights to a width of a line that stands on end
MIN_RULE_INK = 0.8  # share of inked pixels in a column that is the rule of a table
MAX_LINE_INK = 0.9  # share of inked columns; with more it is underlined, or a photograph
MAX_MIDDLE_OFFSET = 0.25  # between the middles of two parts of a line, across it


def to_their_ends(rgb: np.ndarray, polygons: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lines (n, 4, 2) grown and joined, each with the highest score of its parts."""
    lines: list[tuple[np.ndarray, float, bool]] = []
    for polygon, score in sorted(zip(polygons, scores, strict=True), key=lambda line: line[0][:, 0].min()):
        width, height = line_size(polygon)
        turn = 1 if height > width else 0  # a line that stands on end grows up and down; a single figure does not
        line = np.roll(polygon, turn, axis=0)
        part = line if 1 < height / width < MIN_STANDING_RATIO else _grown(rgb, line)
        grew = part is not line
        item = (np.roll(part, -turn, axis=0), float(score), grew)
        for place, (other, best, other_grew) in enumerate(lines):
            if (grew or other_grew) and not turn and (joined := _joined(other, item[0])) is not None:
                lines[place] = joined, max(best, item[1]), True
                break
        else:
            lines.append(item)
    found = np.array([line for line, _, _ in lines], np.float32).reshape(-1, 4, 2)
    return found, np.array([score for _, score, _ in lines], np.float32)


def _grown(rgb: np.ndarray, line: np.ndarray) -> np.ndarray:
    """The line with the ink beside it; the very same array where there is none."""
    width, height = line_size(line)
    reach = MAX_GROWTH * height / width
    crop = crop_line(rgb, part_of(line, -reach, 1 + reach))
    begin = round(MAX_GROWTH * height)
    end = begin + round(width)
    ink = inked_pixels(crop, slice(begin, end))
    inked = np.asarray(ink.any(axis=0))
    if not inked[begin:end].any() or inked[begin:end].mean() > MAX_LINE_INK:
        return line
    ruled = ink.mean(axis=0) > MIN_RULE_INK
    left = begin - _more(inked[:begin][::-1], ruled[:begin][::-1], inked[begin:end], height)
    right = end + _more(inked[end:], ruled[end:], inked[begin:end][::-1], height)
    if left == begin and right == end:
        return line
    grown = part_of(line, (left - begin) / width, (right - begin) / width)
    return np.clip(grown, 0, (rgb.shape[1], rgb.shape[0])).astype(np.float32)


def _more(beyond: np.ndarray, ruled: np.ndarray, inside: np.ndarray, height: float) -> int:
    """How many columns more a line takes, of those beyond its end; `inside` are its own, from that end inwards."""
    if ruled.any():
        beyond = beyond[: int(ruled.argmax())]
    ink = np.flatnonzero(beyond)
    if len(ink) == 0:
        return 0
    margin = round(END_MARGIN * height)
    last = apart = -1 - int(inside.argmax())  # the line's own last ink
    for column in ink:
        if column - last > MAX_INK_GAP * height:
            break
        if column - last > MAX_LETTER_GAP * height:
            apart = last
        last = int(column)
    if last + 1 + margin > len(beyond):
        last = apart  # ink up to the crop's edge is a rule, a picture or the next word, which is found itself
    return last + 1 + margin if last >= 0 else 0


def _joined(line: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """Both as one, if they are parts of one line and touch."""
    width, height = line_size(line)
    _, other_height = line_size(other)
    if not 0.6 < other_height / height < 1.6:
        return None
    along = (line[1] - line[0]) / width
    across = np.array([-along[1], along[0]])
    middle, other_middle = line.mean(axis=0), other.mean(axis=0)
    if abs((other_middle - middle) @ across) > MAX_MIDDLE_OFFSET * height:
        return None
    reach = (other - line[0]) @ along
    if reach.min() > width or reach.max() < 0:
        return None
    return part_of(line, min(0.0, reach.min() / width), max(1.0, reach.max() / width))
