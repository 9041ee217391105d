"""The playground's line with several visitors at once: epochs a second of each, and how old a picture is when it comes.

Five networks 2-4-2 learn from 500 points, half of them held out, in batches of 10, each at its fastest pace; beside
them one more at 10 epochs a second, the page's pace. Then what a step costs beside a plain loop of torch, in turn.
Prints one JSON line.
"""

import argparse
import json
import os
import time
from functools import partial

import torch

from models.hosting.feeds import Feed
from models.playground.learner import Learner, Snapshot
from models.playground.lessons import Lessons
from models.playground.network import Spec, build, features
from models.playground.points import make, split
from tests.bench.figures import percentiles_ms, ratio

VISITORS, POINTS, BATCH = 5, 500, 10
READ_EVERY_S = 0.005  # as a browser's socket would
EPOCHS_LIMIT, AGE_LIMIT_MS = 10, 300


def learner_of(seed: int, test_share: float) -> Learner:
    return Learner(Spec(batch=BATCH, seed=seed), *split(make("XOR", count=POINTS, noise=0.1, seed=seed), test_share, 1))


def together(seconds: float, test_share: float) -> dict:
    """All visitors for so long."""
    line, feeds, ages, shown = Lessons(), [Feed(str(n)) for n in range(VISITORS)], [], [0] * VISITORS

    def show(number: int, snapshot: Snapshot) -> None:
        feeds[number].push("playground", snapshot.to_browser())

    learners = [learner_of(seed, test_share) for seed in range(1, VISITORS + 1)]
    for number, learner in enumerate(learners):
        line.begin(str(number), learner, partial(show, number), epochs_per_s=1000)
    began, cpu = time.monotonic(), time.process_time()
    while time.monotonic() - began < seconds:
        time.sleep(READ_EVERY_S)
        for number, feed in enumerate(feeds):
            for message in feed.take():
                ages.append(time.monotonic() - json.loads(message)["at"] / 1000)
                shown[number] += 1
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    epochs = [round(learner.epoch / took, 1) for learner in learners]
    line.stop()
    return {
        "epochs_per_s": epochs,
        "worst_epochs_per_s": min(epochs),
        "pictures_per_s": [round(count / took, 1) for count in shown],
        "picture_age_ms": percentiles_ms(ages),
        "oldest_picture_ms": round(1000 / max(1e-9, min(shown) / took) + (percentiles_ms(ages)["p95"] or 0)),
        "cpu_pct": round(100 * cpu / took),
    }


def step_beside_torch(rounds: int = 400) -> dict:
    """Microseconds of our step and of a plain loop's, in turn."""
    ours = learner_of(1, 0.5)
    network = build(Spec(), 2)
    optimiser = torch.optim.Adam(network.parameters(), 0.03)
    points = make("XOR", count=POINTS, noise=0.1, seed=1)
    x, y = torch.from_numpy(features(points.xy, ("x", "y"))), torch.from_numpy(points.labels)
    spent = {"ours": 0.0, "plain": 0.0}
    for number in range(rounds):
        began = time.perf_counter()
        ours.step()
        spent["ours"] += time.perf_counter() - began
        places = torch.arange(BATCH) + number % (POINTS - BATCH)
        began = time.perf_counter()
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(x[places]), y[places]).backward()
        optimiser.step()
        spent["plain"] += time.perf_counter() - began
    each = {name: round(1e6 * seconds / rounds) for name, seconds in spent.items()}
    return {"step_us": each, "of_plain": ratio(each["ours"], each["plain"])}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args(argv)
    load = os.getloadavg()[0]
    half, all_points = (together(options.seconds, share) for share in (0.5, 0.0))
    limits = {
        "worst_epochs_per_s": half["worst_epochs_per_s"] >= EPOCHS_LIMIT,
        "picture": half["oldest_picture_ms"] <= AGE_LIMIT_MS,
    }
    figures = {"half held out": half, "all 500 trained on": all_points, **step_beside_torch(), "within": limits}
    print(json.dumps({"bench": "playground", "visitors": VISITORS, "load_before": round(load, 2), **figures}))


if __name__ == "__main__":
    main()
