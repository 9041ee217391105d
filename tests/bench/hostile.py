"""500 hostile uploads and requests, generated from a seed, against a real server on this machine.

Broken pictures and documents, bombs, zips with bad names, wrong fields, garbage protobuf, widget values of the wrong
type, huge headers, odd paths and methods. Counts crashes (the server is gone, or answers 500), stack traces shown to a
client or written to the log, and whether the server afterwards serves a new visitor. Then one tab does its worst
against the room (tests/bench/one_tab.py). One JSON line per figure.
"""

import argparse
import asyncio
import io
import random
import socket
import sys
import zipfile
from collections import Counter
from collections.abc import Callable

import httpx
import numpy as np
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg

from models.demos import DEMOS
from tests.bench import one_tab
from tests.bench.limits import judged, show
from tests.bench.server import Server
from tests.bench.tab import Tab
from tests.bench.target import TARGETS

TRACES = (b"Traceback (most recent call last)", b'File "/', b"site-packages")
DEMO_PAGES = tuple(demo.name for demo in DEMOS)
PAGES = (*DEMO_PAGES, "console", "connection", "")
WITHOUT_UPLOAD = {"textgen"}


class Attack:
    """All of them, with what came back."""

    def __init__(self, server: Server, seed: int) -> None:
        self.server, self.random = server, random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.crashes: list[str] = []
        self.shown: list[str] = []

    def judge(self, kind: str, answer: bytes, status: int | None = None) -> None:
        self.counts[kind] += 1
        if status is not None and status >= 500:
            self.crashes.append(f"{kind}: {status}")
        if any(trace in answer for trace in TRACES):
            self.shown.append(kind)

    # files

    def file(self) -> tuple[str, bytes]:
        """(name, content) of something that is not what it says."""
        makers: list[Callable[[], tuple[str, bytes]]] = [
            lambda: ("cat.png", self.random.randbytes(self.random.randrange(1, 5000))),
            lambda: ("cat.jpg", self._cut(self._picture("JPEG"))),
            lambda: ("cat.png", self._cut(self._picture("PNG"))),
            lambda: ("cat.webp", self._flipped(self._picture("WEBP"))),
            lambda: ("cat.gif", self._flipped(self._picture("GIF"))),
            lambda: ("cat.tiff", self._flipped(self._picture("TIFF"))),
            lambda: ("bomb.png", self._bomb()),
            lambda: ("cat.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
            lambda: ("doc.pdf", b"%PDF-1.7\n" + self.random.randbytes(2000)),
            lambda: ("film.mp4", b"\0\0\0\x18ftypmp42" + self.random.randbytes(3000)),
            lambda: ("project.zip", self._zip({"../../../etc/cron.d/x": b"x", "/etc/passwd": b"x", "a\\..\\b": b"x"})),
            lambda: ("project.zip", self._zip({"project.json": b'{"classes": [' + b"[" * 50_000})),
            lambda: ("project.zip", self._zip({"zeros": bytes(60_000_000)})),
            lambda: ("project.zip", self._zip({f"class {n}/{n}.png": b"x" for n in range(3000)})),
            lambda: ("project.zip", self._zip({"inner.zip": self._zip({"a.jpg": b"x"})})),
            lambda: ("project.zip", self._flipped(self._zip({"Cup/1.jpg": self._picture("JPEG")}))),
            lambda: ("pose.json", b"[" * 100_000),
            lambda: ("pose.csv", b"time,x\n" + b"NaN,inf,-1e999\n" * 2000),
            lambda: ("text.txt", "\ud800\u202e\0".encode("utf-16", "surrogatepass") * 1000),
            lambda: ("model.safetensors", (2**40).to_bytes(8, "little") + b"{}"),
            lambda: ("../../x\0.png", self._picture("PNG")),
            lambda: ("x" * 3000 + ".png", b""),
        ]
        return self.random.choice(makers)()

    def _picture(self, form: str) -> bytes:
        out = io.BytesIO()
        pixels = np.random.default_rng(self.random.randrange(1000)).integers(0, 255, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(out, form)
        return out.getvalue()

    def _bomb(self) -> bytes:
        out = io.BytesIO()
        Image.new("1", (30_000, 30_000)).save(out, "PNG")
        return out.getvalue()

    def _cut(self, data: bytes) -> bytes:
        return data[: self.random.randrange(len(data))]

    def _flipped(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(20):
            changed[self.random.randrange(len(changed))] = self.random.randrange(256)
        return bytes(changed)

    def _zip(self, files: dict[str, bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return out.getvalue()

    async def upload(self) -> None:
        """Through the page's own uploader: sent, then handed to the widget as the front end does."""
        page = self.random.choice([name for name in DEMO_PAGES if name not in WITHOUT_UPLOAD])
        tab = Tab(self.server.port, page, "input=Upload")
        await tab.open()
        await asyncio.wait_for(tab.finished.wait(), 60)
        name, data = self.file()
        file_id = await tab.file_id()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.server.port}", timeout=60) as client:
            await client.get("/_stcore/health")
            headers = {"X-Xsrftoken": client.cookies.get("_streamlit_xsrf", "")}
            files = {"file": (name, data, "image/png")}
            answer = await client.put(f"/_stcore/upload_file/{tab.session}/{file_id}", files=files, headers=headers)
        self.judge("upload", answer.content, answer.status_code)
        await tab.give(name, file_id, len(data))
        await self._after(tab, "upload")

    async def _after(self, tab: Tab, kind: str) -> None:
        try:
            await asyncio.wait_for(tab.finished.wait(), 60)
        except TimeoutError:
            self.crashes.append(f"{kind}: no answer")
        if tab.exceptions:
            self.shown += [f"{kind}: {message[:200]}" for message in tab.exceptions]
        await tab.close()

    # the websocket

    async def message(self) -> None:
        """A message with wrong values for the widgets that are there, wrong fields, or no message at all."""
        tab = Tab(self.server.port, self.random.choice(PAGES), self._query())
        await tab.open()
        await asyncio.wait_for(tab.finished.wait(), 60)
        tab.finished.clear()
        message = BackMsg()
        request = message.rerun_script
        request.query_string = self._query()
        request.page_script_hash = self.random.choice(["", "x" * 5000, "../../etc"])
        request.page_name = tab.page
        for identity in [*tab.all_ids, "$$ID-nothing", "\0"]:
            widget = request.widget_states.widgets.add()
            widget.id = identity
            values = {
                "string_value": "\u202e" * 1000,
                "int_value": -(2**63),
                "double_value": float("nan"),
                "bool_value": True,
                "json_value": self.random.choice(['{"a":' * 100, "null", "[1e999]", "not json"]),
                "trigger_value": True,
                "bytes_value": b"\xff" * 100,
            }
            field = self.random.choice(list(values))
            setattr(widget, field, values[field])
        self.counts["wrong widget values"] += 1
        await tab._socket.send(message.SerializeToString())
        done = asyncio.create_task(tab.finished.wait())
        lost = asyncio.create_task(tab.lost.wait())
        finished, _ = await asyncio.wait({done, lost}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        for task in (done, lost):
            task.cancel()
        if not finished:
            self.crashes.append(f"wrong widget values on {tab.page}: no answer")
        self.shown += [f"wrong widget values on {tab.page}: {text[:200]}" for text in tab.exceptions]
        await tab.close()

    def _query(self) -> str:
        names = ("input", "model", "k", "sure", "view", "fps", "size", "room", "kiosk", "why", "x")
        values = ("-1", "NaN", "<script>", "9" * 400, "../../x", "%00", "%ff%fe", "Live", "true", "")
        return "&".join(f"{self.random.choice(names)}={self.random.choice(values)}" for _ in range(4))

    # plain requests

    def raw(self) -> None:
        """Bytes on the port, as no browser would send them."""
        line = self.random.choice(
            [
                "GET /../../../../etc/passwd HTTP/1.1",
                f"GET /{'a' * 20_000} HTTP/1.1",
                "DELETE / HTTP/1.1",
                "PUT /_stcore/upload_file/x/y HTTP/1.1\r\nContent-Length: 99999999999",
                "POST /_stcore/stream HTTP/1.1\r\nContent-Length: -5",
                "GET / HTTP/9.9",
                "GET /media/%00%ff HTTP/1.1",
                "GET /component/x/../../app.py HTTP/1.1",
                f"GET / HTTP/1.1\r\nCookie: {'x=y; ' * 20_000}",
                f"GET /classifier?{'a=b&' * 5000} HTTP/1.1",
                "GET /_stcore/stream HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
                "\0\xff\xfe garbage",
                "TRACE / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked",
            ]
        )
        with socket.create_connection(("127.0.0.1", self.server.port), 10) as connection:
            connection.settimeout(10)
            try:
                connection.sendall(line.encode("latin-1") + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = b""
                while len(answer) < 500_000 and (part := connection.recv(65536)):
                    answer += part
            except OSError:  # hung up on, or kept waiting for the rest: both are answers
                answer = b""
        first = answer.split(b"\r\n", 1)[0].split()
        self.judge("raw request", answer, int(first[1]) if len(first) > 1 and first[1].isdigit() else None)


async def attack(server: Server, count: int, seed: int) -> Attack:
    attack = Attack(server, seed)
    for number in range(count):
        kind = (attack.upload, attack.message, attack.raw)[number % 3]
        try:
            if number % 3 == 2:
                await asyncio.to_thread(attack.raw)
            else:
                await kind()
        except Exception as error:
            attack.crashes.append(f"{kind.__name__}: {type(error).__name__} {error}")
    return attack


async def serves(server: Server) -> bool:
    """Whether a new visitor gets a page that works."""
    tab = Tab(server.port, "classifier", "input=Samples", ["cat"])
    seen: list[str] = []
    tab.on_label = seen.append
    await tab.open()
    await asyncio.wait_for(tab.finished.wait(), 60)
    await tab.close()
    return bool(seen) and not tab.exceptions


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    with Server(TARGETS["app"]) as server:
        done = asyncio.run(attack(server, options.count, options.seed))
        normal = asyncio.run(serves(server))
        traces, log = server.log_errors(), server.log()
    about = {"kinds": done.counts, "seed": options.seed}
    show(judged("hostile", "sent", sum(done.counts.values()), "", at_least=options.count, **about))
    show(judged("hostile", "crashes", len(done.crashes), "", at_most=0, which=done.crashes[:10]))
    show(judged("hostile", "stack traces or exceptions shown", len(done.shown), "", at_most=0, which=done.shown[:10]))
    show(judged("hostile", "stack traces in the log, each kind once", traces, ""))
    show(judged("hostile", "pages that stumbled and said so", log.count('"event": "page failed"'), ""))
    show(judged("hostile", "serves normally afterwards", int(normal), "", at_least=1))
    if traces:
        print(log[-20_000:], file=sys.stderr)
    one_tab.measure()


if __name__ == "__main__":
    main(sys.argv[1:])
