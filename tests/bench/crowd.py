"""A crowd of tabs without cameras, in one process: each looks around, or keeps the server at work.

Prints JSON lines: {"event": "here"} when all have opened their page; at the end {"event": "done", "reruns": {kind:
[seconds, …]}, …}. A rerun is timed from sending its request to the end of that run, as the browser hears of it.
Kinds: "rerun" of a page as it is, "page" for going to another one, "work" for a press that trains or writes.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter

import httpx

from models.demos import DEMOS
from tests.bench.tab import Tab

PAGES = ("", *(demo.name for demo in DEMOS))
QUIET = {"ocr": "input=Paste", "teachable": "input=Upload"}  # the others: their samples
TEXT = "The quick brown fox jumps over the lazy dog, and the dog does not mind. " * 60


def upload_garbage(port: int, session: str, file: str, data: bytes) -> int:
    """As the page's uploader would, with a token; the answer's status."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        client.get("/_stcore/health")
        headers = {"X-Xsrftoken": client.cookies.get("_streamlit_xsrf", "")}
        files = {"file": ("cat.png", data, "image/png")}
        return client.put(f"/_stcore/upload_file/{session}/{file}", files=files, headers=headers).status_code


class Visitor:
    """One tab that does something every few seconds until it is told to stop."""

    def __init__(self, port: int, kind: str, seed: int, faulty: bool = False) -> None:
        self.port, self.kind, self.random = port, kind, random.Random(seed)
        self.tab: Tab | None = None
        self.times: dict[str, list[tuple[float, float]]] = {"rerun": [], "page": [], "work": []}
        self.lost: list[str] = []
        self.faulty = faulty
        self.faults: dict[str, int] = {}
        self.not_survived: list[str] = []

    async def open(self, page: str) -> None:
        if self.tab is not None:
            await self.tab.close()
        query = "view=Train" if self.kind == "train" else QUIET.get(page, "input=Samples")
        self.tab = Tab(self.port, page, query)
        await self.tab.open()
        async with asyncio.timeout(60):
            await self.tab.finished.wait()

    async def timed(self, kind: str, request) -> None:
        self.tab.finished.clear()
        began = time.monotonic()
        await request()
        async with asyncio.timeout(60):
            await self.tab.finished.wait()
        self.times[kind].append((time.monotonic(), time.monotonic() - began))

    async def live(self, until: float) -> None:
        await self.open(
            {"train": "textgen", "write": "textgen", "read": "ocr"}.get(self.kind, self.random.choice(PAGES))
        )
        while time.monotonic() < until:
            await asyncio.sleep(self.random.uniform(2, 6))
            if self.tab.lost.is_set():
                await self.come_back(f"closed by code {self.tab.close_code}")
            try:
                await self.act()
            except (TimeoutError, OSError) as error:
                await self.come_back(type(error).__name__)

    async def come_back(self, how: str) -> None:
        """Open the page again that was lost."""
        self.lost.append(f"{self.kind} on {self.tab.page or 'home'}: {how}")
        await self.open(self.tab.page)

    async def fault(self) -> None:
        """One thing that goes wrong in a room; survived when the same visitor is served afterwards."""
        kind = self.random.choice(("came back", "gone for good", "garbage uploaded", "garbage sent"))
        self.faults[kind] = self.faults.get(kind, 0) + 1
        session, page = self.tab.session, self.tab.page
        if kind == "came back":
            self.tab.drop_dead()
            await asyncio.sleep(self.random.uniform(0.5, 5))
            self.tab = Tab(self.port, page, QUIET.get(page, "input=Samples"))
            await self.tab.open(session)
            async with asyncio.timeout(60):
                await self.tab.finished.wait()
            if self.tab.session != session:
                self.not_survived.append(f"{kind}, as somebody else")
        elif kind == "gone for good":
            self.tab.drop_dead()
            self.tab = None
            await self.open(self.random.choice(PAGES))
        elif kind == "garbage uploaded":
            file, data = await self.tab.file_id(), self.random.randbytes(50_000)
            if (status := await asyncio.to_thread(upload_garbage, self.port, session, file, data)) >= 500:
                self.not_survived.append(f"{kind}: {status}")
        else:
            await self.tab._socket.send(self.random.randbytes(300))
            await asyncio.wait_for(self.tab.lost.wait(), 30)
            await self.open(page)
        try:
            await self.timed("rerun", self.tab.rerun)
        except (TimeoutError, OSError):
            self.not_survived.append(kind)

    async def act(self) -> None:
        if self.faulty and self.kind == "look" and self.random.random() < 0.15:
            await self.fault()
            return
        if self.kind == "write":
            await self.timed("work", lambda: self.tab.press("write"))
        elif self.kind == "train":
            await self.tab.type("pasted", TEXT)
            await self.timed("work", lambda: self.tab.press("textgen/train/start"))
        elif self.kind == "read":
            await self.open("ocr")  # a new session: what it has read is read again
            await self.timed("rerun", self.tab.rerun)
        elif self.random.random() < 0.25:
            began = time.monotonic()
            await self.open(self.random.choice(PAGES))
            self.times["page"].append((time.monotonic(), time.monotonic() - began))
        else:
            await self.timed("rerun", self.tab.rerun)


async def run(options: argparse.Namespace) -> None:
    kinds = ["train"] * options.train + ["write"] * options.write + ["read"] * options.read
    kinds += ["look"] * (options.n - len(kinds))
    visitors = [Visitor(options.port, kind, options.seed + number, options.faulty) for number, kind in enumerate(kinds)]
    until = time.monotonic() + options.seconds

    async def arrive(number: int) -> None:
        await asyncio.sleep(0.25 * number)
        await visitors[number].live(until)

    lives = [asyncio.create_task(arrive(number)) for number in range(len(visitors))]
    await asyncio.gather(*lives)
    print(
        json.dumps(
            {
                "event": "done",
                "reruns": {kind: [t for v in visitors for t in v.times[kind]] for kind in ("rerun", "page", "work")},
                "lost": [how for visitor in visitors for how in visitor.lost],
                "faults": dict(sum((Counter(visitor.faults) for visitor in visitors), Counter())),
                "not_survived": [what for visitor in visitors for what in visitor.not_survived],
                "exceptions": sorted({message for v in visitors for message in v.tab.exceptions}),
            }
        ),
        flush=True,
    )
    await asyncio.gather(*(visitor.tab.close() for visitor in visitors), return_exceptions=True)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--n", type=int, default=32, help="tabs in all")
    parser.add_argument("--train", type=int, default=0, help="of them, training a language model on a text")
    parser.add_argument("--write", type=int, default=0, help="of them, having texts written")
    parser.add_argument("--read", type=int, default=0, help="of them, having a page read again and again")
    parser.add_argument("--faulty", action="store_true", help="things go wrong, too")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    asyncio.run(run(parser.parse_args(argv)))


if __name__ == "__main__":
    main(sys.argv[1:])
