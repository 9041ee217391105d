"""What reaches into Streamlit's own internals, behind a version check: see components/versions.py.

With another version the patch stays off and the log says so; a busy server is then slower, and a press may get lost.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit import config
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime import app_session, runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils import script_requests
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequestType
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import WStates

from components.versions import is_known

# mypy: disable-error-code="method-assign, assignment"

LOOK_S, LAST_WORDS_S = 0.005, 2.0  # a run whose thread has finished is over within milliseconds
SENDING_S = 0.005  # at a stretch: a third of the time between two frames of eight cameras


@cache
def apply() -> None:
    """Put the patches in place, once per process."""
    if is_known("streamlit"):
        if config.get_option("runner.fastReruns"):
            keep_presses()
        hear_to_the_end()
        keep_theme()
        send_in_batches()
        walk_over_a_copy()


def keep_presses() -> None:
    """A press goes along with the next request when the run that was to hear of it is stopped before it has.

    Streamlit stops a run when the whole page is asked for again, and drops the widgets' states that came with the
    stopped one's request: a press followed within a few hundredths of a second by a component's message, or made in a
    fragment that waits for its turn, had no effect. The browser sends a press once.
    """
    ask = AppSession.request_rerun

    def request_rerun(self: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None and not client_state.fragment_id and self._scriptrunner is not None:
            unheard = _stopped(self._scriptrunner._requests)
            if unheard is not None and unheard.page_script_hash == client_state.page_script_hash:
                states = script_requests._coalesce_widget_states(unheard.widget_states, client_state.widget_states)
                asked, client_state = client_state, ClientState()
                client_state.CopyFrom(asked)
                client_state.widget_states.CopyFrom(states)
        ask(self, client_state)

    def on_script_will_rerun(self: SafeSessionState, states: WidgetStates | None, **more: Any) -> None:
        context = get_script_run_ctx()
        requests: Any = None if context is None else context.script_requests
        if requests is not None:
            with requests._lock:
                stopped = requests._state == ScriptRequestType.STOP
                if not stopped:
                    requests._limelight_heard = states
            if stopped:
                self._yield_callback()  # ends this run
        with self._lock:  # and from here on nobody stops it until all callbacks have run
            self._state.on_script_will_rerun(states, **more)

    AppSession.request_rerun = request_rerun
    SafeSessionState.on_script_will_rerun = on_script_will_rerun


def _stopped(requests: Any) -> RerunData | None:
    """Stop a run, as Streamlit is about to; returns the request that it has not heard of, if there is one."""
    with requests._lock:
        request: RerunData = requests._rerun_data
        over = requests._state == ScriptRequestType.STOP
        requests._state = ScriptRequestType.STOP
        heard = getattr(requests, "_limelight_heard", None)
        return None if over or request.widget_states is None or request.widget_states is heard else request


def hear_to_the_end() -> None:
    """A fragment's turn waits until what the run before it had to say has come through.

    A script's thread hands what it says to the event loop. Streamlit gives a fragment that asks after the thread
    has finished a runner of its own, and whatever the loop has not read by then it no longer takes: the page stands
    there unfinished, and the browser never hears that the run has ended. With a live fragment on a busy server that
    was one press in fifty.
    """
    original = AppSession.request_rerun

    def request_rerun(self: AppSession, client_state: ClientState | None, waited_s: float = 0.0) -> None:
        runner = self._scriptrunner
        finished = runner is not None and runner._requests._state == ScriptRequestType.STOP
        if finished and client_state is not None and client_state.fragment_id and waited_s < LAST_WORDS_S:
            self._event_loop.call_later(LOOK_S, request_rerun, self, client_state, waited_s + LOOK_S)
        else:
            original(self, client_state)

    AppSession.request_rerun = request_rerun


def keep_theme() -> None:
    """Put the theme's settings into words once, instead of for every run of every fragment.

    On the loop that carries websockets and video this was the largest single part of a run, a sixth of the loop's time
    with 40 people here; the settings don't change while the server runs.
    """
    original = app_session._populate_theme_msg
    known: dict[str, CustomThemeConfig] = {}

    def populate_theme_msg(msg: CustomThemeConfig, section: str = "theme") -> None:
        if section not in known:
            made = CustomThemeConfig()
            original(made, section)
            known[section] = made
        if known[section].ByteSize():
            msg.MergeFrom(known[section])

    app_session._populate_theme_msg = populate_theme_msg


def walk_over_a_copy() -> None:
    """Who walks over a session's widgets walks over a copy of their names.

    Streamlit walks over the dictionary itself to see what changed, before a run. While a camera is starting again
    another thread now and then changes it: the page failed over "dictionary keys changed during iteration".
    """
    WStates.__iter__ = lambda self: iter(list(self.states))


def send_in_batches() -> None:
    """Send what waits for the browsers for up to SENDING_S at a stretch, instead of one message a turn of the loop.

    Streamlit lets the loop turn after each message, to any session. With video on the same loop a turn takes ten
    milliseconds and more, so all pages together got some hundred messages a second: with 8 cameras and 40 people here,
    answers to presses waited for 4 to 6 s in that line while the machine was not even busy.
    """
    last_turn = 0.0

    class Batching:
        """asyncio as the runtime's loop sees it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(asyncio, name)

        @staticmethod
        async def sleep(delay: float) -> None:
            nonlocal last_turn
            if delay == 0 and time.monotonic() - last_turn < SENDING_S:
                return
            await asyncio.sleep(delay)
            last_turn = time.monotonic()

    runtime.__dict__["asyncio"] = Batching()


def switch_page(page: str) -> NoReturn:
    """st.switch_page, also from a page whose widgets are bound to the address.

    Streamlit refuses to clear the parameters that a widget of the page is bound to, and raises, though that page
    is about to go: its bindings are taken off first.
    """
    _unbind()
    st.switch_page(page)


def set_address(parameters: Mapping[str, Sequence[str]]) -> None:
    """Have the address name these and nothing else, whatever widgets it is bound to: see `switch_page`."""
    _unbind()
    st.query_params.from_dict(parameters)


def rerun_with(parameters: Mapping[str, Sequence[str]]) -> None:
    """Let these be the address's parameters in what runs after this run: fragments, st.rerun().

    On a change of page Streamlit takes those of the page before out of st.query_params and out of the browser's
    address, but runs on with the address as it came. And after the browser's Back it sets each widget to what the
    address names, which for a page that was left is nothing: here Back is a change of page like any other.
    """
    context = get_script_run_ctx()
    if context is not None and is_known("streamlit"):
        context.query_string = urlencode(parameters, doseq=True)
        context.is_history_navigation = False


def _unbind() -> None:
    context = get_script_run_ctx()
    if context is not None and is_known("streamlit"):
        with context.session_state.query_params() as parameters:
            parameters._bindings_by_param.clear()
            parameters._bindings_by_widget.clear()


def exchange(keys: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Take the values under `keys` out of the session and put `values` in, as if earlier widgets had left them there.

    Two things that st.session_state can't: Streamlit names a value in the address if a widget left it, not if a
    script has set it; and a script may be stopped at each word with the session, and so halfway.
    """
    context = get_script_run_ctx()
    state: Any = st.session_state
    left = state
    if context is not None and is_known("streamlit"):
        state = context.session_state._state
        left = state._old_state
    taken = {key: state[key] for key in keys if key in state}
    for key in taken:
        del state[key]
    left.update(values)
    return taken
