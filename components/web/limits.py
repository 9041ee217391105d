"""What one visitor may send: uploads of a size and so many a minute, so many messages a second. As ASGI middleware.

Counted per session, not per address: a whole room may sit behind one.
"""

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.hosting.house import house
from components.web.messages import Window
from components.web.uploads import Uploads

UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]{1,100})/(?P<file>[^/]{1,100})$")
ENVELOPE = 1_000_000  # bytes around a file in a multipart body
TRY_AGAIN = "Too many at once: wait a minute and try again."


class RequestLimits:
    """Answers 413 to what is too large, also where no length was announced, 429 to what comes too often, and ends a
    websocket that floods. `max_bytes` is the largest file; `uploads` has the budgets of all of them."""

    def __init__(self, app: ASGIApp, max_bytes: int, uploads: Uploads) -> None:
        self.app, self.max_bytes, self.uploads = app, max_bytes + ENVELOPE, uploads

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
        if not self.uploads.is_asked_for(upload["session"], upload["file"]):
            house().events.record("refused", what="upload", why="not asked for")
            await PlainTextResponse("No page asked for this file", 403)(scope, receive, send)
            return
        await self._bounded(upload, scope, receive, send)

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
            if not closed:  # Streamlit says goodbye to who is gone already, and twice to who sends garbage
                raise

    async def _bounded(self, upload: re.Match[str], scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the body on as it comes; past a limit the rest is not taken."""
        taken, refused = 0, ""

        async def receive_some() -> Message:
            nonlocal taken, refused
            message = await receive()
            more = len(message.get("body", b""))
            taken += more
            over = self.uploads.take(upload["session"], upload["file"], more)
            refused = refused or ("too large" if taken > self.max_bytes else over or "")
            return {"type": "http.disconnect"} if refused else message

        async def send_unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        try:
            await self.app(scope, receive_some, send_unless_refused)
        except Exception:
            if not refused:
                raise
        finally:
            self.uploads.done(upload["session"], taken)
        if refused:
            house().events.record("refused", what="upload", why=refused)
            await PlainTextResponse("File too large, or too many at once", 413)(scope, receive, send)


def _unless_flooding(receive: Receive) -> Receive:
    window = Window()

    async def receive_one() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive" and (refusal := window.refusal(message.get("bytes"))):
            house().events.record("refused", what="message", why=refusal[0])
            return {"type": "websocket.disconnect", "code": refusal[1]}
        return message

    return receive_one


def refuse_broken_form(request: Request, error: Exception) -> PlainTextResponse:
    """The answer to a body that is no form, which Starlette would take for a fault of ours."""
    house().events.record("refused", what="upload", why="broken")
    return PlainTextResponse("Not a form that can be read", 400)
