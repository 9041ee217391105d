"""A rate that is found trains well, races go down, ten seeds differ and vote."""

import numpy as np
import pytest
import torch

from models.playground.finding import RACE_STEPS, STARTS, find_rate, race, surface, ten_seeds
from models.playground.learner import Learner
from models.playground.network import OPTIMISERS, Spec
from models.playground.points import make, split

TRAIN, TEST = split(make("circles", count=300, noise=0.1, seed=1), 0.5, 1)


@pytest.mark.parametrize("optimiser", ["SGD", "Adam"])
def test_the_found_rate_trains_better_than_a_hundredth_and_a_hundredfold_of_it(optimiser: str) -> None:
    spec = Spec(hidden=(8,), optimiser=optimiser)
    found = find_rate(spec, TRAIN)
    assert found.rates[0] < found.best < found.rates[-1] and np.isfinite(found.losses).all()
    ends = []
    for rate in (found.best / 100, found.best, min(100.0, found.best * 100)):
        learner = Learner(Spec(hidden=(8,), optimiser=optimiser, rate=rate), TRAIN, TEST)
        learner.run(60, most_epochs=15)
        ends.append(9.0 if learner.problem else learner.losses()[0])
    assert ends[1] < ends[0] and ends[1] < ends[2]


@pytest.mark.parametrize("name", STARTS)
def test_a_race_begins_where_all_begin_and_goes_down(name: str) -> None:
    ways = race(name, 0.1)
    assert set(ways) == set(OPTIMISERS)
    height = surface(name)
    for way in ways.values():
        assert len(way) <= RACE_STEPS + 1 and tuple(way[0]) == pytest.approx(STARTS[name])
        first, last = (float(height(*torch.tensor(place))) for place in (way[0], way[-1]))
        assert last < first


def test_who_flies_off_ends_there() -> None:
    way = race("valley", 3.0)["SGD"]
    assert len(way) < RACE_STEPS and np.abs(way).max() < 20


def test_ten_seeds_are_told_one_by_one_and_together() -> None:
    steps: list[int] = []
    found = ten_seeds(Spec(hidden=(3,)), TRAIN, TEST, steps.append)
    assert len(found.each) == 10 and steps == list(range(1, 11)) and len(set(found.each)) > 1
    assert found.together >= np.median(found.each) - 0.02
    with pytest.raises(ValueError, match="curve"):
        ten_seeds(Spec(), *split(make("curve: sine", count=20, noise=0, seed=1), 0.5, 1))
