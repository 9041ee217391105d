"""This browser's key: what a visitor's project is kept under. It is drawn in the browser and never leaves the two."""

import streamlit as st

from components.layout import browser_component
from models.teachable.keep.shelf import KEY


def browser_key() -> str | None:
    """64 lower-case hexadecimal digits, the same in every tab of the browser and after a reload; None in a session's
    first run, which the browser's answer follows at once. Takes no room on the page. A session has one key: with a new
    one in each run, one tab could fill the shelf with projects until everybody else's had to go.

    A browser without storage has a key per tab, until it is reloaded.
    """
    known: str | None = st.session_state.get("browser key")
    state = browser_component("browser_key")(key="browser-key", data={"known": known}, on_browser_change=lambda: None)
    reported = getattr(state, "browser", None)
    if known is None and isinstance(reported, str) and KEY.fullmatch(reported):  # a browser can say anything
        known = st.session_state["browser key"] = reported
    return known
