"""What a small network is made of, checked and within bounds; torch builds it. No torch is imported before that."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Generator, nn

INPUTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "x": lambda x, y: x / 3,
    "y": lambda x, y: y / 3,
    "x²": lambda x, y: x**2 / 9,
    "y²": lambda x, y: y**2 / 9,
    "x·y": lambda x, y: x * y / 9,
    "sin x": lambda x, y: np.sin(x),
    "sin y": lambda x, y: np.sin(y),
}
"""What the network may see of a point, by name; scaled so that all are about as large."""

ACTIVATIONS = ("tanh", "ReLU", "sigmoid", "none")
LOSSES, CURVE_LOSSES = ("cross-entropy", "squared error"), ("squared error", "absolute error", "Huber")
OPTIMISERS = ("SGD", "momentum", "RMSProp", "Adam")
PENALTIES = ("none", "L1", "L2", "weight decay")
RATES = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
MAX_LAYERS, MAX_UNITS = 4, 8


@dataclass(frozen=True)
class Spec:
    """One network and how it is trained. ValueError for what can't be."""

    inputs: tuple[str, ...] = ("x", "y")
    hidden: tuple[int, ...] = (4,)
    activation: str = "tanh"
    loss: str = "cross-entropy"
    optimiser: str = "Adam"
    rate: float = 0.03
    batch: int = 10
    penalty: str = "none"
    strength: float = 0.001
    dropout: float = 0.0
    batch_norm: bool = False
    one_cycle: int = 0  # epochs of a schedule that rises and falls again; 0: the rate stays
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.inputs or any(name not in INPUTS for name in self.inputs):
            raise ValueError(f"expected at least one of {list(INPUTS)}, got {self.inputs}")
        if len(self.hidden) > MAX_LAYERS or any(not 1 <= units <= MAX_UNITS for units in self.hidden):
            raise ValueError(f"expected up to {MAX_LAYERS} layers of 1 to {MAX_UNITS} units, got {self.hidden}")
        choices = {
            self.activation: ACTIVATIONS,
            self.loss: (*LOSSES, *CURVE_LOSSES),
            self.optimiser: OPTIMISERS,
            self.penalty: PENALTIES,
        }
        if any(chosen not in those for chosen, those in choices.items()):
            raise ValueError(f"unknown choice in {self}")
        if not (0 < self.rate <= 100 and self.batch >= 1 and 0 <= self.dropout < 1 and 0 <= self.strength <= 1):
            raise ValueError(f"out of bounds: {self}")


def features(xy: np.ndarray, inputs: tuple[str, ...]) -> np.ndarray:
    """float32 (n, inputs) of points (n, 2)."""
    return np.stack([INPUTS[name](xy[:, 0], xy[:, 1]) for name in inputs], axis=1).astype(np.float32)


def build(spec: Spec, outputs: int) -> "nn.Sequential":
    """The network, with weights drawn by the spec's seed: uniform within 1/√inputs, as torch draws them itself."""
    import torch
    from torch import nn

    kinds = {"tanh": nn.Tanh, "ReLU": nn.ReLU, "sigmoid": nn.Sigmoid, "none": nn.Identity}
    dice = torch.Generator().manual_seed(spec.seed)
    layers: list[nn.Module] = []
    width = len(spec.inputs)
    for units in spec.hidden:
        layers += [_linear(width, units, dice), *([nn.BatchNorm1d(units)] * spec.batch_norm), kinds[spec.activation]()]
        layers += [nn.Dropout(spec.dropout)] if spec.dropout else []
        width = units
    return nn.Sequential(*layers, _linear(width, outputs, dice))


def _linear(inputs: int, outputs: int, dice: "Generator") -> "nn.Linear":
    import torch
    from torch import nn

    layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
    bound = 1 / math.sqrt(inputs)
    with torch.no_grad():
        for parameter in (layer.weight, layer.bias):
            parameter.uniform_(-bound, bound, generator=dice)
    return layer


def one_cycle(step: int, steps: int, rate: float) -> float:
    """The learning rate at a step of a cycle of `steps`: from a 25th of `rate` up to it in the first 30 %, then down to
    nearly nothing, both along a cosine (Smith 2018; as torch's OneCycleLR)."""
    up = 0.3 * steps - 1
    if step <= up:
        low, high, share = rate / 25, rate, step / up
    else:
        low, high, share = rate, rate / 25e4, min(1.0, (step - up) / max(1e-9, steps - 1 - up))
    return high + (low - high) * (1 + math.cos(math.pi * share)) / 2
