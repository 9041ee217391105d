"""Fine-tuning: the network's last block and head convolution learn along with the head, on a visitor's pictures.

EfficientNet-Lite0 is cut in two. The front is everybody's and never changes, so what it makes of a picture is computed
once. The tail, 1.0 of 3.4 million weights, is copied and learns; its batch norms stay as they are, because a few dozen
pictures say too little about means and variances. It costs a tenth of a second of one core a picture for 8 epochs.
It gains little: scanned digits, 20 of each, 87.8 → 89.8 % right over three splits (and less sure of them), and ten
photographs of people for each of four gestures stay at chance.

As tensors: pictures (b, 3, 224, 224) → front (b, 192, 7, 7) → tail (b, 1280).
"""

import math
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.classifier.imagenet import ImageClassifier
from models.errors import BadInput
from models.teachable.kinds import opened, square
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.epochs import measured, run
from models.teachable.learn.head import Head
from models.teachable.learn.tail import WEIGHTS, check_weights

FRONT = ("_conv_stem", "_bn0", "_swish", *(f"_blocks.{number}" for number in range(15)))
TAIL = ("_blocks.15", "_conv_head", "_bn1", "_swish", "_avg_pooling")
"""The body's layers in order: its own forward() cannot be cut."""
CUT = (192, 7, 7)  # what the front puts out of one picture
MAX_PICTURES = 3000  # 38 kB of the front's output each
SMOOTHING = 0.1  # of labels
WARM_UP = 0.2  # of the steps
FIRST_LOGIT_SCALE = 0.2  # what the given head's logits are multiplied by at first


@dataclass(frozen=True, eq=False)
class Tuned:
    """A tail and the head that learnt with it. `features` float32 (n, 1280) are those of the pictures it was given,
    held-out ones too; `weights` float32 by the names and with the shapes of WEIGHTS."""

    head: Head
    features: np.ndarray
    weights: Mapping[str, np.ndarray]

    def __post_init__(self) -> None:
        check_weights(self.weights)
        if self.features.ndim != 2 or self.features.shape[1] != self.head.size:
            raise ValueError(f"features must be (n, {self.head.size}), got {self.features.shape}")
        if self.features.dtype != np.float32 or not np.isfinite(self.features).all():
            raise ValueError("features must be finite float32")


class Embedder:
    """Picture → embedding, by the shared front and a tail of one's own. Safe from any thread, as fast as the model."""

    def __init__(self, model: ImageClassifier, weights: Mapping[str, np.ndarray]) -> None:
        self._model, self._weights = model, weights
        self._front = _fast_front(model)
        self._tail = _fast(_tail(self.body), (1, *CUT))

    def embed_square(self, rgb: np.ndarray) -> np.ndarray:
        """float32 (1280,) of the middle square of a uint8 (H, W, 3) picture."""
        with torch.inference_mode():
            return self._tail(self._front(_pixels(self._model, rgb)))[0].numpy().copy()

    @property
    def body(self) -> nn.Module:
        """All of it as one module, float32 (1, 3, 224, 224) → (1, 1280), for an export: 14 MB, made anew each time."""
        body = self._model.body_copy().requires_grad_(False)
        body.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in self._weights.items()}, strict=False)
        return body


def fine_tune(
    model: ImageClassifier,
    jpegs: Sequence[bytes],
    labels: np.ndarray,
    *,
    head: Head,
    held_out: np.ndarray,
    epochs: int = 8,
    batch_size: int = 16,
    lr: float = 6e-4,
    seed: int = 0,
    on_step: Callable[[Epoch], None] | None = None,
    on_front: Callable[[float], None] | None = None,
) -> Tuned:
    """A copy of EfficientNet-Lite0's tail, and a head on it, for kept pictures and labels int (n,) in 0..classes-1.

    Only pictures that are not `held_out`, bool (n,), are learnt from: there is no twin here, so they are also missing
    from what is returned, and validation figures are honest if `head` had the same ones held out. It begins with the
    head's twin, which has not seen them, and keeps its standardisation, or those weights would mean something else.
    That head has learnt its samples nearly by heart, which leaves no slope but noise for Adam to enlarge; so it begins
    less sure of the same answers, and with smoothed labels (Szegedy et al. 2016), warm-up and cosine decay (Loshchilov
    & Hutter 2017). `lr` is the tail's, the head learns five times as fast. `on_front` gets how much of the pictures
    went through the front, 0..1, before the first epoch; a TrainingStopped from it goes on to the caller, as nothing is
    learnt yet. When `on_step` raises it, what was learnt so far is returned.

    Raises BadInput for more than MAX_PICTURES, BadImage for a broken one, ValueError for what does not fit together.
    """
    _check(jpegs, labels, head, held_out)
    if epochs < 1 or batch_size < 1 or not lr > 0:
        raise ValueError(f"epochs, batch_size and lr must be positive, got {epochs}, {batch_size}, {lr}")
    body = model.body_copy().requires_grad_(False)
    learning = [body.get_parameter(name).requires_grad_() for name in WEIGHTS]
    tail = _tail(body).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a quarter faster
    *hidden, (weight, bias) = head.twin or head.layers
    layers = [
        (torch.tensor(w).requires_grad_(), torch.tensor(b).requires_grad_())
        for w, b in (*hidden, (FIRST_LOGIT_SCALE * weight, FIRST_LOGIT_SCALE * bias))
    ]
    standard = torch.from_numpy(head.mean), torch.from_numpy(head.scale)
    x, y = _through_the_front(model, jpegs, on_front), torch.from_numpy(labels.astype(np.int64))
    out = torch.from_numpy(held_out)
    learnt = (~out).nonzero().squeeze(1)

    steps = epochs * math.ceil(len(learnt) / batch_size)
    groups = [{"params": learning, "lr": lr}, {"params": [p for layer in layers for p in layer], "lr": 5 * lr}]
    adam = torch.optim.Adam(groups)
    pace = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: _pace((step + 1) / (steps + 1)))
    features = torch.empty(0)

    def loss_of(batch: Tensor) -> Tensor:
        return F.cross_entropy(_logits(tail(x[batch]), standard, layers), y[batch], label_smoothing=SMOOTHING)

    def on_epoch(epoch: int, seconds: float) -> None:
        nonlocal features
        features = _features(tail, x)
        if on_step:
            on_step(measured(_logits(features, standard, layers), y, out, epoch, seconds))

    run(loss_of, adam, learnt, on_epoch, epochs=epochs, batch_size=batch_size, seed=seed, after_step=pace.step)
    return Tuned(
        Head(head.mean, head.scale, [(_array(weight), _array(bias)) for weight, bias in layers]),
        features.numpy(),
        {name: _array(weight) for name, weight in zip(WEIGHTS, learning, strict=True)},
    )


