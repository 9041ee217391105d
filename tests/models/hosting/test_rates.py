"""Rates: so many tries each, so many together, and no more."""

import pytest

from models.hosting.rates import RATES, Rates


def test_a_key_is_stopped_and_another_is_not() -> None:
    rates = Rates()
    assert [rates.allow("password", "a") for _ in range(6)] == [True] * 5 + [False]
    assert rates.allow("password", "b") and rates.allow("room code", "a")


def test_new_keys_are_no_way_around_the_limit_for_all() -> None:
    rates = Rates()
    assert sum(rates.allow("password", f"tab {n}") for n in range(200)) == 30 + 60


def test_those_who_failed_use_up_what_all_have_together_and_not_the_reserve() -> None:
    rates = Rates()
    for row, most in (("password", 30), ("room code", 120)):
        tries = 0
        for tab in range(60):
            rates.failed(row, f"tab {tab}")
            tries += sum(rates.allow(row, f"tab {tab}") for _ in range(12))
        assert tries == most, row
        assert rates.allow(row, "one that has not failed"), row
        rates.failed(row, "one that has not failed")
        assert not rates.allow(row, "one that has not failed"), row


def test_a_failure_counts_in_its_own_row_alone() -> None:
    rates = Rates()
    for tab in range(30):
        rates.allow("password", f"tab {tab}")
    rates.failed("room code", "presenter")
    assert rates.allow("password", "presenter")


def test_every_row_can_be_counted_and_a_name_that_is_none_is_a_mistake_of_ours() -> None:
    rates = Rates()
    assert all(rates.allow(name, "a") for name in RATES)
    with pytest.raises(KeyError):
        rates.allow("pasword", "a")
