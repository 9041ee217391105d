"""The training loop: what ends it, what it reports and what it returns; with one number as the network."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from models.runtime.training import TrainingStep, TrainingStopped
from models.textgen.trainer import AVERAGED_STEPS, WARM_UP, train


class Number(nn.Module):
    """A network of one weight, and of one matrix beside it that no loss looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.matrix = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.ones(1, 1))


class Slope:
    """A loss whose gradient is 1 for ever: AdamW then goes down by the learning rate in each step. It writes down
    where the weight was before each step."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def __call__(self, network: Number) -> torch.Tensor:
        assert network.training and torch.is_grad_enabled()
        self.seen.append(network.weight.item())
        return network.weight.sum() + 0 * network.matrix.sum()


def trained(steps: int | None = None, **options: Any) -> tuple[Number, Number, list[float]]:
    """(the network itself, what was returned, where the weight was at first and after each step)."""
    network, slope = Number(), Slope()
    average = train(network, slope, steps=steps, **options)
    return network, average, [*slope.seen, network.weight.item()]


def test_it_ends_after_so_many_steps() -> None:
    steps: list[TrainingStep] = []
    train(Number(), Slope(), steps=7, on_step=steps.append)
    assert [step.step for step in steps] == [1, 2, 3, 4, 5, 6, 7]


def test_it_ends_after_so_many_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 2))  # looked at when it begins and after each step: two seconds each
    monkeypatch.setattr("models.textgen.trainer.time.monotonic", lambda: float(next(clock)))
    steps: list[TrainingStep] = []
    train(Number(), Slope(), seconds=10, on_step=steps.append)
    assert [step.seconds for step in steps] == [2, 4, 6, 8, 10]


@pytest.mark.parametrize(("limit", "last"), [({"steps": 3, "seconds": 10}, 3), ({"steps": 300, "seconds": 4}, 2)])
def test_of_steps_and_seconds_what_is_over_first_ends_it(
    limit: dict[str, Any], last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr("models.textgen.trainer.time.monotonic", lambda: float(next(clock)))
    steps: list[TrainingStep] = []
    train(Number(), Slope(), on_step=steps.append, **limit)
    assert len(steps) == last


@pytest.mark.parametrize("limit", [{}, {"steps": None, "seconds": None}, {"steps": 0}, {"seconds": 0.0}])
def test_a_training_without_an_end_does_not_begin(limit: dict[str, Any]) -> None:
    slope = Slope()
    with pytest.raises(ValueError, match="steps or seconds"):
        train(Number(), slope, **limit)
    assert not slope.seen


def test_the_learning_rate_rises_shortly_and_falls_like_a_cosine() -> None:
    _, _, weights = trained(1000, learning_rate=0.01)
    rates = -np.diff(weights) / 0.01  # of each step, 1 at most
    peak = int(rates.argmax())
    assert rates[0] == pytest.approx(0.05, rel=0.1) and rates[peak] == pytest.approx(1, abs=0.02)
    assert peak <= 1000 * WARM_UP and (np.diff(rates[: peak + 1]) > -1e-3).all()
    assert (np.diff(rates[peak:]) < 1e-3).all()
    assert rates[15] == pytest.approx(0.05 + 0.015 / WARM_UP, abs=0.02)
    assert rates[500] == pytest.approx(0.525, abs=0.02)
    assert rates[-1] == pytest.approx(0.05, abs=0.01)


def test_a_short_training_takes_its_first_steps_carefully_too() -> None:
    _, _, weights = trained(40, learning_rate=0.01)
    assert (-np.diff(weights)[:4] <= 0.01 * np.array([1, 2, 3, 4]) / 20 * 1.02).all()


@pytest.mark.parametrize("steps", [1, 5, 60])
def test_the_average_of_the_last_weights_is_returned_and_not_the_last(steps: int) -> None:
    network, average, weights = trained(steps, learning_rate=0.01)
    expected = weights[0]
    for step, weight in enumerate(weights[1:], start=1):
        kept = min(1 - 1 / AVERAGED_STEPS, step / (step + 9))
        expected = kept * expected + (1 - kept) * weight
    assert average is not network
    assert average.weight.item() == pytest.approx(expected, rel=1e-4)
    assert network.weight.item() == weights[-1] != average.weight.item()
    assert not average.training and not average.weight.requires_grad


def test_only_matrices_decay() -> None:
    network, _, weights = trained(20, learning_rate=0.01, weight_decay=0.5)
    _, _, without = trained(20, learning_rate=0.01, weight_decay=0.0)
    assert weights == without
    assert 0.9 < network.matrix.item() < 0.9999


def test_losses_are_reported_in_bits() -> None:
    for options, bits in (({}, 1 / math.log(2)), ({"bits": 0.25}, 0.25)):
        steps: list[TrainingStep] = []
        train(Number(), lambda net: net.weight.sum() * 0 + 3, steps=1, on_step=steps.append, **options)
        assert steps[0].loss == pytest.approx(3 * bits)


def test_it_looks_at_the_average_now_and_then_and_at_the_end() -> None:
    looked: list[float] = []

    def look(average: Number) -> tuple[float, str]:
        looked.append(average.weight.item())
        return float(len(looked)), f"sample {len(looked)}"

    steps: list[TrainingStep] = []
    average = train(Number(), Slope(), steps=8, on_step=steps.append, evaluate=look, evaluate_every=3)
    assert [(s.step, s.validation, s.sample) for s in steps if s.sample] == [
        (3, 1.0, "sample 1"),
        (6, 2.0, "sample 2"),
        (8, 3.0, "sample 3"),
    ]
    assert looked[-1] == average.weight.item()
    assert all(s.validation is None for s in steps if not s.sample)


def test_a_training_that_is_stopped_returns_the_average_of_the_steps_so_far() -> None:
    def stop(step: TrainingStep) -> None:
        if step.step == 4:
            raise TrainingStopped

    _, stopped, weights = trained(1000, on_step=stop)
    assert len(weights) == 5
    assert weights[-1] < stopped.weight.item() < 0


def test_any_other_error_is_not_hidden() -> None:
    def fail(step: TrainingStep) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(Number(), Slope(), steps=3, on_step=fail)


def test_a_gradient_without_bounds_is_clipped() -> None:
    network = Number()

    def wild(network: Number) -> torch.Tensor:
        return 1e6 * network.weight.sum() + 0 * network.matrix.sum()

    train(network, wild, steps=3, learning_rate=0.01)
    assert network.weight.grad is not None and abs(network.weight.grad.item()) <= 1
