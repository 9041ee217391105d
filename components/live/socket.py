"""`/live/{token}`: the websocket by which a page's feed (models/hosting/feeds.py) reaches its browser.

The browser says which message it has read, and asks for the time, about once a second. Only IN_FLIGHT messages are on
their way at a time: without that, seconds of old answers would wait in the buffers of kernels and proxies. Whoever
reads nothing for SILENT_S is let go. Foreign pages and floods are refused before they come here, in components/web.
"""

import asyncio
import json
import math
import time
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from components.hosting.house import house
from models.hosting.feeds import Feed

ROUTE = "/live/{token}"
IN_FLIGHT = 8  # messages: at 15 a second enough for a way of half a second there and back
SILENT_S = 8.0
LONGEST_NOTE = 100  # characters
REFUSALS = {1003, 1008, 1009}  # with which components/web/limits.py ends a websocket
OVER, REPLACED, SILENT, UNKNOWN, TOO_OFTEN = 4000, 4001, 4008, 4404, 4429
"""Codes of closing: the feed has ended, the browser has another socket, it reads nothing, the token opens nothing, it
comes too often."""


async def serve(websocket: WebSocket) -> None:
    """Talk with one browser until either side ends it."""
    await websocket.accept()
    if (known := house().feeds.find(websocket.path_params["token"])) is None:
        house().record_failed("live token")
        await websocket.close(UNKNOWN)
        return
    session, feed = known
    if not house().rates.allow("live", session):
        house().events.record("refused", what="live", why="too often")
        await websocket.close(TOO_OFTEN)
        return
    await _Conversation(websocket, feed).run()


class _Conversation:
    """One websocket: a reader and the one writer. Everything here is on the event loop but `_wake`."""

    def __init__(self, websocket: WebSocket, feed: Feed) -> None:
        self._websocket, self._feed = websocket, feed
        self._loop, self._changed = asyncio.get_running_loop(), asyncio.Event()
        self._sent = self._read = 0  # messages, and how many of them the browser says that it has read
        self._asked: float | None = 0.0  # for the time: what its own clock said
        self._heard = self._loop.time()
        self._wake = self._wake_threadsafe  # one object: a method is another one each time that it is read

    async def run(self) -> None:
        self._feed.attach(self._wake)
        reader, writer = asyncio.create_task(self._listen()), asyncio.create_task(self._write())
        try:
            await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
            ended = writer if writer.done() else reader
            with suppress(WebSocketDisconnect, RuntimeError):  # gone already
                await self._websocket.close(ended.result() or OVER)
        finally:
            self._feed.detach(self._wake)
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    def _wake_threadsafe(self) -> None:
        with suppress(RuntimeError):  # the server is ending
            self._loop.call_soon_threadsafe(self._changed.set)

    async def _write(self) -> int:
        while True:
            if self._feed.closed:
                return OVER
            if not self._feed.is_attached(self._wake):
                return REPLACED
            if self._sent - self._read < IN_FLIGHT:
                await self._send()
            wait = SILENT_S - (self._loop.time() - self._heard)
            if wait <= 0:
                return SILENT
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            self._changed.clear()

    async def _send(self) -> None:
        if self._asked is not None:
            answer = {"channel": "clock", "asked": self._asked, "now": round(1000 * time.monotonic(), 1)}
            self._asked = None
            self._sent += 1
            await self._websocket.send_text(json.dumps(answer))
        for message in self._feed.take():
            self._sent += 1
            if isinstance(message, bytes):
                await self._websocket.send_bytes(message)
            else:
                await self._websocket.send_text(message)

    async def _listen(self) -> int:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                code = message.get("code")
                return code if code in REFUSALS else OVER
            if (data := message.get("bytes")) is not None:
                self._feed.receive(data)
            else:
                self._note(message.get("text") or "")

    def _note(self, text: str) -> None:
        """["read", how many messages, the browser's clock]; anything else is passed over."""
        if len(text) > LONGEST_NOTE:
            return
        with suppress(ValueError, TypeError, OverflowError):
            word, read, clock = json.loads(text)
            read, clock = int(read), float(clock)
            if word != "read" or not math.isfinite(clock):
                return
            if self._read < read <= self._sent:
                self._read, self._heard = read, self._loop.time()
            self._asked = clock
            self._changed.set()
