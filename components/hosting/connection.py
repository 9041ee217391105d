"""Tests what a camera needs between the visitor's browser and this server; the browser does it, and says what is
missing."""

from typing import Any

from components.layout import browser_component


def test_of_connection(servers: list[dict[str, Any]]) -> None:
    """The tests, begun at once; `servers` are the session's STUN and TURN servers as RTCIceServer."""
    browser_component("connection")(key="connection", data={"servers": servers}, on_report_change=lambda: None)
