"""The one training loop of our own networks. It knows no model and no page: a loss comes in, reports go out."""

import copy
import math
import time
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from models.runtime.training import TrainingStep, TrainingStopped

Network = TypeVar("Network", bound=nn.Module)

WARM_UP = 0.03  # share of the training in which the learning rate rises
AVERAGED_STEPS = 1000  # about how many of the last steps' weights are averaged


def train(
    network: Network,
    loss_of: Callable[[Network], torch.Tensor],
    *,
    bits: float = 1 / math.log(2),
    steps: int | None = None,
    seconds: float | None = None,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.1,
    on_step: Callable[[TrainingStep], None] | None = None,
    evaluate: Callable[[Network], tuple[float | None, str | None]] | None = None,
    evaluate_every: int = 100,
) -> Network:
    """Train for so many steps or seconds, whichever is over first, and return the average of the last steps' weights
    (Polyak & Juditsky 1992), which generalises better than the last alone.

    `loss_of(network)` draws a batch and returns its loss in nats per token; `bits` turns that into bits per character.
    AdamW (Loshchilov & Hutter 2019), a short rise and a cosine fall of the learning rate. `evaluate(average)` gives
    (validation bits per character, sample of writing) every `evaluate_every` steps, for the report. When `on_step`
    raises TrainingStopped, what was learnt so far is returned.
    """
    if not steps and not seconds:
        raise ValueError("steps or seconds must be given, or the training has no end")
    average = copy.deepcopy(network).eval().requires_grad_(False)
    matrices = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=learning_rate,
        betas=(0.9, 0.99),
        fused=True,
    )
    device = next(network.parameters()).device.type
    network.train()
    began, step, done = time.monotonic(), 0, 0.0
    try:
        while done < 1:
            for group in optimiser.param_groups:
                group["lr"] = learning_rate * min(1.0, (step + 1) / 20, 0.05 + done / WARM_UP) * _cosine(done)
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                loss = loss_of(network)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            step += 1
            with torch.no_grad():
                kept = min(1 - 1 / AVERAGED_STEPS, step / (step + 9))
                torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - kept)
            passed = time.monotonic() - began
            done = max(step / steps if steps else 0.0, passed / seconds if seconds else 0.0)
            if on_step:
                is_due = evaluate is not None and (step % evaluate_every == 0 or done >= 1)
                validation, sample = evaluate(average) if evaluate and is_due else (None, None)
                on_step(TrainingStep(step, loss.item() * bits, passed, sample, validation))
    except TrainingStopped:
        pass
    return average


def _cosine(done: float) -> float:
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
