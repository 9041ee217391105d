"""What reaches into Streamlit's own internals, behind a version check. Tested against Streamlit 1.60.

With another version the patch stays off and the log says so; then a press may get lost on a busy server.
"""

from dataclasses import replace
from functools import cache
from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils import script_requests
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType

from components.versions import is_known

# mypy: disable-error-code="method-assign"


@cache
def apply() -> None:
    """Put the patch in place, once per process."""
    if is_known("streamlit", "1.60"):
        keep_presses()


def keep_presses() -> None:
    """A run of the whole page that waits stays one when a fragment asks for its turn meanwhile.

    Streamlit 1.60 replaces it by a run of that fragment alone: who pressed something in the moment before a live
    fragment's next turn finds the press without effect until the next one. Seen on busy servers, where the moment
    between the press and the script's start is long.
    """
    original = ScriptRequests.request_rerun

    def request_rerun(self: ScriptRequests, new_data: RerunData) -> bool:
        with self._lock:
            waiting = self._rerun_data
            whole_page = self._state == ScriptRequestType.RERUN and not waiting.fragment_id_queue
            if whole_page and new_data.fragment_id:
                # the whole page runs its fragments too, and sees what was pressed in either
                states = script_requests._coalesce_widget_states(waiting.widget_states, new_data.widget_states)
                self._rerun_data = replace(waiting, widget_states=states)
                return True
        return original(self, new_data)

    ScriptRequests.request_rerun = request_rerun


def switch_page(page: str) -> NoReturn:
    """st.switch_page, also from a page whose widgets are bound to the address.

    Streamlit 1.60 refuses to clear the parameters that a widget of the page is bound to, and raises, though that page
    is about to go: its bindings are taken off first.
    """
    context = get_script_run_ctx()
    if context is not None and is_known("streamlit", "1.60"):
        with context.session_state.query_params() as parameters:
            parameters._bindings_by_param.clear()
            parameters._bindings_by_widget.clear()
    st.switch_page(page)
