"""What a run of a page has computed is there in the next one, and nothing older."""

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest
import streamlit as st

from components.remembered import remembered, remembered_of, remembered_one


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    monkeypatch.setattr(st, "session_state", state := {})
    yield state


def run(names: str, computed: list[str]) -> list[str]:
    def compute(name: str) -> str:
        computed.append(name)
        return name.upper()

    return list(remembered("letters", ((name, name) for name in names), compute))


def test_the_last_runs_values_are_not_computed_again_but_older_ones_are() -> None:
    computed: list[str] = []
    assert run("aab", computed) == ["A", "A", "B"] and computed == ["a", "b"]
    assert run("bc", computed) == ["B", "C"] and computed == ["a", "b", "c"]
    run("a", computed)
    assert computed == ["a", "b", "c", "a"]


def test_values_come_as_they_are_computed() -> None:
    computed: list[str] = []
    values = remembered("letters", [("a", "a"), ("b", "b")], lambda name: computed.append(name))
    next(values)
    assert computed == ["a"]


def test_a_run_that_fails_or_is_left_forgets_nothing() -> None:
    computed: list[str] = []
    run("ab", computed)

    def fails(name: str) -> str:
        raise ValueError(name)

    with pytest.raises(ValueError, match="c"):
        list(remembered("letters", [("a", "a"), ("c", "c")], fails))
    next(remembered("letters", [("a", "a"), ("c", "c")], fails))
    run("ab", computed)
    assert computed == ["a", "b"]


def test_of_one_value_nothing_is_computed_again_while_its_name_stays() -> None:
    values = iter(range(9))
    compute: Callable[[], int] = lambda: next(values)  # noqa: E731
    assert [remembered_one("n", name, compute) for name in ("x", "x", "y", "x")] == [0, 0, 1, 2]


def test_nothing_is_a_value_too() -> None:
    computed: list[int] = []
    for _ in range(2):
        assert remembered_one("none", "x", lambda: computed.append(1)) is None
    assert computed == [1]


def test_each_owner_has_its_own_value_and_is_not_kept_alive() -> None:
    class Model:
        pass

    values, model, other = iter(range(9)), Model(), Model()
    owners = ((model, "x"), (other, "x"), (model, "x"), (model, "y"))
    assert [remembered_of("m", owner, name, lambda: next(values)) for owner, name in owners] == [0, 1, 0, 2]
    alive = weakref.ref(model)
    del model, owners
    gc.collect()
    assert alive() is None
