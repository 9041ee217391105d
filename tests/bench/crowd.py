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

from tests.bench.tab import Tab

PAGES = ("", "classifier", "pose", "teachable", "textgen", "ocr")
QUIET = {"classifier": "input=Samples", "pose": "input=Samples", "ocr": "input=Paste", "teachable": "input=Upload"}
TEXT = "The quick brown fox jumps over the lazy dog, and the dog does not mind. " * 60


class Visitor:
    """One tab that does something every few seconds until it is told to stop."""

    def __init__(self, port: int, kind: str, seed: int) -> None:
        self.port, self.kind, self.random = port, kind, random.Random(seed)
        self.tab: Tab | None = None
        self.times: dict[str, list[tuple[float, float]]] = {"rerun": [], "page": [], "work": []}
        self.lost = 0

    async def open(self, page: str) -> None:
        if self.tab is not None:
            await self.tab.close()
        query = "view=Train" if self.kind == "train" else QUIET.get(page, "")
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
                self.lost += 1
                await self.open(self.tab.page)
            try:
                await self.act()
            except (TimeoutError, OSError):
                self.lost += 1
                await self.open(self.tab.page)

    async def act(self) -> None:
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
    visitors = [Visitor(options.port, kind, options.seed + number) for number, kind in enumerate(kinds)]
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
                "lost": sum(visitor.lost for visitor in visitors),
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
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    asyncio.run(run(parser.parse_args(argv)))


if __name__ == "__main__":
    main(sys.argv[1:])
