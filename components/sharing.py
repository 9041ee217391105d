"""The address of exactly what a page shows: the demo, its settings, and what short text was given to it.

Every setting belongs to its page, also where several pages have one of that name (`input`, `view`, `video`,
`clouds/shape`): each page opens with its own defaults, and what a visitor set there waits until he returns. None is
shared, not even what seems to be the device's (`facing`, `mirror`, `size`, `fps`): OCR wants the rear camera where the
others want the front one, and one rule for all is one that people can foresee. What a tab's pages do share is not a
setting: kiosk, the presenter's sign-in, TURN credentials, pictures that were opened.

The widget's key is the name in the address, so it is short; `turn_to` changes the values under the keys with the page.
"""

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypedDict, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from components import streamlit_patches
from components.hosting import joining
from models.demos import Demo
from models.hosting.joining import LONGEST_QR, deep_link

T = TypeVar("T")

LONGEST_TEXT = 800  # characters of one text field that an address carries
NOT_SHARED = {"room"}  # parameters that are no settings: a code lets its reader into a room
_TEXTS, _OPEN, _TAB = "sharing/texts", "sharing/open", "sharing/tab"


class Options(TypedDict):
    """Arguments that every widget of Streamlit takes."""

    key: str
    bind: Any
    persist_state: Any


@dataclass
class _Tab:
    """The page whose settings stand under the widgets' keys, and those of the pages that were left, by page."""

    page: str
    keys: set[str] = field(default_factory=set)  # of every setting shown so far
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    address: dict[str, list[str]] = field(default_factory=dict)  # the parameters when a page was last run again
    visit: int = 0  # counts the changes of page


def turn_to(page: str) -> None:
    """For the router, on each run before the page: change the settings of the page that was left for those of `page`.
    What its address names comes before what was set there earlier."""
    tab: _Tab = st.session_state.setdefault(_TAB, _Tab(page))
    address = {key: st.query_params.get_all(key) for key in st.query_params}
    if tab.page == page:
        tab.address = address
        return
    own = {key: values for key, values in address.items() if values != tab.address.get(key)}
    if own != address:  # who changes page twice in a hurry is sent on with the parameters of the page before
        streamlit_patches.set_address(own)
        st.rerun()
    streamlit_patches.rerun_with(own)
    tab.saved[tab.page] = streamlit_patches.exchange(tab.keys, tab.saved.get(page, {}))
    tab.page = page
    tab.visit += 1
    _close()


def set_for(page: str, **settings: Any) -> None:
    """What the settings of another page stand at when the visitor comes there next, by key."""
    tab: _Tab = st.session_state[_TAB]
    tab.keys.update(settings)
    tab.saved.setdefault(page, {}).update(settings)


def visit() -> int:
    """Another number after each change of page."""
    tab: _Tab | None = st.session_state.get(_TAB)
    return tab.visit if tab else 0


def setting(key: str, *, free: bool = False) -> Options:
    """For the widget of a setting: the address names it once it is changed, and it stays while it isn't shown.

    Streamlit itself passes over what the widget can't be, but for nothing (`?key=`) and numbers without end, which
    would have it raise or be None. `free` widgets, for texts or for several choices, take those.
    """
    if not free and any(not value or _endless(value) for value in st.query_params.get_all(key)):
        with suppress(StreamlitAPIException):  # the widget is there already, and so has a value
            del st.query_params[key]
            st.rerun()
    if (tab := st.session_state.get(_TAB)) is not None:
        tab.keys.add(key)
    return {"key": key, "bind": "query-params", "persist_state": "session"}


def choose(label: str, options: Iterable[T], key: str, *, default: T | None = None, **look: Any) -> T:
    """One of the options, side by side without the label above; the first by default. A setting like the others."""
    options = list(options)
    look = {"label_visibility": "collapsed", "wrap": True, **look}
    first = options[0] if default is None else default
    return st.segmented_control(label, options, default=first, required=True, **setting(key), **look)


def _endless(value: str) -> bool:
    try:
        return not math.isfinite(float(value))
    except ValueError:
        return False


def text_of_address(key: str, default: str) -> None:
    """Give the text field `key` its first text: the address's, if it was opened by such a link, else `default`. What is
    written there goes into the links of this page, but not into the address: servers on the way note those down."""
    in_address = st.query_params.get(key)
    st.session_state.setdefault(key, default if in_address is None else in_address[:LONGEST_TEXT])
    st.session_state.setdefault(_TEXTS, {})[key] = default


def share_button(demo: Demo) -> None:
    """Opens the link to what the page shows now."""
    texts: dict[str, str] = st.session_state.get(_TEXTS, {})
    # those of the run before: this button stands above the fields of this one
    given = {key: st.session_state[key] for key, first in texts.items() if st.session_state.get(key, first) != first}
    st.session_state[_TEXTS] = {}
    st.button(
        "Share",
        icon=":material/share:",
        key="share",
        type="tertiary",
        help="A link and QR code to exactly this",
        on_click=_open,
        args=(demo,),
    )
    if st.session_state.get(_OPEN) == demo.name:
        _show(demo, given)


def _open(demo: Demo) -> None:
    st.session_state[_OPEN] = demo.name  # and not by the press alone: a live page runs again at any moment


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Share exactly this", width="large", on_dismiss=_close)
def _show(demo: Demo, texts: dict[str, str]) -> None:
    from components.copy import copy_button  # which comes by way of layout, and layout asks for this file

    base = joining.address()
    short = {key: text for key, text in texts.items() if len(text) <= LONGEST_TEXT}
    settings = {key: st.query_params.get_all(key) for key in st.query_params if key not in {*texts, *NOT_SHARED}}
    link = deep_link(base or joining.address_used(), demo.name, settings, short)
    with st.container(key="share-link"):
        if base is not None and len(link) <= LONGEST_QR:
            st.html(joining.picture(link, large=True))
        with st.container():
            st.markdown(f"**{demo.title}**, with the settings as they are now.")
            st.code(link, language=None, wrap_lines=True)
            copy_button(link, key="share/copy")
            if base is None:
                st.caption("Only this computer can open it: the server is not reachable from others.")
            elif len(link) > LONGEST_QR:
                st.caption("Too long for a QR code that phones can read: send the link.")
            left = " Texts of yours that are longer than a link can carry are not in it." * (len(short) < len(texts))
            st.caption(f"Pictures, samples and models of your own are not in the link.{left}")
