"""What a visitor reads when a page of ours fails, and what the log says of it."""

import logging
import traceback

import streamlit as st

from components.hosting.house import house

log = logging.getLogger(__name__)

MAX_KINDS = 200
_known: set[tuple[str, str]] = set()


def show_page_error(error: Exception) -> bool:
    """Shown in place of Streamlit's own words, which name another service's buttons. The log has each kind once in
    full: whoever sends nonsense again and again does not fill it. True: it has been said."""
    where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    kind = (type(error).__name__, where[-1] if where else "")
    house().events.record("page failed", error=kind[0])
    if kind not in _known and len(_known) < MAX_KINDS:
        _known.add(kind)
        log.error("a page failed; further errors like it are counted as events only", exc_info=error)
    st.error(
        "This page failed over something that it did not expect. Reload it to go on; whoever runs this server finds "
        "the reason in its log.",
        icon=":material/error:",
    )
    return True
