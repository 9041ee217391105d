"""One hostile tab against the room: a message of 40 MB, others of many parts, uploads, websockets from foreign pages.

Meanwhile `/healthz` is asked ten times a second and the server's memory is read. The proxy of the server's environment
is a socket on this machine that takes connections and never answers: whoever would ask an outside service waits there.
"""

import asyncio
import contextlib
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.bench.limits import judged, show
from tests.bench.server import Server
from tests.bench.tab import Tab
from tests.bench.target import TARGETS

MB = 1_000_000
UPLOADS, UPLOAD_BYTES = 30, 20 * MB
FOREIGN = 5
OPEN_S = 60.0  # for the page at first, and each answer


class SilentProxy:
    """Takes connections, counts them and says nothing."""

    def __enter__(self) -> "SilentProxy":
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url, self.seen = f"http://127.0.0.1:{self._listening.getsockname()[1]}", 0
        self._held: list[socket.socket] = []
        threading.Thread(target=self._hold, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        for connection in self._held:
            connection.close()

    def _hold(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._held.append(self._listening.accept()[0])
                self.seen += 1


@dataclass
class Watch:
    """What a bystander sees while it goes on: seconds until `/healthz` answers at worst, memory in MB at most."""

    server: Server
    worst_s: float = 0.0
    most_mb: float = 0.0
    before_mb: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Watch":
        self.before_mb = self.server.sample()["rss_mb"]
        self._threads = [threading.Thread(target=act) for act in (self._ask, self._weigh)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(1)  # what was begun comes to its end
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.server.port}", timeout=60, trust_env=False) as http:
            while not self._stop.wait(0.1):
                began = time.monotonic()
                http.get("/healthz")
                self.worst_s = max(self.worst_s, time.monotonic() - began)

    def _weigh(self) -> None:
        while not self._stop.wait(0.02):
            self.most_mb = max(self.most_mb, self.server.sample()["rss_mb"])


def messages() -> dict[str, bytes]:
    """Of 40 MB, and as large as one may be, of as many parts as fit."""
    empty = BackMsg()
    for _ in range(13 * MB):
        empty.rerun_script.widget_states.widgets.add()
    largest = empty.SerializeToString()
    lists = BackMsg()
    lists.rerun_script.widget_states.widgets.add(id="x", json_value="[" + "[]," * (8 * MB) + "0]")
    return {"40 MB": bytes(40 * MB), "13 million states": largest, "8 million lists": lists.SerializeToString()}


async def visit(server: Server) -> None:
    """As anybody would: what the first visitor makes the server load is not the attack's."""
    await (await _opened(server)).close()


async def send(server: Server, data: bytes) -> None:
    """From a tab of its own, until the server hangs up, or has answered."""
    tab = await _opened(server)
    tab.finished.clear()
    with contextlib.suppress(websockets.ConnectionClosed):
        await tab._socket.send(data)
    ends = [asyncio.create_task(event.wait()) for event in (tab.lost, tab.finished)]
    await asyncio.wait(ends, timeout=OPEN_S, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    await tab.close()


async def upload(server: Server, asked: bool) -> Counter[int]:
    """`UPLOADS` files from one tab, four at a time, under addresses that it `asked` for or under names of its own; how
    often each answer came, 0 for being hung up on."""
    tab, turns = await _opened(server), asyncio.Semaphore(4)
    base = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=base, timeout=OPEN_S, trust_env=False) as http:
        await http.get("/_stcore/health")
        headers = {"X-Xsrftoken": http.cookies.get("_streamlit_xsrf", "")}

        async def put(number: int) -> int:
            async with turns:
                name = await tab.file_id() if asked else f"f{number}"
                files = {"file": ("x.png", bytes(UPLOAD_BYTES), "image/png")}
                try:
                    address = f"/_stcore/upload_file/{tab.session}/{name}"
                    return (await http.put(address, files=files, headers=headers)).status_code
                except httpx.TransportError:
                    return 0

        answers = Counter(await asyncio.gather(*map(put, range(UPLOADS))))
    await tab.close()
    return answers


async def knock(server: Server, page: str) -> bool:
    """Whether a websocket from a foreign page is opened."""
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    try:
        async with websockets.connect(address, origin=websockets.Origin(page), proxy=None, open_timeout=OPEN_S):
            return True
    except (websockets.InvalidHandshake, OSError):
        return False


async def attack(server: Server, sent: dict[str, bytes]) -> tuple[int, dict[str, Counter[int]]]:
    """All of it, one after the other; how many foreign websockets were opened, and the answers to the uploads."""
    for data in sent.values():
        await send(server, data)
    answers = {name: await upload(server, asked) for name, asked in (("not asked for", False), ("asked for", True))}
    opened = sum([await knock(server, f"https://evil{number}.example") for number in range(FOREIGN)])
    return opened, answers


def measure() -> None:
    """A JSON line per figure."""
    sent = messages()
    with SilentProxy() as proxy:
        names = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy.url)
        with Server(TARGETS["app"], names) as server:
            asyncio.run(visit(server))
            with Watch(server) as idle:
                asyncio.run(visit(server))
            with Watch(server) as watch:
                opened, answers = asyncio.run(attack(server, sent))
            told = {name: dict(counts) for name, counts in answers.items()}
            show(judged("hostile", "one tab: /healthz at worst", watch.worst_s, "s", at_most=0.5, idle=idle.worst_s))
            grown = watch.most_mb - watch.before_mb
            show(judged("hostile", "one tab: memory grown by at most", grown, "MB", at_most=300, uploads=told))
            show(judged("hostile", "one tab: foreign websockets opened", opened, "", at_most=0))
            show(judged("hostile", "one tab: connections to the proxy", proxy.seen, "", at_most=0))


async def _opened(server: Server) -> Tab:
    tab = Tab(server.port, "", "")
    await tab.open()
    await asyncio.wait_for(tab.finished.wait(), OPEN_S)
    return tab


if __name__ == "__main__":
    measure()
