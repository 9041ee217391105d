"""Feeds: what one browser gets at once, without asking. The newest value of each channel, never a queue.

Any thread pushes; one websocket, which knows the feed's token, takes. A value that is pushed before the last one was
taken replaces it, so that a slow browser, or one that is away, costs one message for each channel.
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from models.runtime.background import LogOnce

log = logging.getLogger(__name__)

MAX_BYTES = 200_000  # of one message to the browser
MAX_CHANNELS = 16

Message = str | bytes


class Feed:
    """One page's feed of one session. Thread-safe. `on_bytes` gets what the browser sends, such as sensors' readings,
    on the thread of the websockets: it must be quick; what it raises is logged once."""

    def __init__(self, page: str = "") -> None:
        self.page = page
        self.token = secrets.token_urlsafe(16)  # 128 bits: whoever has it may read
        self.closed = False
        self.on_bytes: Callable[[bytes], None] | None = None
        self._lock = threading.Lock()
        self._newest: dict[str, Message] = {}
        self._unsent: dict[str, None] = {}  # an ordered set of channels
        self._wake: Callable[[], None] | None = None
        self._is_woken = False
        self._log_once = LogOnce(log, f"what the browser sends to the page {page}")

    def push(
        self,
        channel: str,
        value: Mapping[str, Any] | str,
        *,
        at: float | None = None,
        size_wh: tuple[int, int] | None = None,
        picture: bytes = b"",
    ) -> None:
        """Send `value` as soon as the browser can take it, and again to whoever reconnects. `value` is what a result's
        `to_browser` returns: its "kind" names the painter; a text is painted as text. `at` is when what it is about was
        there, by time.monotonic(), now by default; `size_wh` the size of the picture that its pixels are of, unless
        its own "size" says that. With `picture`, an encoded one, the message is binary. Ignored once closed.

        Raises ValueError for more than MAX_BYTES, for more than MAX_CHANNELS and for what is no JSON.
        """
        fields: dict[str, Any] = {"kind": "text", "text": value} if isinstance(value, str) else dict(value)
        fields |= {"channel": channel, "at": round(1000 * (time.monotonic() if at is None else at), 1)}
        if size_wh is not None:
            fields.setdefault("size", size_wh)
        message = _encoded(fields, picture)
        with self._lock:
            if self.closed:
                return
            if channel not in self._newest and len(self._newest) >= MAX_CHANNELS:
                raise ValueError(f"a feed has at most {MAX_CHANNELS} channels, {channel!r} is one more")
            self._newest[channel] = message
            self._unsent[channel] = None
        self._ring()

    def drop(self, channel: str) -> None:
        """Forget a channel: whoever reconnects does not get it."""
        with self._lock:
            self._newest.pop(channel, None)
            self._unsent.pop(channel, None)

    def take(self) -> list[Message]:
        """The newest of each channel that was not taken yet."""
        with self._lock:
            self._is_woken = False
            taken = [self._newest[channel] for channel in self._unsent]
            self._unsent = {}
        return taken

    def receive(self, data: bytes) -> None:
        """From the websocket: hand on what the browser has sent."""
        if self.on_bytes is None or self.closed:
            return
        try:
            self.on_bytes(data)
        except Exception as error:
            self._log_once(error)

    def attach(self, wake: Callable[[], None]) -> None:
        """From now on `wake` is called when there is something to take, or the feed has ended, on whichever thread
        that happens; everything is to be taken anew. Who was attached before is woken a last time."""
        with self._lock:
            before, self._wake, self._is_woken = self._wake, wake, False
            self._unsent = dict.fromkeys(self._newest)
        if before is not None:
            before()
        self._ring()

    def is_attached(self, wake: Callable[[], None]) -> bool:
        """Whether nobody else has attached since."""
        return self._wake is wake

    def detach(self, wake: Callable[[], None]) -> None:
        """Call `wake` no more."""
        with self._lock:
            if self._wake is wake:
                self._wake = None

    def close(self) -> None:
        """The token opens nothing any more, and what was pushed is forgotten."""
        with self._lock:
            self.closed, self._is_woken = True, False
            self._newest, self._unsent = {}, {}
        self._ring()

    def _ring(self) -> None:
        """Wake who takes, once until it has taken."""
        with self._lock:
            wake = None if self._is_woken else self._wake
            self._is_woken = self._is_woken or wake is not None
        if wake is not None:
            wake()


class Feeds:
    """The feeds of the process: at most one of each session. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_session: dict[str, Feed] = {}
        self._by_token: dict[str, tuple[str, Feed]] = {}

    def open(self, session: str, page: str) -> Feed:
        """The session's feed for that page: the one that is open, else a new one with a new token."""
        with self._lock:
            known = self._by_session.get(session)
            if known is not None and known.page == page:
                return known
            feed = self._by_session[session] = Feed(page)
            self._by_token[feed.token] = session, feed
            if known is not None:
                del self._by_token[known.token]
        if known is not None:
            known.close()
        return feed

    def of_session(self, session: str) -> Feed | None:
        """Its feed, if it has one."""
        return self._by_session.get(session)

    def find(self, token: str) -> tuple[str, Feed] | None:
        """Session and feed of a token; None for one that opens nothing."""
        return self._by_token.get(token)

    def close(self, session: str) -> None:
        """End a session's feed, if it has one."""
        with self._lock:
            if (feed := self._by_session.pop(session, None)) is not None:
                del self._by_token[feed.token]
        if feed is not None:
            feed.close()

    def all(self) -> list[Feed]:
        """Those that are open."""
        with self._lock:
            return list(self._by_session.values())


def _encoded(fields: dict[str, Any], picture: bytes) -> Message:
    """JSON; with a picture four bytes that say how long the JSON is (big-endian), the JSON, the picture."""
    text = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    head = text.encode() if picture or len(text) * 4 > MAX_BYTES else b""
    if max(len(head), len(text)) + len(picture) > MAX_BYTES:
        raise ValueError(f"a message may have {MAX_BYTES} bytes, this one has {len(head) + len(picture)}")
    return len(head).to_bytes(4, "big") + head + picture if picture else text
