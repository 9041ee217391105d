"""How good the detectors' boxes are: on labelled pictures of COCO in ../shared/data/objects that nothing was trained or
chosen on, as they lie, mirrored, and small on grey.

mAP@0.5 over the names that ImageNet and COCO share; of the largest thing of a shared name, in how many pictures its
name is among those found, and in how many a box of that name overlaps it by 0.5. Beside FastestDet on the same ones.
Prints one JSON line.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from components.detector.choice import PART
from models.cache import ModelCache
from models.detector.boxes import Found
from models.detector.coco import NAMES
from models.detector.fastest import FastestDet
from models.detector.names import KINDS
from models.detector.settling import Wanted
from models.pictures.variants import on_grey
from scripts.detector_data import Labelled, labelled
from tests.bench.detection import Truth, largest, mean_average_precision

OBJECTS = Path(__file__).parents[3] / "shared" / "data" / "objects"
SMALL = 0.5
EVERYTHING = Wanted(0.01)  # for mAP, which looks at all scores
SHOWN = {"maps": 0.15, "learnt": 0.4, "fastestdet": 0.4}  # what the page shows by itself
LOW = 0.2  # what the learnt one knows, right or wrong


def variants(picture: Labelled) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pictures and boxes, by what was done to them."""
    rgb, boxes = picture.rgb(), picture.boxes
    mirrored = boxes[:, [2, 1, 0, 3]] * (-1, 1, -1, 1) + (1, 0, 1, 0)
    return {
        "as is": (rgb, boxes),
        "mirrored": (np.ascontiguousarray(rgb[:, ::-1]), mirrored),
        "half as large": (on_grey(rgb, SMALL), boxes * SMALL + (1 - SMALL) / 2),
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=1000, help="at most")
    options = parser.parse_args(argv)
    load, cache = os.getloadavg()[0], ModelCache(10**9)
    find: dict[str, Callable[[np.ndarray], Found]] = {
        "maps": cache.get("detector-maps").find,
        "learnt": cache.get("detector-learnt").find,
        "fastestdet": FastestDet(OBJECTS / "FastestDet.onnx").find,
    }
    pictures = labelled(OBJECTS, "kept out")[: options.pictures]
    names = [name for name in NAMES if name in KINDS]
    found: dict[tuple[str, str], list[Found]] = {}
    truth: dict[str, list[Truth]] = {}
    seconds = dict.fromkeys(find, 0.0)
    for picture in pictures:
        for variant, (rgb, boxes) in variants(picture).items():
            truth.setdefault(variant, []).append(Truth(boxes, tuple(NAMES[i] for i in picture.names)))
            for name, look in find.items():
                began = time.perf_counter()
                here = look(rgb)
                seconds[name] += time.perf_counter() - began
                found.setdefault((name, variant), []).append(here)
    figures: dict[str, dict[str, dict]] = {}
    for (name, variant), here in found.items():
        of = truth[variant]
        row = figures.setdefault(name, {})[variant] = {
            "mAP@0.5": round(mean_average_precision(names, [EVERYTHING.of(one) for one in here], of), 3)
        }
        for least, part in ((SHOWN[name], PART), (LOW, 1.0)):
            shown = replace(EVERYTHING, min_score=least, max_part=part)
            count, named, boxed = largest(names, [shown.of(one) for one in here], of)
            row[f"of {count} at {least}"] = {"named": round(named, 3), "boxed": round(boxed, 3)}
    looks = 3 * len(pictures)
    milliseconds = {name: round(1000 * spent / looks, 1) for name, spent in seconds.items()}
    print(json.dumps({"bench": "detector", "load_before": round(load, 2), "ms": milliseconds, **figures}))


if __name__ == "__main__":
    main()
