"""Tabs that die: n clients play, their process is killed without a goodbye, and the server has to recover.

Prints one JSON line per round: threads, open files, sockets and RSS before, at the peak and after, and the
seconds until each was first back within 5 % of before (null: not even in `--rest` seconds); then one line with
the growth from before the first round to after the last, and again once Streamlit has forgotten the closed sessions,
which it keeps for two minutes in case they come back. A round before the first is not counted: it loads the
model and fills the pools. Each round starts when the last one's tabs are gone, so they don't count as before.
"""

import argparse
import json
import sys
import time

from tests.bench.figures import newest_streams, ratio
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import ENGINE, MODES, TARGETS

KEYS = ("threads", "fds", "sockets", "rss_mb")
TOLERANCE = 0.05
START_BOUND_SECONDS = 240


def level(server: Server) -> dict[str, float]:
    sample = server.sample()
    return {key: round(sample[key]) for key in KEYS}


def one_round(server: Server, options: argparse.Namespace) -> dict:
    """Open the tabs, let them play, kill them, wait until the server is back or has rested enough."""
    before = level(server)
    lifetime = options.play + 60  # they end by themselves if this process dies
    with Tabs(server, n=options.n, mode=options.mode, fps=options.fps, seconds=lifetime) as tabs:
        opened = tabs.wait("playing", START_BOUND_SECONDS)
        time.sleep(options.play)
        peak = level(server)
        tabs.kill()
    killed = time.monotonic()
    back_s: dict[str, float | None] = dict.fromkeys(KEYS)
    while None in back_s.values() and time.monotonic() - killed < options.rest:
        time.sleep(0.5)
        after = level(server)
        for key in KEYS:
            if back_s[key] is None and after[key] <= before[key] * (1 + TOLERANCE):
                back_s[key] = round(time.monotonic() - killed, 1)
    return {
        "playing": opened["playing"],
        "errors": opened["errors"],
        "before": before,
        "peak": peak,
        "after": after,
        "back_s": back_s,
        "engine_streams_after": newest_streams(server.stats(), ENGINE),
        "recovered": all(seconds is not None and seconds <= options.within for seconds in back_s.values()),
    }


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=8, help="tabs")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--play", type=float, default=5, help="seconds from all playing to the kill")
    parser.add_argument("--within", type=float, default=20, help="seconds the server has to recover")
    parser.add_argument("--rest", type=float, default=60, help="longest wait for that, in seconds")
    parser.add_argument("--forget", type=float, default=150, help="seconds after the last round for the second look")
    parser.add_argument("--mode", choices=MODES, default="send-only")
    parser.add_argument("--fps", type=int, default=15, help="of every camera")
    parser.add_argument("--target", choices=TARGETS, default="app")
    options = parser.parse_args(argv)
    about = {"bench": "abrupt", "target": options.target, "mode": options.mode, "n": options.n}
    rounds = []
    try:
        with Server(TARGETS[options.target]) as server:
            for number in range(options.rounds + 1):
                figures = one_round(server, options)
                if number:
                    rounds.append(figures)
                    print(json.dumps(about | {"round": number} | figures), flush=True)
            time.sleep(options.forget)
            settled = level(server)
            tracebacks = server.log_errors()
    except RuntimeError as error:
        print(json.dumps(about | {"failed": str(error)}), flush=True)
        return
    first, last = rounds[0]["before"], rounds[-1]["after"]
    growth = {key: ratio(last[key], first[key]) for key in KEYS}
    recovered = sum(figures["recovered"] for figures in rounds)
    line = {
        "rounds": len(rounds),
        "recovered": recovered,
        "growth": growth,
        "growth_settled": {key: ratio(settled[key], first[key]) for key in KEYS},
        "settled": settled,
        "log_tracebacks": tracebacks,
    }
    print(json.dumps(about | line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
