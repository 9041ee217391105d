"""The first pages after a server's start: a bare client, so that only the server's time counts.

Prints one JSON line: seconds from the request to the end of the script for the first home page, whether the server has
loaded torch by then, and seconds until the classifier's camera button is there with the model loaded, cold and again.
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

HOME_LIMIT_S, CLASSIFIER_LIMIT_S = 1.0, 6.0
PATIENCE_S = 60


async def _seconds(server: Server, page: str, event: str) -> float:
    tab = Tab(server.port, page, "")
    began = time.monotonic()
    await tab.open()
    await asyncio.wait_for(getattr(tab, event).wait(), PATIENCE_S)
    seconds = time.monotonic() - began
    await tab.close()
    return seconds


def measure() -> dict[str, float | bool]:
    with Server(TARGETS["app"]) as server:
        home = asyncio.run(_seconds(server, "", "finished"))
        torch = server.has_mapped("libtorch")
        cold = asyncio.run(_seconds(server, "classifier", "component"))
        again = asyncio.run(_seconds(server, "classifier", "component"))
    return {"home_s": home, "torch_after_home": torch, "classifier_cold_s": cold, "classifier_again_s": again}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="fresh servers; the median counts")
    runs = [measure() for _ in range(parser.parse_args(argv).rounds)]
    row = {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}
    row["torch_after_home"] = any(run["torch_after_home"] for run in runs)
    within = row["home_s"] < HOME_LIMIT_S and row["classifier_cold_s"] < CLASSIFIER_LIMIT_S
    row["within"] = within and not row["torch_after_home"]
    print(json.dumps({"bench": "start", "rounds": len(runs)} | row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
