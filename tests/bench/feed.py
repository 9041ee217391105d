"""A browser's side of a page's own websocket (`/live/{token}`): reads at once and says so, as assets/live/socket.js."""

import asyncio
import json
import time
from collections.abc import Callable

import websockets

READ_EVERY = 4  # messages
NOTE_S = 1.0


class FeedReader:
    """Follows one feed until it ends; `close_code` says why. `on_message` is called with each message but the clock's,
    as it came."""

    def __init__(self, address: str, on_message: Callable[[str | bytes], None] = lambda message: None) -> None:
        self.address, self.on_message = address, on_message
        self.close_code: int | None = None
        self.open = asyncio.Event()
        self.count = 0  # messages read, the clock's too
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with websockets.connect(self.address, compression=None, max_size=None, close_timeout=1) as socket:
            self.open.set()
            noting = asyncio.create_task(self._note(socket))
            try:
                async for message in socket:
                    self.count += 1
                    if isinstance(message, bytes) or not message.startswith('{"channel": "clock"'):
                        self.on_message(message)
                    if self.count % READ_EVERY == 0:
                        await self._say(socket)
            except websockets.ConnectionClosed:
                pass
            finally:
                noting.cancel()
                self.close_code = socket.close_code

    async def _note(self, socket: websockets.ClientConnection) -> None:
        while True:
            await self._say(socket)
            await asyncio.sleep(NOTE_S)

    async def _say(self, socket: websockets.ClientConnection) -> None:
        await socket.send(json.dumps(["read", self.count, 1000 * time.monotonic()]))

    async def ended(self, seconds: float = 30) -> int | None:
        """Wait until it has; the code of closing."""
        await asyncio.wait_for(asyncio.shield(self._task), seconds)
        return self.close_code

    def close(self) -> None:
        """Leave without a goodbye."""
        self._task.cancel()
