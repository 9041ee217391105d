"""The console's door: closed without a password in the settings, opened by it for this session and some hours."""

import time

import streamlit as st

from components.hosting.house import house
from components.hosting.runtime import visitor
from models.hosting.passwords import attempt
from models.settings import settings

HOURS = 8
UNTIL = "console/until"


def is_open() -> bool:
    """Whether this session may go on; otherwise the page says what is missing."""
    right = settings().presenter_password
    if right is None:
        st.info(
            "The console is off. Whoever hosts this server turns it on with a password in the setting "
            "`LIMELIGHT_PRESENTER_PASSWORD` (README, “For the presenter”).",
            icon=":material/lock:",
        )
        return False
    if time.time() < st.session_state.get(UNTIL, 0.0):
        return True
    with st.form("console/door", clear_on_submit=True, width=420):
        given = st.text_input("Password", type="password", max_chars=200, autocomplete="current-password")
        pressed = st.form_submit_button("Open the console", type="primary")
    if not pressed:
        return False
    answer = attempt(given, right, house().rates, visitor())
    house().events.record("presenter signed in" if answer else "presenter's password wrong")
    if answer:
        st.session_state[UNTIL] = time.time() + 3600 * HOURS
        st.rerun()
    if answer is None:
        st.error("Too many tries. Wait a minute, then try again.", icon=":material/hourglass_top:")
    else:
        st.error("That is not the password.", icon=":material/error:")
    return False


def sign_out() -> None:
    """Close the door behind this session."""
    st.session_state.pop(UNTIL, None)
    house().events.record("presenter signed out")
