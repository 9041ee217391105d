"""The classifier alone, without a server: seconds to load, and predictions per second on real pictures.

Prints one JSON line per model. Only bundled models by default, so that nothing is downloaded.
"""

import argparse
import json
import sys
import time

import numpy as np
import skimage.data

from models.cache import ModelCache
from tests.bench.figures import percentiles_ms
from tests.bench.target import ENGINE

BUDGET_BYTES = 2_000_000_000


def measure(name: str, rgb: np.ndarray, seconds: float) -> dict:
    began = time.monotonic()
    model = ModelCache(BUDGET_BYTES).get(name)
    load_s = time.monotonic() - began
    top = model.predict(rgb).top(1)[0]
    spent, began = [], time.monotonic()
    while time.monotonic() - began < seconds:
        start = time.monotonic()
        model.predict(rgb)
        spent.append(time.monotonic() - start)
    return {
        "load_s": round(load_s, 2),
        "predict_ms": percentiles_ms(spent),
        "predictions_per_s": round(len(spent) / sum(spent), 1),
        "says": [top[0], round(float(top[1]), 3)],
    }


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=[ENGINE], help="names in models/catalog.py")
    parser.add_argument("--seconds", type=float, default=5, help="measured")
    options = parser.parse_args(argv)
    rgb = np.asarray(skimage.data.chelsea())
    for name in options.models:
        about = {"bench": "classifier", "model": name, "picture": list(rgb.shape)}
        print(json.dumps(about | measure(name, rgb, options.seconds)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
