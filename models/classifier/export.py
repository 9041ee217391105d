"""Writes a network as ONNX, in a process of its own: `python -m models.classifier.export NAME WEIGHTS FILE [--int8]`.

So the server that runs the file never imports torch. With --int8 weights and activations are bytes, each channel and
each layer with a scale of its own, found on the sample pictures (static quantisation, QDQ).
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantType, quant_pre_process, quantize_static

from models.classifier.imagenet import NETWORKS
from models.classifier.networks import build
from models.classifier.onnx_files import ended_where_full
from models.classifier.preprocessing import Preprocessing
from models.pictures.images import sample_pictures

OPSET = 18


def export(name: str, weights: Path, file: Path) -> None:
    """`pixels` float32 (1, 3, s, s) → `logits` (1, n) and `embedding` (1, d)."""
    network = build(name, weights)
    side = NETWORKS[name].preprocess.crop
    with warnings.catch_warnings():
        # torch's newer exporter needs one package more (onnxscript) and writes the same graph; the pin keeps this one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, side, side),),
            str(file),
            dynamo=False,
            opset_version=OPSET,
            input_names=["pixels"],
            output_names=["logits", "embedding"],
        )


class _Samples(CalibrationDataReader):  # type: ignore[misc]  # untyped
    """The sample pictures, as they are and mirrored, and parts of them: some sixty inputs."""

    def __init__(self, preprocess: Preprocessing) -> None:
        self._inputs = self._made(preprocess)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._inputs, None)

    @staticmethod
    def _made(preprocess: Preprocessing) -> Iterator[dict[str, np.ndarray]]:
        for sample in sample_pictures():
            rgb = sample.load()
            height, width = rgb.shape[:2]
            for part in (rgb, rgb[:, ::-1], rgb[height // 4 :, width // 4 :], rgb[: height // 2]):
                yield {"pixels": preprocess(part)}


def quantise(name: str, file: Path) -> None:
    """Make the exported network in `file` one of bytes."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(str(file), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(file),
            _Samples(NETWORKS[name].preprocess),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=True,  # processors without VNNI add two products in 16 bits, which 8-bit weights overflow
        )


def main(argv: list[str]) -> None:
    """The command line above. Ends with DISK_FULL where there is no room for the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("weights", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--int8", action="store_true")
    options = parser.parse_args(argv)
    with ended_where_full():
        export(options.name, options.weights, options.file)
        if options.int8:
            quantise(options.name, options.file)


if __name__ == "__main__":
    main(sys.argv[1:])
