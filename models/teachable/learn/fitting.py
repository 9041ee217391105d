"""Transfer learning: a head is fitted on frozen features, in torch. It knows no page; a callback gets each epoch."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.errors import BadInput
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.epochs import measured, run
from models.teachable.learn.head import Head, Layer
from models.teachable.understand.recordings import split

EMBEDDING = 1280  # features, of EfficientNet-Lite0: the defaults of `fit_head` suit so many


def fit_head(
    embeddings: np.ndarray,
    labels: np.ndarray,
    *,
    epochs: int = 50,
    batch_size: int = 16,
    lr: float = 1e-3,
    hidden: int = 0,
    val_fraction: float = 0.15,
    seed: int = 0,
    held_out: np.ndarray | None = None,
    start: Head | None = None,
    on_step: Callable[[Epoch], None] | None = None,
) -> Head:
    """A head for features float32 (n, d) and labels int (n,) in 0..classes-1, each with at least two samples.

    Two heads learn side by side from the same batches. One sees every sample and is returned; its twin never sees the
    validation samples (`val_fraction` of each class, at least one, or those where `held_out`, bool (n,), says so), so
    that its figures, which `on_step` gets after each epoch, are honest, and no sample is wasted. Adam (Kingma & Ba
    2014), softmax cross-entropy; features are standardised, each by its own spread and the mean one together, because
    with five samples a feature's own spread alone is noise. `hidden` units make a second layer (ReLU). `start` goes
    on from an earlier head of the same shape. When `on_step` raises TrainingStopped, the head is returned as it is.

    Raises BadInput for fewer than two classes or a class with fewer than two samples, ValueError for wrong shapes.
    """
    x, y = _checked(embeddings, labels)
    if epochs < 1 or batch_size < 1 or hidden < 0 or not lr > 0:
        raise ValueError(f"epochs, batch_size and lr must be positive, got {epochs}, {batch_size}, {lr}")
    out = split(y, val_fraction, seed) if held_out is None else held_out
    if out.shape != y.shape or not all((~out[y == c]).any() for c in range(y.max() + 1)):
        raise ValueError("held_out must leave every class a sample to learn from")
    classes = int(y.max()) + 1
    if start is not None and (start.size, start.classes, start.hidden) == (x.shape[1], classes, hidden):
        mean, scale = start.mean, start.scale
        layers = [_stacked(pair) for pair in zip(start.layers, start.twin or start.layers, strict=True)]
    else:
        mean, scale = _spread(x[~out])
        layers = _fresh([x.shape[1], *([hidden] if hidden else []), classes], seed)
    data = torch.from_numpy((x - mean) / scale)
    return _fit(
        _Task(data, torch.from_numpy(y), torch.from_numpy(out), mean, scale),
        layers,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        seed=seed,
        on_step=on_step,
    )


@dataclass(frozen=True)
class _Task:
    x: Tensor  # (n, d), standardised
    y: Tensor  # (n,)
    out: Tensor  # (n,), bool
    mean: np.ndarray
    scale: np.ndarray


def _fit(
    task: _Task,
    layers: list[tuple[Tensor, Tensor]],
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    seed: int,
    on_step: Callable[[Epoch], None] | None,
) -> Head:
    x, y = task.x, task.y
    # how much a sample counts for each of the two: (2, n); the twin's held-out samples count nothing
    weight = torch.stack([torch.ones(len(y)), (~task.out).float()])
    adam = torch.optim.Adam([p.requires_grad_() for layer in layers for p in layer], lr=lr)

    def loss_of(batch: Tensor) -> Tensor:
        w = weight[:, batch]  # (2, b)
        nats = _cross_entropy(_logits(x[batch], layers), y[batch])  # (2, b)
        return ((nats * w).sum(1) / w.sum(1).clamp(min=1)).sum()

    def on_epoch(epoch: int, seconds: float) -> None:
        if on_step:
            on_step(measured(_logits(x, layers)[1], y, task.out, epoch, seconds))  # the twin's

    run(loss_of, adam, torch.arange(len(y)), on_epoch, epochs=epochs, batch_size=batch_size, seed=seed)
    pair = [tuple((w[i].detach().numpy().copy(), b[i, 0].detach().numpy().copy()) for w, b in layers) for i in (0, 1)]
    return Head(task.mean, task.scale, *pair)


def _logits(x: Tensor, layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    """(b, d) → (2, b, classes)."""
    h = x.expand(2, -1, -1)
    for number, (weight, bias) in enumerate(layers):
        h = torch.baddbmm(bias, h.relu() if number else h, weight)
    return h


def _cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """(…, b, classes) and (b,) → nats (…, b)."""
    log_p = logits.log_softmax(-1)
    return -log_p.gather(-1, y.expand(log_p.shape[:-1]).unsqueeze(-1)).squeeze(-1)


def _fresh(sizes: Sequence[int], seed: int) -> list[tuple[Tensor, Tensor]]:
    """Layers for both heads, (2, inputs, outputs) and (2, 1, outputs). The last begins at zero, so that an untrained
    head says the same of everything; a hidden one as He et al. (2015)."""
    generator = torch.Generator().manual_seed(seed)
    layers: list[tuple[Tensor, Tensor]] = []
    for inputs, outputs in itertools.pairwise(sizes):
        weight = torch.zeros(inputs, outputs)
        if len(layers) < len(sizes) - 2:
            weight.normal_(0, math.sqrt(2 / inputs), generator=generator)
        layers.append((weight.repeat(2, 1, 1), torch.zeros(2, 1, outputs)))
    return layers


def _stacked(pair: tuple[Layer, Layer]) -> tuple[Tensor, Tensor]:
    (weight, bias), (twin_weight, twin_bias) = pair
    weights, biases = np.stack([weight, twin_weight]), np.stack([bias, twin_bias])[:, None]
    return torch.from_numpy(weights), torch.from_numpy(biases)


def _spread(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and scale float32 (d,).

    Of an embedding, a feature's own variance and the mean one added. Fewer features are points, all in one unit: they
    share one scale. A step of Adam moves every weight by lr, so the fewer features there are the less the logits move:
    each counts for as much more. Both were chosen on scanned digits, as pixels and as embeddings.
    """
    variance, d = x.var(0), x.shape[1]
    if d < EMBEDDING:
        scale = np.full(d, np.sqrt(2 * variance.mean()) * d / EMBEDDING)
    else:
        scale = np.sqrt(variance + variance.mean()) / 2
    return x.mean(0), np.where(scale > 1e-6, scale, 1).astype(np.float32)


def _checked(embeddings: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(f"embeddings must be (n, d) and labels (n,), got {embeddings.shape} and {labels.shape}")
    y = labels.astype(np.int64)
    counts = np.bincount(y) if len(y) else np.zeros(0, int)
    if len(counts) < 2:
        raise BadInput(f"There {'is one class' if len(counts) else 'are no samples'}; two classes at least are needed.")
    if counts.min() < 2:
        raise BadInput(
            f"Class number {counts.argmin() + 1} has {counts.min()} samples; every class needs two at least, one to "
            "learn from and one to check with."
        )
    x = embeddings.astype(np.float32)
    if not np.isfinite(x).all():
        raise ValueError("embeddings must be finite")
    return x, y
