"""What the recognition network says of each narrow slice of a line, before repeats are joined and *nothing* is dropped.

merged(votes)  # [("H", 0, 3), ("i", 5, 6)]: letter, first slice, slice after the last (CTC, Graves 2006)
"""

from dataclasses import dataclass

import numpy as np

from models.ocr.lines.networks import run
from models.ocr.lines.recognition import MAX_STRETCH, STEP_PIXELS, LineReader, network_input, network_width

VOTES = 3  # of a slice
NOTHING = ""
"""CTC's blank: no letter, or still the one before."""


@dataclass(frozen=True)
class Slices:
    """A strip of `width` of the network's pixels, 48 high, and of each STEP_PIXELS of it the VOTES surest letters with
    their shares in 0..1, the surest first; NOTHING is one of them."""

    width: int
    votes: tuple[tuple[tuple[str, float], ...], ...]

    def __post_init__(self) -> None:
        if self.width <= 0 or not all(0 <= share <= 1 for slice_ in self.votes for _, share in slice_):
            raise ValueError("a strip has a width, and votes are shares in 0..1")

    @property
    def letters(self) -> list[tuple[str, int, int]]:
        """What is left: each letter with its first slice and the one after its last."""
        found: list[tuple[str, int, int]] = []
        before = NOTHING
        for at, ((letter, _), *_) in enumerate(self.votes):
            if letter == before and letter:
                found[-1] = (letter, found[-1][1], at + 1)
            elif letter:
                found.append((letter, at, at + 1))
            before = letter
        return found


def slices(reader: LineReader, strip: np.ndarray) -> Slices:
    """Of a line's pixels, uint8 (h, w, 3) RGB; of a long one its beginning, MAX_STRETCH of the network's pixels."""
    height, width = strip.shape[:2]
    whole = network_width(width, height)
    shown = min(whole, MAX_STRETCH)
    outputs = run(reader.stage, network_input(strip, whole)[None, :, :, :shown])[0]  # (steps, alphabet)
    best = np.argsort(-outputs, axis=1, kind="stable")[:, :VOTES]
    votes = tuple(
        tuple((reader.alphabet[index] if index else NOTHING, float(min(1, max(0, row[index])))) for index in order)
        for row, order in zip(outputs, best.tolist(), strict=True)
    )
    return Slices(shown, votes[: -(-shown // STEP_PIXELS)])
