"""A learner: a plain loop's weights, what it learns, what can be seen of it, and that it ends where it diverges."""

import json
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from torch.nn import functional

from models.playground.learner import GRID, UNIT_GRID, Learner, Snapshot
from models.playground.network import ACTIVATIONS, CURVE_LOSSES, LOSSES, OPTIMISERS, PENALTIES, Spec, features
from models.playground.points import CLASSES, Points, make, split


def learner_of(spec: Spec, kind: str = "circles", count: int = 200, noise: float = 0.05) -> Learner:
    return Learner(spec, *split(make(kind, count=count, noise=noise, seed=1), 0.5, 1))


def plain(spec: Spec, train: Points, steps: int) -> list[torch.Tensor]:
    """The textbook's loop, with torch's own layers, loss and optimiser."""
    dice = torch.Generator().manual_seed(spec.seed)
    network = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    for layer in (network[0], network[2]):
        for parameter in (layer.weight, layer.bias):
            bound = layer.in_features**-0.5
            parameter.data.uniform_(-bound, bound, generator=dice)
    kinds = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam, "RMSProp": torch.optim.RMSprop}
    more = {"momentum": 0.9} if spec.optimiser == "momentum" else {}
    optimiser = kinds.get(spec.optimiser, torch.optim.SGD)(network.parameters(), lr=spec.rate, **more)
    x, y = torch.from_numpy(features(train.xy, ("x", "y"))), torch.from_numpy(train.labels)
    dice = torch.Generator().manual_seed(spec.seed)

    def batches():
        while True:
            yield from torch.randperm(len(y), generator=dice).split(spec.batch)

    for places in islice(batches(), steps):
        optimiser.zero_grad()
        functional.cross_entropy(network(x[places]), y[places]).backward()
        optimiser.step()
    return [parameter.detach() for parameter in network.parameters()]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_after_100_steps_the_weights_are_those_of_a_plain_loop(optimiser: str) -> None:
    spec = Spec(optimiser=optimiser, rate=0.03)
    train, test = split(make("XOR", count=500, noise=0.1, seed=1), 0.5, 1)
    learner = Learner(spec, train, test)
    for _ in range(100):
        learner.step()
    for ours, theirs in zip(learner.network.parameters(), plain(spec, train, 100), strict=True):
        assert ours.detach().numpy() == pytest.approx(theirs.numpy(), abs=1e-6)


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind != "spiral"])
def test_a_hidden_layer_parts_the_points(kind: str) -> None:
    learner = learner_of(Spec(hidden=(8, 4), rate=0.03), kind, count=300)
    learner.run(60, most_epochs=80)
    assert (learner.accuracy() or 0) > 0.9


def test_without_one_xor_is_not_parted_but_with_the_product_as_input_it_is() -> None:
    flat, product = (learner_of(Spec(inputs=inputs, hidden=()), "XOR", 300) for inputs in (("x", "y"), ("x·y",)))
    for learner in (flat, product):
        learner.run(60, most_epochs=60)
    assert (flat.accuracy() or 0) < 0.76 < 0.95 < (product.accuracy() or 0)


def test_huber_cares_less_for_an_outlier_than_the_squared_error() -> None:
    points = make("curve: line with an outlier", count=40, noise=0, seed=1)
    ends = {}
    for loss in ("squared error", "Huber", "absolute error"):
        learner = Learner(Spec(hidden=(), loss=loss, rate=0.03, batch=40), points, points.at(np.arange(0)))
        learner.run(60, most_epochs=600)
        curve = learner.snapshot().curve
        assert curve is not None
        ends[loss] = abs(float(curve[-1]) - 0.6 * 5.875)
    assert ends["absolute error"] < ends["squared error"] and ends["Huber"] < ends["squared error"]


CHOICES: list[dict] = [
    *({"penalty": penalty} for penalty in PENALTIES),
    *({"activation": activation} for activation in ACTIVATIONS),
    *({"loss": loss} for loss in LOSSES),
    *({"dropout": 0.5}, {"batch_norm": True}, {"one_cycle": 20}, {"batch": 1000}),
    *({"hidden": ()}, {"hidden": (8, 8, 8, 8)}),
]


@pytest.mark.parametrize("more", CHOICES, ids=str)
def test_whatever_is_chosen_it_learns_and_can_be_seen(more: dict) -> None:
    learner = learner_of(Spec(**more))
    before = learner.losses()[0]
    learner.run(60, most_epochs=15)
    seen = learner.snapshot()
    assert learner.epoch == 15 and seen.losses[0] < before
    assert seen.classes.shape == (GRID, GRID) and len(seen.units) == len(learner.spec.hidden) + 1
    assert all(units.shape[1:] == (UNIT_GRID, UNIT_GRID) for units in seen.units)
    assert len(json.dumps(seen.to_browser(), allow_nan=False)) < 100_000


def test_batch_norm_with_a_batch_of_one_is_no_trouble() -> None:
    learner = learner_of(Spec(batch_norm=True, batch=1), count=20)
    learner.run(60, most_epochs=2)
    assert learner.epoch == 2 and not learner.problem


@pytest.mark.parametrize("loss", CURVE_LOSSES)
def test_a_curve_is_followed(loss: str) -> None:
    learner = learner_of(Spec(hidden=(8, 8), loss=loss), "curve: sine")
    learner.run(60, most_epochs=150)
    curve = learner.snapshot().curve
    assert curve is not None and learner.accuracy() is None
    x = (np.arange(GRID) + 0.5) / GRID * 12 - 6
    inner = np.abs(x) < 4.5
    assert np.abs(curve[inner] - 3 * np.sin(x[inner])).mean() < 0.6


def test_the_boundary_is_drawn_where_the_points_are() -> None:
    learner = learner_of(Spec(hidden=(8,)), "clusters")
    learner.run(60, most_epochs=40)
    classes = learner.snapshot().classes
    assert classes[GRID - 8, 8] == 0 and classes[8, GRID - 8] == 1, "left below and right above"


@pytest.mark.parametrize("optimiser", ["SGD", "momentum"])
def test_where_it_diverges_it_says_so_and_shows_no_nan(optimiser: str) -> None:
    learner = learner_of(Spec(hidden=(8,), activation="ReLU", optimiser=optimiser, rate=10.0), "curve: sine")
    learner.run(60, most_epochs=200)
    assert "smaller learning rate" in learner.problem
    steps = learner.step_count
    learner.step()
    assert learner.step_count == steps, "it stays ended"
    json.dumps(learner.snapshot().to_browser(), allow_nan=False)


def test_a_long_training_keeps_a_bounded_curve() -> None:
    learner = learner_of(Spec(batch=100), count=40)
    learner.run(120, most_epochs=1500)
    history = learner.snapshot().history
    assert 100 < len(history) <= 240 and history[-1][0] > 1400


def test_other_points_of_the_same_classes_are_taken_up_and_others_refused() -> None:
    learner = learner_of(Spec())
    learner.step()
    more = make("circles", count=50, noise=0, seed=5)
    learner.learn_from(more, more.at(np.arange(0)))
    learner.run(60, most_epochs=3)
    assert learner.losses()[0] == learner.losses()[1]
    with pytest.raises(ValueError, match="another network"):
        learner.learn_from(*split(make("moons", count=50, noise=0, seed=1), 0.5, 1))


def test_a_snapshot_with_nan_is_refused() -> None:
    seen = learner_of(Spec()).snapshot()
    with pytest.raises(ValueError, match="finite"):
        replace(seen, losses=(float("nan"), 0.0))
    assert isinstance(seen, Snapshot)
