"""The tabs in which one browser has the same project open: what is done in one, the others show at once.

Without a runtime that we know (see components/hosting/runtime.py) they do at their next press.
"""

import threading
from collections.abc import Callable, Hashable
from weakref import WeakKeyDictionary

import streamlit as st

from components.hosting import runtime
from models.teachable.project import Project

_SHOWN = "teach/shown"

_lock = threading.Lock()  # guards what follows
_tabs: "WeakKeyDictionary[Project, dict[str, str]]" = WeakKeyDictionary()  # the fragment that wakes each session


def follow(project: Project, state: Callable[[], Hashable]) -> None:
    """In each run of the page: run it again once another tab has made `state()` another one."""
    st.session_state[_SHOWN] = state()
    _follow(project, state)


@st.fragment
def _follow(project: Project, state: Callable[[], Hashable]) -> None:
    if (fragment := runtime.this_fragment()) is not None:
        with _lock:
            here = {session: known for session, known in _tabs.get(project, {}).items() if runtime.is_here(session)}
            _tabs[project] = {**here, runtime.visitor(): fragment}
    if st.session_state.get(_SHOWN) != state():
        st.rerun()


def changed(project: Project) -> None:
    """This tab has changed the project: the others look at it."""
    with _lock:
        known = dict(_tabs.get(project, {}))
    for session, fragment in known.items():
        if session != runtime.visitor():
            runtime.wake(session, fragment)
