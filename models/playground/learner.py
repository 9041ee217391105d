"""One network that learns from points, step by step, and what can be seen of it at any moment.

learner = Learner(Spec(hidden=(4,)), train, test)
learner.run(seconds=0.02)
learner.snapshot().accuracy  # of the points held out
"""

import base64
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.playground.network import Spec, build, features, one_cycle
from models.playground.points import REACH, Points

GRID = 48  # cells of the boundary's picture, a side
UNIT_GRID = 24  # of a unit's own map
LONGEST_CURVE = 240  # points of the loss curves that are kept
HUGE = 1e4  # of a loss or a weight: from here on nothing is learnt any more
SCALE = 3.0  # a curve's y is learnt in these, so that targets are about 1


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The network now. `classes` uint8 (GRID, GRID), the class at each place from the upper left, and `sure` uint8, how
    sure, 0..255; of a curve `curve` float32 (GRID,) is y at each x instead. `units`: by layer, the input's first, uint8
    (units, UNIT_GRID, UNIT_GRID); `weights`: by layer float32 (to, from)."""

    epoch: int
    step: int
    rate: float
    losses: tuple[float, float]
    accuracy: float | None
    history: tuple[tuple[float, float, float], ...]
    classes: np.ndarray
    sure: np.ndarray
    curve: np.ndarray | None
    units: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]
    problem: str = ""

    def __post_init__(self) -> None:
        numbers = (*self.losses, self.rate, *(x for row in self.history for x in row))
        if not all(math.isfinite(number) for number in numbers) or not all(np.isfinite(w).all() for w in self.weights):
            raise ValueError("a snapshot has finite numbers only")

    def to_browser(self) -> Mapping[str, Any]:
        """For the painter "playground"."""
        return {
            "kind": "playground",
            "epoch": self.epoch,
            "step": self.step,
            "rate": float(f"{self.rate:.3g}"),
            "losses": [round(loss, 4) for loss in self.losses],
            "accuracy": None if self.accuracy is None else round(self.accuracy, 4),
            "history": [[round(number, 3) for number in row] for row in self.history],
            "side": GRID,
            "classes": _text(self.classes),
            "sure": _text(self.sure),
            "curve": None if self.curve is None else np.round(self.curve.astype(float), 2).tolist(),
            "unitSide": UNIT_GRID,
            "units": [[_text(unit) for unit in layer] for layer in self.units],
            "weights": [np.round(layer.astype(float), 3).tolist() for layer in self.weights],
            "problem": self.problem,
        }


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, np.uint8).tobytes()).decode()


def plane(side: int) -> np.ndarray:
    """The middles of side × side cells of the plane, float32 (side², 2), from the upper left, row by row."""
    middles = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 * REACH - REACH
    x, y = np.meshgrid(middles, -middles)
    return np.stack([x.ravel(), y.ravel()], axis=1)


class Learner:
    """Not thread-safe: whoever uses it holds its `lock`. A point of a curve is seen by its x alone."""

    def __init__(self, spec: Spec, train: Points, test: Points) -> None:
        self.spec, self.is_curve, self.names = spec, train.is_curve, train.names
        self.inputs = ("x",) if self.is_curve else spec.inputs
        shown = Spec(**{**vars(spec), "inputs": self.inputs})
        self.network = build(shown, 1 if self.is_curve else len(train.names))
        self.optimiser = _optimiser(spec, list(self.network.parameters()))
        self._dice = torch.Generator().manual_seed(spec.seed)
        self._train, self._test = self._tensors(train), self._tensors(test)
        self._order: list[torch.Tensor] = []
        self._plane = torch.from_numpy(features(plane(GRID), self.inputs))
        self.epoch = self.step_count = 0
        self.problem = ""
        self.lock = threading.Lock()
        self._history: list[tuple[float, float, float]] = []
        self._every = 1  # epochs from one point of the curves to the next
        self._good = self._copied()

    def _copied(self) -> dict[str, torch.Tensor]:
        return {name: value.clone() for name, value in self.network.state_dict().items()}

    def _tensors(self, points: Points) -> tuple[torch.Tensor, torch.Tensor]:
        seen = torch.from_numpy(features(points.xy, self.inputs))
        if self.is_curve:
            return seen, torch.from_numpy(points.xy[:, 1:] / np.float32(SCALE))
        return seen, torch.from_numpy(points.labels)

    def learn_from(self, train: Points, test: Points) -> None:
        """Go on with other points of the same classes. ValueError for other classes."""
        if train.names != self.names or train.is_curve != self.is_curve:
            raise ValueError("another network is needed for other classes")
        self._train, self._test, self._order = self._tensors(train), self._tensors(test), []

    @property
    def steps_per_epoch(self) -> int:
        """Batches that all points to train on make."""
        return math.ceil(len(self._train[1]) / self.spec.batch)

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        if not self.spec.one_cycle:
            return self.spec.rate
        return one_cycle(self.step_count, self.spec.one_cycle * self.steps_per_epoch, self.spec.rate)

    def run(self, seconds: float, *, most_epochs: int = 10**9) -> None:
        """Learn for so long, or until so many epochs are through, or until it diverges."""
        until = time.perf_counter() + seconds
        last = self.epoch + most_epochs
        while not self.problem and self.epoch < last and time.perf_counter() < until:
            self.step()

    def step(self) -> None:
        """One batch: forward, backward, and the weights moved."""
        if self.problem:
            return
        seen, wanted = self._train
        if not self._order:
            self._order = list(torch.randperm(len(wanted), generator=self._dice).split(self.spec.batch))
        places = self._order.pop(0)
        if self.spec.batch_norm and len(places) == 1:  # of one point there is no spread
            places = torch.cat([places, torch.randint(len(wanted), (1,), generator=self._dice)])
        if self.optimiser.param_groups[0]["lr"] != (rate := self.rate):
            self.optimiser.param_groups[0]["lr"] = rate
        if not self.network.training:
            self.network.train()
        loss = self.loss_of(self.network(seen[places]), wanted[places])
        if self.spec.penalty in ("L1", "L2"):
            loss = loss + self._penalty()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.step_count += 1
        if not self._order:
            self.epoch += 1
            self._end_epoch()

    def _penalty(self) -> torch.Tensor:
        weights = [layer.weight for layer in self._linears()]
        sums = [weight.abs().sum() if self.spec.penalty == "L1" else weight.square().sum() for weight in weights]
        return self.spec.strength * torch.stack(sums).sum()

    def loss_of(self, said: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """The mean loss of what the network said, without penalties."""
        if self.is_curve:
            kinds: dict[str, Any] = {"absolute error": functional.l1_loss, "Huber": functional.huber_loss}
            loss: torch.Tensor = kinds.get(self.spec.loss, functional.mse_loss)(said, wanted)
            return loss
        if self.spec.loss == "squared error":
            return functional.mse_loss(said.softmax(1), functional.one_hot(wanted, said.shape[1]).to(said.dtype))
        return functional.cross_entropy(said, wanted)

    def _linears(self) -> list[nn.Linear]:
        return [layer for layer in self.network if isinstance(layer, nn.Linear)]

    def _end_epoch(self) -> None:
        losses = self.losses()
        weights = max(float(layer.weight.detach().abs().max()) for layer in self._linears())
        if not all(loss < HUGE for loss in losses) or not weights < HUGE:  # also where one is no number
            self.network.load_state_dict(self._good)
            self.problem = (
                f"It diverged in epoch {self.epoch}: each step went too far, and the loss grew without end. "
                "Choose a smaller learning rate, then press Reset."
            )
            return
        self._good = self._copied() if self.epoch % 10 == 0 else self._good
        if self.epoch % self._every == 0:
            self._history.append((float(self.epoch), *losses))
            if len(self._history) > LONGEST_CURVE:
                self._history, self._every = self._history[1::2], 2 * self._every

    @torch.no_grad()
    def losses(self) -> tuple[float, float]:
        """On the points to train on and on those held out; twice the first where none is held out."""
        self.network.eval()
        train, test = (
            float(self.loss_of(self.network(seen), wanted)) if len(wanted) else math.nan
            for seen, wanted in (self._train, self._test)
        )
        return train, train if len(self._test[1]) == 0 else test

    @torch.no_grad()
    def accuracy(self) -> float | None:
        """Share of the points held out that are named right, of all where none is held out; None of a curve."""
        if self.is_curve:
            return None
        self.network.eval()
        seen, wanted = self._test if len(self._test[1]) else self._train
        return float((self.network(seen).argmax(1) == wanted).float().mean())

    def probabilities(self) -> np.ndarray:
        """Of each class at each place of the plane, float32 (GRID², classes)."""
        return self.probabilities_at(plane(GRID))

    @torch.no_grad()
    def probabilities_at(self, xy: np.ndarray) -> np.ndarray:
        """Of each class at points (n, 2): float32 (n, classes)."""
        self.network.eval()
        return self.network(torch.from_numpy(features(xy, self.inputs))).softmax(1).numpy()

    def of_point(self, xy: tuple[float, float], label: int) -> tuple[torch.Tensor, torch.Tensor]:
        """What the network sees of one point, and what it should say."""
        return self._tensors(Points(np.array([xy], np.float32), np.array([label]), self.names, self.is_curve))

    @torch.no_grad()
    def snapshot(self) -> Snapshot:
        """What can be seen of it now."""
        self.network.eval()
        losses = self.losses()
        if not all(loss < HUGE for loss in losses):
            self.network.load_state_dict(self._good)
            losses = self.losses()
        seen, units = self._plane, [_maps(self._plane)]
        for layer in list(self.network)[:-1]:
            seen = layer(seen)
            if not isinstance(layer, nn.Linear | nn.BatchNorm1d | nn.Dropout):
                units.append(_maps(seen))
        out = self.network[-1](seen)
        shares = out.softmax(1) if not self.is_curve else torch.ones(len(out), 1)
        sure, classes = shares.max(1)
        least = 1 / shares.shape[1]
        return Snapshot(
            self.epoch,
            self.step_count,
            self.rate,
            losses,
            self.accuracy(),
            tuple(self._history),
            classes.reshape(GRID, GRID).to(torch.uint8).numpy(),
            ((sure - least) / max(1 - least, 1e-6) * 255).reshape(GRID, GRID).to(torch.uint8).numpy(),
            (out[:GRID, 0] * SCALE).numpy() if self.is_curve else None,
            tuple(units),
            tuple(layer.weight.numpy().copy() for layer in self._linears()),
            self.problem,
        )


def _maps(seen: torch.Tensor) -> np.ndarray:
    """What each unit says at each place: uint8 (units, UNIT_GRID, UNIT_GRID), 128 is 0."""
    step = GRID // UNIT_GRID
    maps = seen.T.reshape(-1, GRID, GRID)[:, ::step, ::step]
    most = maps.abs().amax((1, 2), keepdim=True).clamp(min=1e-6)
    return (128 + 127 * maps / most).round().to(torch.uint8).numpy()


def _optimiser(spec: Spec, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimiser; where torch has it fused, for each step costs as much as the network's own."""
    decay = spec.strength if spec.penalty == "weight decay" else 0.0
    if spec.optimiser == "Adam":
        return torch.optim.AdamW(parameters, spec.rate, weight_decay=decay, fused=True)
    if spec.optimiser == "RMSProp":
        return torch.optim.RMSprop(parameters, spec.rate, weight_decay=decay)
    momentum = 0.9 if spec.optimiser == "momentum" else 0.0
    return torch.optim.SGD(parameters, spec.rate, momentum=momentum, weight_decay=decay, fused=True)
