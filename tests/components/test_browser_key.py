"""The browser's key, server side: only a key is believed. The browser's part: tests/browser/test_browser_key.py."""

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components import browser_key as module
from components.browser_key import browser_key

KEY = "0123456789abcdef" * 4


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands in for the browser: `known` is what it was told last, and it says `says`."""
    browser = SimpleNamespace(says={}, known=None)

    def component(*, key: str, data: dict[str, Any], on_browser_change: Any) -> SimpleNamespace:
        browser.known = data["known"]
        return SimpleNamespace(**browser.says)

    monkeypatch.setattr(module, "browser_component", lambda *_: component)
    monkeypatch.setattr(module.st, "session_state", {})
    return browser


def test_it_is_not_known_until_the_browser_has_told_it(browser: SimpleNamespace) -> None:
    assert browser_key() is None and browser.known is None
    browser.says = {"browser": KEY}
    assert browser_key() == KEY
    assert browser_key() == KEY and browser.known == KEY, "the browser hears that it need not tell again"


def test_a_session_has_one_key(browser: SimpleNamespace) -> None:
    browser.says = {"browser": KEY}
    browser_key()
    for digit in "abc":
        browser.says = {"browser": digit * 64}
        assert browser_key() == KEY


def test_a_session_remembers_it_when_the_visitor_comes_back_from_another_page(browser: SimpleNamespace) -> None:
    browser.says = {"browser": KEY}
    browser_key()
    browser.says = {}
    assert browser_key() == KEY


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        5,
        ["a"] * 64,
        {"a": 1},
        KEY.encode(),
        KEY[:-1],
        KEY + "0",
        KEY.upper(),
        KEY[:-1] + "\n",
        "../" * 21 + "a",
    ],
    ids=lambda said: repr(said)[:20],
)
def test_nothing_else_is_believed(browser: SimpleNamespace, said: Any) -> None:
    browser.says = {"browser": said}
    assert browser_key() is None
    browser.says = {"browser": KEY}
    browser_key()
    browser.says = {"browser": said}
    assert browser_key() == KEY


def test_streamlit_takes_the_component() -> None:
    def page() -> None:
        import streamlit as st

        from components.browser_key import browser_key

        st.write(f"key: {browser_key()}")

    at = AppTest.from_function(page).run()
    assert not at.exception and at.markdown[0].value == "key: None"
