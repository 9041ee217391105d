"""A long day: for a given time people join, stream, switch pages, drop dead, come back and send garbage.

Every round, about a minute, has a crowd of tabs in which things go wrong and a group of cameras, whose process ends
well or is killed without a goodbye, in turns. A line a minute says how the server stands; at the end one line per
verdict: no unhandled errors, memory and threads flat after the first quarter (median of the last quarter beside the
second's), every fault survived.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from tests.bench.figures import between, engine_figures
from tests.bench.limits import judged, show
from tests.bench.room import Crowd
from tests.bench.server import Server, plain
from tests.bench.tabs import Tabs
from tests.bench.target import TARGETS

FLAT = 0.05
KEYS = ("rss_mb", "threads")


def flatness(values: list[float]) -> float | None:
    """Median of the last quarter over the median of the second, less one; None of fewer than eight values."""
    quarter = len(values) // 4
    if quarter < 2:
        return None
    return statistics.median(values[-quarter:]) / statistics.median(values[quarter : 2 * quarter]) - 1


def one_round(server: Server, options: argparse.Namespace, number: int) -> dict:
    """A minute of it: what the clients saw, and how the server stood."""
    began = time.time()
    errors_before = server.log_errors()
    busy = {"train": 1, "write": 1, "read": 1} if number % 2 else {}
    crowd_options = {"n": options.clients, "seconds": options.round, "seed": options.seed + 1000 * number, **busy}
    with Tabs(server, n=options.streams, mode="send-only", fps=15, seconds=options.round - 25, settle=2) as tabs:
        with Crowd(server, faulty="", **crowd_options) as crowd:
            playing = tabs.wait("playing", 120)["playing"]
            time.sleep(max(5.0, options.round - 30 - (time.time() - began)))
            sample, window = server.sample(), (time.time() - 10, time.time())
            killed = number % 2 == 1
            if killed:
                tabs.kill()
            else:
                tabs.wait("done", 120)
            seen = crowd.done(240)
    figures = engine_figures(server.stats(), window, TARGETS["app"].engine)
    house = between(server.stats(), window)[-1:] or [{"house": {}}]
    return {
        "minute": round((time.time() - options.began) / 60, 1),
        "playing": playing,
        "cameras_killed": killed,
        "fps": figures["fps"],
        "worst_fps": figures["worst_fps"],
        "age_p95_ms": figures["age_ms"]["p95"],
        "sessions": house[0]["house"].get("sessions"),
        "level": house[0]["house"].get("level"),
        **{name: round(sample[name], 1) for name in ("rss_mb", "threads", "sockets", "fds")},
        "errors": server.log_errors() - errors_before + len(seen["exceptions"]),
        "shown": seen["exceptions"],
        "lost": seen["lost"],
        "faults": seen["faults"],
        "not_survived": seen["not_survived"],
    }


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--clients", type=int, default=12, help="tabs without a camera")
    parser.add_argument("--streams", type=int, default=4, help="tabs with one")
    parser.add_argument("--round", type=float, default=60, help="seconds of one round")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="append each round's line to this file")
    options = parser.parse_args(argv)
    rows: list[dict] = []
    with Server(TARGETS["app"]) as server:
        options.began = time.time()
        while time.time() - options.began < 60 * options.minutes:
            rows.append(one_round(server, options, len(rows)))
            line = json.dumps({"bench": "soak"} | rows[-1])
            print(line, flush=True)
            if options.out:
                with options.out.open("a") as out:
                    out.write(line + "\n")
        for trace in re.split(r"(?=Traceback \(most recent call last\))", plain(server.log()))[1:]:
            print(trace[:4000], file=sys.stderr)
    faults = sum((Counter(row["faults"]) for row in rows), Counter())
    missed = [what for row in rows for what in row["not_survived"]]
    about = {"minutes": options.minutes, "clients": options.clients, "streams": options.streams}
    show(judged("soak", "unhandled errors", sum(row["errors"] for row in rows), "", at_most=0, **about))
    for key in KEYS:
        change = flatness([row[key] for row in rows])
        show(judged("soak", f"{key}: last quarter over second", change, "", at_least=-FLAT, at_most=FLAT, **about))
    killed = sum(row["cameras_killed"] for row in rows)
    show(judged("soak", "faults not survived", len(missed), "", at_most=0, faults=faults, killed=killed, missed=missed))


if __name__ == "__main__":
    main(sys.argv[1:])
