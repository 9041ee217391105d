"""A network that can be cut between a browser and the server: every byte of pages, websockets and video goes by it.

The video goes by a TURN server (Debian's coturn), the only way that a browser may take here: so it has one address, in
front of which this stands.
"""

import asyncio
import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench import REPO
from tests.bench.server import free_port

HOST = "127.0.0.1"
SECRET = "a secret for the test"


@contextlib.contextmanager
def running(command: list[str], ready: Callable[[], object], folder: Path, **options: Any) -> Iterator[None]:
    """A program of Debian's, until the block ends; `ready` raises while it is not."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, **options)
        try:
            for _ in range(100):
                with contextlib.suppress(OSError):
                    ready()
                    break
                assert process.poll() is None, (folder / "log").read_text()[-2000:]
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def turn_server(turnserver: str, folder: Path) -> Iterator[int]:
    """A real coturn on loopback, configured by our own file and what only a test needs; its port."""
    port = free_port()
    config = (REPO / "deploy" / "turnserver.conf").read_text()
    config = config.replace("listening-port=3478", f"listening-port={port}").replace("change-me", SECRET)
    here = ("listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "allow-loopback-peers", "no-tls", "no-dtls")
    here += ("allowed-peer-ip=127.0.0.1",)  # where the server of the test is, as the file says
    (folder / "turnserver.conf").write_text(config + "\n".join((*here, "log-file=stdout", "cli-password=unused", "")))

    def ready() -> None:
        socket.create_connection((HOST, port), 1).close()

    with running([turnserver, "-c", "turnserver.conf", "--pidfile", str(folder / "pid")], ready, folder):
        yield port


def relayed(port: int, secret: str = SECRET) -> dict[str, str]:
    """A server's settings for cameras that may come by the TURN server at `port` alone."""
    return {
        "LIMELIGHT_TURN_URLS": f'["turn:{HOST}:{port}"]',
        "LIMELIGHT_TURN_SECRET": secret,
        "LIMELIGHT_ICE_RELAY_ONLY": "1",
    }


class Network:
    """`with Network(tcp=to_port, udp=to_port) as network:` leads from `network.tcp` and `network.udp` to those ports,
    but not while it is cut."""

    def __init__(self, *, tcp: int, udp: int) -> None:
        self._to_tcp, self._to_udp = tcp, udp
        self.tcp = self.udp = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._up = asyncio.Event()
        self._is_changed = False  # and what was on before the cut has no way any more
        self._open: set[asyncio.StreamWriter] = set()
        self._ways: dict[Any, asyncio.DatagramTransport] = {}  # a browser's address → the socket that speaks for it

    def __enter__(self) -> "Network":
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def cut(self, *, changed: bool) -> None:
        """Nothing comes through any more: in silence, as behind a wall, or, where the network has `changed`, with all
        connections ended and the browser at another address afterwards, as from Wi-Fi to mobile."""
        self._call(self._cut(changed))

    def mend(self) -> None:
        """From now on it comes through again; what was held back of a connection that was not ended comes, too."""
        self._loop.call_soon_threadsafe(self._up.set)

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _start(self) -> None:
        self._up.set()
        server = await asyncio.start_server(self._connected, HOST, 0)
        self.tcp = server.sockets[0].getsockname()[1]
        front, _ = await self._loop.create_datagram_endpoint(lambda: _Front(self), local_addr=(HOST, 0))
        self.udp = front.get_extra_info("sockname")[1]

    async def _stop(self) -> None:
        for task in asyncio.all_tasks(self._loop) - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.1)

    async def _cut(self, changed: bool) -> None:
        self._up.clear()
        self._is_changed = changed
        if changed:
            for writer in self._open:
                writer.transport.abort()
            for way in self._ways.values():
                way.abort()
            self._ways.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self._is_changed and not self._up.is_set():
                return
            await self._up.wait()
            there_reader, there_writer = await asyncio.open_connection(HOST, self._to_tcp)
            self._open.add(there_writer)
            await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._up.wait()
                writer.write(data)
                await writer.drain()
        self._open.discard(writer)
        writer.close()

    async def forward(self, front: asyncio.DatagramTransport, data: bytes, browser: Any) -> None:
        """A datagram from the browser; those of a cut network are lost."""
        if not self._up.is_set():
            return
        if (way := self._ways.get(browser)) is None:
            way, _ = await self._loop.create_datagram_endpoint(
                lambda: _Back(self, front, browser), remote_addr=(HOST, self._to_udp)
            )
            way = self._ways.setdefault(browser, way)
        way.sendto(data)

    def back(self, front: asyncio.DatagramTransport, data: bytes, browser: Any) -> None:
        """A datagram for the browser."""
        if self._up.is_set():
            front.sendto(data, browser)


class _Front(asyncio.DatagramProtocol):
    def __init__(self, network: Network) -> None:
        self._network = network

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        asyncio.ensure_future(self._network.forward(self._transport, data, addr))  # noqa: RUF006 — it ends at once


class _Back(asyncio.DatagramProtocol):
    def __init__(self, network: Network, front: asyncio.DatagramTransport, browser: Any) -> None:
        self._network, self._front, self._browser = network, front, browser

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._network.back(self._front, data, self._browser)
