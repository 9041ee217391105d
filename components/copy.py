"""A button that puts a text into the visitor's clipboard."""

from components.layout import browser_component


def copy_button(text: str, *, key: str) -> None:
    """The button; it says in its own place whether the browser allowed it."""
    browser_component("copy", "copy/clipboard")(key=key, data={"text": text})
