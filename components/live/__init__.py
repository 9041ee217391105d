"""Results on a live page: pushed to the browser by a websocket of our own, or read by the page's fragments."""

from components.live.feed import page_feed
from components.live.pushed import push_each, show_channel, show_pushed
from components.live.results import (
    BESIDE_PUSHED_S,
    EVERY_S,
    PICTURES_EVERY_S,
    STALE_S,
    Seconds,
    newest_or_reason,
    seconds_on_the_way,
    show,
    show_pictures,
    show_seconds,
)

__all__ = [
    "BESIDE_PUSHED_S",
    "EVERY_S",
    "PICTURES_EVERY_S",
    "STALE_S",
    "Seconds",
    "newest_or_reason",
    "page_feed",
    "push_each",
    "seconds_on_the_way",
    "show",
    "show_channel",
    "show_pictures",
    "show_pushed",
    "show_seconds",
]
