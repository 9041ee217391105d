"""The Teachable machine: seconds to train, accuracy beside scikit-learn, collecting without loss, keeping exactly.

`train`: three classes of crops of photographs, in this process and on the page (tests/bench/teaching.py). `accuracy`:
a head with the defaults and scikit-learn's LogisticRegression on the very same samples and features: scanned digits
with 5 seeds, and, where shared/data/gestures is, gestures with 25, through the whole picture and the hand's points.
`collect`: tests/bench/collecting.py. `keep`: what a project's file and an exported model change. Prints one JSON line
per figure.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from playwright.sync_api import Error
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from models.cache import ModelCache
from models.pictures.images import open_image, sample_pictures
from models.teachable.export import exported
from models.teachable.keep.files import from_bytes, to_bytes
from models.teachable.kinds import KINDS, Kind, features, opened, sample_jpeg
from models.teachable.learn.fitting import fit_head
from models.teachable.learn.lesson import Recipe, train
from models.teachable.project import Project
from models.teachable.samples import Class, Sample
from tests.bench.classifier import take_turns
from tests.bench.collecting import collect
from tests.bench.figures import percentile, ratio
from tests.bench.limits import judged, show
from tests.bench.teaching import AT_MOST_TRAIN_S, on_the_page
from tests.browser import lab

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "gestures"
BUDGET_BYTES = 200_000_000  # of one visitor
PICTURES, HAND = KINDS["pictures"], KINDS["hand"]
LARGE = 10_000  # samples
LARGE_BUDGET_BYTES = 2 * BUDGET_BYTES  # so many photographs are a little more than one visitor has room for

T = TypeVar("T")


def say(part: str, *arguments: Any, **about: Any) -> None:
    show(judged("teachable", *arguments, part=part, **about))


@cache
def model(kind: Kind) -> Any:
    return ModelCache(10**9).get(kind.model)


def sample_of(kind: Kind, rgb: np.ndarray) -> tuple[bytes, np.ndarray | None]:
    """What a project keeps of a picture, and its features as the page computes them: of the kept JPEG."""
    jpeg = sample_jpeg(kind, rgb)
    return jpeg, features(kind, model(kind), opened(jpeg))


@cache
def photographs(each: int) -> Project:
    """Three classes of so many samples: crops of photographs, as a camera sees things that move. Untrained."""
    chosen = [sample for sample in sample_pictures() if sample.name in ("cat", "coffee", "astronaut")]
    project = Project.fresh("pictures", [sample.title for sample in chosen], budget_bytes=BUDGET_BYTES)
    rng = np.random.default_rng(0)
    for one, sample in zip(project.classes, chosen, strict=True):
        for rgb in crops(sample.load(), each, rng):
            project.add(one.id, *sample_of(PICTURES, rgb))
    return project


def crops(rgb: np.ndarray, count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Squares of 60 to 90 % of the picture's height, anywhere in it, lighter or darker, every second one mirrored."""
    for number in range(count):
        side = int(rng.uniform(0.6, 0.9) * min(rgb.shape[:2]))
        top, left = (rng.integers(0, length - side + 1) for length in rgb.shape[:2])
        crop = rgb[top : top + side, left : left + side, :][:, :: (-1) ** number]
        yield cv2.convertScaleAbs(np.ascontiguousarray(crop), alpha=rng.uniform(0.8, 1.15))


# ---- train ------------------------------------------------------------------------------------------------------


def training(options: argparse.Namespace) -> None:
    project = photographs(options.each)
    given = project.training_set()

    def theirs() -> object:
        return LogisticRegression(max_iter=2000).fit(given.features, given.labels)

    calls: dict[str, Callable[[], object]] = {"ours": lambda: train(given, project.kind, Recipe()), "theirs": theirs}
    spent = take_turns(calls, options.lessons)
    about = {"samples": f"3 × {options.each}", "epochs": Recipe().epochs, "threads": torch.get_num_threads()}
    ours, sklearn = (percentile(spent[who], 0.5) for who in ("ours", "theirs"))
    about |= {"lessons": options.lessons, "sklearn_s": sklearn and round(sklearn, 3)}
    say("train", "a lesson without a page, median", ours, "s", at_most=AT_MOST_TRAIN_S, **about)
    say("train", "a lesson beside LogisticRegression", ratio(ours, sklearn), "times its time", **about)
    if not Path(lab.CHROMIUM).exists():
        print(f"SKIPPED: training on the page, because there is no {lab.CHROMIUM}", file=sys.stderr)
        return
    on_the_page(to_bytes(project), options)


