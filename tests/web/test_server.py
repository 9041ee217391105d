"""The web server as strangers meet it: real requests to a real server in its own process."""

import asyncio
import contextlib
import json
import signal
import socket
import urllib.parse
from collections.abc import Iterator

import httpx
import psutil
import pytest
import websockets
from prometheus_client.parser import text_string_to_metric_families
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.bench.server import Server, free_port
from tests.bench.tab import Tab
from tests.bench.tabs import Tabs
from tests.bench.target import TARGETS

METRICS = free_port()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    more = {"LIMELIGHT_METRICS_PORT": str(METRICS), "LIMELIGHT_LOG_FORMAT": "json"}
    with Server(TARGETS["app"], more) as server:
        yield server
        # one test makes a page stumble: Streamlit writes that down, and so do we
        expected = 2 * server.log().count('"event": "page failed"')
        assert server.log_errors() <= expected, server.log()[-3000:]


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client


async def connected(server: Server, origin: str | None = None) -> tuple[str, websockets.ClientConnection]:
    """A session: its id and its websocket, after the first run of the home page."""
    socket = await websockets.connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream",
        subprotocols=["streamlit"],
        max_size=None,
        origin=origin,
        close_timeout=0.2,
    )
    message = BackMsg()
    message.rerun_script.query_string = ""
    await socket.send(message.SerializeToString())
    async for raw in socket:
        forward = ForwardMsg.FromString(raw)
        if forward.WhichOneof("type") == "new_session":
            return forward.new_session.initialize.session_id, socket
    raise AssertionError("no session")


def uploading(server: Server, http: httpx.Client, content: object, file: str = "", **headers: str) -> httpx.Response:
    """What an upload into a session of our own is answered: with a token unless `headers` say otherwise, under the
    name that the server gave unless `file` is another."""

    async def put() -> httpx.Response:
        tab = Tab(server.port, "", "")
        await tab.open()
        await asyncio.wait_for(tab.finished.wait(), 60)
        name = file or await tab.file_id()
        http.get("/_stcore/host-config")  # any page brings the token's cookie
        http.get("/_stcore/health")
        token = http.cookies.get("_streamlit_xsrf", "")
        all_headers = {"X-Xsrftoken": token, "Content-Type": "multipart/form-data; boundary=x"} | headers
        try:
            return await asyncio.to_thread(
                http.put, f"/_stcore/upload_file/{tab.session}/{name}", content=content, headers=all_headers, timeout=60
            )
        finally:
            await tab.close()

    return asyncio.run(put())


