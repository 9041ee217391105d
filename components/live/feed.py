"""This page's feed: what its browser gets at once, by a websocket of its own. See models/hosting/feeds.py.

A feed lives as long as each run of its page asks for it: it ends when the camera stops, the page is left or the session
is over.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from components.hosting.house import house
from components.hosting.runtime import visitor
from models.hosting.feeds import Feed

_PAGE, _ASKED = "live/page", "live/asked"


@contextmanager
def of_page(page: str) -> Iterator[None]:
    """For the router, around a run of a page, whose part of the address is `page`: a feed that the page does not ask
    for any more is closed."""
    known, session = house().feeds, visitor()
    if (feed := known.of_session(session)) is not None and feed.page != page:
        known.close(session)
    st.session_state[_PAGE], st.session_state[_ASKED] = page, False
    yield
    if not st.session_state[_ASKED]:
        known.close(session)


def page_feed() -> Feed:
    """The feed of the page that runs, the same one in each run. Push to it from any thread."""
    st.session_state[_ASKED] = True
    return house().feeds.open(visitor(), st.session_state.get(_PAGE, ""))
