"""EfficientNet-Lite0's maps of a whole picture: what it knows of each place, frozen, for small heads to learn on.

The classifier's own ONNX graph, without its pooling and head, so that it runs on pictures of any size. Two outputs:
`cells`, a column per 16 pixels for boxes, and `fine`, a column per 4 pixels for labels of pixels. Each joins maps of
several depths, brought to one size: early ones know edges and colours, late ones things.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from models.classifier.imagenet import lite0_weights
from models.classifier.onnx_files import onnx_file
from models.classifier.whole_picture import STEP, prepared, take_any_size
from models.runtime.onnx_session import open_bytes
from models.runtime.report import Report
from models.settings import settings

CELL, FINE = 16, 4  # pixels of the network's input per column
BOX_SIDE, BRUSH_SIDE = 448, 640  # the longer side of that input
_BLOCK = "/body/_blocks.{}/Add_output_0"
_LAST = "/body/_blocks.15/_project_conv/Conv_output_0"
_PARTS: dict[str, dict[str, float]] = {  # map → how many times larger it is made, or smaller by its mean
    "cells": {_BLOCK.format(4): 0.5, _BLOCK.format(10): 1, _LAST: 2},
    "fine": {_BLOCK.format(2): 1, _BLOCK.format(4): 2, _BLOCK.format(10): 4},
}


def graph(file: Path) -> onnx.ModelProto:
    """The network in that file with the outputs `cells` and `fine` in place of its own, its input of any size."""
    model = onnx.load(str(file))
    while model.graph.output:
        model.graph.output.pop()
    take_any_size(model)
    for output, parts in _PARTS.items():
        joined = []
        for part, (name, scale) in enumerate(parts.items()):
            to = f"{output}/{part}"
            joined.append(name if scale == 1 else to)
            if scale < 1:
                model.graph.node.append(
                    helper.make_node("AveragePool", [name], [to], kernel_shape=[2, 2], strides=[2, 2])
                )
            elif scale > 1:
                scales = helper.make_tensor(f"{to}/scales", TensorProto.FLOAT, [4], [1, 1, scale, scale])
                model.graph.initializer.append(scales)
                model.graph.node.append(helper.make_node("Resize", [name, "", scales.name], [to], mode="linear"))
        model.graph.node.append(helper.make_node("Concat", joined, [output], axis=1))
        shape = [1, None, "rows", "columns"]
        model.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, shape))
    return model


class Maps:
    """The frozen network. Any number of threads may use it at a time."""

    def __init__(self, file: Path) -> None:
        self.model = graph(file)
        self._bytes = file.stat().st_size
        self._session = open_bytes(self.model.SerializeToString(), settings().inference_threads)

    @property
    def nbytes(self) -> int:
        """Bytes of the weights: the session's, and the graph that an export is made of."""
        return 2 * self._bytes

    def cells(self, rgb: np.ndarray, side: int = BOX_SIDE) -> np.ndarray:
        """float32 (rows, columns, 472): what is known of each 16th of the scaled picture."""
        return self._run("cells", prepared(rgb, side))

    def fine(self, rgb: np.ndarray, side: int = BRUSH_SIDE) -> np.ndarray:
        """float32 (rows, columns, 176): what is known of each 4th. At the edges as within: the network sees the picture
        mirrored around itself there, for of its own zeros the columns beside them would tell."""
        pixels = prepared(rgb, side)
        wide = np.pad(pixels, ((0, 0), (0, 0), (STEP, STEP), (STEP, STEP)), "symmetric")
        edge = STEP // FINE
        return self._run("fine", wide)[edge:-edge, edge:-edge]

    predict = cells

    def _run(self, output: str, pixels: np.ndarray) -> np.ndarray:
        (found,) = self._session.run([output], {"pixels": pixels})
        return np.ascontiguousarray(found[0].transpose(1, 2, 0))


def load(path: Path | None, report: Report) -> Maps:
    """The bundled network's; `path` is not used."""
    return Maps(onnx_file("efficientnet-lite0", lite0_weights(), report))
