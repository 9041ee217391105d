"""The live pages' own websocket, over TCP, behind the same bounds as in server.py, with feeds that the test fills."""

import asyncio
import contextlib
import json
import secrets
import socket as sockets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute

from components.hosting.house import house
from components.live import socket
from components.web.allowed_hosts import AllowedHosts
from components.web.limits import RequestLimits
from components.web.messages import LiveWindow
from components.web.uploads import Uploads
from models.hosting.feeds import Feed
from tests.bench.feed import FeedReader
from tests.bench.server import free_port

Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def port() -> Iterator[int]:
    around = [Middleware(AllowedHosts), Middleware(RequestLimits, max_bytes=1000, uploads=Uploads(1000))]
    app = Starlette(routes=[WebSocketRoute(socket.ROUTE, socket.serve)], middleware=around)
    config = uvicorn.Config(app, "127.0.0.1", free_port(), log_level="critical", ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield config.port
    server.should_exit = True
    thread.join(20)


def feed(session: str = "session") -> Feed:
    return house().feeds.open(session, "classifier")


def connected(port: int, token: str, **options: Any) -> Any:
    return websockets.connect(f"ws://127.0.0.1:{port}/live/{token}", compression=None, **options)


def read(message: str | bytes) -> dict[str, Any]:
    return json.loads(message)


async def newest(ws: Any, channel: str) -> dict[str, Any]:
    while (message := read(await asyncio.wait_for(ws.recv(), 30)))["channel"] != channel:
        pass
    return message


async def code_of(ws: Any) -> int | None:
    """Read until the server closes."""
    with contextlib.suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(60):
            while True:
                await ws.recv()
    return ws.close_code


@pytest.mark.parametrize("kind", ["made up", "of a feed that has ended", "of the session itself", "too long"])
def test_a_token_that_opens_nothing_is_refused(port: int, kind: str) -> None:
    ended = feed("session").token
    house().feeds.close("session")
    open_now = feed("session")
    open_now.push("a", "secret")
    token = {"made up": secrets.token_urlsafe(16), "of a feed that has ended": ended, "too long": "x" * 5000}

    async def try_it() -> tuple[int | None, list[Any]]:
        async with connected(port, token.get(kind, "session")) as ws:
            return await code_of(ws), []

    assert asyncio.run(try_it())[0] == socket.UNKNOWN


@pytest.mark.parametrize("path", ["/live/", "/live", "/live/a/b"])
def test_without_a_token_there_is_no_websocket(port: int, path: str) -> None:
    async def try_it() -> None:
        async with websockets.connect(f"ws://127.0.0.1:{port}{path}"):
            pass

    with pytest.raises(websockets.InvalidStatus):
        asyncio.run(try_it())


def test_a_foreign_page_is_refused_even_with_the_token(port: int) -> None:
    mine = feed()

    async def try_it(origin: str) -> str:
        async with connected(port, mine.token, origin=origin) as ws:
            return read(await ws.recv())["channel"]

    assert asyncio.run(try_it(f"http://127.0.0.1:{port}")) == "clock"
    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(try_it("https://evil.example"))
    assert refused.value.response.status_code == 403


def test_each_browser_reads_its_own_feed_alone(port: int) -> None:
    feeds = {name: feed(name) for name in ("one", "two")}

    async def talk() -> dict[str, list[str]]:
        got: dict[str, list[str]] = {name: [] for name in feeds}
        readers = {
            name: FeedReader(
                f"ws://127.0.0.1:{port}/live/{one.token}", lambda m, n=name: got[n].append(read(m)["text"])
            )
            for name, one in feeds.items()
        }
        await asyncio.gather(*[reader.open.wait() for reader in readers.values()])
        for n in range(20):
            for name, one in feeds.items():
                one.push("a", f"{name} {n}")
            await asyncio.sleep(0.02)
        house().feeds.close("one")
        assert await readers["one"].ended() == socket.OVER
        feeds["two"].push("a", "two goes on")
        while got["two"][-1] != "two goes on":
            await asyncio.sleep(0.01)
        readers["two"].close()
        return got

    got = asyncio.run(talk())
    for name, lines in got.items():
        assert len(lines) > 5 and all(line.startswith(name) for line in lines)


def test_what_is_pushed_from_a_thread_is_there_at_once_and_says_how_old_it_is(port: int) -> None:
    mine = feed()

    async def talk() -> list[float]:
        lags: list[float] = []
        reader = FeedReader(
            f"ws://127.0.0.1:{port}/live/{mine.token}",
            lambda m: lags.append(time.monotonic() - read(m)["at"] / 1000),
        )
        await reader.open.wait()

        def push() -> None:
            for n in range(100):
                mine.push("a", str(n))
                time.sleep(0.01)

        await asyncio.to_thread(push)
        await asyncio.sleep(0.2)
        reader.close()
        return lags

    lags = sorted(asyncio.run(talk()))
    assert len(lags) > 50 and lags[0] >= -0.001 and lags[len(lags) // 2] < 0.5


def test_a_browser_that_reads_late_gets_the_newest_and_never_a_queue(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "SILENT_S", 120)
    mine = feed()

    async def talk() -> list[str]:
        async with connected(port, mine.token, max_queue=None) as ws:
            for n in range(2000):  # nothing of it is read: the browser says nothing
                mine.push("a", str(n))
                await asyncio.sleep(0.0005)
            got: list[str] = []
            count = 0
            while got[-1:] != ["1999"]:
                message, count = read(await asyncio.wait_for(ws.recv(), 30)), count + 1
                got += [message["text"]] if message["channel"] == "a" else []
                await ws.send(json.dumps(["read", count, 1.0]))
            return got

    assert len(asyncio.run(talk())) <= socket.IN_FLIGHT + 1


def test_who_never_reads_costs_a_few_messages_and_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "SILENT_S", 1.5)
    mine, size = feed(), 20_000
    key = "GET /live/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    key += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    with sockets.create_connection(("127.0.0.1", port), 30) as raw:
        raw.sendall(key.format(mine.token, port).encode())
        began = time.monotonic()
        while time.monotonic() - began < 3:
            mine.push("a", "x" * size)
            time.sleep(0.002)
        arrived = b""
        raw.settimeout(30)
        while chunk := raw.recv(1_000_000):  # it ends: the server has let go
            arrived += chunk
    assert size < len(arrived) < (socket.IN_FLIGHT + 1) * (size + 200), "of some thousand messages"
    assert socket.SILENT.to_bytes(2, "big") in arrived[-10:]
    assert len(mine.take()) == 1


def test_who_asks_for_the_time_and_reads_nothing_is_let_go_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "SILENT_S", 1.5)
    mine = feed()

    async def talk() -> int | None:
        async with connected(port, mine.token) as ws:
            with contextlib.suppress(websockets.ConnectionClosed):
                async with asyncio.timeout(60):
                    while True:
                        await ws.send(json.dumps(["read", 0, 1.0]))
                        await asyncio.sleep(0.1)
            return ws.close_code

    assert asyncio.run(talk()) == socket.SILENT


