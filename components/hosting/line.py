"""Photo mode: where the server carries no more cameras, a page takes photos, and the visitor keeps a place in line."""

import streamlit as st

from components.hosting import runtime
from components.hosting.house import house

ASK_S = 2.0


def may_be_live() -> bool:
    """Whether this visitor's page may offer the camera now; if not, the place in line is on the page."""
    session = runtime.visitor()
    if house().admission.may_start(session):
        if house().admission.is_called(session):  # until the camera is on, however often the page runs meanwhile
            st.success("It is your turn: press **Start camera** within half a minute.", icon=":material/videocam:")
        return True
    _place()
    return False


@st.fragment(run_every=ASK_S)
def _place() -> None:
    place = house().admission.ask(runtime.visitor())
    if place == 0:
        st.rerun()
    on, _ = house().admission.counts()
    st.info(
        f"**You are number {place} in line for the camera.** {on} {'camera is' if on == 1 else 'cameras are'} on, as "
        "many as this server carries. Your turn comes by itself; until then take photos, or choose another input.",
        icon=":material/hourglass_top:",
    )
