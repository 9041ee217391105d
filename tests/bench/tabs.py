"""N tabs: one client process, watched from outside."""

import json
import queue
import subprocess
import sys
import threading
import time

from tests.bench import REPO
from tests.bench.server import Server


class Tabs:
    """`with Tabs(server, n=4, mode="send-only", …) as tabs:`; the process is gone when the block ends."""

    def __init__(self, server: Server, *, n: int, mode: str, fps: int, seconds: float, settle: float = 4) -> None:
        options = {"page": server.target.page, "query": server.target.query(mode, fps), "mode": mode, "n": n}
        options |= {"film": server.target.film, "fps": fps, "seconds": seconds, "settle": settle}
        self._command = [sys.executable, "-m", "tests.bench.client", str(server.port)]
        self._command += [f"--{name}={value}" for name, value in options.items()]
        self._events: queue.Queue[dict] = queue.Queue()

    def __enter__(self) -> "Tabs":
        self._process = subprocess.Popen(
            self._command, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        threading.Thread(target=self._read, daemon=True, name="tabs-events").start()
        return self

    def __exit__(self, *_) -> None:
        self.kill()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._events.put(json.loads(line))
        self._events.put({"event": "gone"})

    def wait(self, event: str, seconds: float, meanwhile=lambda: None) -> dict:
        """The named event; `meanwhile` is called about once a second. RuntimeError if it comes too late."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            meanwhile()
            try:
                got = self._events.get(timeout=1)
            except queue.Empty:
                continue
            if got["event"] == event:
                return got
            if got["event"] == "gone":
                break
        command = " ".join(self._command)
        raise RuntimeError(f"no {event!r} from the clients within {seconds:.0f} s: {command}")

    def kill(self) -> None:
        """End the process without a goodbye: its websockets and UDP sockets die with it."""
        self._process.kill()
        self._process.wait(10)
