"""The classifier alone, without a server: seconds to load, and what a prediction costs beside the bare network.

`predict` (picture in, probabilities out) and the network alone on a ready tensor take turns, so that whatever else the
machine does hits both; then the network without our freezing, and a heat map. Prints one JSON line per model and
picture.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
import torch

from models.cache import ModelCache
from models.classifier.imagenet import ImageClassifier
from models.pictures.images import sample_pictures
from tests.bench.figures import percentile, percentiles_ms, ratio, to_ms
from tests.bench.target import ENGINE

BUDGET_BYTES = 2_000_000_000
LIMIT = 1.1  # predict with preprocessing against the bare network


def take_turns(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each call, `rounds` times in turn, after two rounds that do not count."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 2):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if number >= 2:
                spent[name].append(time.perf_counter() - began)
    return spent


def measure(name: str, rgb: np.ndarray, rounds: int) -> dict:
    began = time.monotonic()
    model: ImageClassifier = ModelCache(BUDGET_BYTES).get(name)
    load_s = time.monotonic() - began
    x = model.preprocess(rgb)

    def bare(network: Callable) -> Callable[[], object]:
        def call() -> object:
            with torch.inference_mode():
                return network(x)

        return call

    spent = take_turns({"predict": lambda: model.predict(rgb), "network": bare(model._fast)}, rounds)
    spent |= take_turns({"unfrozen": bare(model._network)}, rounds // 4)
    spent |= take_turns({"explain": lambda: model.explain(rgb)}, rounds // 4)
    times = {f"{call}_ms": percentiles_ms(seconds) for call, seconds in spent.items()}
    share = ratio(percentile(spent["predict"], 0.5), percentile(spent["network"], 0.5))
    label, value = model.predict(rgb).top(1)[0]
    return {
        "load_s": round(load_s, 2),
        **times,
        "preprocess_ms": to_ms(model.predict(rgb).seconds["preprocess"]),
        "predict_per_network": share,
        "limit": LIMIT,
        "within": share is not None and share <= LIMIT,
        "says": [label, round(value, 3)],
    }


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=[ENGINE], help="names in models/catalog.py")
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(argv)
    pictures = {sample.name: sample.load() for sample in sample_pictures() if sample.name in ("cat", "coffee")}
    pictures["camera frame"] = cv2.resize(pictures["coffee"], (640, 480))
    for name in options.models:
        for picture, rgb in pictures.items():
            about = {"bench": "classifier", "model": name, "picture": picture, "shape": list(rgb.shape)}
            about["threads"] = torch.get_num_threads()
            print(json.dumps(about | measure(name, rgb, options.rounds)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
