"""Shannon's game: letters out of tokens, ranks, and the bound from the numbers of guesses."""

import math

import pytest

from models.textgen.guessing import LETTERS, guess_bits, letter_probs, rank
from models.textgen.ngram import NGram

TEXT = "the theatre of the thing that they thought through\n" * 40


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_after_a_t_an_h_is_expected(unit: str) -> None:
    model = NGram.fit(TEXT, unit=unit, order=3)
    probs = letter_probs(model, "of the t")
    assert set(probs) == set(LETTERS) and sum(probs.values()) == pytest.approx(1)
    assert rank(probs, "h") == 1


def test_an_unsure_model_ranks_in_the_order_of_the_alphabet() -> None:
    alike = dict.fromkeys(LETTERS, 1 / 27)
    assert [rank(alike, letter) for letter in "ab "] == [1, 2, 27]


@pytest.mark.parametrize("wrong", ["", "é", "ab", "A"])
def test_what_is_no_letter_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="none of the letters"):
        rank(dict.fromkeys(LETTERS, 0.0), wrong)


def test_the_bound_is_the_entropy_of_the_guesses() -> None:
    assert guess_bits([]) == guess_bits([1, 1, 1]) == 0
    assert guess_bits([1, 2, 3, 4]) == pytest.approx(2)
    assert guess_bits([1, 1, 2, 2]) == pytest.approx(1)
    assert guess_bits([1] * 9 + [27]) == pytest.approx(-0.9 * math.log2(0.9) - 0.1 * math.log2(0.1))
