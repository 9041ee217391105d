"""Tests what a camera needs between the visitor's browser and this server; the browser does it, and says what is
missing."""

from typing import Any

from components.layout import browser_component
from components.live import page_feed


def test_of_connection(servers: list[dict[str, Any]]) -> None:
    """The tests, begun at once; `servers` are the session's STUN and TURN servers as RTCIceServer."""
    feed = page_feed()
    data = {"servers": servers, "token": feed.token, "page": feed.page}
    browser_component("connection", "live/socket")(key="connection", data=data, on_report_change=lambda: None)
