"""FastestDet's output is decoded as its authors do."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from models.detector.fastest import FastestDet, load
from models.detector.settling import Wanted
from models.pictures.variants import samples_of


def network(file: Path, channels: int = 85) -> Path:
    """A file with a network that says 0 everywhere."""
    pool = helper.make_node("AveragePool", ["x"], ["small"], kernel_shape=[16, 16], strides=[16, 16])
    weights = helper.make_tensor("w", TensorProto.FLOAT, [channels, 3, 1, 1], [0.0] * channels * 3)
    mix = helper.make_node("Conv", ["small", "w"], ["y"])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 352, 352])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, channels, 22, 22])
    model = helper.make_model(helper.make_graph([pool, mix], "g", [x], [y], [weights]), ir_version=9)
    model.opset_import[0].version = 17
    onnx.save(model, str(file))
    return file


def test_where_it_is_sure_of_nothing_there_is_nothing(tmp_path: Path) -> None:
    found = load(network(tmp_path / "empty.onnx"), lambda stage, share: None).find(np.zeros((10, 20, 3), np.uint8))
    assert len(found) == 0 and found.size_wh == (20, 10)


def test_it_finds_the_motorcycle(objects: Path) -> None:
    rgb = samples_of("detector")["motorcycle"].load()
    found = Wanted(0.4).of(FastestDet(objects / "FastestDet.onnx").find(rgb))
    assert found.names[0] == "motorcycle" and np.prod(found.boxes[0, 2:] - found.boxes[0, :2]) > 0.2 * rgb[..., 0].size
