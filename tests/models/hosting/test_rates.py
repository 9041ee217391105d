"""Rates: so many tries each, so many together, and no more."""

import pytest

from models.hosting.rates import RATES, Rates


def test_a_key_is_stopped_and_another_is_not() -> None:
    rates = Rates()
    assert [rates.allow("password", "a") for _ in range(6)] == [True] * 5 + [False]
    assert rates.allow("password", "b") and rates.allow("room code", "a")


def test_new_keys_are_no_way_around_the_limit_for_all() -> None:
    rates = Rates()
    assert sum(rates.allow("password", f"tab {n}") for n in range(100)) == 30


def test_every_row_can_be_counted_and_a_name_that_is_none_is_a_mistake_of_ours() -> None:
    rates = Rates()
    assert all(rates.allow(name, "a") for name in RATES)
    with pytest.raises(KeyError):
        rates.allow("pasword", "a")
