"""Judging samples by a head that has not seen them: cross-validation. It finds mistakes in the samples, too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.errors import BadInput
from models.runtime.training import TrainingStopped
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.head import Head
from models.teachable.understand.recordings import fold_of


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a head that had not seen them says of samples: `probabilities` float32 (n, c), and their `labels` int (n,)
    as they were given. Samples go by their numbers, 0..n-1."""

    probabilities: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        p, y = self.probabilities, self.labels
        if p.ndim != 2 or p.dtype != np.float32 or y.shape != p.shape[:1]:
            raise ValueError(
                f"probabilities must be float32 (n, c) and labels (n,), got {p.dtype} {p.shape}, {y.shape}"
            )
        if p.shape[1] < 2 or not len(y) or y.min() < 0 or y.max() >= p.shape[1]:
            raise ValueError(f"there must be samples, and labels in 0..{p.shape[1] - 1} of two classes at least")
        if not np.allclose(p.sum(1), 1, atol=1e-3) or p.min() < 0:
            raise ValueError("a sample's probabilities must sum to 1, none below 0")

    @property
    def predicted(self) -> np.ndarray:
        """The likeliest class of each sample, int (n,)."""
        return self.probabilities.argmax(1)

    @property
    def confusion(self) -> np.ndarray:
        """How many samples of a true class (row) were taken for which (column): int (c, c)."""
        c = self.probabilities.shape[1]
        return np.bincount(self.labels * c + self.predicted, minlength=c * c).reshape(c, c)

    @property
    def accuracy(self) -> float:
        """Share of samples judged right, in 0..1."""
        return float((self.predicted == self.labels).mean())

    @property
    def recall(self) -> np.ndarray:
        """Accuracy per class: share of its samples that were found, float (c,); NaN for a class without any."""
        return _share(self.confusion.diagonal(), self.confusion.sum(1))

    @property
    def precision(self) -> np.ndarray:
        """Per class, share of what was taken for it that is it, float (c,); NaN where nothing was."""
        return _share(self.confusion.diagonal(), self.confusion.sum(0))

    def misclassified(self) -> np.ndarray:
        """Samples judged to be of another class than theirs, int (m,), the most confidently wrong first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        return wrong[np.argsort(-self.probabilities[wrong].max(1), kind="stable")]

    def uncertain(self, k: int) -> np.ndarray:
        """The k samples with the least between their two likeliest classes, int (k,), the least first."""
        second, first = np.sort(self.probabilities, axis=1)[:, -2:].T
        return np.argsort(first - second, kind="stable")[:k]

    def cell(self, true: int, predicted: int) -> np.ndarray:
        """The samples counted in one cell of `confusion`, int (m,), in order."""
        return np.flatnonzero((self.labels == true) & (self.predicted == predicted))


def judge(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    folds: int = 5,
    seed: int = 0,
    epochs: int = 50,
    batch_size: int = 16,
    hidden: int = 0,
    on_step: Callable[[float], None] | None = None,
) -> Judgement:
    """Every sample judged by a head learnt without it, for features float32 (n, d) and labels int (n,).

    Stratified k-fold cross-validation (Stone 1974). Samples of one of the `groups` int (n,), see
    understand/recordings.py, are judged together, by a head that has seen none of them; each class is spread over
    as many of the `folds` as it has groups. `on_step` gets the share done after each epoch; TrainingStopped, when it
    raises that, ends the judging and goes through, since samples not judged yet have no judgement. Raises BadInput for
    fewer than two classes or a class with fewer than two samples, ValueError for wrong shapes.
    """
    if folds < 2:
        raise ValueError(f"there must be two folds at least, got {folds}")
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError(f"features must be (n, d) and labels (n,), got {features.shape} and {labels.shape}")
    counts = np.bincount(labels)
    if len(counts) < 2:
        raise BadInput("Two classes at least are needed to judge their samples. Add one, with samples.")
    if (fewest := int(counts.min())) < 2:
        raise BadInput(
            f"Class number {counts.argmin() + 1} has {fewest} sample{'s' * (fewest != 1)}. Two at least are "
            "needed: each is judged by what was learnt from the others."
        )
    in_fold = fold_of(labels, np.arange(len(labels)) if groups is None else groups, folds, seed)
    folds = int(in_fold.max()) + 1
    probabilities = np.empty((len(labels), len(counts)), np.float32)
    for number in range(folds):
        fold = in_fold == number
        head = fit_or_stop(
            features,
            labels,
            part(on_step, number / folds, 1 / folds),
            epochs=epochs,
            batch_size=batch_size,
            hidden=hidden,
            seed=seed,
            held_out=fold,
        )
        # the twin has seen nothing of the fold, and neither have mean and scale: see fit_head
        unseen = Head(head.mean, head.scale, head.twin)
        probabilities[fold] = unseen.predict_proba(features[fold])
    return Judgement(probabilities, labels)


def fit_or_stop(
    features: np.ndarray, labels: np.ndarray, on_share: Callable[[float], None] | None, *, epochs: int, **options: Any
) -> Head:
    """`fit_head` for a head that is no use half-trained: `on_share` gets the share done after each epoch, and the
    TrainingStopped that it raises goes through."""
    from models.teachable.learn.fitting import fit_head  # torch comes with the first training

    stopped: list[TrainingStopped] = []

    def report(epoch: Epoch) -> None:
        assert on_share
        try:
            on_share(epoch.step / epochs)
        except TrainingStopped as stop:
            stopped.append(stop)
            raise

    head = fit_head(features, labels, epochs=epochs, on_step=report if on_share else None, **options)
    if stopped:
        raise stopped[0]
    return head


def part(on_step: Callable[[float], None] | None, before: float, share: float) -> Callable[[float], None] | None:
    """Tells `on_step` the share of the whole, for a part of it that begins at `before` and takes `share`."""
    return (lambda done: on_step(min(1.0, before + done * share))) if on_step else None


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
