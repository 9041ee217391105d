"""What a line says: PP-OCR's recognition network on lines of any length, letter by letter with their places.

rapidocr's own call squeezes nothing and cuts nothing, so that memory grows with the longest line times the batch; and
its word boxes carry the scores of single letters. Here a line goes through in overlapping stretches that are joined
where both say "no letter", batches are bounded by width, and every letter keeps its place and score.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from rapidocr.ch_ppocr_rec import TextRecognizer

from models.ocr.lines.networks import run
from models.ocr.stages import Check

INPUT_HEIGHT = 48  # pixels of a line as the network sees it; all widths below are in its pixels
MIN_INPUT_WIDTH = 64  # narrower lines are padded; to the 320 of the network's training they read no better
MAX_STRETCH, STRETCH_OVERLAP = 1600, 192  # of a longer line that go through at once
MAX_BATCH_WIDTH = 1280  # of all lines in a batch together: in larger batches each takes a quarter longer
MAX_INPUT_WIDTH = 30_000  # a wider line is squeezed
STEP_PIXELS = 8  # of the network's input for each step of its output

_Steps = np.ndarray  # float32 (3, steps): the surest letter's number, its score, that of a blank


@dataclass(frozen=True, eq=False)
class Letters:
    """A line as read: `text`, and for each of its letters (blanks too) a score in 0..1 and the middle of its place,
    0 at the line's left end and 1 at its right; both float32 (n,). `blanks`, float32 (n,), is how likely the network
    held a blank just before each letter that did not win."""

    text: str
    scores: np.ndarray
    places: np.ndarray
    blanks: np.ndarray

    @property
    def score(self) -> float:
        """The mean of the letters'; 0 of nothing."""
        return float(self.scores.mean()) if self.text else 0.0


class LineReader:
    """Reads lines. Remembers nothing, so any thread may call it."""

    def __init__(self, stage: TextRecognizer) -> None:
        self.stage = stage
        self.alphabet: list[str] = stage.postprocess_op.character  # [0] is CTC's blank: no letter

    def read(
        self, sizes: Sequence[tuple[float, float]], crop: Callable[[int], np.ndarray], check: Check = lambda: None
    ) -> list[Letters]:
        """Lines of the sizes (width, height); `crop(i)` gives line i's pixels, uint8 (h, w, 3) RGB, only when its turn
        has come. `check` is called between two batches, and what it raises ends the reading."""
        widths = [network_width(width, height) for width, height in sizes]
        stretches = sorted(
            ((begin, end, line) for line, width in enumerate(widths) for begin, end in _stretches(width)),
            key=lambda stretch: stretch[1] - stretch[0],
        )
        steps: dict[tuple[int, int], _Steps] = {}
        for batch in _batches(stretches):
            check()
            width = max(MIN_INPUT_WIDTH, *(end - begin for begin, end, _ in batch))
            inputs = np.zeros((len(batch), 3, INPUT_HEIGHT, width), np.float32)
            for row, (begin, end, line) in enumerate(batch):
                inputs[row, :, :, : end - begin] = network_input(crop(line), widths[line])[:, :, begin:end]
            outputs = run(self.stage, inputs)  # (n, steps, alphabet)
            best = outputs.argmax(axis=2)
            scores = np.take_along_axis(outputs, best[..., None], axis=2)[..., 0]
            for row, (begin, end, line) in enumerate(batch):
                # of a whole line the padding's steps too: its last letter may come late, and no other comes there
                last = None if begin == 0 and end == widths[line] else math.ceil((end - begin) / STEP_PIXELS)
                steps[line, begin] = np.stack([best[row, :last], scores[row, :last], outputs[row, :last, -1]])
        return [self._letters(width, line, steps) for line, width in enumerate(widths)]

    def _letters(self, width: int, line: int, steps: dict[tuple[int, int], _Steps]) -> Letters:
        """Join a line's stretches and drop what CTC repeats."""
        joined = np.empty((3, 0), np.float32)
        for begin, _ in _stretches(width):
            stretch = steps[line, begin]
            at = begin // STEP_PIXELS
            shared = joined.shape[1] - at
            cut = at + _quiet(joined[0, at:], stretch[0, :shared]) if shared > 0 else at
            joined = np.concatenate([joined[:, :cut], stretch[:, cut - at :]], axis=1)
        best, scores, blanks = joined
        new = best != 0
        new[1:] &= best[1:] != best[:-1]
        columns = np.flatnonzero(new)
        text = "".join(self.alphabet[int(index)] for index in best[columns])
        places = np.clip((columns + 0.5) * STEP_PIXELS / width, 0, 1)
        before = np.array([blanks[a : b + 1].max() for a, b in zip([0, *columns], columns, strict=False)], np.float32)
        return Letters(text, np.clip(scores[columns], 0, 1), places.astype(np.float32), before)


def network_width(width: float, height: float) -> int:
    """Pixels that a line of this size is wide once it is 48 high."""
    return int(min(MAX_INPUT_WIDTH, max(1, math.ceil(INPUT_HEIGHT * width / max(1.0, height)))))


def network_input(rgb: np.ndarray, width: int) -> np.ndarray:
    """float32 (3, 48, width), BGR in −1..1."""
    shrinks = rgb.shape[0] > INPUT_HEIGHT
    small = cv2.resize(rgb, (width, INPUT_HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return small[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / 127.5 - 1


def _stretches(width: int) -> list[tuple[int, int]]:
    """(begin, end) that cover a line's width, with an overlap; begins are whole steps."""
    if width <= MAX_STRETCH:
        return [(0, width)]
    count = math.ceil((width - STRETCH_OVERLAP) / (MAX_STRETCH - STRETCH_OVERLAP))
    begins = [round(index * (width - STRETCH_OVERLAP) / count / STEP_PIXELS) * STEP_PIXELS for index in range(count)]
    return [
        (begin, width if index == count - 1 else begins[index + 1] + STRETCH_OVERLAP)
        for index, begin in enumerate(begins)
    ]


def _batches(stretches: list[tuple[int, int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    batch: list[tuple[int, int, int]] = []
    for stretch in stretches:  # the widest comes last and sets the width of all
        if batch and (len(batch) + 1) * max(MIN_INPUT_WIDTH, stretch[1] - stretch[0]) > MAX_BATCH_WIDTH:
            yield batch
            batch = []
        batch.append(stretch)
    if batch:
        yield batch


def _quiet(before: np.ndarray, after: np.ndarray) -> int:
    """Where to change over, of the steps that two stretches share: neither has a letter there, as near to the middle as
    possible; the middle itself where there is no such step."""
    shared = min(len(before), len(after))
    quiet = np.flatnonzero((before[:shared] == 0) & (after[:shared] == 0))
    return int(quiet[np.abs(quiet - shared / 2).argmin()]) if len(quiet) else shared // 2