def form(data: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    return head + data + b"\r\n--x--\r\n"


@pytest.mark.parametrize("path", ["/", "/healthz", "/plotly.js", "/classifier", "/no/such/page", "/_stcore/nothing"])
def test_every_answer_carries_the_security_headers(http: httpx.Client, path: str) -> None:
    headers = http.get(path).headers
    policy = headers["content-security-policy"]
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in scripts and "sha256-" in scripts
    assert "frame-ancestors 'self'" in policy and "object-src 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff" and "camera=(self)" in headers["permissions-policy"]
    assert "microphone=()" in headers["permissions-policy"]


def test_health_is_told_in_numbers_without_names(http: httpx.Client) -> None:
    answer = http.get("/healthz")
    assert answer.status_code == 200 and answer.json()["status"] == "ok"
    assert set(answer.json()) == {"status", "level", "sessions", "cameras", "in_line", "loop_lag_s", "streamlit"}


def test_plotlys_script_comes_packed_and_may_be_kept(http: httpx.Client) -> None:
    answer = http.get("/plotly.js")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip" and int(answer.headers["content-length"]) < 2_000_000
    assert "max-age" in answer.headers["cache-control"] and "Plotly" in answer.text


def test_what_nobody_uses_is_closed(http: httpx.Client) -> None:
    for path in ("/_stcore/metrics", "/auth/login", "/auth/logout", "/oauth2callback", "/_stcore/metrics/"):
        assert http.get(path).status_code == 404, path


def test_a_name_that_is_not_ours_is_answered_with_what_to_do(http: httpx.Client) -> None:
    answer = http.get("/", headers={"Host": "evil.example:8501"})
    assert answer.status_code == 421 and "LIMELIGHT_ALLOWED_HOSTS" in answer.text
    assert http.get("/healthz", headers={"Host": "limelight.local"}).status_code == 200


def test_a_foreign_page_gets_no_say(server: Server, http: httpx.Client) -> None:
    stranger = {"Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in http.get("/healthz", headers=stranger).headers
    assert http.get("/_stcore/health", headers=stranger).headers.get("access-control-allow-origin") != "*"
    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(connected(server, origin="https://evil.example"))
    assert refused.value.response.status_code == 403


def test_an_upload_needs_the_token_that_only_our_own_page_can_read(server: Server, http: httpx.Client) -> None:
    assert uploading(server, http, form(b"x")).status_code == 204
    for token in ("", "forged", "2|00000000|00|0"):
        assert uploading(server, http, form(b"x"), **{"X-Xsrftoken": token}).status_code == 403


def test_an_upload_into_somebody_elses_or_no_session_is_refused(server: Server, http: httpx.Client) -> None:
    http.get("/_stcore/health")
    headers = {
        "X-Xsrftoken": http.cookies.get("_streamlit_xsrf", ""),
        "Content-Type": "multipart/form-data; boundary=x",
    }
    assert http.put("/_stcore/upload_file/nobody/f1", content=form(b"x"), headers=headers).status_code in (400, 403)


def test_a_file_that_no_page_asked_for_is_refused(server: Server, http: httpx.Client) -> None:
    assert uploading(server, http, form(b"x"), file="f1").status_code == 403


def test_a_message_longer_than_any_page_sends_is_cut_off(server: Server, http: httpx.Client) -> None:
    async def send(data: bytes) -> int | None:
        tab = Tab(server.port, "", "")
        await tab.open()
        with contextlib.suppress(websockets.ConnectionClosed):
            await tab._socket.send(data)
        await asyncio.wait_for(tab.lost.wait(), 60)
        return tab.close_code

    assert asyncio.run(send(bytes(40_000_000))) == 1009, "at its first bytes: server.maxMessageSize"
    many = BackMsg()
    for _ in range(30_000):
        many.rerun_script.widget_states.widgets.add()
    asyncio.run(send(many.SerializeToString()))
    assert '"why": "too many parts"' in server.log()


def test_a_body_without_end_is_cut_off_and_the_server_goes_on(server: Server, http: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:  # no length is announced
        yield form(b"")[:-9]
        for _ in range(300):
            yield b"\0" * 1_000_000

    with contextlib.suppress(httpx.TransportError):  # hung up on, or answered
        assert uploading(server, http, endless()).status_code in (400, 413)
    assert http.get("/healthz").status_code == 200
    assert '"what": "upload", "why": "too large"' in server.log()


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/static/../../../../etc/passwd",
        "/component/streamlit_webrtc.component.webrtc_streamer/../../../../../../etc/passwd",
        "/component/streamlit_webrtc.component.webrtc_streamer/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/media/..%5c..%5c..%5cetc%5cpasswd",
        "/media//etc/passwd",
        "/_stcore/bidi-components/x/../../../../etc/passwd",
        "//etc/passwd",
        "/\\\\evil.example\\share",
        "/app/static/../app.py",
        "/server.py",
        "/models/settings.py",
        "/.streamlit/secrets.toml",
    ],
)
def test_no_path_reaches_a_file_that_is_not_meant_to_be_read(server: Server, path: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as raw:  # as it is: clients tidy paths up
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b"root:" not in answer and b"import " not in answer and b"[limelight]" not in answer
    assert b"Traceback" not in answer


def test_a_flood_of_messages_ends_that_tab_alone(server: Server, http: httpx.Client) -> None:
    message = BackMsg()
    message.rerun_script.query_string = ""

    async def send_many(websocket: websockets.ClientConnection) -> None:
        for _ in range(20_000):
            await websocket.send(message.SerializeToString())

    async def flood() -> None:
        _, flooder = await connected(server)
        _, other = await connected(server)
        sending = asyncio.create_task(send_many(flooder))
        with contextlib.suppress(websockets.ConnectionClosedError):
            async for _ in flooder:  # ends when the server hangs up
                pass
        sending.cancel()
        await other.send(message.SerializeToString())
        async for raw in other:
            if ForwardMsg.FromString(raw).WhichOneof("type") == "script_finished":
                break
        await other.close()

    asyncio.run(flood())
    assert http.get("/healthz").status_code == 200


def test_garbage_on_a_websocket_is_dropped(server: Server, http: httpx.Client) -> None:
    async def garbage() -> None:
        for data in (b"\xff" * 100, b"", "text", bytes(1_000_000)):
            _, websocket = await connected(server)
            with contextlib.suppress(websockets.ConnectionClosed):
                await websocket.send(data)
            await websocket.close()

    asyncio.run(garbage())
    assert http.get("/healthz").json()["status"] == "ok"


def test_metrics_are_prometheus_text_on_a_port_of_their_own(server: Server, http: httpx.Client) -> None:
    assert "limelight_" not in http.get("/metrics").text, "not where visitors are"
    text = httpx.get(f"http://127.0.0.1:{METRICS}/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["limelight_level"].samples[0].value == 0
    started = [s for s in families["limelight_events"].samples if s.labels.get("kind") == "server started"]
    assert started[0].value == 1 and started[0].name == "limelight_events_total"
    assert families["process_resident_memory_bytes"].samples[0].value > 50_000_000
    listening = [c.laddr.ip for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == METRICS]
    assert listening == ["127.0.0.1"]


def test_the_log_is_a_json_object_a_line_without_addresses(server: Server) -> None:
    rows = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    events = {row["event"] for row in rows if "event" in row}
    assert {"server started", "page opened", "refused"} <= events
    assert "127.0.0.1" not in json.dumps([row for row in rows if "event" in row])


def test_the_plain_log_names_no_session_and_no_address() -> None:
    async def twice(server: Server) -> str:
        tab, again = Tab(server.port, "", ""), Tab(server.port, "", "")
        await tab.open()
        await asyncio.wait_for(tab.finished.wait(), 60)
        await again.open(tab.session)  # Streamlit says that it is already connected, and names it
        await asyncio.wait_for(again.finished.wait(), 60)
        await tab.close()
        await again.close()
        return tab.session

    with Server(TARGETS["app"], {"STREAMLIT_LOGGER_LEVEL": "info"}) as server:
        session = asyncio.run(twice(server))
        log = server.log()
    assert "already connected" in log and session not in log
    assert "127.0.0.1" not in log.partition("WebSocket")[2], "before that it says where it serves"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl+C"])
def test_the_server_ends_by_itself_with_cameras_on(number: int) -> None:
    with Server(TARGETS["app"]) as server:
        with Tabs(server, n=2, mode="send-only", fps=15, seconds=240) as tabs:
            assert tabs.wait("playing", 180)["playing"] >= 1  # on a busy machine the other may wait in line
            server.signal(number)
            assert server.wait(60) in (0, 1, -number), server.log()[-3000:]  # 1: the command line's answer to Ctrl+C
        assert "server stopped" in server.log() and server.log_errors() == 0, server.log()[-2000:]


def test_deep_links_work_as_before(http: httpx.Client) -> None:
    query = urllib.parse.urlencode({"input": "Samples", "k": "3"})
    assert http.get(f"/classifier?{query}").status_code == 200


def test_a_page_that_stumbles_says_so_in_plain_words(server: Server) -> None:
    async def stumble() -> tuple[bytes, list[str]]:
        tab = Tab(server.port, "classifier", "input=Samples")
        await tab.open()
        await asyncio.wait_for(tab.finished.wait(), 120)
        tab.finished.clear()
        message = BackMsg()
        message.rerun_script.page_script_hash = tab._page_hash
        for identity in tab.all_ids:
            message.rerun_script.widget_states.widgets.add(id=identity, double_value=float("nan"))
        seen: list[bytes] = []
        original = tab._look_for_label
        tab._look_for_label = lambda raw: (seen.append(raw), original(raw))  # type: ignore[method-assign]
        await tab._socket.send(message.SerializeToString())
        await asyncio.wait_for(tab.finished.wait(), 120)
        await tab.close()
        return b"".join(seen), tab.exceptions

    shown, exceptions = asyncio.run(stumble())
    assert b"This page failed" in shown and b"Traceback" not in shown and not exceptions
