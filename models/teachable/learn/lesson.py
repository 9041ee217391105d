"""A lesson: from a project's samples to a trained head, by a recipe that the visitor chose."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models.runtime.training import TrainingStopped
from models.teachable.kinds import Kind
from models.teachable.learn.augmenting import variants
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.head import Head
from models.teachable.samples import Trained, TrainingSet
from models.teachable.understand.novelty import limit
from models.teachable.understand.recordings import hold_out

if TYPE_CHECKING:
    from models.teachable.learn.tuning import Tuned

VAL_FRACTION = 0.15


@dataclass(frozen=True)
class Recipe:
    """How to train. `augment` also learns from changed copies of each sample; `fine_tune` lets the network's last block
    learn as well, of pictures only. `shuffle_labels` is an experiment, not for use: labels that mean nothing can be
    learnt by heart, but not guessed (Zhang et al. 2017)."""

    epochs: int = 50
    batch_size: int = 16
    lr: float = 1e-3
    hidden: int = 0
    seed: int = 0
    augment: bool = False
    fine_tune: bool = False
    shuffle_labels: bool = False


def held_out(data: TrainingSet, seed: int = 0) -> np.ndarray:
    """Which samples are for validation, bool (n,): about VAL_FRACTION of each class, in whole groups.

    Chosen by a sample's own key, so that another round, with more samples, holds back the same ones again.
    """
    rank = [int(hashlib.sha256(f"{seed}/{s.key}".encode()).hexdigest()[:12], 16) for s in data.samples]
    return hold_out(data.labels, data.groups, VAL_FRACTION, np.array(rank))


def train(
    data: TrainingSet,
    kind: Kind,
    recipe: Recipe,
    *,
    start: Trained | None = None,
    model: Any = None,
    on_step: Callable[[Epoch], None] | None = None,
    on_looking: Callable[[float], None] | None = None,
) -> Trained:
    """A head for these samples, on from `start` where its classes are the same.

    `model` is the kind's, which augmenting and fine-tuning need; `on_looking` gets how much of their looking at
    pictures is done, 0..1, and like `on_step` may raise TrainingStopped.
    """
    from models.teachable.learn.fitting import fit_head  # torch comes with the first training

    out = held_out(data, recipe.seed)
    if recipe.shuffle_labels:
        data, start = replace(data, labels=_shuffled(data.labels, out, recipe.seed)), None
    x, y, apart = data.features, data.labels, out
    if recipe.augment:
        more, of = _augmented(data, kind, model, ~out, on_looking)
        x, y = np.concatenate([x, more]), np.concatenate([y, data.labels[of]])
        apart = np.concatenate([out, np.zeros(len(of), bool)])
    last: list[Epoch] = []
    stopped: list[bool] = []

    def report(epoch: Epoch) -> None:
        last[:] = [epoch]
        if on_step:
            try:
                on_step(epoch)
            except TrainingStopped:
                stopped.append(True)
                raise

    ids = tuple(one.id for one in data.classes)
    head = fit_head(
        x,
        y,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        lr=recipe.lr,
        hidden=recipe.hidden,
        seed=recipe.seed,
        held_out=apart,
        start=start.head if start is not None and start.class_ids == ids and start.tuned is None else None,
        on_step=report,
    )
    examples, tuned = data.features, None
    if recipe.fine_tune and not stopped:
        tuning = _tuned(data, model, recipe, head, out, report, on_looking)
        if tuning is not None:
            head, examples, tuned = tuning.head, tuning.features, tuning.weights
    return Trained(
        head=head,
        class_ids=ids,
        names=tuple(one.name for one in data.classes),
        examples=examples,
        labels=data.labels,
        accuracy=last[0].validation_accuracy if last else 0.0,
        near=limit(examples, data.labels, data.groups, kind.near, whole=data.by_recording),
        at=time.time(),
        tuned=tuned,
    )


def _shuffled(labels: np.ndarray, held_out: np.ndarray, seed: int) -> np.ndarray:
    """The same labels, dealt anew among the samples: each part keeps as many of every class as it had."""
    dealt, rng = labels.copy(), np.random.default_rng(seed)
    for part in (held_out, ~held_out):
        dealt[part] = rng.permutation(labels[part])
    return dealt


def _tuned(
    data: TrainingSet,
    model: Any,
    recipe: Recipe,
    head: Head,
    out: np.ndarray,
    report: Callable[[Epoch], None],
    on_looking: Callable[[float], None] | None,
) -> "Tuned | None":
    """The tail and its head, None when it was stopped before it began. Its epochs count on from the head's."""
    from models.teachable.learn.tuning import fine_tune

    try:
        return fine_tune(
            model,
            [sample.jpeg for sample in data.samples],
            data.labels,
            head=head,
            held_out=out,
            batch_size=recipe.batch_size,
            seed=recipe.seed,
            on_step=lambda epoch: report(replace(epoch, step=recipe.epochs + epoch.step)),
            on_front=on_looking,
        )
    except TrainingStopped:
        return None


def _augmented(
    data: TrainingSet, kind: Kind, model: Any, learnt: np.ndarray, on_looking: Callable[[float], None] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 (m, d) of changed copies of the samples in `learnt`, and which sample each is of, int (m,).
    Stopped half-way, those that are there."""
    rows, of = [], []
    try:
        for done, index in enumerate(np.flatnonzero(learnt)):
            made = variants(kind, model, data.samples[index])
            rows.append(made)
            of += [index] * len(made)
            if on_looking:
                on_looking((done + 1) / int(learnt.sum()))
    except TrainingStopped:
        pass
    if not rows:
        return np.empty((0, kind.size), np.float32), np.empty(0, int)
    return np.concatenate(rows), np.array(of)


def renamed(trained: Trained, names: dict[str, str]) -> Trained:
    """The same head under its classes' present names, by id; one that is gone keeps the name it had."""
    now = tuple(names.get(id, name) for id, name in zip(trained.class_ids, trained.names, strict=True))
    return trained if now == trained.names else replace(trained, names=now)
