"""Teach it where: seconds to learn three classes of ten boxes and mAP@0.5 on frames held out, beside the same cells
named by their nearest neighbours; seconds to the first mask, masks per second and IoU, beside colour alone.

The frames are composed (models/taught/scenes.py), split by frame; those held out also have other backgrounds where
shared/data/pictures is here. The things are the same photographs in all frames, at another place, size and brightness:
an easy set, near copies of what was taught. A harder one are real things in pictures of COCO. The composed ones are
judged as they are, mirrored, and degraded: darkened, blurred and packed as a poor JPEG.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.cache import ModelCache
from models.detector.coco import NAMES
from models.pictures.images import open_image, to_jpeg
from models.taught import brush, head
from models.taught.boxes import Box, average_precision, suppress
from models.taught.scenes import scene
from scripts.detector_data import labelled

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "pictures"
OBJECTS = FOLDER.with_name("objects")
THINGS, LEAST_SHARE = ("person", "dining table", "bowl"), 0.02  # of which there are enough; of the picture
TAUGHT, HELD_OUT = 10, 20
MAP_AT_LEAST, LEARN_AT_MOST_S, MASK_AT_MOST_S, MASKS_AT_LEAST = 0.6, 4.0, 1.0, 5.0


def say(**figures: object) -> None:
    print(json.dumps({"bench": "taught", **figures}))


def backgrounds() -> list[np.ndarray] | None:
    found = [open_image(path.read_bytes(), max_side=960) for path in sorted(FOLDER.glob("*.jpg"))]
    return found or None


def degraded(rgb: np.ndarray) -> np.ndarray:
    dark = (cv2.GaussianBlur(rgb, (0, 0), 2) * 0.6).astype(np.uint8)
    return open_image(to_jpeg(dark, 30))


def boxes() -> None:
    maps, behind = ModelCache(10**9).get("lite0-maps"), backgrounds()
    train = [scene(n, behind and behind[: len(behind) // 2]) for n in range(TAUGHT)]
    tests = [scene(1000 + n, behind and behind[len(behind) // 2 :]) for n in range(HELD_OUT)]
    began = time.perf_counter()
    learnt = head.fit(maps, train)
    seconds = time.perf_counter() - began
    say(part="boxes", learn_s=round(seconds, 2), at_most_s=LEARN_AT_MOST_S, boxes=sum(len(b) for _, b in train))
    near = nearest(maps, train)
    views = {
        "as they are": lambda rgb, b: (rgb, b),
        "mirrored": lambda rgb, b: (
            rgb[:, ::-1].copy(),
            [Box(1 - x.right, x.top, 1 - x.left, x.bottom, x.name) for x in b],
        ),
        "degraded": lambda rgb, b: (degraded(rgb), b),
    }
    for name, view in views.items():
        seen = [view(*one) for one in tests]
        ours = average_precision([(b, learnt.find(maps.cells(rgb))) for rgb, b in seen])
        theirs = average_precision([(b, near(rgb)) for rgb, b in seen])
        say(
            part="boxes",
            held_out=name,
            map50=round(ours, 3),
            at_least=MAP_AT_LEAST,
            nearest_neighbours=round(theirs, 3),
        )


def objects() -> None:
    """Real things of three names in labelled pictures of COCO: taught with ten or more of each, held out in others."""
    if not OBJECTS.is_dir():
        say(part="objects", skipped=f"{OBJECTS} is not here")
        return
    maps = ModelCache(10**9).get("lite0-maps")

    def pictures(*parts: str) -> list[tuple[np.ndarray, list[Box]]]:
        found = []
        for one in labelled(OBJECTS, *parts):
            boxes = [
                Box(*map(float, box), NAMES[kind])
                for box, kind in zip(one.boxes, one.names, strict=True)
                if NAMES[kind] in THINGS and np.prod(box[2:] - box[:2]) > LEAST_SHARE
            ]
            if boxes:
                found.append((one.rgb(), boxes))
        return found

    taught: list[tuple[np.ndarray, list[Box]]] = []
    for one in pictures("learns"):
        counts = Counter(box.name for _, of in taught for box in of)
        if any(counts[box.name] < TAUGHT for box in one[1]):
            taught.append(one)
    tests = pictures("kept out", "chooses")
    began = time.perf_counter()
    learnt, near = head.fit(maps, taught), nearest(maps, taught)
    say(
        part="objects",
        names=THINGS,
        pictures=len(taught),
        tests=len(tests),
        learn_s=round(time.perf_counter() - began, 2),
        map50=round(average_precision([(b, learnt.find(maps.cells(rgb))) for rgb, b in tests]), 3),
        nearest_neighbours=round(average_precision([(b, near(rgb)) for rgb, b in tests]), 3),
    )


def nearest(maps, pictures):
    """Each cell is of its five nearest cells' class, and has the class's mean box."""
    names = sorted({box.name for _, boxes in pictures for box in boxes})
    x, y, sides = [], [], []
    for rgb, of in pictures:
        cells = maps.cells(rgb)
        kind, far = head._targets(cells.shape[:2], of, names)
        x.append(cells[kind >= 0]), y.append(kind[kind >= 0]), sides.append(far[kind >= 0])
    x, y, sides = map(np.concatenate, (x, y, sides))
    scale = x.std(axis=0) + 1e-3
    model = KNeighborsClassifier(5, weights="distance").fit(x / scale, y)
    mean = np.exp(np.stack([sides[y == k + 1].mean(axis=0) for k in range(len(names))]))

    def find(rgb: np.ndarray) -> list[Box]:
        cells = maps.cells(rgb)
        rows, columns, d = cells.shape
        shares, found = model.predict_proba(cells.reshape(-1, d) / scale), []
        for place, k in zip(*np.nonzero(shares[:, 1:] > 0.05), strict=True):
            r, c = divmod(int(place), columns)
            left, top, right, bottom = mean[k]
            low = max(0, (c + 0.5 - left) / columns), max(0, (r + 0.5 - top) / rows)
            high = min(1, (c + 0.5 + right) / columns), min(1, (r + 0.5 + bottom) / rows)
            found.append(Box(*low, *high, names[k], min(1.0, float(shares[place, k + 1]))))
        return suppress(found)

    return find


def strokes_of(of: list[Box]) -> list[brush.Stroke]:
    """Ten: two in each thing, as one class each of three, and four beside them."""
    strokes = []
    for kind, box in enumerate(sorted(of, key=lambda b: b.name), 1):
        (x, y), (w, h) = (
            ((box.left + box.right) / 2, (box.top + box.bottom) / 2),
            (box.right - box.left, box.bottom - box.top),
        )
        strokes += [
            brush.Stroke(kind, ((x - 0.3 * w, y), (x + 0.3 * w, y))),
            brush.Stroke(kind, ((x, y - 0.3 * h), (x, y + 0.3 * h))),
        ]
    edges = (
        ((0.01, 0.01), (0.99, 0.01)),
        ((0.01, 0.99), (0.99, 0.99)),
        ((0.01, 0.01), (0.01, 0.99)),
        ((0.99, 0.01), (0.99, 0.99)),
    )
    return [brush.Stroke(0, edge, 0.01) for edge in edges] + strokes


def truth_of(of: list[Box], size_wh: tuple[int, int]) -> np.ndarray:
    width, height = size_wh
    out = np.zeros((height, width), np.uint8)
    for kind, box in enumerate(sorted(of, key=lambda b: b.name), 1):
        x, y = (box.left + box.right) / 2 * width, (box.top + box.bottom) / 2 * height
        w, h = (box.right - box.left) / 2 * width, (box.bottom - box.top) / 2 * height
        cv2.ellipse(out, (int(x), int(y)), (int(w), int(h)), 0, 0, 360, kind, -1)
    return out


def iou(mask: np.ndarray, truth: np.ndarray) -> float:
    each = [((mask == k) & (truth == k)).sum() / ((mask == k) | (truth == k)).sum() for k in range(4)]
    return float(np.mean(each))


def pixels() -> None:
    maps, behind = ModelCache(10**9).get("lite0-maps"), backgrounds()
    ours, colour, first = [], [], []
    for n in range(8):
        rgb, of = scene(2000 + n, behind)
        strokes, truth = strokes_of(of), truth_of(of, (640, 480))
        began = time.perf_counter()
        columns = brush.columns_of(maps, rgb)
        learnt = brush.fit([(columns, strokes)])
        ours.append(iou(learnt.mask(columns, (640, 480)), truth))
        first.append(time.perf_counter() - began)
        lab = (
            cv2.cvtColor(cv2.resize(rgb, (160, 120), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(float)
            / 50
        )
        label = brush.painted(strokes, (120, 160))
        plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, class_weight="balanced")).fit(
            lab[label >= 0], label[label >= 0]
        )
        mask = plain.predict(lab.reshape(-1, 3)).reshape(120, 160).astype(np.uint8)
        colour.append(iou(cv2.resize(mask, (640, 480), interpolation=cv2.INTER_NEAREST), truth))
    began = time.perf_counter()
    for _ in range(20):
        learnt.mask(brush.columns_of(maps, rgb, brush.LIVE_SIDE), (640, 480))
    rate = 20 / (time.perf_counter() - began)
    say(part="brush", first_mask_s=round(max(first), 2), at_most_s=MASK_AT_MOST_S)
    say(part="brush", masks_per_s=round(rate, 1), at_least=MASKS_AT_LEAST)
    say(part="brush", iou=round(float(np.mean(ours)), 3), colour_alone=round(float(np.mean(colour)), 3))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.taught", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=("boxes", "objects", "brush", []), default=[])
    parts = parser.parse_args(arguments).parts or ("boxes", "objects", "brush")
    if "boxes" in parts:
        boxes()
    if "objects" in parts:
        objects()
    if "brush" in parts:
        pixels()


if __name__ == "__main__":
    main()
