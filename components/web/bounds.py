"""What one visitor may send: uploads of a size and so many a minute, so many messages a second. As ASGI middleware.

Counted per session, not per address: a whole room may sit behind one.
"""

import re
import time

from google.protobuf.message import DecodeError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from components.hosting.house import house

UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]{1,100})/[^/]{1,100}$")
MESSAGES, MESSAGES_S = 600, 10.0  # so many in so many seconds of one tab: live pages send about ten a second
ENVELOPE = 1_000_000  # bytes around a file in a multipart body
TRY_AGAIN = "Too many at once: wait a minute and try again."


class Bounds:
    """Answers 413 to what is too large, also where no length was announced, 429 to what comes too often, and ends a
    websocket that floods. `max_bytes` is the largest file."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app, self.most = app, max_bytes + ENVELOPE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
            return
        upload = UPLOAD.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if upload is None:
            await self.app(scope, receive, send)
            return
        if not house().rates.allow("upload", upload["session"]):
            house().events.record("refused", what="upload", why="too often")
            await PlainTextResponse(TRY_AGAIN, 429)(scope, receive, send)
            return
        await self._bounded(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        closed = False

        async def send_and_see(message: Message) -> None:
            nonlocal closed
            closed = closed or message["type"] == "websocket.close"
            await send(message)

        async def receive_and_see() -> Message:
            nonlocal closed
            message = await bounded()
            closed = closed or message["type"] == "websocket.disconnect"
            return message

        bounded = _unless_flooding(receive)
        try:
            await self.app(scope, receive_and_see, send_and_see)
        except RuntimeError:
            if not closed:  # Streamlit 1.60 says goodbye to who is gone already, and twice to who sends garbage
                raise

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the body on as it comes; past the limit the rest is not taken."""
        taken, refused = 0, False

        async def receive_some() -> Message:
            nonlocal taken, refused
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                refused = True
                return {"type": "http.disconnect"}
            return message

        async def send_unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        try:
            await self.app(scope, receive_some, send_unless_refused)
        except Exception:
            if not refused:
                raise
        if refused:
            house().events.record("refused", what="upload", why="too large")
            await PlainTextResponse("File too large", 413)(scope, receive, send)


def _unless_flooding(receive: Receive) -> Receive:
    began, count = time.monotonic(), 0

    async def receive_one() -> Message:
        nonlocal began, count
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        if not _is_readable(message.get("bytes")):
            house().events.record("refused", what="message", why="broken")
            return {"type": "websocket.disconnect", "code": 1003}
        count += 1  # by hand: the library's counter costs more than the message
        if time.monotonic() - began > MESSAGES_S:
            began, count = time.monotonic(), 1
        if count > MESSAGES:
            house().events.record("refused", what="messages", why="too often")
            return {"type": "websocket.disconnect", "code": 1008}
        return message

    return receive_one


def _is_readable(data: bytes | None) -> bool:
    """Whether it is a message of Streamlit's, which stumbles over text and over other bytes."""
    try:
        return data is not None and BackMsg.FromString(data) is not None
    except DecodeError:
        return False


def refuse_broken_form(request: Request, error: Exception) -> PlainTextResponse:
    """The answer to a body that is no form, which Starlette would take for a fault of ours."""
    house().events.record("refused", what="upload", why="broken")
    return PlainTextResponse("Not a form that can be read", 400)
