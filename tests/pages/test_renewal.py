"""A page that nobody touches runs again when what it holds is about to end, and not before."""

from streamlit.testing.v1 import AppTest

from tests.pages.fragments import Alone
from tests.pages.visit import ran


def page() -> None:
    import streamlit as st

    from components.camera import renewal

    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    if st.session_state["runs"] > 1:
        st.session_state["until"] = float("inf")
    renewal.run_again(lambda: st.session_state["until"], 3600)


def test_the_page_runs_again_once_it_is_time(alone: Alone) -> None:
    at = AppTest.from_function(page)
    at.session_state["until"] = float("inf")
    at.run()
    ((look, function),) = alone.all().items()
    ran(alone.run(at, look, function))
    assert at.session_state["runs"] == 1, "there is time"
    at.session_state["until"] = 0.0
    ran(alone.run(at, look, function))
    assert at.session_state["runs"] == 2
    ran(alone.run(at, look, function))
    assert at.session_state["runs"] == 2, "what was renewed holds again"
