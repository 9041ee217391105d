"""A clean end: SIGTERM to a server with cameras on, as systemd and Docker send it. One JSON line per figure."""

import argparse
import signal
import subprocess
import sys
import time

from tests.bench.limits import judged, show
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import TARGETS

AT_MOST_S = 5.0


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args(argv)
    for _ in range(options.times):
        with (
            Server(TARGETS["app"]) as server,
            Tabs(server, n=options.cameras, mode="send-only", fps=15, seconds=300) as tabs,
        ):
            playing = tabs.wait("playing", 120)["playing"]
            began = time.monotonic()
            server.signal(signal.SIGTERM)
            try:
                code: int | None = server.wait(30)
            except subprocess.TimeoutExpired:
                code = None  # it did not end; whoever started it kills it
            took = time.monotonic() - began
            said = {"cameras": playing, "exit_code": code, "tracebacks": server.log_errors()}
            show(judged("ending", "SIGTERM to the end of the process", took, "s", at_most=AT_MOST_S, **said))


if __name__ == "__main__":
    main(sys.argv[1:])
