"""What all sessions share is made once, reports to the console, and is closed before the process ends."""

from collections.abc import Iterator

import pytest
import streamlit as st

from components.hosting.house import House, house
from components.loading import one_per_process

Made = list[str]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    st.cache_resource.clear()
    monkeypatch.setattr(House, "start", lambda self: self)
    house.cache_clear()
    yield
    st.cache_resource.clear()


def test_it_is_made_once_and_two_of_a_kind_are_apart() -> None:
    @one_per_process()
    def first() -> Made:
        return []

    @one_per_process()
    def second() -> Made:
        return []

    assert first() is first() and first() is not second()


def test_its_numbers_are_read_when_asked_for_and_it_is_closed_at_the_end() -> None:
    @one_per_process(source="made", stats=len, on_shutdown=lambda made: made.append("closed"))
    def thing() -> Made:
        return []

    assert "made" not in house().sources, "nobody has used it"
    thing().append("used")
    assert house().sources["made"]() == 1
    house().close()
    assert thing() == ["used", "closed"]


def test_what_could_not_be_made_is_tried_again() -> None:
    tries: list[int] = []

    @one_per_process()
    def thing() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("down")
        return "made"

    with pytest.raises(OSError, match="down"):
        thing()
    assert thing() == "made"
