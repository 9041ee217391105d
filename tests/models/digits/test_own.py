"""A network of one's own layers learns small digits in seconds; orders that can't be are refused in words."""

import threading

import numpy as np
import pytest

from models.digits.own import KINDS, build, small, train
from models.errors import BadInput
from models.runtime.training import TrainingStep, TrainingStopped
from tests.models.digits.test_making import digit


@pytest.mark.parametrize(
    "kinds", [(), ("dense 32",), ("conv 8", "pool", "dense 32"), ("conv 16", "pool", "pool", "dropout")]
)
def test_layers_are_put_together(kinds: tuple[str, ...]) -> None:
    import torch

    assert build(kinds)(torch.zeros(2, 1, 8, 8)).shape == (2, 10)


@pytest.mark.parametrize(
    "kinds", [("dense 32", "conv 8"), ("pool",) * 4, ("conv 8",) * 7, ("attention",), ("dense 32", "pool")]
)
def test_an_order_that_cannot_be_is_refused_in_words(kinds: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        build(kinds)


def test_it_learns_in_seconds_and_knows_a_drawn_digit() -> None:
    steps: list[TrainingStep] = []
    own = train(("conv 8", "pool", "dense 32"), steps.append)
    assert own.right > 0.95 and len(steps) == 25 and steps[-1].validation < steps[0].validation
    said = own.probabilities(digit(0))
    assert said.sum() == pytest.approx(1, abs=1e-4) and said.argmax() == 0


def test_a_training_that_is_stopped_keeps_what_it_has() -> None:
    told = threading.Event()

    def stop(step: TrainingStep) -> None:
        told.set()
        raise TrainingStopped

    own = train(("dense 32",), stop)
    assert told.is_set() and 0 < own.right < 1


def test_a_picture_is_made_as_small_as_those_it_learns_from() -> None:
    assert small(digit(3)).shape == (8, 8) and small(np.zeros((28, 28))).max() == 0 and "pool" in KINDS
