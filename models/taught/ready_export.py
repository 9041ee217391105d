"""Writes torchvision's LRASPP as ONNX, in a process of its own: `python -m models.taught.ready_export lraspp WEIGHTS
FILE`. So the server that runs the file never imports torch."""

import sys
import warnings
from pathlib import Path
from typing import Any

from models.classifier.onnx_files import ended_where_full


def network() -> Any:
    """torchvision's network, without weights."""
    from models.runtime.torchvision_ops import torchvision

    return torchvision.models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None).eval()


def export(weights: Path, file: Path) -> None:
    """`pixels` float32 (1, 3, h, w), both multiples of 32 → `logits` (1, 21, h / 8, w / 8)."""
    import torch

    whole = network()
    whole.load_state_dict(torch.load(str(weights), weights_only=True))

    class Raw(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = whole.backbone, whole.classifier

        def forward(self, pixels: torch.Tensor) -> Any:
            return self.head(self.body(pixels))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as for the classifiers: the older exporter needs no further package
        torch.onnx.export(
            Raw().eval(),
            (torch.zeros(1, 3, 256, 320),),
            str(file),
            dynamo=False,
            opset_version=18,
            input_names=["pixels"],
            output_names=["logits"],
            dynamic_axes={"pixels": {2: "h", 3: "w"}, "logits": {2: "rows", 3: "columns"}},
        )


def main(argv: list[str]) -> None:
    """The command line above. Ends with DISK_FULL where there is no room for the file."""
    _, weights, file = argv
    with ended_where_full():
        export(Path(weights), Path(file))


if __name__ == "__main__":
    main(sys.argv[1:])
