"""The ImageNet networks as torch modules: for exporting them, for training on top of them and for looking inside.

torch comes with this file, and nothing that only classifies imports it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


class Network(nn.Module):
    """Body and head as one module: (1, 3, s, s) → logits (1, n) and embedding (1, d). The head is what transfer
    learning replaces."""

    def __init__(self, body: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.body, self.head = body, head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        embedding = self.body(x)  # (1, d)
        return self.head(embedding), embedding


def _efficientnet_lite0(weights: Path) -> Network:
    from efficientnet_lite_pytorch import EfficientNet

    net = EfficientNet.from_name("efficientnet-lite0")
    net.load_state_dict(torch.load(str(weights), weights_only=True))
    head, net._fc = net._fc, nn.Identity()
    return Network(net, head)


def _torchvision(builder: str, head_name: str, weights: Path) -> Network:
    from models.runtime.torchvision_ops import torchvision

    net: Any = getattr(torchvision.models, builder)(weights=None)
    net.load_state_dict(torch.load(str(weights), weights_only=True))
    head = getattr(net, head_name)
    setattr(net, head_name, nn.Identity())
    return Network(net, head)


_BUILDERS: dict[str, Callable[[Path], Network]] = {
    "efficientnet-lite0": _efficientnet_lite0,
    "mobilenet-v3-large": partial(_torchvision, "mobilenet_v3_large", "classifier"),
    "resnet50": partial(_torchvision, "resnet50", "fc"),
    "vit-b-16": partial(_torchvision, "vit_b_16", "heads"),
}


def build(name: str, weights: Path) -> Network:
    """The network of that name in evaluation mode. Raises what torch raises over a file that is no such weights."""
    return _BUILDERS[name](weights).eval()
