"""EfficientNet-Lite0 as a fully convolutional network: its head applied at every place of a larger picture.

The classifier's own ONNX graph with other outputs. Averaging comes last in that network and its head is linear, so
the mean of the logits over a region is what the head says of the region's mean embedding (Long et al. 2015, Zhou et
al. 2016).
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.classifier.whole_picture import prepared, take_any_size
from models.runtime.onnx_session import open_bytes
from models.settings import settings

MIDDLE, LATE = "/body/_blocks.10/Add_output_0", "/body/_blocks.15/_project_conv/Conv_output_0"
OUTPUTS = ("middle", "late", "embeddings", "logits")
_EMBEDDINGS = "/body/_swish_1/Clip_output_0"


@dataclass(frozen=True, eq=False)
class Maps:
    """Of a picture of `size_wh` pixels: `middle` float32 (1, 112, 2h, 2w), `late` (1, 320, h, w), `embeddings`
    (1280, h, w) and the head's `logits` (1000, h, w)."""

    middle: np.ndarray
    late: np.ndarray
    embeddings: np.ndarray
    logits: np.ndarray
    size_wh: tuple[int, int]

    def __post_init__(self) -> None:
        h, w = self.late.shape[2:]
        if self.middle.shape[2:] != (2 * h, 2 * w) or self.logits.shape[1:] != (h, w):
            raise ValueError(f"maps of one picture expected, got {self.middle.shape}, {self.late.shape}")

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Of ImageNet's 1000 at each place, its logits the mean of 3×3: float32 (1000, h, w)."""
        _, h, w = self.logits.shape
        wide = np.pad(self.logits, ((0, 0), (1, 1), (1, 1)), "edge")
        near = np.mean([wide[:, y : y + h, x : x + w] for y in range(3) for x in range(3)], axis=0)
        e = np.exp(near - near.max(axis=0))
        return np.asarray(e / e.sum(axis=0), np.float32)


def graph(file: Path) -> bytes:
    """The exported classifier in that file, for inputs of any size, with these OUTPUTS."""
    model = onnx.load(str(file))
    nodes, weights = model.graph.node, {tensor.name: tensor for tensor in model.graph.initializer}
    head = next(node for node in nodes if node.op_type == "Gemm")
    matrix = numpy_helper.to_array(weights[head.input[1]])  # (1000, 1280)
    model.graph.initializer.append(numpy_helper.from_array(matrix[:, :, None, None].copy(), "head/everywhere"))
    for node in [n for n in nodes if n.op_type in ("Gemm", "GlobalAveragePool") or "embedding" in n.output]:
        nodes.remove(node)
    ends = {name for node in nodes for name in node.input} | {_EMBEDDINGS, MIDDLE, LATE}
    for node in [n for n in nodes if not ends & set(n.output)]:
        nodes.remove(node)
    nodes.append(helper.make_node("Conv", [_EMBEDDINGS, "head/everywhere", head.input[2]], ["logits"]))
    for output, name in (("middle", MIDDLE), ("late", LATE), ("embeddings", _EMBEDDINGS)):
        nodes.append(helper.make_node("Identity", [name], [output]))
    take_any_size(model)
    used = {name for node in nodes for name in node.input}
    for tensor in [tensor for tensor in model.graph.initializer if tensor.name not in used]:
        model.graph.initializer.remove(tensor)
    del model.graph.output[:]
    for output in OUTPUTS:
        model.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, None, None, None]))
    serialised: bytes = model.SerializeToString()
    return serialised


class Trunk:
    """The frozen network. Any number of threads may use it at a time."""

    def __init__(self, file: Path) -> None:
        self.nbytes = file.stat().st_size
        self._session = open_bytes(graph(file), settings().inference_threads)

    def maps(self, rgb: np.ndarray, side: int) -> Maps:
        """Of uint8 (H, W, 3), its longer side scaled to about `side` pixels."""
        middle, late, embeddings, logits = self._session.run(OUTPUTS, {"pixels": prepared(rgb, side)})
        return Maps(middle, late, embeddings[0], logits[0], (rgb.shape[1], rgb.shape[0]))
