"""On every page: counts who comes, shows the presenter's banner, and leads where the presenter sends.

What the presenter changes reaches an open page at once: the house runs the fragment `_notice` there, which shows the
news or, where the page itself has to change, runs it anew.
"""

from typing import Any

import streamlit as st

from components import layout, streamlit_patches
from components.hosting import runtime
from components.hosting.house import house
from components.layout import browser_component
from models.demos import DEMOS

STAFF_PAGES = ("console", "connection", "projector")
"""Pages that nobody is sent away from."""


def is_kiosk() -> bool:
    """Whether this tab shows one demo in big type without the menu: by its own address, or as the presenter set."""
    if st.query_params.get("kiosk") == "true":
        st.session_state["presence/kiosk"] = True  # the address changes with the page
    return "presence/kiosk" in st.session_state or bool(house().controls.now.kiosk)


def greet(page: Any) -> None:
    """To be called on each run, before the page: `page` is what st.navigation chose. May lead to another page."""
    name, session = page.url_path, runtime.visitor()
    guest, came = house().attendance.seen(session, name)
    if came:
        house().admission.leave(session)  # a place belongs to the page that it was asked for
        house().events.record("page opened", page=name or "home", session=guest.number)
    if name not in STAFF_PAGES:
        _lead(name)
        if is_kiosk():
            browser_component("kiosk", isolated=False)(key="kiosk")
    st.session_state["presence/shown"] = _concerns_the_page()
    _notice(name)


def _lead(name: str) -> None:
    """Go where the presenter has sent everybody since this session's last run; newcomers stay where they came."""
    controls = house().controls.now
    followed = st.session_state.setdefault("presence/followed", controls.sending)
    if controls.kiosk and name != controls.kiosk:
        _go(controls.kiosk)
    if followed != controls.sending:
        st.session_state["presence/followed"] = controls.sending
        if controls.sent_to != name:
            _go(controls.sent_to)


def _go(name: str) -> None:
    demo = next((demo for demo in DEMOS if demo.name == name), None)
    streamlit_patches.switch_page(demo.page if demo else "pages/home.py")


def _concerns_the_page() -> tuple[Any, ...]:
    """What a page is made of besides its own: when this changes, it has to run anew."""
    controls = house().controls.now
    return (
        controls.sending,
        controls.kiosk,
        controls.paused,
        house().caps,
        house().admission.may_start(runtime.visitor()),
    )


@st.fragment
def _notice(name: str) -> None:
    """The banner, and the word that cameras rest. Runs alone when the house nudges."""
    if (fragment := runtime.this_fragment()) is not None:
        house().listens(runtime.visitor(), fragment)
    controls = house().controls.now
    if name not in STAFF_PAGES and st.session_state.get("presence/shown") != _concerns_the_page():
        st.rerun()
    if controls.banner:
        st.info(layout.plain(controls.banner), icon=":material/campaign:")
    if controls.paused:
        st.warning("The presenter has paused all cameras. They resume by themselves.", icon=":material/pause:")
