"""Head: the small network on top of frozen features. Arrays only, so that it predicts without torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.errors import BadInput

Layer = tuple[np.ndarray, np.ndarray]
"""Weights float32 (inputs, outputs) and bias float32 (outputs,)."""


@dataclass(frozen=True, eq=False)
class Head:
    """Features → class probabilities: standardise, then one linear layer, or two with a ReLU between.

    `mean` and `scale` are float32 (d,). `twin` are the layers of the head that has not seen the validation samples;
    going on from this one needs them.
    """

    mean: np.ndarray
    scale: np.ndarray
    layers: Sequence[Layer]
    twin: Sequence[Layer] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        d = self.mean.shape
        if len(d) != 1 or self.scale.shape != d or not (self.scale > 0).all():
            raise ValueError(f"mean and scale must have one shape (d,), scale above 0; got {d} and {self.scale.shape}")
        for layers in (self.layers, self.twin or self.layers):
            inputs = d[0]
            if not 1 <= len(layers) <= 2:
                raise ValueError(f"a head has one or two layers, got {len(layers)}")
            for weight, bias in layers:
                if weight.ndim != 2 or weight.shape[0] != inputs or bias.shape != weight.shape[1:]:
                    raise ValueError(f"a layer must be ({inputs}, n) and (n,), got {weight.shape} and {bias.shape}")
                inputs = weight.shape[1]
        if [w.shape for w, _ in self.twin or self.layers] != [w.shape for w, _ in self.layers]:
            raise ValueError("twin must have the shapes of layers")
        if any(a.dtype != np.float32 or not np.isfinite(a).all() for a in self.arrays().values()):
            raise ValueError("a head's arrays must be finite float32")

    @property
    def size(self) -> int:
        """How many features it wants."""
        return len(self.mean)

    @property
    def classes(self) -> int:
        """How many classes it tells apart."""
        return len(self.layers[-1][1])

    @property
    def hidden(self) -> int:
        """Units of the hidden layer, 0 without one."""
        return len(self.layers[0][1]) if len(self.layers) == 2 else 0

    def predict_proba(self, embeddings: np.ndarray) -> np.ndarray:
        """Probabilities float32 (n, classes) for features float32 (n, d). Raises ValueError for another shape."""
        if embeddings.ndim != 2 or embeddings.shape[1] != self.size:
            raise ValueError(f"embeddings must have shape (n, {self.size}), got {embeddings.shape}")
        return predict(embeddings.astype(np.float32, copy=False), self.mean, self.scale, self.layers)

    def slope(self, embedding: np.ndarray, number: int) -> np.ndarray:
        """By how much each feature raises class `number`'s score above the mean of all, float32 (d,), for features
        float32 (d,) near these: the gradient of its logit, less that of the mean."""
        weight, _ = self.layers[-1]
        slope = weight[:, number] - weight.mean(axis=1)
        for weight, bias in self.layers[:-1]:
            active = ((embedding - self.mean) / self.scale) @ weight + bias > 0
            slope = weight @ (active * slope)
        return np.asarray(slope / self.scale, np.float32)

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by name, for a safetensors file."""
        named = {"mean": self.mean, "scale": self.scale}
        for kind, layers in (("layer", self.layers), ("twin", self.twin)):
            for number, (weight, bias) in enumerate(layers):
                named |= {f"{kind}{number}.weight": weight, f"{kind}{number}.bias": bias}
        return named

    @classmethod
    def from_arrays(cls, named: Mapping[str, np.ndarray]) -> "Head":
        """What `arrays` gave. Raises BadInput for anything else."""
        try:
            layers, twin = (
                tuple(
                    (named[f"{kind}{n}.weight"], named[f"{kind}{n}.bias"])
                    for n in range(2)
                    if f"{kind}{n}.weight" in named
                )
                for kind in ("layer", "twin")
            )
            return cls(named["mean"], named["scale"], layers, twin)
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise BadInput(
                f"The trained head in this file is damaged ({error}). Train again; the samples are not affected."
            ) from error


def predict(x: np.ndarray, mean: np.ndarray, scale: np.ndarray, layers: Sequence[Layer]) -> np.ndarray:
    """Probabilities float32 (n, classes) of one set of layers for float32 (n, d)."""
    x = (x - mean) / scale
    for weight, bias in layers[:-1]:
        x = np.maximum(x @ weight + bias, 0)
    weight, bias = layers[-1]
    logits = (x @ weight + bias).astype(np.float64)
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exp / exp.sum(axis=1, keepdims=True)).astype(np.float32)
