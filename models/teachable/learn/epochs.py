"""Epochs: the training loop of heads and of a fine-tuned tail. It knows neither; a loss comes in, figures go out."""

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from models.runtime.training import TrainingStopped
from models.teachable.learn.epoch import Epoch


def run(
    loss_of: Callable[[Tensor], Tensor],
    optimiser: torch.optim.Optimizer,
    samples: Tensor,
    on_epoch: Callable[[int, float], None],
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    after_step: Callable[[], None] | None = None,
) -> None:
    """Learn from the samples of these numbers, int64 (n,), in shuffled batches: `loss_of` gets some of the numbers.
    `on_epoch` gets each epoch's number, from 1, and the seconds since the beginning; when it raises TrainingStopped,
    that was the last one."""
    generator = torch.Generator().manual_seed(seed)
    began = time.monotonic()
    try:
        for epoch in range(1, epochs + 1):
            order = samples[torch.randperm(len(samples), generator=generator)]
            for batch in order.split(batch_size):
                loss = loss_of(batch)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                if after_step:
                    after_step()
            on_epoch(epoch, time.monotonic() - began)
    except TrainingStopped:
        pass


@torch.no_grad()
def measured(logits: Tensor, labels: Tensor, held_out: Tensor, epoch: int, seconds: float) -> Epoch:
    """The figures of logits (n, classes) for labels int64 (n,), by whether a sample is held out, bool (n,)."""
    nats, right = F.cross_entropy(logits, labels, reduction="none"), (logits.argmax(1) == labels).float()
    learnt = ~held_out
    return Epoch(
        step=epoch,
        loss=float(nats[learnt].mean()),
        seconds=seconds,
        validation=float(nats[held_out].mean()) if held_out.any() else None,
        accuracy=float(right[learnt].mean()),
        validation_accuracy=float(right[held_out].mean()) if held_out.any() else 0.0,
        learnt=int(learnt.sum()),
        held_out=int(held_out.sum()),
    )
