"""The server's life: what begins with it and what has to be done before it ends.

By the time of the end uvicorn has closed the websockets, and their cameras with them; then what visitors made is
written. Everything here is short; whoever waits for a training or a download is told by the browser that the server is
gone.
"""

import asyncio
import atexit
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit import runtime

from components.hosting.house import house
from components.rooms import shared as rooms
from components.teachable import shared as projects
from components.web import metrics
from components.web.uploads import Uploads

log = logging.getLogger(__name__)

LAST_SECONDS = 3.0
"""How long the interpreter may take to leave once all is written: threads inside a model can't be told to stop."""


@asynccontextmanager
async def server_lifespan(uploads: Uploads, app: Any) -> AsyncIterator[None]:
    """Streamlit's runtime runs around it."""
    streamlit = runtime.get_instance()
    uploads.watch(
        streamlit.uploaded_file_mgr, lambda session: streamlit._session_mgr.get_session_info(session) is not None
    )
    house().events.record("server started")
    for chore in (projects.delete_expired, rooms.delete_expired):  # whether a visitor comes or not
        house().add_chore(chore)
    endpoint = metrics.serve()
    try:
        yield
    finally:
        house().stop()
        await asyncio.to_thread(house().close)
        if endpoint is not None:
            endpoint.shutdown()
        house().events.record("server stopped")
        _leave_anyway()


def _leave_anyway() -> None:
    """End the process even if a thread is deep in a model's computation, which nothing can interrupt: without a wait
    for it, and without taking down the libraries around it, which aborts the process ("terminate called …")."""
    atexit.register(_leave)
    timer = threading.Timer(LAST_SECONDS, os._exit, [0])
    timer.daemon = True
    timer.start()


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
