"""What a page holds for a time only, such as credentials for a TURN server, on a page that nobody touches meanwhile."""

import time
from collections.abc import Callable

import streamlit as st


def run_again(after: Callable[[], float], every_s: float) -> None:
    """Run the page again once it is past `after()`, in unix time; looks every `every_s` seconds while it is open."""

    @st.fragment(run_every=every_s)
    def look() -> None:
        if time.time() > after():
            st.rerun()

    look()
