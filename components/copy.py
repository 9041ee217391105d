"""A button that puts a text into the visitor's clipboard."""

from functools import cache
from typing import Any

from components.layout import browser_component


@cache
def _component() -> Any:
    return browser_component("copy", "copy/clipboard")


def copy_button(text: str, *, key: str) -> None:
    """The button; it says in its own place whether the browser allowed it."""
    _component()(key=key, data={"text": text})