def _check(jpegs: Sequence[bytes], labels: np.ndarray, head: Head, held_out: np.ndarray) -> None:
    n = len(jpegs)
    if labels.shape != (n,) or held_out.shape != (n,) or held_out.dtype != bool:
        raise ValueError(f"labels and held_out must be ({n},), got {labels.shape}, {held_out.shape} {held_out.dtype}")
    if head.size != WEIGHTS["_conv_head.weight"][0]:
        raise ValueError(f"the head must be for a picture's 1280 features, got one for {head.size}")
    if not set(labels) <= set(range(head.classes)) or len(set(labels[~held_out])) < head.classes:
        raise ValueError(f"labels must be in 0..{head.classes - 1}, each with a sample that is not held out")
    if n > MAX_PICTURES:
        raise BadInput(
            f"Fine-tuning takes {MAX_PICTURES} pictures at most; these are {n}. Train without it, or delete or switch "
            "off some."
        )


def _through_the_front(
    model: ImageClassifier, jpegs: Sequence[bytes], on_front: Callable[[float], None] | None
) -> Tensor:
    """float32 (n, 192, 7, 7), channels last in memory."""
    front = _fast_front(model)
    channels, height, width = CUT
    made = np.empty((len(jpegs), height, width, channels), np.float32)
    for number, jpeg in enumerate(jpegs):
        with torch.inference_mode():
            made[number] = front(_pixels(model, opened(jpeg)))[0].permute(1, 2, 0).numpy()
        if on_front:
            on_front((number + 1) / len(jpegs))
    return torch.from_numpy(made).permute(0, 3, 1, 2)


def _pixels(model: ImageClassifier, rgb: np.ndarray) -> Tensor:
    """What the network sees of the middle square of uint8 (H, W, 3): float32 (1, 3, 224, 224)."""
    return torch.from_numpy(model.preprocess.square(square(rgb)))


def _pace(done: float) -> float:
    """Share of the learning rate after `done`, 0..1, of the steps: up along a line, then down along a cosine."""
    return min(1.0, done / WARM_UP) * (1 + math.cos(math.pi * done)) / 2


def _logits(features: Tensor, standard: tuple[Tensor, Tensor], layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    """(b, 1280) → (b, classes), as head.predict does."""
    mean, scale = standard
    h = (features - mean) / scale
    for number, (weight, bias) in enumerate(layers):
        h = torch.addmm(bias, h.relu() if number else h, weight)
    return h


@torch.no_grad()
def _features(tail: nn.Module, x: Tensor) -> Tensor:
    return torch.cat([tail(some) for some in x.split(32)])


def _array(weight: Tensor) -> np.ndarray:
    array: np.ndarray = weight.detach().contiguous().numpy().copy()
    return array


def _front(body: nn.Module) -> nn.Module:
    return nn.Sequential(*(body.get_submodule(name) for name in FRONT)).eval()


def _tail(body: nn.Module) -> nn.Module:
    return nn.Sequential(*(body.get_submodule(name) for name in TAIL), nn.Flatten()).eval()


_making = threading.Lock()  # TorchScript is made by one thread at a time; guards the fronts too
_fronts: weakref.WeakKeyDictionary[ImageClassifier, torch.jit.ScriptModule] = weakref.WeakKeyDictionary()


def _fast_front(model: ImageClassifier) -> torch.jit.ScriptModule:
    """One for all that were tuned from this model: 10 MB once, where a whole network each would be 14."""
    with _making:
        if model not in _fronts:
            _fronts[model] = _frozen(_front(model.body_copy()), (1, 3, 224, 224))
        return _fronts[model]


def _fast(module: nn.Module, shape: tuple[int, ...]) -> torch.jit.ScriptModule:
    with _making:
        return _frozen(module, shape)


def _frozen(module: nn.Module, shape: tuple[int, ...]) -> torch.jit.ScriptModule:
    example = torch.zeros(shape)
    with torch.no_grad():
        fast = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(module, example)))
    with torch.inference_mode():
        for _ in range(2):  # it settles in its first two runs
            fast(example)
    return fast
