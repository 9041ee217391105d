"""EfficientNet-Lite0's maps of a whole picture: what it knows of each place, frozen, for small heads to learn on.

The classifier's own ONNX graph, without its pooling and head, so that it runs on pictures of any size. Two outputs:
`cells`, a column per 16 pixels for boxes, and `fine`, a column per 4 pixels for labels of pixels. Each joins maps of
several depths, brought to one size: early ones know edges and colours, late ones things.
"""

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from models.classifier.imagenet import lite0_weights
from models.classifier.onnx_files import onnx_file
from models.pictures.arrays import check
from models.runtime.report import Report
from models.settings import settings

CELL, FINE = 16, 4  # pixels of the network's input per column
BOX_SIDE, BRUSH_SIDE = 448, 640  # the longer side of that input
_STEP = 32  # both sides are multiples: then the maps of all depths fit on each other
_MEAN, _STD = 127.0, 128.0  # as the network was trained
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
    for dim, name in zip(model.graph.input[0].type.tensor_type.shape.dim[2:], ("height", "width"), strict=True):
        dim.dim_param = name
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
    del model.graph.value_info[:]
    return model


def prepared(rgb: np.ndarray, side: int) -> np.ndarray:
    """The network's input float32 (1, 3, h, w): scaled so that the longer side is about `side`; both are multiples of
    32, so a picture may be squeezed by a few per cent."""
    height, width = check(rgb)
    scale = side / max(height, width)
    w, h = (max(_STEP, round(n * scale / _STEP) * _STEP) for n in (width, height))
    small = cv2.resize(rgb, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return ((small.astype(np.float32) - _MEAN) / _STD).transpose(2, 0, 1)[None]


class Maps:
    """The frozen network. Any number of threads may use it at a time."""

    def __init__(self, file: Path) -> None:
        self.model = graph(file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = settings().inference_threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        self._bytes = file.stat().st_size
        self._session = onnxruntime.InferenceSession(
            self.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

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
        wide = np.pad(pixels, ((0, 0), (0, 0), (_STEP, _STEP), (_STEP, _STEP)), "symmetric")
        edge = _STEP // FINE
        return self._run("fine", wide)[edge:-edge, edge:-edge]

    predict = cells

    def _run(self, output: str, pixels: np.ndarray) -> np.ndarray:
        (found,) = self._session.run([output], {"pixels": pixels})
        return np.ascontiguousarray(found[0].transpose(1, 2, 0))


def load(path: Path | None, report: Report) -> Maps:
    """The bundled network's; `path` is not used."""
    return Maps(onnx_file("efficientnet-lite0", lite0_weights(), report))
