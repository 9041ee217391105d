"""Which requests come to Streamlit at all: to a name of this server, from a page of its own, to a route in use.

A name that is not ours is somebody's page on the internet that has its name lead to this machine, to read and click
here by a visitor's browser (DNS rebinding). Addresses by number, names without a dot and those that only a local
network gives cannot be had on the internet. A websocket from a foreign page Streamlit would refuse as well, but
asks an outside service for this machine's address first, and everybody waits for the answer.
"""

import re
import socket
from collections.abc import Iterable
from fnmatch import fnmatchcase
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from components.hosting.house import house
from models.hosting.joining import origin

LOCAL = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
CLOSED = re.compile(r"/(_stcore/(metrics|script-health-check)|auth/(login|logout)|oauth2callback)/?$")
DEFAULT_PORT = re.compile(r":(80|443)$")
NOT_OURS = (
    "This server does not answer under this name. Whoever runs it can add the name to LIMELIGHT_ALLOWED_HOSTS, or set "
    "LIMELIGHT_PUBLIC_URL to the address that people use."
)


class AllowedHosts:
    """404 for what is closed, 421 for a name that is none of `hosts`, 403 for a websocket from a page that is neither
    under the name that it asks for nor under `public_url`. A host may be a pattern, such as *.example.org."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), public_url: str = "") -> None:
        public = urlsplit(public_url).hostname or ""
        self.app, self._public = app, (origin(public_url) or "").lower()
        self._hosts = {host.lower() for host in (*hosts, public, socket.gethostname()) if host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host, page = _header(scope, b"host"), _header(scope, b"origin")
        if host is not None and not self.is_ours(host):
            await _refuse("host", PlainTextResponse(NOT_OURS, 421), scope, receive, send)
        elif CLOSED.search(scope["path"]):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
        elif scope["type"] == "http" or page is None:
            await self.app(scope, receive, send)
        elif host is None or not self.is_own_page(page, host):
            await _refuse("origin", PlainTextResponse("Not from this page", 403), scope, receive, send)
        else:  # Streamlit compares the two letter by letter
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            headers.append((b"host", urlsplit(page).netloc.encode("latin-1")))
            await self.app({**scope, "headers": headers}, receive, send)

    def is_ours(self, host: str) -> bool:
        """Whether a Host header, perhaps with a port, names this server."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
        except ValueError:
            return False
        if not name or "," in name:
            return False
        if _is_ip(name) or "." not in name or name.endswith(LOCAL):
            return True
        return any(fnmatchcase(name, pattern) for pattern in self._hosts)

    def is_own_page(self, page: str, host: str) -> bool:
        """Whether an Origin header is that of a page of this server, which a request to `host` comes from."""
        known = origin(page)
        if known is None:
            return False
        return known.lower() == self._public or urlsplit(known).netloc.lower() == DEFAULT_PORT.sub("", host.lower())


def certificate_names(file: str | None) -> list[str]:
    """The names that a server's certificate is made out to; none for a file that can't be read as one, of which
    uvicorn speaks."""
    try:
        certificate = x509.load_pem_x509_certificate(Path(file or "").read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return list(names.get_values_for_type(x509.DNSName))
    except (OSError, ValueError, x509.ExtensionNotFound):
        return []


async def _refuse(what: str, answer: PlainTextResponse, scope: Scope, receive: Receive, send: Send) -> None:
    house().events.record("refused", what=what, why="not ours")
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(scope, receive, send)


def _header(scope: Scope, name: bytes) -> str | None:
    """Its value; several are put together, as HTTP reads them, and so are nobody's."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return ", ".join(values) if values else None


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
        return True
    except ValueError:
        return False
