"""What the house needs of Streamlit's runtime: who is connected, and a word to a session that nobody clicked in.

The word goes through the runtime's internals, behind a version check: with another version what the
presenter changes reaches each visitor at the next click. Without a runtime (tests of pages) nobody is reached.
"""

import asyncio
from functools import cache
from typing import Any

from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from components.versions import is_known


def visitor() -> str:
    """This tab's session, for whatever gives each visitor one place."""
    context = get_script_run_ctx()
    assert context is not None, "only a page's script has a visitor"
    return context.session_id


def this_fragment() -> str | None:
    """The fragment that runs now, by the name under which `wake` can run it again."""
    return ThreadState.get().fragment_id if _reachable() else None


def is_here(session: str) -> bool:
    """Whether its tab is connected now. Without a runtime everybody is."""
    return not _running() or bool(runtime.get_instance().is_active_session(session))


def wake(session: str, fragment: str) -> None:
    """Have a session run one of its fragments soon, as that fragment's own timer would: what runs there now comes to
    its end first. From any thread; a session that is gone, or has moved on, is left alone."""
    if (loop := event_loop()) is None:
        return

    def ask() -> None:
        info = runtime.get_instance()._session_mgr.get_active_session_info(session)
        if info is None or not isinstance(info.session, AppSession):
            return
        before, request = info.session._client_state, ClientState()
        request.page_script_hash, request.query_string = before.page_script_hash, before.query_string
        request.fragment_id, request.is_auto_rerun = fragment, True
        info.session.request_rerun(request)

    loop.call_soon_threadsafe(ask)


def event_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that carries websockets and video; None where there is none that we know how to reach."""
    if not _running() or not _reachable():
        return None
    loop: Any = runtime.get_instance()._get_async_objs().eventloop
    return loop if isinstance(loop, asyncio.AbstractEventLoop) and loop.is_running() else None


def _running() -> bool:
    return runtime.exists() and isinstance(runtime.get_instance(), runtime.Runtime)


@cache
def _reachable() -> bool:
    return is_known("streamlit")
