"""Counts what naive_app.py does and writes it as the product does, once a second, to LIMELIGHT_STATS_FILE.

A module, because Streamlit runs the script anew in every session and rerun. Importing it keeps ICE on
127.0.0.1.
"""

import collections
import json
import os
import threading
import time
import weakref

import psutil

from tests.bench.figures import percentile
from tests.bench.loopback import only_loopback
from tests.bench.target import ENGINE

RECENT_SECONDS = 5


class Stream:
    """One session's counts. Every frame the callback gets is one inference."""

    def __init__(self) -> None:
        self.frames = 0
        self.recent = collections.deque(maxlen=500)  # (time, seconds in the model)
        _streams.append(weakref.ref(self))

    def count(self, seconds: float) -> None:
        self.frames += 1
        self.recent.append((time.monotonic(), seconds))


_streams: list[weakref.ref[Stream]] = []
_loads: collections.Counter[str] = collections.Counter()


def count_load() -> None:
    _loads["loads"] += 1


def _line(process: psutil.Process) -> dict:
    streams = [stream for reference in _streams if (stream := reference()) is not None]
    since = time.monotonic() - RECENT_SECONDS
    recent = [seconds for stream in streams for at, seconds in list(stream.recent) if at >= since]
    engine = {
        "streams": len(streams),
        "inferences_per_s": len(recent) / RECENT_SECONDS,
        "age_p50_s": percentile(recent, 0.5),
        "age_p95_s": percentile(recent, 0.95),
        "per_stream": [{"id": id(stream), "frames": stream.frames, "results": stream.frames} for stream in streams],
    }
    return {
        "t": time.time(),
        "rss": process.memory_info().rss,
        "threads": process.num_threads(),
        "engines": {ENGINE: engine},
        "models": {ENGINE: {"loads": _loads["loads"]}},
    }


def _write(path: str) -> None:
    process = psutil.Process()
    while True:
        time.sleep(1)
        with open(path, "a") as file:
            file.write(json.dumps(_line(process)) + "\n")


only_loopback()
if path := os.environ.get("LIMELIGHT_STATS_FILE"):
    threading.Thread(target=_write, args=(path,), daemon=True, name="naive-counter").start()
