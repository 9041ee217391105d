"""The first pages after a server's start: a bare client, so that only the server's time counts.

Prints one JSON line: seconds from the request to the end of the script for the first home page; seconds until the
classifier's camera button is there with the model loaded, cold and again, and the pose tracker's; and after which of
these pages the server had loaded torch, which should be none.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time

from tests.bench.server import Server
from tests.bench.tab import Tab
from tests.bench.target import TARGETS

HOME_LIMIT_S, CLASSIFIER_LIMIT_S = 1.0, 1.5
PATIENCE_S = 60
PAGES = (
    ("home", "", "finished"),
    ("classifier_cold", "classifier", "component"),
    ("classifier_again", "classifier", "component"),
    ("pose", "pose", "component"),
    ("teachable", "teachable", "component"),
    ("ocr", "ocr", "finished"),
)


async def _seconds(server: Server, page: str, event: str) -> float:
    tab = Tab(server.port, page, "")
    began = time.monotonic()
    await tab.open()
    await asyncio.wait_for(getattr(tab, event).wait(), PATIENCE_S)
    seconds = time.monotonic() - began
    await tab.close()
    return seconds


def measure() -> dict[str, float | list[str]]:
    with_torch: list[str] = []
    figures: dict[str, float | list[str]] = {"torch_after": with_torch}
    with Server(TARGETS["app"]) as server:
        for name, page, event in PAGES:
            figures[f"{name}_s"] = asyncio.run(_seconds(server, page, event))
            if server.has_mapped("libtorch"):
                with_torch.append(page or "home")
    return figures


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="fresh servers; the median counts")
    runs = [measure() for _ in range(parser.parse_args(argv).rounds)]
    row: dict = {f"{name}_s": round(statistics.median(run[f"{name}_s"] for run in runs), 2) for name, _, _ in PAGES}
    row["torch_after"] = sorted({page for run in runs for page in run["torch_after"]})
    within = row["home_s"] < HOME_LIMIT_S and row["classifier_cold_s"] < CLASSIFIER_LIMIT_S
    row["within"] = within and not row["torch_after"]
    print(json.dumps({"bench": "start", "rounds": len(runs)} | row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
