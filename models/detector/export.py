"""Writes one of torchvision's detectors as ONNX, in a process of its own:
`python -m models.detector.export NAME WEIGHTS FILE`. So the server that runs the file never imports torch."""

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any, cast

from models.classifier.onnx_files import ended_where_full

SIDES: dict[str, tuple[int, bool, tuple[float, float, float, float]]] = {
    # pixels of the square that it sees; whether its scores are a softmax; what its corrections are divided by
    "ssdlite320": (320, True, (10.0, 10.0, 5.0, 5.0)),
    "retinanet": (640, False, (1.0, 1.0, 1.0, 1.0)),
}


def network(name: str) -> Any:
    """torchvision's network of that name, without weights."""
    from models.runtime.torchvision_ops import torchvision

    detection = torchvision.models.detection
    build = {"ssdlite320": detection.ssdlite320_mobilenet_v3_large, "retinanet": detection.retinanet_resnet50_fpn_v2}
    return build[name](weights=None, weights_backbone=None).eval()


def export(name: str, weights: Path, file: Path) -> None:
    """`pixels` float32 (1, 3, s, s) in 0..1 → `logits` (a, 91), `corrections` (a, 4), `anchors` (a, 4) in pixels."""
    import torch

    from models.runtime.torchvision_ops import torchvision

    image_list = torchvision.models.detection.image_list.ImageList

    class Raw(torch.nn.Module):
        def __init__(self, whole: Any, side: int) -> None:
            super().__init__()
            self.body, self.head = whole.backbone, whole.head
            pixels = torch.zeros(1, 3, side, side)
            with torch.no_grad():
                anchors = whole.anchor_generator(image_list(pixels, [(side, side)]), list(self.body(pixels).values()))
            self.register_buffer("anchors", anchors[0])
            for part in ("mean", "std"):
                values = torch.tensor(getattr(whole.transform, f"image_{part}"))
                self.register_buffer(part, values[None, :, None, None])

        def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
            mean, std = cast(torch.Tensor, self.mean), cast(torch.Tensor, self.std)
            maps = self.body((pixels - mean) / std)
            out = self.head(list(maps.values()))
            anchors: Any = self.anchors
            # a constant would be no output
            return out["cls_logits"][0], out["bbox_regression"][0], anchors + 0 * pixels[0, 0, 0, 0]

    whole = network(name)
    whole.load_state_dict(torch.load(str(weights), weights_only=True))
    side = SIDES[name][0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as for the classifiers: the older exporter needs no further package
        torch.onnx.export(
            Raw(whole, side).eval(),
            (torch.zeros(1, 3, side, side),),
            str(file),
            dynamo=False,
            opset_version=18,
            input_names=["pixels"],
            output_names=["logits", "corrections", "anchors"],
        )


def main(argv: list[str]) -> None:
    """The command line above. Ends with DISK_FULL where there is no room for the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=SIDES)
    parser.add_argument("weights", type=Path)
    parser.add_argument("file", type=Path)
    options = parser.parse_args(argv)
    with ended_where_full():
        export(options.name, options.weights, options.file)


if __name__ == "__main__":
    main(sys.argv[1:])
