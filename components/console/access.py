"""The console's door: closed without a password in the settings, opened by it for this session and some hours.

Streamlit runs callbacks and fragments without the page that asks at the door, so each of them asks for itself:
`presenter_only`.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from components.hosting.house import house
from components.hosting.runtime import this_fragment, visitor
from models.hosting.passwords import attempt
from models.settings import settings

HOURS = 8
SIGN_IN = "console/sign-in"

P = ParamSpec("P")
R = TypeVar("R")


class SignIn:
    """What the right password gives a session, until its hours are over or it signs out. Asked from any thread."""

    def __init__(self) -> None:
        self._until = time.time() + 3600 * HOURS

    def holds(self) -> bool:
        """Whether it still gives anything."""
        return time.time() < self._until

    def end(self) -> None:
        """Now, for whoever kept it too."""
        self._until = 0.0


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
        st.session_state[SIGN_IN] = SignIn()
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
    """Close the door behind this session."""
    if signed_in():
        st.session_state.pop(SIGN_IN).end()
        house().events.record("presenter signed out")
