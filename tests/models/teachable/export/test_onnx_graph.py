"""The parts of an exported model, each against what it stands for."""

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from onnx import GraphProto, TensorProto, helper
from torch import nn

from models.classifier.preprocessing import Preprocessing
from models.pictures.images import sample_pictures
from models.pose.poses import Pose
from models.teachable import kinds
from models.teachable.export import onnx_graph
from models.teachable.learn.head import Head

RNG = np.random.default_rng(0)
PREPROCESSING = Preprocessing(224, 224, (127 / 255,) * 3, (0.5, 0.51, 0.52))
SIZES = (  # height, width
    (224, 224),
    (225, 225),
    (448, 448),
    (223, 500),
    (500, 223),
    (480, 640),
    (1200, 1600),
    (64, 48),
    (1, 1),
    (5, 90),
)


def run(graph: GraphProto, **inputs: np.ndarray) -> list[np.ndarray]:
    model = onnx_graph.joined("part", graph).SerializeToString()
    outputs: list[np.ndarray] = onnxruntime.InferenceSession(model).run(None, inputs)
    return outputs


def numbers(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("name", ["cat", "page"])
def test_the_graph_sees_the_very_pixels_that_the_page_sees_whatever_the_size(name: str) -> None:
    rgb = next(sample for sample in sample_pictures() if sample.name == name).load()
    graph = onnx_graph.picture_graph(PREPROCESSING)
    graph.output.append(helper.make_tensor_value_info("rounded", TensorProto.DOUBLE, [3, 224, 224]))
    session = onnxruntime.InferenceSession(onnx_graph.joined("part", graph).SerializeToString())
    for height, width in SIZES:
        picture = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_LINEAR)
        pixels, levels = session.run(None, {"image": picture})
        square = kinds.square(picture)
        assert np.array_equal(levels.transpose(1, 2, 0), square), (height, width)
        assert np.abs(pixels - PREPROCESSING.square(square)).max() < 1e-6


def test_a_network_that_sees_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="224"):
        onnx_graph.picture_graph(Preprocessing(256, 232, (0.5,) * 3, (0.5,) * 3))


def test_a_body_is_normalised_as_the_page_does_it() -> None:
    for size in (300, 0.2, 0):  # in the picture, tiny, all in one point; the last two have trunks of less than a pixel
        keypoints = np.hstack([numbers(33, 2) * size + 200, RNG.random((33, 1), np.float32)]).astype(np.float32)
        keypoints[15, :2] += 1e6  # a wrist far outside is clipped
        (features,) = run(onnx_graph.points_graph("body"), keypoints=keypoints)
        assert np.abs(features[0] - kinds.body_features(Pose(keypoints, 1.0))).max() < 1e-5


@pytest.mark.parametrize("side", ["left", "right", None])
def test_a_hand_is_normalised_as_the_page_does_it_and_a_left_one_mirrored(side: str | None) -> None:
    keypoints = np.hstack([numbers(21, 2) * 50 + 200, numbers(21, 1)]).astype(np.float32)
    (features,) = run(onnx_graph.points_graph("hand"), keypoints=keypoints, left=np.array(side == "left"))
    assert np.abs(features[0] - kinds.hand_features(Pose(keypoints, 1.0, "hand21", side=side))).max() < 1e-5


@pytest.mark.parametrize("hidden", [0, 7])
def test_a_head_weighs_features_as_the_page_does_it(hidden: int) -> None:
    sizes = [(5, hidden), (hidden, 4)] if hidden else [(5, 4)]
    head = Head(numbers(5), np.abs(numbers(5)) + 0.1, [(numbers(*size), numbers(size[1])) for size in sizes])
    features = numbers(1, 5)
    (probabilities,) = run(onnx_graph.head_graph(head), features=features)
    assert probabilities.shape == (4,)
    assert np.abs(probabilities - head.predict_proba(features)[0]).max() < 1e-6


class AddsOne(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 1


class Residual(nn.Module):
    """Uneven padding, strides, groups, a batch norm and a way around, as in the real network."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.ZeroPad2d((0, 1, 2, 3)), nn.Conv2d(3, 6, 3, stride=2), nn.ReLU6())
        self.block = nn.Sequential(nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False), nn.BatchNorm2d(6))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        x = self.pool(x + self.block(x))
        dropped: torch.Tensor = self.drop(x.view(x.size(0), -1))
        return dropped


def test_a_network_is_converted_as_it_is_in_evaluation_and_left_as_it_was() -> None:
    torch.manual_seed(0)
    network = Residual()
    for _ in range(3):  # the batch norm's running numbers become other than 0 and 1
        network(torch.randn(2, 3, 64, 64))
    graph = onnx_graph.network_graph(network)
    assert network.training
    graph.input.append(helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, 224, 224]))
    graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 6]))
    pixels = numbers(1, 3, 224, 224)
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(pixels)).numpy()
    assert np.abs(run(graph, pixels=pixels)[0] - expected).max() < 1e-5


@pytest.mark.parametrize(
    "layer, words",
    [
        (nn.Softplus(), "aten::softplus"),
        (nn.ReflectionPad2d(1), "reflect"),
        (nn.ConvTranspose2d(3, 3, 3), "transposed"),
        (nn.AdaptiveAvgPool2d(2), "pooling"),
        (AddsOne(), "sum"),
    ],
)
def test_what_cannot_be_converted_is_refused_not_left_out(layer: nn.Module, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        onnx_graph.network_graph(nn.Sequential(layer))