# ---- accuracy ---------------------------------------------------------------------------------------------------


def digits(each: int) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 (10 · each, 1280) and labels of scanned digits, as large as a sample."""
    images, numbers = load_digits().images, load_digits().target
    chosen = np.concatenate([np.flatnonzero(numbers == digit)[:each] for digit in range(10)])
    rows = []
    for image in images[chosen]:
        grey = cv2.resize((image * 255 / 16).astype(np.uint8), (224, 224), interpolation=cv2.INTER_CUBIC)
        rows.append(sample_of(PICTURES, np.repeat(grey[:, :, None], 3, axis=2))[1])
    return np.stack(rows), numbers[chosen]


def gestures(kind: Kind) -> tuple[np.ndarray, np.ndarray, int]:
    """Features, labels, and how many pictures were left out because the kind sees nothing in them."""
    rows, labels, left_out = [], [], 0
    for label, folder in enumerate(sorted(path for path in FOLDER.iterdir() if path.is_dir())):
        for path in sorted(folder.glob("*.jpg")):
            found = sample_of(kind, open_image(path.read_bytes(), max_side=1600))[1]
            if found is None:
                left_out += 1
            else:
                rows.append(found)
                labels.append(label)
    return np.stack(rows), np.array(labels), left_out


def compare(what: str, x: np.ndarray, y: np.ndarray, learn: int, most: int, seeds: int, **about: Any) -> None:
    """Learn from `learn` of each class; tested on those beyond the first `most`, so that every size has the same."""
    ours, theirs, scaled = [], [], []
    for seed in range(seeds):
        shuffled = np.random.default_rng(seed).permutation(len(y))
        of_class = [shuffled[y[shuffled] == label] for label in np.unique(y)]
        learnt = np.concatenate([members[:learn] for members in of_class])
        tested = np.concatenate([members[most:] for members in of_class])
        head = fit_head(x[learnt], y[learnt], seed=seed)
        ours.append(_right(head.predict_proba(x[tested]).argmax(1), y[tested]))
        theirs.append(_right(LogisticRegression(max_iter=2000).fit(x[learnt], y[learnt]).predict(x[tested]), y[tested]))
        mean, deviation = x[learnt].mean(0), x[learnt].std(0) + 1e-6
        standard = LogisticRegression(max_iter=2000).fit((x[learnt] - mean) / deviation, y[learnt])
        scaled.append(_right(standard.predict((x[tested] - mean) / deviation), y[tested]))
    difference = statistics.mean(ours) - statistics.mean(theirs)
    about |= {"samples_per_class": learn, "tested": len(tested), "ours": _tenths(ours), "sklearn": _tenths(theirs)}
    about |= {"ours_mean": round(statistics.mean(ours), 2), "sklearn_mean": round(statistics.mean(theirs), 2)}
    about |= {"sklearn_standardised_mean": round(statistics.mean(scaled), 2)}
    say("accuracy", f"{what}: ours less LogisticRegression's", difference, "points", at_least=0, **about)


def _right(answers: np.ndarray, truth: np.ndarray) -> float:
    return float(100 * (answers == truth).mean())


def _tenths(values: list[float]) -> list[float]:
    return [round(value, 1) for value in values]


def accuracy(options: argparse.Namespace) -> None:
    most = max(options.sizes)
    x, y = digits(most + options.tested)
    for size in options.sizes:
        compare("digits", x, y, size, most, options.seeds)
    if not FOLDER.is_dir():
        print("SKIPPED: gestures, because shared/data/gestures is not here", file=sys.stderr)
        return
    for kind in (PICTURES, HAND):
        x, y, left_out = gestures(kind)
        splits = 5 * options.seeds  # so few pictures are tested that one is five points
        compare(f"gestures by {kind.title.lower()}", x, y, 5, 5, splits, left_out=left_out)


# ---- keep -------------------------------------------------------------------------------------------------------


def timed(call: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    made = call()
    return made, time.perf_counter() - began


def reopened(project: Project, **about: Any) -> Project:
    """Saved and opened again; says what that takes and how many pictures or features have changed."""
    data, save_s = timed(lambda: to_bytes(project))
    again, open_s = timed(lambda: from_bytes(data, budget_bytes=project.budget_bytes))
    about |= {"samples": len(project.samples)}
    pairs = list(zip(project.samples, again.samples, strict=True))
    say("keep", "pictures changed", sum(a.jpeg != b.jpeg for a, b in pairs), "", at_most=0, **about)
    unlike = sum(a.features is None or not np.array_equal(a.features, b.features) for a, b in pairs)
    say("keep", "features changed", unlike, "", at_most=0, **about)
    say("keep", "size of the file", len(data) / 1e6, "MB", **about)
    say("keep", "to save", save_s, "s", **about)
    say("keep", "to open", open_s, "s", **about)
    return again


def large(project: Project) -> Project:
    """LARGE samples in five classes: the project's own pictures again and again, with features of their own."""
    pictures, rng = [sample.jpeg for sample in project.samples], np.random.default_rng(0)
    samples = [
        Sample(f"k{n}", n, pictures[n % len(pictures)], rng.normal(size=PICTURES.size).astype(np.float32))
        for n in range(1, LARGE + 1)
    ]
    empty = Project.fresh("pictures", [f"Class {n}" for n in range(1, 6)]).classes
    classes: list[Class] = [replace(one, samples=tuple(samples[at::5])) for at, one in enumerate(empty)]
    return Project.restored("pictures", "Large", classes, budget_bytes=LARGE_BUDGET_BYTES)


