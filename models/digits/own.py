"""A small network trained here, in seconds, on scikit-learn's 1,797 digits of 8 × 8, or on what a room has drawn."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from sklearn.datasets import load_digits as load_small
from torch import nn

from models.digits.pool import Drawing
from models.errors import BadInput
from models.runtime.training import TrainingStep, TrainingStopped

SMALL = 8
KINDS = ("conv 8", "conv 16", "pool", "dense 32", "dense 64", "dropout")
MAX_LAYERS = 6
HELD_OUT = 400


@dataclass(frozen=True, eq=False)
class Own:
    """A trained network, how many weights it has, and the share of the digits held out that it names rightly."""

    network: nn.Sequential
    weights: int
    held_out: int
    right: float
    seconds: float

    @torch.no_grad()
    def probabilities(self, seen: np.ndarray) -> np.ndarray:
        """float32 (10,) of a picture (28, 28) in 0..1, made as small as those it learnt from."""
        x = torch.from_numpy(small(seen))[None, None]
        return self.network(x).softmax(1)[0].numpy()


def small(seen: np.ndarray) -> np.ndarray:
    """float32 (8, 8) in 0..1, the digit filling it as those of scikit-learn do."""
    inner = seen[4:24, 4:24].astype(np.float32)
    return np.clip(cv2.resize(inner, (SMALL, SMALL), interpolation=cv2.INTER_AREA) * 1.3, 0, 1).astype(np.float32)


def build(kinds: tuple[str, ...]) -> nn.Sequential:
    """The layers in their order, and one of ten units at the end. Raises BadInput for an order that can't be."""
    if len(kinds) > MAX_LAYERS or any(kind not in KINDS for kind in kinds):
        raise BadInput(f"Choose up to {MAX_LAYERS} layers.")
    layers: list[nn.Module] = []
    channels, side, width = 1, SMALL, 0
    for kind in kinds:
        name, _, number = kind.partition(" ")
        if name in ("conv", "pool") and width:
            raise BadInput(
                "A convolution or pool can't come after a dense layer: the picture is a row of numbers there."
            )
        if name == "conv":
            layers += [nn.Conv2d(channels, int(number), 3, padding=1), nn.ReLU()]
            channels = int(number)
        elif name == "pool":
            if side == 1:
                raise BadInput("The picture is one pixel there: it can't be pooled again.")
            layers.append(nn.MaxPool2d(2))
            side //= 2
        elif name == "dense":
            layers += [
                *([] if width else [nn.Flatten()]),
                nn.Linear(width or channels * side * side, int(number)),
                nn.ReLU(),
            ]
            width = int(number)
        else:
            layers.append(nn.Dropout(0.3))
    return nn.Sequential(*layers, *([] if width else [nn.Flatten()]), nn.Linear(width or channels * side * side, 10))


def train(
    kinds: tuple[str, ...],
    on_step: Callable[[TrainingStep], None],
    drawings: Sequence[Drawing] = (),
    *,
    epochs: int = 25,
    seed: int = 0,
) -> Own:
    """A network of these layers, from these drawings where there are any; `on_step` is told the loss of each epoch, and
    the mistakes on those held out."""
    torch.manual_seed(seed)
    network = build(kinds)
    if drawings:
        x = torch.from_numpy(np.stack([small(drawing.seen) for drawing in drawings]))[:, None]
        y = torch.tensor([drawing.meant for drawing in drawings])
    else:
        bunch = load_small()
        x = torch.from_numpy(bunch.images.astype(np.float32) / 16)[:, None]
        y = torch.from_numpy(bunch.target.astype(np.int64))
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    count = min(HELD_OUT, len(y) // 4)
    held, learns = order[:count], order[count:]
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    began = time.perf_counter()
    right = 0.0
    try:
        for epoch in range(1, epochs + 1):
            network.train()
            total = 0.0
            for places in learns[torch.randperm(len(learns))].split(32):
                loss = nn.functional.cross_entropy(network(x[places]), y[places])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                total += float(loss.detach()) * len(places)
            network.eval()
            with torch.no_grad():
                right = float((network(x[held]).argmax(1) == y[held]).float().mean())
            on_step(TrainingStep(epoch, total / len(learns), time.perf_counter() - began, validation=1 - right))
    except TrainingStopped:
        pass
    network.eval()
    weights = sum(parameter.numel() for parameter in network.parameters())
    return Own(network, weights, count, right, time.perf_counter() - began)
