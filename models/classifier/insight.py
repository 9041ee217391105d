"""Looking inside a network by torch: what raised a score, and what its layers put out. Hooks on one shared module, so
callers take turns."""

import copy
import threading
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from models.classifier.networks import Network
from models.classifier.results import FeatureMaps


class Insight:
    """Of one network. `cam_layer` is the last layer that still knows where things are, after its activation."""

    def __init__(self, network: Network, cam_layer: str, layers: Sequence[str]) -> None:
        self.network, self._cam_layer, self._layers = network, cam_layer, layers
        self._lock = threading.Lock()

    def body_copy(self) -> nn.Module:
        """A copy of the body, float32 (1, 3, s, s) → (1, d), for the caller to change or export."""
        with self._lock:  # or it could copy the hooks of a call that looks inside
            return copy.deepcopy(self.network.body)

    def heat(self, x: np.ndarray, target: int | None = None, slope: np.ndarray | None = None) -> tuple[int, np.ndarray]:
        """Which logit, by default the largest, and what raised it, float32 (h, w) ≥ 0, by Grad-CAM (Selvaraju et al.
        2017): the last layer's maps, each weighted by how much it helped. With a `slope`, float32 (d,), it is what
        raised a score of one's own on top of the embedding, of which it is the gradient.

        The heat of a place is the score that the whole picture would have if it were like that place. Where average
        pooling and one matrix follow the layer, as in EfficientNet and ResNet, the mean over all places is the score
        itself, less the bias; elsewhere that holds to first order.
        """
        with self._lock, torch.enable_grad():
            (logits, embedding), seen = self._watch([self._cam_layer], x)
            target = int(logits.argmax()) if target is None else target
            score = logits[0, target] if slope is None else embedding[0] @ torch.from_numpy(slope)
            maps = seen[self._cam_layer]
            (gradient,) = torch.autograd.grad(score, maps)
        maps, gradient = _as_map(maps.detach())[0], _as_map(gradient)[0]  # (c, h, w)
        return target, F.relu((gradient.sum(dim=(1, 2), keepdim=True) * maps).sum(0)).numpy()

    def layers(
        self, x: np.ndarray, maps: int = 32, numbers: Sequence[Sequence[int]] | None = None
    ) -> list[FeatureMaps]:
        """The feature maps of an early, a middle and a late layer, float32 (maps, h, w): of each those with `numbers`,
        by default the `maps` that vary most over this picture."""
        with self._lock, torch.inference_mode():
            _, seen = self._watch(self._layers, x)
        views = []
        for place, (when, name) in enumerate(zip(("Early", "Middle", "Late"), self._layers, strict=True)):
            layer = _as_map(seen[name])[0]  # (c, h, w)
            shown = numbers[place] if numbers else layer.flatten(1).std(1).argsort(descending=True)[:maps].tolist()
            c, h, w = layer.shape
            title = f"{when}: {c} maps of {w}×{h}"
            views.append(FeatureMaps(title, layer[list(shown)].float().numpy(), tuple(shown)))
        return views

    def _watch(self, names: Sequence[str], x: np.ndarray) -> tuple[tuple[Tensor, Tensor], dict[str, Tensor]]:
        """Logits (1, n) and embedding (1, d), and what the named layers put out on the way."""
        seen: dict[str, Tensor] = {}

        def watch(name: str) -> RemovableHandle:
            layer = self.network.get_submodule(name)
            return layer.register_forward_hook(lambda module, inputs, output: seen.__setitem__(name, output))

        handles = [watch(name) for name in names]
        try:
            return self.network(torch.from_numpy(x)), seen
        finally:
            for handle in handles:
                handle.remove()


def _as_map(x: Tensor) -> Tensor:
    """A transformer's tokens (b, 1 + s·s, c) as a map (b, c, s, s) without the class token; maps stay as they are."""
    if x.ndim == 4:
        return x
    b, tokens, c = x.shape
    side = int((tokens - 1) ** 0.5)
    return x[:, 1:].transpose(1, 2).reshape(b, c, side, side)
