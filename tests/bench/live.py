"""Live video: N headless clients against the running app, and against the naive way in the same run.

Prints one JSON line per mode and N: what each served, and the ratio app / naive. Units are in the names.
`fps`: frames processed per second and stream. `age_ms`: from a frame offered to the model to its result (the
naive way has no queue there, so it is the model alone: compare `glass_ms` and `label_ms`, which start at the
camera and end at the returned picture and at the label on the page). CPU is of one core: 200 % is two busy.
A figure that could not be measured is null.

`--page pose` measures the pose tracker, which has no naive counterpart; its line has `limits`, each with the figure and
whether it is within. `glass_ms` is of the picture: the pose drawn on it is older by up to `age_ms` and the time
between two results.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter

from tests.bench.figures import between, engine_figures, ratio
from tests.bench.limits import judged
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import MODES, PAGES, Limit, Target

START_BOUND_SECONDS = 240  # the clients stop themselves sooner
SHORT = {"send": "send-only", "return": "send-and-return"}


def measure(target: Target, n: int, mode: str, options: argparse.Namespace) -> dict:
    """Start the target afresh, let n clients play, return its figures; {"failed": why} if there are none."""
    samples = []
    try:
        with (
            Server(target) as server,
            Tabs(server, n=n, mode=mode, fps=options.fps, seconds=options.seconds, settle=options.settle) as tabs,
        ):
            playing = tabs.wait("playing", START_BOUND_SECONDS)["playing"]
            bound = options.settle + options.seconds + 30
            done = tabs.wait("done", bound, meanwhile=lambda: samples.append(server.sample()))
            samples.append(server.sample())
            stats, log_errors = server.stats(), server.log_errors()
    except RuntimeError as error:
        return {"failed": str(error)}
    window = done.pop("window")
    inside = [sample for sample in samples if window[0] <= sample["t"] <= window[1]]
    client = {key: done.pop(key) for key in ("client_cpu_pct", "sent_fps", "late_frames", "start_s")}
    done.pop("event")
    return {
        "playing": playing,
        **engine_figures(stats, window, target.engine),
        **done,
        **_server_figures(inside),
        "levels": Counter(row["house"]["level"] for row in between(stats, window) if "house" in row),
        "log_tracebacks": log_errors,
        "client": client,
    }


def _server_figures(inside: list[dict]) -> dict:
    if len(inside) < 2:
        return dict.fromkeys(("server_cpu_pct", "rss_mb", "threads"))
    first, last = inside[0], inside[-1]
    return {
        "server_cpu_pct": round(100 * (last["cpu_s"] - first["cpu_s"]) / (last["t"] - first["t"])),
        "rss_mb": {"start": round(first["rss_mb"]), "end": round(last["rss_mb"])},
        "threads": {"start": first["threads"], "end": last["threads"]},
    }


COMPARED = {  # name of the ratio → where the figure is
    "fps": ("fps",),
    "worst_results_per_s": ("worst_results_per_s",),
    "inferences_per_s": ("inferences_per_s",),
    "new_picture_fps": ("new_picture_fps",),
    "glass_p50": ("glass_ms", "p50"),
    "glass_p95": ("glass_ms", "p95"),
    "label_p50": ("label_ms", "p50"),
    "label_p95": ("label_ms", "p95"),
    "server_cpu": ("server_cpu_pct",),
    "rss": ("rss_mb", "end"),
}


def compare(app: dict, naive: dict) -> dict:
    """app / naive of each figure that both have."""
    return {name: ratio(_figure(app, path), _figure(naive, path)) for name, path in COMPARED.items()}


def _figure(figures: dict, path: tuple[str, ...]):
    for key in path:
        figures = (figures or {}).get(key)
    return figures


def growth(figures: dict) -> dict[str, float | None]:
    """By how much the medians of age and glass to glass of the last quarter exceed the first's, and memory its start.
    In ms, not as a ratio: a lag that queues up grows by hundreds of them, and a short one wavers by a fifth."""

    def grown(name: str, first: str, last: str) -> float | None:
        a, b = _figure(figures, (name, first)), _figure(figures, (name, last))
        return None if a is None or b is None else b - a

    lags = {f"{name}_ms": grown(f"{name}_quarters_ms", "first", "last") for name in ("age", "glass")}
    return lags | {"rss_mb": grown("rss_mb", "start", "end")}


def limits(target: Target, figures: dict, n: int) -> dict[str, dict]:
    """Each limit of the target with its figure and whether it is within, null where there is no figure; and whether
    all n streams lived, without which the others say little."""
    figures = figures | {"growth": growth(figures)}
    rows = {"streams": Limit(("streams",), "streams", at_least=n)} | target.limits
    lines = {}
    for name, limit in rows.items():
        bounds = {"at_least": limit.at_least, "at_most": limit.at_most}
        line = judged("live", name, _figure(figures, limit.path), limit.unit, **bounds)
        lines[name] = {key: value for key, value in line.items() if key not in ("bench", "what")}
    return lines


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", choices=PAGES, default="classifier")
    parser.add_argument("--n", type=int, nargs="+", default=[1, 4, 8, 16], help="numbers of clients")
    parser.add_argument(
        "--mode",
        choices=(*MODES, "both"),
        default="both",
        type=lambda word: SHORT.get(word, word),
        help="send and return will do; both: those that the page and the naive way have",
    )
    parser.add_argument("--fps", type=int, default=15, help="of every camera")
    parser.add_argument("--seconds", type=float, default=20, help="measured; 60 for the soak figure")
    parser.add_argument("--settle", type=float, default=4, help="seconds from all playing to measuring")
    parser.add_argument("--no-naive", action="store_true", help="measure the app alone")
    parser.add_argument("--no-app", action="store_true", help="measure the naive way alone")
    options = parser.parse_args(argv)
    skipped = {"app": options.no_app, "naive": options.no_naive}
    targets = {name: target for name, target in PAGES[options.page].items() if not skipped[name]}
    known = [mode for mode in MODES if all(mode in target.queries for target in targets.values())]
    for mode in known if options.mode == "both" else [options.mode]:
        for n in options.n:
            line = {"bench": "live", "page": options.page, "mode": mode, "n": n, "at": round(time.time())}
            line |= {"camera_fps": options.fps, "seconds": options.seconds, "cores": os.cpu_count()}
            line["load_before"] = round(os.getloadavg()[0], 2)  # what others do on this machine
            line |= {name: measure(target, n, mode, options) for name, target in targets.items()}
            if (app := targets.get("app")) and app.limits:
                line["limits"] = limits(app, line["app"], n)
            if len(targets) == 2:
                line["ratio"] = compare(line["app"], line["naive"])
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
