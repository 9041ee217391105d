"""Memory: one copy of each model however many sessions, and what a live stream adds.

Prints one JSON line per number of streams with the server's RSS in MB and how often each model was loaded so
far, then one line with the sum: MB per stream from the first to the last step. The step with 0 streams is
taken with the model loaded, after one client has come and gone. Figures that are not known are null.
"""

import argparse
import contextlib
import json
import sys
import time

from tests.bench.figures import newest_streams
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import ENGINE, MODES, TARGETS

LIMIT_MB_PER_STREAM = 35
START_BOUND_SECONDS = 240


def loads(server: Server) -> dict[str, int] | None:
    """How often each model has been loaded, by the server's newest stats line."""
    lines = server.stats()
    models = lines[-1].get("models") if lines else None
    if models is None:
        return None
    return {name: state["loads"] for name, state in models.items() if state.get("loads")}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[0, 1, 4, 8], help="streams, growing")
    parser.add_argument("--mode", choices=MODES, default="send-only")
    parser.add_argument("--fps", type=int, default=15, help="of every camera")
    parser.add_argument("--seconds", type=float, default=15, help="each step runs before it is measured")
    parser.add_argument("--target", choices=TARGETS, default="app")
    options = parser.parse_args(argv)
    if options.n != sorted(set(options.n)):
        parser.error(f"--n must grow, got {options.n}")
    about = {"bench": "memory", "target": options.target, "mode": options.mode}
    try:
        with contextlib.ExitStack() as stack:
            steps = list(_steps(stack, options, about))
    except RuntimeError as error:
        print(json.dumps(about | {"failed": str(error)}), flush=True)
        return
    first, last = steps[0], steps[-1]
    streams = last["streams"] - first["streams"]
    per_stream = round((last["rss_mb"] - first["rss_mb"]) / streams, 1) if streams else None
    counts = last["loads"]
    print(
        json.dumps(
            about
            | {
                "mb_per_stream": per_stream,
                "limit_mb_per_stream": LIMIT_MB_PER_STREAM,
                "within": None if per_stream is None else per_stream <= LIMIT_MB_PER_STREAM,
                "one_copy": None if not counts else all(count == 1 for count in counts.values()),
            }
        ),
        flush=True,
    )


def _steps(stack: contextlib.ExitStack, options: argparse.Namespace, about: dict):
    """Add streams step by step to one server; yield and print each step's figures."""
    server = stack.enter_context(Server(TARGETS[options.target]))
    settings = {"mode": options.mode, "fps": options.fps}
    with Tabs(server, n=1, seconds=1, settle=1, **settings) as visitor:
        visitor.wait("playing", START_BOUND_SECONDS)
        visitor.wait("done", 60)
    time.sleep(5)  # until the visitor's session has gone
    running = 0
    for streams in options.n:
        if streams > running:
            lifetime = options.seconds * len(options.n) + START_BOUND_SECONDS  # past the last step
            tabs = Tabs(server, n=streams - running, seconds=lifetime, **settings)
            stack.enter_context(tabs)
            running += tabs.wait("playing", START_BOUND_SECONDS)["playing"]
        time.sleep(options.seconds if streams else 1)
        sample = server.sample()
        step = {"streams": running, "asked": streams, "rss_mb": round(sample["rss_mb"], 1)}
        step |= {"engine_streams": newest_streams(server.stats(), ENGINE)}
        step |= {"threads": sample["threads"], "loads": loads(server)}
        print(json.dumps(about | step), flush=True)
        yield step


if __name__ == "__main__":
    main(sys.argv[1:])
