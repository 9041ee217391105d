"""Security headers on every answer, as a plain ASGI middleware.

The content security policy lets no script run but those of this server: none written into a page, none made from text.
The one that Streamlit's first page contains is known by its hash. All browser tests fail on the first thing that the
policy blocks. HTTPS pages are held to HTTPS by whoever has the real certificate: deploy/Caddyfile, not here, where it
may be a self-made one.
"""

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def _inline_scripts() -> str:
    """The hashes of the scripts in Streamlit's own first page, as a policy names them."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


POLICY = {
    "default-src": "'self'",
    "script-src": f"'self' blob: {_inline_scripts()}",  # Streamlit loads small components as blobs
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob: data:",
    "frame-ancestors": "'self'",  # nobody else's page puts ours, and the camera, into a frame
    "form-action": "'self'",
    "base-uri": "'self'",
    "object-src": "'none'",
}

HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), clipboard-read=(self), clipboard-write=(self), fullscreen=(self), "
    "microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), bluetooth=(), payment=(), midi=()",
}


class SecurityHeaders:
    """Adds `HEADERS` to each HTTP answer, also to errors, in place of what the app may have set. By HTTPS cookies are
    for HTTPS alone, also where a proxy takes it off: on this machine it says so, else `public_url` does."""

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self.app, self._public = app, urlsplit(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
                if self._is_https(scope):
                    message["headers"] = [_secure(name, value) for name, value in message["headers"]]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)

    def _is_https(self, scope: Scope) -> bool:
        if scope["scheme"] == "https":
            return True
        return self._public.scheme == "https" and (b"host", self._public.netloc.encode()) in scope["headers"]


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    is_open = name.lower() == b"set-cookie" and b"secure" not in re.split(rb";\s*", value.lower())
    return name, value + b"; Secure" if is_open else value
