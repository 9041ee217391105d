"""The console's door: closed without a password in the settings, opened by it for this browser and some hours.

Streamlit runs callbacks and fragments without the page that asks at the door, so each of them asks for itself:
`presenter_only`.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from components.hosting.house import house
from components.hosting.runtime import this_fragment, visitor
from components.layout import browser_component
from models.hosting.passwords import attempt
from models.hosting.sign_ins import SignIn, SignIns
from models.settings import settings

SIGN_IN = "console/sign-in"

P = ParamSpec("P")
R = TypeVar("R")


def sign_ins() -> SignIns:
    """Those of this process."""
    return house().sign_ins


def come_back() -> None:
    """For the router, on each run before the page: the browser keeps the token of a sign-in, and after a reload, or in
    another tab, is let in by it. Where nobody is signed in, nobody's browser is asked."""
    held = st.session_state.get(SIGN_IN)
    if held is None and not sign_ins().any():
        return
    token = None if held is None else held.token if held.holds() else ""
    reported = st.session_state.get("console/token", {}).get("token")
    if held is None and reported is not None:  # a browser can say anything
        found = sign_ins().back(str(reported), visitor())
        if found is not None:
            st.session_state[SIGN_IN] = found
            house().events.record("presenter came back")
        token = "" if found is None else found.token
    browser_component("sign_in")(key="console/token", data={"token": token}, on_token_change=lambda: None)


def signed_in() -> bool:
    """Whether this session is the presenter's now."""
    held = st.session_state.get(SIGN_IN)
    return isinstance(held, SignIn) and held.holds()


def presenter_only(action: Callable[P, R]) -> Callable[P, R | None]:
    """A part of the console, callback or fragment that does nothing for others; a fragment then shows the door.

    Below `st.fragment`, for what is above it is not run again with the fragment.
    """

    @wraps(action)
    def only(*args: P.args, **kwargs: P.kwargs) -> R | None:
        if signed_in():
            return action(*args, **kwargs)
        if this_fragment() is not None:
            st.rerun()  # the whole page, which asks for the password
        return None

    return only


def while_signed_in(make: Callable[[], str]) -> Callable[[], str]:
    """What a download makes at its click: Streamlit does so on another thread, where no session is to be asked."""
    held = st.session_state.get(SIGN_IN)
    return lambda: make() if isinstance(held, SignIn) and held.holds() else ""


def way_back() -> None:
    """For the router: the presenter's link to the console, shown where the menu is not (see style.css)."""
    if signed_in():
        with st.container(key="way-back"):
            st.page_link("pages/console.py", label="Console", icon=":material/tune:")


def is_open() -> bool:
    """Whether this session may go on; otherwise the page says what is missing."""
    right = settings().presenter_password
    if right is None:
        st.info(
            "The console is off. Whoever hosts this server turns it on with a password in the setting "
            "`LIMELIGHT_PRESENTER_PASSWORD` (docs/hosting.md, “The presenter's console”).",
            icon=":material/lock:",
        )
        return False
    if signed_in():
        return True
    with st.form("console/door", clear_on_submit=True, width=420):
        tried = st.text_input("Password", type="password", max_chars=200, autocomplete="current-password")
        pressed = st.form_submit_button("Open the console", type="primary")
    if not pressed:
        return False
    answer = attempt(tried, right, house().rates, visitor())
    if answer:
        house().events.record("presenter signed in")
        st.session_state[SIGN_IN] = sign_ins().open(visitor())
        st.rerun()
    if answer is None:
        house().record_failed("presenter's password", refused=True)
        # a page that was opened anew has not failed yet
        st.error("Too many tries. Wait a minute, reload the page, then try again.", icon=":material/hourglass_top:")
    else:
        house().record_failed("presenter's password")
        st.error("That is not the password.", icon=":material/error:")
    return False


def sign_out() -> None:
    """Close the door behind every tab that came in by this sign-in."""
    if signed_in():
        st.session_state[SIGN_IN].end()  # and stays, so that the browser is asked to forget its token
        house().events.record("presenter signed out")
