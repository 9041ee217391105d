"""The votes of a line's slices, and what CTC leaves of them."""

import numpy as np
import pytest

from models.ocr.lines.recognition import MAX_STRETCH, STEP_PIXELS, LineReader
from models.ocr.lines.slices import NOTHING, Slices, slices
from tests.models.ocr.typeset import page


def test_repeats_are_joined_and_nothing_keeps_twins_apart(reader: LineReader) -> None:
    strip = page(["Committee"], size=36, margin=4).rgb
    read = slices(reader, strip)
    assert "".join(letter for letter, *_ in read.letters) == "Committee"
    (_, _, end), (_, begin, _) = read.letters[2:4]
    assert any(read.votes[at][0][0] == NOTHING for at in range(end, begin)), "two m are parted by nothing"


def test_a_slice_has_its_votes_the_surest_first(reader: LineReader) -> None:
    read = slices(reader, page(["l1I O0"], size=36, margin=4).rgb)
    assert len(read.votes) == -(-read.width // STEP_PIXELS)
    for slice_ in read.votes:
        shares = [share for _, share in slice_]
        assert shares == sorted(shares, reverse=True) and sum(shares) <= 1.001


def test_of_a_long_line_the_beginning_is_shown(reader: LineReader) -> None:
    assert slices(reader, np.full((20, 4000, 3), 255, np.uint8)).width == MAX_STRETCH


@pytest.mark.parametrize(("width", "share"), [(0, 0.5), (8, 1.5), (8, -0.1)])
def test_what_cannot_be_is_refused(width: int, share: float) -> None:
    with pytest.raises(ValueError, match="shares"):
        Slices(width, ((("a", share),),))
