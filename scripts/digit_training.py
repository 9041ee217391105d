"""What the parts of scripts/train_digits.py share: the data, how a network learns, how it is counted."""

import copy
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.digits.layers import CNN, STUDENT, Weights, folded, read, sizes, to_torch, write

HERE = Path(__file__).parents[1] / "assets" / "digits"
CHOOSES = 5000  # of the training pictures
KEPT = 0.999  # of the moving average of weights, each step


class Data:
    """Pictures float32 (n, 1, 28, 28) in 0..1 and digits int64 (n,)."""

    def __init__(self, folder: Path) -> None:
        parts = {}
        for name in ("train", "test"):
            with np.load(folder / f"{name}.npz") as file:
                x = torch.from_numpy(file["pictures"]).float().div(255)[:, None]
                parts[name] = x, torch.from_numpy(file["digits"]).long()
        order = torch.randperm(len(parts["train"][1]), generator=torch.Generator().manual_seed(0))
        chooses, learns = order[:CHOOSES], order[CHOOSES:]
        self.x, self.y = (part[learns] for part in parts["train"])
        self.held_x, self.held_y = (part[chooses] for part in parts["train"])
        self.test_x, self.test_y = parts["test"]


def shaken(x: torch.Tensor) -> torch.Tensor:
    """Each picture turned, scaled, sheared and moved a little, by chance."""
    n = len(x)
    angle = (torch.rand(n) * 2 - 1) * 0.22
    size = 1 + (torch.rand(n, 2) * 2 - 1) * 0.13
    shear = (torch.rand(n) * 2 - 1) * 0.2
    move = (torch.rand(n, 2) * 2 - 1) * 0.15
    cos, sin = angle.cos(), angle.sin()
    rows = [
        torch.stack([cos * size[:, 0], -sin + shear, move[:, 0]], 1),
        torch.stack([sin, cos * size[:, 1], move[:, 1]], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def batches(n: int, size: int) -> Iterator[torch.Tensor]:
    yield from torch.randperm(n).split(size)


@torch.no_grad()
def accuracy(network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    network.eval()
    return float(torch.cat([network(part).argmax(1) for part in x.split(1000)]).eq(y).float().mean())


def learn(
    network: nn.Module,
    data: Data,
    loss_of: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor],
    *,
    epochs: int,
    rate: float,
    batch: int = 128,
    after: Callable[[], None] = lambda: None,
) -> nn.Module:
    """Trains with one cycle; returns the moving average of the weights, or the last ones where they are better."""
    optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=1e-2)
    steps = epochs * math.ceil(len(data.y) / batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.2)
    average = copy.deepcopy(network)
    for epoch in range(epochs):
        network.train()
        for places in batches(len(data.y), batch):
            x, y = shaken(data.x[places]), data.y[places]
            loss = loss_of(network(x), x, y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            after()
            with torch.no_grad():
                for mean, now in zip(average.parameters(), network.parameters(), strict=True):
                    mean.lerp_(now, 1 - KEPT)
                for mean, now in zip(average.buffers(), network.buffers(), strict=True):
                    mean.copy_(now)
        held = [accuracy(one, data.held_x, data.held_y) for one in (network, average)]
        print(f"  epoch {epoch + 1}: {held[0]:.4f}, averaged {held[1]:.4f}", flush=True)
    return average if held[1] >= held[0] else network


def by_label(said: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(said, y, label_smoothing=0.05)


def note(name: str, began: float, **figures: object) -> None:
    """Into figures.json."""
    file = HERE / "figures.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    known[name] = {**figures, "seconds": round(time.time() - began)}
    file.write_text(json.dumps(known, indent=1) + "\n")
    print(name, known[name], flush=True)


def finished(name: str, network: nn.Sequential, data: Data, began: float) -> None:
    """Written, read again, and counted as it will be used."""
    weights = folded(network)
    write(HERE / f"{name}.npz", weights)
    counted(name, read(HERE / f"{name}.npz"), data, began)


def counted(name: str, weights: Weights, data: Data, began: float) -> None:
    layers = STUDENT if name.startswith("student") else CNN
    again = to_torch(layers, weights)
    right = {
        part: accuracy(again, *pair)
        for part, pair in (("held", (data.held_x, data.held_y)), ("test", (data.test_x, data.test_y)))
    }
    note(name, began, **{part: round(share, 4) for part, share in right.items()}, **sizes(weights))
