"""How much data do you need? Accuracy against samples per class, on samples that no head has seen."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import BadInput
from models.runtime.training import TrainingStopped
from models.teachable.learn.judging import fit_or_stop, part
from models.teachable.understand.recordings import held_out_of, split

SIZES = (2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Samples per class, as far as they go: evenly spaced on a log axis. Two is the least that a head learns from."""

RISE = 0.02  # accuracy: less than this is not worth another minute of recording


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy in 0..1 with `size` samples per class: the mean over the repeats, the lowest and the highest."""

    size: int
    accuracy: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.size < 2 or not 0 <= self.low <= self.accuracy + 1e-9 <= self.high + 2e-9 <= 1 + 1e-8:
            raise ValueError(f"a point must have 2 samples and 0 ≤ low ≤ accuracy ≤ high ≤ 1, got {self}")


@dataclass(frozen=True)
class LearningCurve:
    """Points by rising size; `tested` is how many samples tested each of the `repeats`, at least."""

    points: tuple[CurvePoint, ...]
    tested: int
    repeats: int

    def __post_init__(self) -> None:
        sizes = [point.size for point in self.points]
        if not sizes or sizes != sorted(set(sizes)) or self.tested < 1 or self.repeats < 1:
            raise ValueError(f"a curve has points by rising size, tested and repeated, got {self}")

    def verdict(self) -> str:
        """One sentence for the visitor: whether more samples would help. It looks at the last doubling of the samples,
        and claims no change that the chance of which samples tested could have made."""
        last = self.points[-1]
        if len(self.points) == 1:
            return f"With {last.size} samples per class accuracy is {last.accuracy:.0%}; one size says nothing of more."
        before = next((p for p in reversed(self.points[:-1]) if 2 * p.size <= last.size), self.points[-2])
        rise, chance = last.accuracy - before.accuracy, self._chance(before, last)
        between = f"From {before.size} to {last.size} samples per class accuracy"
        if abs(rise) < max(RISE, chance) and chance > 2 * RISE:
            return (
                f"{between} went from {before.accuracy:.0%} to {last.accuracy:.0%}, but only {self.tested} samples "
                "could be kept back to test with: too few to tell. Collect more and look again."
            )
        if rise >= max(RISE, chance):
            return f"{between} rose by {_points(rise)}: more samples still help."
        if rise <= -max(RISE, chance):
            return f"{between} fell by {_points(-rise)}: look for samples in the wrong class before you collect more."
        if last.accuracy > 0.995:
            return f"{between} stayed at {last.accuracy:.0%}: more of the same will hardly help, harder pictures may."
        return f"{between} has stopped rising, at {last.accuracy:.0%}: more of the same will hardly help."

    def _chance(self, *points: CurvePoint) -> float:
        """Standard error of the difference of two accuracies. One right and one wrong answer are added, or a curve
        tested with three samples, all of them right, would be certain (Agresti & Caffo 2000)."""
        trials = self.tested * self.repeats
        shares = [(point.accuracy * trials + 1) / (trials + 2) for point in points]
        return math.sqrt(sum(p * (1 - p) / trials for p in shares))


def learning_curve(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    sizes: Sequence[int] | None = None,
    repeats: int = 3,
    test_fraction: float = 0.25,
    seed: int = 0,
    epochs: int = 50,
    batch_size: int = 16,
    hidden: int = 0,
    names: Sequence[str] = (),
    on_point: Callable[[CurvePoint], None] | None = None,
    on_step: Callable[[float], None] | None = None,
) -> LearningCurve:
    """Heads learnt from ever more samples of each class, for features float32 (n, d) and labels int (n,).

    Each repeat keeps other samples back to test with, about `test_fraction` of each class and whole `groups` int (n,)
    (see understand/recordings.py), and adds to the ones that it learnt from before. `sizes` are samples
    per class, SIZES by default; the last is always all that the smallest class has left. `names` are the classes', for
    the message. `on_point` gets each finished size, `on_step` the share done after each epoch; when either raises
    TrainingStopped, the curve so far is returned, or it goes through while there is no point.
    Raises BadInput for fewer than two classes or too few samples, saying how many are needed.
    """
    if repeats < 1:
        raise ValueError(f"there must be one repeat at least, got {repeats}")
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError(f"features must be (n, d) and labels (n,), got {features.shape} and {labels.shape}")
    counts = np.bincount(labels)
    _check(counts, test_fraction, names)
    orders = [_order(labels, test_fraction, seed + repeat, groups) for repeat in range(repeats)]
    smallest = min(len(of_class) for learnt, _ in orders for of_class in learnt)
    sizes = _sizes(smallest, SIZES if sizes is None else sizes)
    tested = min(int(test.sum()) for _, test in orders)
    points: list[CurvePoint] = []
    done, all_of_it = 0, sum(sizes) * repeats
    try:
        for size in sizes:
            accuracies = []
            for repeat, (learnt, test) in enumerate(orders):
                few = np.concatenate([of_class[:size] for of_class in learnt])
                head = fit_or_stop(
                    features[few],
                    labels[few],
                    part(on_step, done / all_of_it, size / all_of_it),
                    epochs=epochs,
                    batch_size=batch_size,
                    hidden=hidden,
                    seed=seed + repeat,
                )
                right = head.predict_proba(features[test]).argmax(1) == labels[test]
                accuracies.append(float(right.mean()))
                done += size
            points.append(CurvePoint(size, float(np.mean(accuracies)), min(accuracies), max(accuracies)))
            if on_point:
                on_point(points[-1])
    except TrainingStopped:
        if not points:
            raise
    return LearningCurve(tuple(points), tested, repeats)


def _check(counts: np.ndarray, test_fraction: float, names: Sequence[str]) -> None:
    """Raises BadInput unless every class has samples for a test part and two sizes."""
    if len(counts) < 2:
        raise BadInput("Two classes at least are needed to learn to tell apart. Add one, with samples.")
    if not 0 < test_fraction < 1:
        raise ValueError(f"the test fraction must lie between 0 and 1, got {test_fraction}")
    needed = next(n for n in range(4, 10_000) if n - held_out_of(n, test_fraction) >= 3)
    smallest, least = int(counts.min()), int(counts.argmin())
    if smallest < needed:
        name = names[least] if names else f"Class number {least + 1}"
        raise BadInput(
            f"{name} has {smallest} sample{'s' * (smallest != 1)}. A curve needs {needed} "
            "in every class at least: some to test with, and two sizes to compare. Collect more."
        )


def _sizes(largest: int, wanted: Sequence[int]) -> tuple[int, ...]:
    """Samples per class to learn from, rising, the last as many as the smallest class has left beside its test part."""
    # one just below the last would tell nothing more
    return (*sorted({size for size in wanted if 2 <= size <= largest / 1.25}), largest)


def _order(
    labels: np.ndarray, test_fraction: float, seed: int, groups: np.ndarray | None
) -> tuple[list[np.ndarray], np.ndarray]:
    """Samples to learn from, shuffled, of each class, and which to test with, bool (n,)."""
    test = split(labels, test_fraction, seed, groups)
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    learnt = shuffled[~test[shuffled]]
    return [learnt[labels[learnt] == label] for label in range(labels.max() + 1)], test


def _points(share: float) -> str:
    points = round(100 * share)
    return f"{points} point{'s' * (points != 1)}"
