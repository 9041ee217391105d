"""The presenter's password: right or wrong, and only so many tries."""

import pytest
from pydantic import SecretStr

from models.hosting.passwords import attempt, matches
from models.hosting.rates import Rates

RIGHT = SecretStr("correct horse")


@pytest.mark.parametrize("given", ["", "Correct horse", "correct horse ", "correct hors", "ü" * 300, "\ud800", "\0"])
def test_only_the_very_word_opens(given: str) -> None:
    assert not matches(given, RIGHT)
    assert matches("correct horse", RIGHT)


def test_after_too_many_tries_even_the_right_one_is_not_looked_at() -> None:
    rates = Rates()
    assert [attempt("wrong", RIGHT, rates, "a") for _ in range(5)] == [False] * 5
    assert attempt("correct horse", RIGHT, rates, "a") is None
    assert attempt("correct horse", RIGHT, rates, "b") is True, "somebody else's tries do not lock the presenter out"


def test_a_roomful_that_guesses_does_not_lock_the_presenter_out() -> None:
    rates = Rates()
    answers = [attempt("wrong", RIGHT, rates, f"tab {number % 20}") for number in range(200)]
    assert answers.count(False) < 90 and None in answers
    assert attempt("correct horse", RIGHT, rates, "presenter") is True
