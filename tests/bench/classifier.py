"""The classifier without a server: seconds to load, what a prediction costs beside torch, how often it is right.

`predict` (picture in, probabilities out) and torch's bare eager call on a ready tensor take turns, so that whatever
else the machine does hits both; both with one thread. Then a heat map. Right is the top label of the pictures in
LABELLED, beside torch on what torchvision's own transforms make of them. Agreeing is the same top label as torch's for
everyday photographs, which nobody labelled for this. Prints one JSON line per model and picture, and one per model with
the numbers that were right and that agreed.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage
import torch
from PIL import Image

from models.cache import ModelCache
from models.classifier.imagenet import ImageClassifier
from models.pictures.images import open_image, sample_pictures
from models.runtime import torchvision_ops  # noqa: F401  lets torchvision be imported beside a CPU torch
from tests.bench.figures import percentile, percentiles_ms, ratio, to_ms
from tests.bench.target import ENGINE

BUDGET_BYTES = 2_000_000_000
LIMIT = 0.4  # predict with preprocessing against torch's bare eager call
SKIMAGE = Path(skimage.__file__).parent / "data"
SHARED = Path(__file__).parents[3] / "shared" / "data"
PICTURES, PHOTOGRAPHS = SHARED / "pictures", SHARED / "objects"
# what is in them, by ImageNet's names; of cats the network tells three kinds that one picture may show
CATS = ("Egyptian cat", "tabby", "tiger cat")
LABELLED = {
    "bird.bmp": ("chickadee",),
    "cat_720p.jpg": CATS,
    "dragonfly.bmp": ("dragonfly",),
    "hot_dog.jpg": ("hotdog",),
    "owl.jpg": ("great grey owl",),
    "parrot.jpg": ("macaw",),
    "missvickie_potato_chips.bmp": ("packet",),
    "sunflower.bmp": ("daisy",),
    "chelsea.png": CATS,
    "coffee.png": ("espresso", "cup"),
    "rocket.jpg": ("missile", "projectile"),
    "motorcycle_left.png": ("moped", "motor scooter"),
    "clock_motion.png": ("wall clock", "analog clock"),
}
VARIANTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": lambda rgb: rgb,
    "mirrored": lambda rgb: rgb[:, ::-1],
    "darker": lambda rgb: (rgb * 0.6).astype(np.uint8),
    "smaller": lambda rgb: cv2.resize(rgb, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA),
    "its middle": lambda rgb: rgb[len(rgb) // 10 : -len(rgb) // 10, rgb.shape[1] // 10 : -rgb.shape[1] // 10],
}


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
    x, network = torch.from_numpy(model.preprocess(rgb)), model._inner().network

    def eager() -> object:
        with torch.inference_mode():
            return network(x)

    spent = take_turns({"predict": lambda: model.predict(rgb), "eager": eager}, rounds)
    spent |= take_turns({"explain": lambda: model.explain(rgb)}, rounds // 4)
    times = {f"{call}_ms": percentiles_ms(seconds) for call, seconds in spent.items()}
    share = ratio(percentile(spent["predict"], 0.5), percentile(spent["eager"], 0.5))
    label, value = model.predict(rgb).top(1)[0]
    return {
        "load_s": round(load_s, 2),
        **times,
        "preprocess_ms": to_ms(model.predict(rgb).seconds["preprocess"]),
        "predict_per_eager": share,
        "limit": LIMIT,
        "within": share is not None and share <= LIMIT,
        "says": [label, round(value, 3)],
    }


def labelled() -> Iterator[tuple[np.ndarray, tuple[str, ...]]]:
    """Pictures and the labels that are right, in every variant; those that are here."""
    for name, right in LABELLED.items():
        path = next((folder / name for folder in (PICTURES, SKIMAGE) if (folder / name).is_file()), None)
        if path is None:
            print(f"SKIPPED: {name}, because shared/data/pictures is not here", file=sys.stderr)
            continue
        for change in VARIANTS.values():
            yield np.ascontiguousarray(change(open_image(path.read_bytes()))), right


def accuracy(name: str) -> dict:
    """How many of the labelled pictures get a right top label, from the model and from torch by the authors' own
    transforms; and how many other photographs get the same one from both, and one of torch's first five."""
    from torchvision.transforms import v2

    model: ImageClassifier = ModelCache(BUDGET_BYTES).get(name)
    network, about = model._inner().network, model.preprocess
    mode = v2.InterpolationMode(about.resampling)
    transform = v2.Compose(
        [
            v2.Resize(about.resize, mode),
            v2.CenterCrop(about.crop),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(about.mean, about.std),
        ]
    )

    def by_torch(rgb: np.ndarray) -> list[str]:
        """The five likeliest, in order."""
        with torch.inference_mode():
            logits = network(transform(Image.fromarray(rgb))[None].as_subclass(torch.Tensor))[0][0]
        return [model.labels[number] for number in logits.topk(5).indices]

    figures = Counter(dict.fromkeys(("pictures", "right", "right_by_torch", "photographs", "agree", "in_five"), 0))
    for rgb, labels in labelled():
        ours, theirs = model.predict(rgb).top(1)[0][0], by_torch(rgb)[0]
        figures.update(pictures=1, right=ours in labels, right_by_torch=theirs in labels)
    for path in sorted(PHOTOGRAPHS.glob("*/pictures/*")):
        rgb = open_image(path.read_bytes())
        ours, five = model.predict(rgb).top(1)[0][0], by_torch(rgb)
        figures.update(photographs=1, agree=ours == five[0], in_five=ours in five)
    return {**figures, "mb": round(model._bytes / 1e6, 1)}


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
        print(json.dumps({"bench": "classifier", "model": name} | accuracy(name)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
