"""How much of a text is kept to test on, and how short is too short."""

import pytest

from models.errors import BadInput
from models.textgen.split import split


@pytest.mark.parametrize(
    ("length", "learnt_of_it"), [(100, 100), (1999, 1999), (2000, 1800), (2001, 1800), (10_000, 9000)]
)
def test_a_tenth_of_a_text_is_held_out_but_nothing_of_a_short_one(length: int, learnt_of_it: int) -> None:
    text = "".join(chr(0x4E00 + at) for at in range(length))
    training, held_out = split(text)
    assert training + held_out == text and len(training) == learnt_of_it


@pytest.mark.parametrize("length", [0, 1, 99])
def test_a_text_too_short_to_learn_from_is_refused_with_its_length(length: int) -> None:
    with pytest.raises(BadInput, match=f"has {length} characters.* at least 100"):
        split("x" * length)
