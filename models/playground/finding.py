"""Which learning rate, which optimiser, how much of it is chance: a finder, a race on a surface, ten seeds."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from models.playground.learner import HUGE, Learner
from models.playground.network import OPTIMISERS, Spec
from models.playground.points import Points

FIND_STEPS = 120
LOWEST, HIGHEST = 1e-5, 10.0
SEEDS = 10
SEED_EPOCHS, SEED_S = 60, 1.5  # of each of them at most
RACE_STEPS = 150
STARTS = {"valley": (-4.0, 2.0), "saddle": (-3.5, 0.02), "bowls": (-4.5, 4.0)}


@dataclass(frozen=True)
class Found:
    """Rates that were tried, rising, the smoothed loss at each, and the one to take."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    best: float


def find_rate(spec: Spec, train: Points) -> Found:
    """A short training whose rate rises with every step (Smith 2015). The one to take is where the loss falls most
    steeply, a little before it rises again."""
    learner = Learner(replace(spec, one_cycle=0), train, train)
    rates, losses, smooth = [], [], 0.0
    for step in range(FIND_STEPS):
        rate = LOWEST * (HIGHEST / LOWEST) ** (step / (FIND_STEPS - 1))
        learner.spec = replace(learner.spec, rate=rate)
        learner.step()
        loss = learner.losses()[0]
        if not loss < HUGE:
            break
        smooth = 0.8 * smooth + 0.2 * loss
        rates.append(rate)
        losses.append(smooth / (1 - 0.8 ** (step + 1)))
        if losses[-1] > 4 * min(losses) + 0.5:
            break
    falls = max(3, int(np.argmin(losses)) + 1)  # what comes after the lowest loss is no fall any more
    slopes = np.gradient(np.array(losses), np.log(np.array(rates)))[:falls] if len(rates) > 2 else np.zeros(1)
    return Found(tuple(rates), tuple(losses), rates[int(np.argmin(slopes))])


def surface(name: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """A loss of two weights x and y. KeyError for another name."""
    return {
        "valley": lambda x, y: 0.02 * x**2 + 1.0 * y**2,
        "saddle": lambda x, y: 0.1 * x**2 - 0.15 * y**2 + 0.01 * y**4,
        "bowls": lambda x, y: (
            0.05 * (x**2 + y**2)
            - 2 * torch.exp(-((x - 2) ** 2 + (y + 2) ** 2) / 2)
            - torch.exp(-((x + 2) ** 2 + (y - 2) ** 2) / 2)
        ),
    }[name]


def race(name: str, rate: float) -> dict[str, np.ndarray]:
    """The way of each optimiser down the surface, float32 (RACE_STEPS + 1, 2); where one flies off it ends."""
    height, ways = surface(name), {}
    for optimiser in OPTIMISERS:
        place = torch.tensor(STARTS[name], requires_grad=True)
        made = _plain(optimiser, place, rate)
        way = [place.detach().clone().numpy()]
        for _ in range(RACE_STEPS):
            made.zero_grad()
            height(place[0], place[1]).backward()
            made.step()
            if not bool((place.detach().abs() < 20).all()):
                break
            way.append(place.detach().clone().numpy())
        ways[optimiser] = np.array(way, np.float32)
    return ways


def _plain(name: str, place: torch.Tensor, rate: float) -> torch.optim.Optimizer:
    if name == "Adam":
        return torch.optim.Adam([place], rate)
    if name == "RMSProp":
        return torch.optim.RMSprop([place], rate)
    return torch.optim.SGD([place], rate, momentum=0.9 if name == "momentum" else 0.0)


@dataclass(frozen=True, eq=False)
class Seeds:
    """How right each of the networks is on the points held out, the mean of their probabilities together, and that
    mean's boundary: uint8 (GRID, GRID)."""

    each: tuple[float, ...]
    together: float
    classes: np.ndarray


def ten_seeds(spec: Spec, train: Points, test: Points, on_step: Callable[[int], None] = lambda done: None) -> Seeds:
    """The same network from ten seeds. ValueError for a curve."""
    if train.is_curve:
        raise ValueError("a curve has no classes to be right about")
    each, told, grids = [], [], []
    asked = test if len(test) else train
    for seed in range(SEEDS):
        learner = Learner(replace(spec, seed=seed), train, asked)
        learner.run(SEED_S, most_epochs=SEED_EPOCHS)
        each.append(learner.accuracy() or 0.0)
        told.append(learner.probabilities_at(asked.xy))
        grids.append(learner.probabilities())
        on_step(seed + 1)
    together = float((np.mean(told, axis=0).argmax(1) == asked.labels).mean())
    side = math.isqrt(len(grids[0]))
    return Seeds(tuple(each), together, np.mean(grids, axis=0).argmax(1).reshape(side, side).astype(np.uint8))
