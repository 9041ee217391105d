"""A full room on one server: 40 sessions, 8 of them streaming, 4 training or having text written and read.

First one visitor alone, as the reference: how long the server's pages take to run. Then the room: the same visitor's
kind among 40. Prints one JSON line per figure with its limit. Server, clients and this process share the cores.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter

from tests.bench import REPO
from tests.bench.figures import between, engine_figures, percentile
from tests.bench.limits import judged, show
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import TARGETS

AT_MOST_RERUN_S = 1.0
AT_MOST_RUNS_PER_S = 1.0


class Crowd:
    """`with Crowd(server, n=…, seconds=…) as crowd: crowd.done()`."""

    def __init__(self, server: Server, **options: float | str) -> None:
        command = [sys.executable, "-m", "tests.bench.crowd", str(server.port)]
        self._command = command + [
            f"--{name}={value}" if value != "" else f"--{name}" for name, value in options.items()
        ]

    def __enter__(self) -> "Crowd":
        self._process = subprocess.Popen(self._command, cwd=REPO, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait(10)

    def done(self, seconds: float) -> dict:
        """What they measured; RuntimeError when they don't come to an end."""
        try:
            out, _ = self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError("the crowd came to no end") from error
        lines = [json.loads(line) for line in out.splitlines()]
        if not lines:
            raise RuntimeError("the crowd said nothing")
        return lines[-1]


def say(*arguments, **about) -> None:
    show(judged("room", *arguments, **about, load_before=round(os.getloadavg()[0], 2)))


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--streaming", type=int, default=8)
    parser.add_argument("--train", type=int, default=2)
    parser.add_argument("--write", type=int, default=1)
    parser.add_argument("--read", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=90, help="measured, after all are here")
    options = parser.parse_args(argv)
    with Server(TARGETS["app"]) as server:
        with Crowd(server, n=6, write=1, read=1, seconds=25, seed=100) as warm_up:
            warm_up.done(200)
        with Crowd(server, n=1, seconds=30, seed=200) as alone:
            reference = [seconds for _, seconds in alone.done(200)["reruns"]["rerun"]]
        quiet = percentile(reference, 0.95)
        say("rerun p95, one visitor alone", quiet, "s")
        others = options.sessions - options.streaming
        arriving = 0.25 * others
        with Tabs(
            server, n=options.streaming, mode="send-only", fps=15, seconds=options.seconds, settle=arriving + 5
        ) as tabs:
            playing = tabs.wait("playing", 240)
            crowd_seconds = options.seconds + arriving + 10
            busy = {"train": options.train, "write": options.write, "read": options.read}
            with Crowd(server, n=others, seconds=crowd_seconds, **busy) as crowd:
                before = server.sample()
                streamed = tabs.wait("done", crowd_seconds + 240)
                after = server.sample()
                seen = crowd.done(240)
        window = streamed["window"]
        stats = server.stats()
        figures = engine_figures(stats, window, TARGETS["app"].engine)
        rows = [row["house"] for row in between(stats, window)]
        begin, end = time.monotonic() - (time.time() - window[0]), time.monotonic() - (time.time() - window[1])
        for kind, what in (("rerun", "rerun"), ("page", "opening a page anew"), ("work", "press that starts work")):
            times = [seconds for at, seconds in seen["reruns"][kind] if begin <= at <= end]
            limit = {"at_most": AT_MOST_RERUN_S} if kind == "rerun" else {}
            p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
            say(f"{what} p95", p95, "s", **limit, p50=p50 and round(p50, 3), count=len(times))
            if kind == "rerun" and p95 and quiet:
                say("rerun p95, beside one visitor alone", p95 / quiet, "times")
        say("sessions, most at a time", max(row["sessions"] for row in rows), "", at_least=options.sessions)
        lost = [*seen["lost"], *streamed["errors"], *playing["errors"]]
        say("disconnected", len(lost), "", at_most=0, how=lost)
        say("streams that play", playing["playing"], "", at_least=options.streaming)
        say("pictures/s, the worst stream", figures["worst_fps"], "1/s", mean=figures["fps"])
        say("answers/s, the worst stream", figures["worst_results_per_s"], "1/s", in_all=figures["inferences_per_s"])
        say("age of answers p95", figures["age_ms"]["p95"], "ms", p50=figures["age_ms"]["p50"])
        say("event loop late, p95 of each second's worst", percentile([r["loop_lag_s"] or 0 for r in rows], 0.95), "s")
        runs = streamed["page_runs_per_s"]
        say(
            "script runs of a live page, idle visitor",
            runs["most"],
            "1/s",
            at_most=AT_MOST_RUNS_PER_S,
            mean=runs["mean"],
        )
        levels = Counter(row["level"] for row in rows)
        say("seconds stepped down", sum(n for level, n in levels.items() if level != "FULL"), "s", levels=levels)
        cpu = (after["cpu_s"] - before["cpu_s"]) / (after["t"] - before["t"])
        say("server's CPU", 100 * cpu, "%", rss_mb=round(after["rss_mb"]), client_cpu_pct=streamed["client_cpu_pct"])
        say("tracebacks in the log", server.log_errors(), "", at_most=0, shown=seen["exceptions"])


if __name__ == "__main__":
    main(sys.argv[1:])