def keeping(options: argparse.Namespace) -> None:
    project = photographs(options.each)
    given = project.training_set()
    trained = train(given, project.kind, Recipe())
    project.keep(trained)
    again = reopened(project).trained
    difference = None
    if again is not None:
        apart = trained.head.predict_proba(given.features) - again.head.predict_proba(given.features)
        difference = float(np.abs(apart).max())
    say("keep", "largest difference of a prediction, opened again", difference, "", at_most=0)
    network = model(PICTURES)
    (data, difference), export_s = timed(lambda: exported.export(project, network, trained))
    say("keep", "largest difference of a prediction, by onnxruntime", difference, "", at_most=exported.MAX_DIFFERENCE)
    say("keep", "size of the exported model", len(data) / 1e6, "MB")
    say("keep", "to export and check, the first time", export_s, "s")
    reopened(large(project))


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "train": training,
    "accuracy": accuracy,
    "collect": collect,
    "keep": keeping,
}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.teachable", description=__doc__)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--each", type=int, default=100, help="samples of each of the three classes (train, keep)")
    parser.add_argument("--lessons", type=int, default=9, help="in this process (train)")
    parser.add_argument("--presses", type=int, default=5, help="of Train on the page, after the first (train)")
    parser.add_argument("--switches", type=int, default=40, help="of another visitor's view (train)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5, 10, 20, 50], help="samples per class (accuracy)")
    parser.add_argument("--tested", type=int, default=60, help="digits of each class to test with (accuracy)")
    parser.add_argument("--seeds", type=int, default=5, help="(accuracy)")
    parser.add_argument("--streams", type=int, default=4, help="that run beside (collect)")
    parser.add_argument("--record", type=int, choices=(2, 5, 10), default=10, help="seconds of a recording (collect)")
    parser.add_argument("--rounds", type=int, default=2, help="recordings of each of two classes (collect)")
    options = parser.parse_args(argv)
    for part in options.part:
        try:
            PARTS[part](options)
        except (RuntimeError, Error) as error:
            show({"bench": "teachable", "part": part, "failed": str(error)})


if __name__ == "__main__":
    main(sys.argv[1:])