def test_who_only_reads_stays(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "SILENT_S", 1.5)
    mine = feed()

    async def talk() -> bool:
        reader = FeedReader(f"ws://127.0.0.1:{port}/live/{mine.token}")
        await asyncio.sleep(4)
        stays = reader.close_code is None and reader.count >= 3
        reader.close()
        return stays

    assert asyncio.run(talk()), "nothing was pushed: the clock alone keeps it open"


def test_a_second_websocket_takes_the_place_of_the_first_and_gets_what_is_there(port: int) -> None:
    mine = feed()
    mine.push("a", "here")

    async def talk() -> int | None:
        async with connected(port, mine.token) as first:
            assert (await newest(first, "a"))["text"] == "here"
            async with connected(port, mine.token) as second:
                assert (await newest(second, "a"))["text"] == "here"
                code = await code_of(first)
                mine.push("a", "goes on")
                assert (await newest(second, "a"))["text"] == "goes on"
        return code

    assert asyncio.run(talk()) == socket.REPLACED


def test_a_browser_that_comes_again_and_again_is_put_off(port: int) -> None:
    mine, others = feed(), feed("another")

    async def come(token: str) -> int | None:
        async with connected(port, token) as ws:
            with contextlib.suppress(websockets.ConnectionClosed):
                await asyncio.wait_for(ws.recv(), 30)
                return None
        return ws.close_code

    async def talk() -> tuple[list[int | None], int | None]:
        return [await come(mine.token) for _ in range(63)], await come(others.token)

    codes, other = asyncio.run(talk())
    assert codes[:50] == [None] * 50 and codes[-1] == socket.TOO_OFTEN
    assert other is None, "nobody else is put off by it"


def test_what_a_browser_sends_is_bounded_in_size_and_number(port: int, until: Until) -> None:
    mine, got = feed(), []
    mine.on_bytes = got.append

    async def talk(messages: list[str | bytes]) -> int | None:
        async with connected(port, mine.token) as ws:
            with contextlib.suppress(websockets.ConnectionClosed):
                for message in messages:
                    await ws.send(message)
            return await code_of(ws)

    assert asyncio.run(talk([b"reading", b"x" * LiveWindow.max_bytes, b"x" * (LiveWindow.max_bytes + 1)])) == 1009
    assert [len(data) for data in got] == [7, LiveWindow.max_bytes]
    assert asyncio.run(talk(["x" * (LiveWindow.max_bytes + 1)])) == 1009
    got.clear()
    assert asyncio.run(talk([b"x"] * (LiveWindow.max_messages + 1))) == 1008
    assert len(got) == LiveWindow.max_messages
    assert asyncio.run(talk([bytes(LiveWindow.max_bytes)] * 80)) == 1008


NONSENSE = [
    *("", "[", "null", '["read"]', '["read", -1, 1]', '["read", 99999, 1]', '["read", 1e400, 1]', '{"read": 1}'),
    *('["read", 0, "nan"]', '["other", 1, 1]', "[" * 60_000, '["read", 1, 1e999]', "9" * 5000),
]


def test_a_note_that_says_nothing_is_passed_over(port: int) -> None:
    mine = feed()

    async def talk() -> tuple[int, int | None]:
        count = 0
        async with connected(port, mine.token) as ws:
            for number, text in enumerate(NONSENSE):
                await ws.send(text)
                mine.push("a", str(number))
                await asyncio.sleep(0.02)
            with contextlib.suppress(TimeoutError):
                while await asyncio.wait_for(ws.recv(), 2):
                    count += 1
            return count, ws.close_code

    count, code = asyncio.run(talk())
    assert code is None, "it goes on"
    assert 2 < count <= socket.IN_FLIGHT + 1, "none of it was taken for a message that was read"
