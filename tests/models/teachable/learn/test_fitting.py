"""Fitting: heads learn, honestly validated, reproducibly, and stop when asked."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from models.errors import BadInput
from models.runtime.training import TrainingStopped
from models.teachable import fit_head
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.head import Head
from models.teachable.understand.recordings import split

DIGITS = load_digits()  # 1797 real hand-written digits of 64 pixels, inside scikit-learn
X, Y = DIGITS.data.astype(np.float32), DIGITS.target


def some(per_class: int, classes: int = 10, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of training samples, `per_class` of each; their labels; and the numbers of all the others."""
    order = np.random.default_rng(seed).permutation(len(Y))
    learnt = np.concatenate([order[Y[order] == c][:per_class] for c in range(classes)])
    others = np.setdiff1d(np.flatnonzero(classes > Y), learnt)
    return learnt, Y[learnt], others


def many_features(d: int = 1280) -> np.ndarray:
    """As many features as an embedding has, and like one's never below zero: random half-planes of the pixels."""
    planes = np.random.default_rng(0).normal(size=(64, d)) / 64
    return np.maximum(X @ planes, 0).astype(np.float32)


@pytest.mark.parametrize(("d", "per_class", "behind"), [(1280, 5, 0.005), (1280, 20, 0.005), (64, 5, 0.02)])
def test_is_as_accurate_as_logistic_regression_on_the_same_samples(d: int, per_class: int, behind: float) -> None:
    x = many_features() if d == 1280 else X
    ours, theirs = [], []
    for seed in range(4):
        learnt, labels, others = some(per_class, classes=5, seed=seed)
        head = fit_head(x[learnt], labels, seed=seed)
        ours.append((head.predict_proba(x[others]).argmax(1) == Y[others]).mean())
        regression = LogisticRegression(max_iter=500).fit(x[learnt], labels)
        theirs.append(regression.score(x[others], Y[others]))
    assert np.mean(ours) >= np.mean(theirs) - behind


def test_a_hidden_layer_learns_a_border_that_no_line_can_be() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (400, 2)).astype(np.float32)
    inside = (x[:, 0] * x[:, 1] > 0).astype(int)
    accuracy = [(fit_head(x, inside, hidden=h, lr=0.01).predict_proba(x).argmax(1) == inside).mean() for h in (0, 50)]
    assert accuracy[0] < 0.7 < 0.9 < accuracy[1]


def test_the_same_seed_gives_the_same_head_and_another_seed_another() -> None:
    learnt, labels, _ = some(5, 3)
    first, again, other = (fit_head(X[learnt], labels, seed=s, epochs=3).layers[0][0] for s in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_validation_is_of_samples_that_the_twin_never_saw() -> None:
    learnt, labels, _ = some(20, 2)
    wrong = labels.copy()
    held = split(labels, 0.15, seed=0)
    wrong[held] = 1 - wrong[held]  # the held-out ones lie about their class
    epochs: list[Epoch] = []
    head = fit_head(X[learnt], wrong, epochs=100, hidden=50, lr=0.01, on_step=epochs.append)
    assert epochs[-1].accuracy == 1 and epochs[-1].validation_accuracy == 0
    assert (head.predict_proba(X[learnt]).argmax(1) == wrong).all(), "the head itself has seen them"
    twin = Head(head.mean, head.scale, head.twin).predict_proba(X[learnt[held]])
    assert (twin.argmax(1) != wrong[held]).all()


def test_held_out_may_be_chosen_by_the_caller() -> None:
    learnt, labels, _ = some(10, 2)
    held = np.zeros(20, bool)
    held[[3, 12]] = True
    changed = X[learnt].copy()
    changed[held] = 1000  # would be seen in the twin, mean and scale if they were learnt from
    kept, moved = (fit_head(x, labels, held_out=held, epochs=3) for x in (X[learnt], changed))
    assert np.array_equal(kept.mean, moved.mean) and np.array_equal(kept.twin[0][0], moved.twin[0][0])
    assert not np.array_equal(kept.layers[0][0], moved.layers[0][0])


@pytest.mark.parametrize(("n", "expected"), [(2, 1), (3, 1), (10, 2), (100, 15)])
def test_fifteen_percent_of_each_class_are_held_out_one_at_least_never_all(n: int, expected: int) -> None:
    labels = np.repeat([0, 1], [n, 40])
    held = split(labels, 0.15)
    assert held[:n].sum() == expected and held[n:].sum() == 6


def test_going_on_begins_where_the_head_is() -> None:
    learnt, labels, _ = some(20, 4)
    first: list[Epoch] = []
    then: list[Epoch] = []
    head = fit_head(X[learnt], labels, epochs=10, on_step=first.append)
    fit_head(X[learnt], labels, epochs=1, start=head, on_step=then.append)
    assert then[0].loss < first[-1].loss < first[0].loss
    other = fit_head(X[learnt], labels, epochs=1, hidden=8, start=head)  # another shape begins anew
    assert other.hidden == 8


def test_each_epoch_is_told_and_a_stop_keeps_what_was_learnt() -> None:
    learnt, labels, others = some(20, 3)
    epochs: list[Epoch] = []

    def stop_at_ten(epoch: Epoch) -> None:
        epochs.append(epoch)
        if epoch.step == 10:
            raise TrainingStopped

    head = fit_head(X[learnt], labels, epochs=1000, on_step=stop_at_ten)
    assert [epoch.step for epoch in epochs] == list(range(1, 11))
    assert (head.predict_proba(X[others]).argmax(1) == Y[others]).mean() > 0.9


def test_features_without_spread_do_no_harm() -> None:
    x = np.ones((6, 4), np.float32)
    head = fit_head(x, np.array([0, 0, 0, 1, 1, 1]))
    assert np.allclose(head.predict_proba(x), 0.5, atol=0.01)


@pytest.mark.parametrize(
    ("labels", "words"),
    [([], "no samples"), ([0, 0, 0], "one class"), ([0, 0, 1], "number 2 has 1 sample"), ([0, 0, 2, 2], "has 0")],
)
def test_too_little_is_bad_input_that_says_so(labels: list[int], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        fit_head(np.zeros((len(labels), 3), np.float32), np.array(labels, int))


@pytest.mark.parametrize(
    "wrong",
    [
        {"embeddings": np.zeros((4,), np.float32)},
        {"embeddings": np.full((4, 2), np.nan, np.float32)},
        {"labels": np.zeros(3, int)},
        {"epochs": 0},
        {"lr": 0.0},
        {"val_fraction": 1.0},
        {"held_out": np.array([True, True, False, False])},
    ],
)
def test_wrong_arguments_are_value_errors(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"embeddings": np.eye(4, 2, dtype=np.float32), "labels": np.array([0, 0, 1, 1])} | wrong
    with pytest.raises(ValueError):
        fit_head(given.pop("embeddings"), given.pop("labels"), **given)
