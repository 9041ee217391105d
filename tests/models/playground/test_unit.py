"""One unit in numbers: they add up, and its gradients are those of small changes."""

import pytest
import torch

from models.playground.learner import Learner
from models.playground.network import ACTIVATIONS, Spec
from models.playground.points import make, split
from models.playground.unit import labels_of_layers, told_of

TRAIN, TEST = split(make("moons", count=60, noise=0.1, seed=1), 0.5, 1)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("layer", "unit"), [(0, 1), (1, 0), (2, 1)])
def test_the_numbers_add_up_and_the_gradient_is_that_of_a_small_change(activation: str, layer: int, unit: int) -> None:
    learner = Learner(Spec(hidden=(3, 2), activation=activation), TRAIN, TEST)
    assert labels_of_layers(learner) == [3, 2, 2]
    told = told_of(learner, xy=(1.0, -2.0), label=1, layer=layer, unit=unit)
    assert told.z == pytest.approx(sum(term.product for term in told.terms) + told.bias, abs=1e-5)
    linear = [module for module in learner.network if isinstance(module, torch.nn.Linear)][layer]
    for at, term in enumerate(told.terms):
        assert term.gradient == pytest.approx(told.loss_by_z * term.input, abs=1e-5)
        losses = []
        for change in (1e-3, -1e-3):
            with torch.no_grad():
                linear.weight[unit, at] += change
            losses.append(told_of(learner, xy=(1.0, -2.0), label=1, layer=layer, unit=unit).loss)
            with torch.no_grad():
                linear.weight[unit, at] -= change
        assert term.gradient == pytest.approx((losses[0] - losses[1]) / 2e-3, abs=2e-3)
        assert told.moved(term) == pytest.approx(term.weight - told.rate * term.gradient)


def test_with_batch_norm_and_of_a_curve_it_is_told_too() -> None:
    learner = Learner(Spec(hidden=(3,), batch_norm=True), TRAIN, TEST)
    assert told_of(learner, xy=(0.5, 0.5), label=0, layer=0, unit=2).terms[0].source == "x"
    curve, _ = split(make("curve: sine", count=40, noise=0, seed=1), 0.0, 1)
    told = told_of(Learner(Spec(loss="Huber"), curve, curve), xy=(1.0, 2.0), label=0, layer=1, unit=0)
    assert [term.source for term in told.terms] == [f"unit {number}" for number in (1, 2, 3, 4)]


def test_there_is_no_layer_beyond_the_last() -> None:
    with pytest.raises(IndexError, match="no layer"):
        told_of(Learner(Spec(), TRAIN, TEST), xy=(0, 0), label=0, layer=5, unit=0)
