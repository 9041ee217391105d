"""Who is let in by name and by page, and what is closed; the cookies of HTTPS."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import net_util
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

from components.web.allowed_hosts import AllowedHosts, certificate_names
from components.web.headers import SecurityHeaders
from models.hosting.certificates import own_making

PUBLIC = "https://room.example.org/demo/room"


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net_util, "get_external_ip", lambda: pytest.fail("an outside service was asked"))


def answer(request: Any) -> PlainTextResponse:
    response = PlainTextResponse("in")
    response.headers.append("set-cookie", "_streamlit_xsrf=2|a|b|1; Path=/; SameSite=Lax")
    response.headers.append("set-cookie", "already=1; Path=/; Secure")
    return response


async def talk(websocket: WebSocket) -> None:
    """As Streamlit does it."""
    allowed = _is_origin_allowed(websocket.headers.get("origin"), websocket.headers.get("host"))
    await websocket.accept()
    await websocket.send_text("in" if allowed else "refused by Streamlit")
    await websocket.close()


def client(base: str = "http://testserver", hosts: tuple[str, ...] = (), public: str = PUBLIC) -> TestClient:
    around = [Middleware(SecurityHeaders, public_url=public), Middleware(AllowedHosts, hosts=hosts, public_url=public)]
    routes = [WebSocketRoute("/{path:path}", talk), Route("/{path:path}", answer)]
    return TestClient(Starlette(routes=routes, middleware=around), base_url=base)


def opened(origin: str, host: str, path: str = "/_stcore/stream") -> str:
    try:
        with client().websocket_connect(path, headers={"origin": origin, "host": host}) as websocket:
            return websocket.receive_text()
    except WebSocketDisconnect as refused:
        return str(refused.code)


OURS = [
    *("localhost", "localhost:8501", "room.localhost:8501", "127.0.0.1:8501", "192.168.1.20:8501", "10.0.0.7"),
    *("[::1]:8501", "[fe80::1]:8501", "[2001:db8::5]", "limelight.local:8501", "Limelight.Local.", "raspberrypi:8501"),
    *(
        "pc.lan",
        "pc.home.arpa",
        "room.example.org",
        "ROOM.example.org:443",
        "a.class.example.net",
        socket.gethostname(),
    ),
]
NOT_OURS = [
    *("evil.example", "evil.example:8501", "localhost.evil.example", "local.evil.example", "127.0.0.1.nip.io"),
    *("xroom.example.org", "room.example.org.evil.example", "class.example.net", "", ":8501", "[", "a@evil.example"),
    *("localhost, evil.example", "xlocal.com", "192.168.1.20.evil.example"),
]


def test_the_server_answers_to_its_names() -> None:
    http = client(hosts=("*.class.example.net",))
    for host in OURS:
        assert http.get("/demo/room/ocr", headers={"host": host}).text == "in", host


@pytest.mark.parametrize("host", NOT_OURS)
def test_it_answers_to_no_other(host: str) -> None:
    http = client(hosts=("*.class.example.net",))
    assert http.get("/", headers={"host": host}).status_code == 421
    with pytest.raises(WebSocketDisconnect), http.websocket_connect("/", headers={"host": host}):
        pass


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:8501", "127.0.0.1:8501"),
        ("http://192.168.1.20:8501", "192.168.1.20:8501"),
        ("http://limelight.local:8501", "limelight.local:8501"),
        ("http://Limelight.local", "limelight.local:80"),
        ("https://room.example.org", "room.example.org"),
        ("https://room.example.org", "room.example.org:443"),
        ("https://room.example.org", "127.0.0.1:8501"),  # a proxy that asks in its own name
        ("https://[2001:db8::5]:8501", "[2001:db8::5]:8501"),
    ],
)
def test_our_own_pages_open_websockets(origin: str, host: str) -> None:
    assert opened(origin, host) == opened(origin, host, "/demo/room/_stcore/stream") == "in"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "127.0.0.1:8501"),
        ("https://evil.example", "room.example.org"),
        ("http://127.0.0.1:9999", "127.0.0.1:8501"),  # another program's page on this machine
        ("http://room.example.org", "127.0.0.1:8501"),
        ("null", "127.0.0.1:8501"),
        ("file://", "127.0.0.1:8501"),
        ("", "127.0.0.1:8501"),
        ("http://evil.example@127.0.0.1:8501.evil.example", "127.0.0.1:8501"),
        ("http://[", "127.0.0.1:8501"),
    ],
)
def test_foreign_pages_open_none_and_nobody_is_asked(origin: str, host: str) -> None:
    assert opened(origin, host) == "1008"


def test_who_is_no_browser_names_no_page() -> None:
    with client().websocket_connect("/") as websocket:
        assert websocket.receive_text() == "in"


def test_without_a_host_as_watchers_ask_it_answers() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    asyncio.run(AllowedHosts(app)({"type": "http", "path": "/healthz", "headers": []}, None, None))  # type: ignore[arg-type]
    assert seen


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/auth/login", "/auth/logout", "/oauth2callback"])
@pytest.mark.parametrize("base", ["", "/demo/room"])
def test_what_is_not_used_is_closed(base: str, path: str) -> None:
    http = client()
    assert [http.get(base + path + end).status_code for end in ("", "/")] == [404, 404]
    assert http.get(f"{base}/_stcore/health").status_code == 200


@pytest.mark.parametrize(
    ("base", "headers", "public", "secure"),
    [
        ("https://testserver", {}, "", True),
        ("http://testserver", {"host": "room.example.org"}, PUBLIC, True),  # a proxy took the HTTPS off
        ("http://testserver", {}, PUBLIC, False),
        ("http://testserver", {"host": "room.example.org"}, "http://room.example.org", False),
    ],
)
def test_cookies_of_https_are_for_https(base: str, headers: dict[str, str], public: str, secure: bool) -> None:
    ours, already = client(base, public=public).get("/", headers=headers).headers.get_list("set-cookie")
    assert ours.endswith("; Secure") is secure and already.count("Secure") == 1


def test_a_certificates_names_are_ours(tmp_path: Path) -> None:
    files = own_making(tmp_path, ["localhost", "127.0.0.1", "*.class.example.org"])
    names = certificate_names(files["cert"])
    assert "*.class.example.org" in names
    assert AllowedHosts(None, names).is_ours("a.class.example.org")  # type: ignore[arg-type]
    assert certificate_names(None) == [] == certificate_names(str(tmp_path / "none.pem"))
