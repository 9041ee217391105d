"""The digit networks as lists of layers, for ONNX Runtime, which runs them, and torch, which trains and looks inside.

A network's weights are one .npz of float16: w0, b0, w1, b1, … in the order of its layers; what a batch norm does in
training is folded into them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:  # torch is heavy
    from torch import nn

SIDE = 28
OPSET, IR_VERSION = 18, 10


@dataclass(frozen=True)
class Conv:
    """3 × 3 with a margin of 1, then ReLU; `pools` halves the sides after it."""

    inputs: int
    outputs: int
    stride: int = 1
    pools: bool = False


@dataclass(frozen=True)
class Dense:
    """Fully connected; `relu` after it."""

    inputs: int
    outputs: int
    relu: bool = False


Layers = tuple[Conv | Dense, ...]

CNN: Layers = (
    Conv(1, 20),
    Conv(20, 20, pools=True),
    Conv(20, 40),
    Conv(40, 40, pools=True),
    Conv(40, 80, pools=True),
    Dense(80 * 9, 10),
)
STUDENT: Layers = (Conv(1, 8, pools=True), Conv(8, 14, pools=True), Conv(14, 22, pools=True), Dense(22 * 9, 10))
LATENT = 16
MAP_ENCODER: Layers = (Dense(784, 256, relu=True), Dense(256, 64, relu=True), Dense(64, 2))
MAP_DECODER: Layers = (Dense(2, 64, relu=True), Dense(64, 256, relu=True), Dense(256, 784))
ENCODER: Layers = (Dense(784, 256, relu=True), Dense(256, LATENT))
DECODER: Layers = (Dense(LATENT, 256, relu=True), Dense(256, 784))
TIME = 16  # numbers that tell the denoiser how noisy its input is
DENOISER: Layers = (
    Dense(LATENT + TIME + 10, 256, relu=True),
    Dense(256, 256, relu=True),
    Dense(256, 256, relu=True),
    Dense(256, LATENT),
)

Weights = Sequence[tuple[np.ndarray, np.ndarray]]
"""Of each layer: weight and bias, float32."""


def read(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """The weights in a file."""
    with np.load(path) as file:
        return [(file[f"w{at}"].astype(np.float32), file[f"b{at}"].astype(np.float32)) for at in range(len(file) // 2)]


def write(path: Path, weights: Weights) -> None:
    """As float16."""
    named = {f"{kind}{at}": array for at, pair in enumerate(weights) for kind, array in zip("wb", pair, strict=True)}
    np.savez_compressed(path, **{name: array.astype(np.float16) for name, array in named.items()})  # type: ignore[arg-type]


def to_onnx(layers: Layers, weights: Weights, *, sigmoid: bool = False) -> bytes:
    """The network: `x` float32 (n, 1, 28, 28) or (n, inputs) → `y` (n, outputs). What each convolution gives, after its
    ReLU, are further outputs, map0, map1, …"""
    nodes: list[Any] = []
    arrays: list[Any] = []
    maps: list[Any] = []
    now, is_flat = "x", not isinstance(layers[0], Conv)

    def add(kind: str, inputs: Sequence[str], name: str, **how: Any) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [name], **how))
        return name

    for at, (layer, (weight, bias)) in enumerate(zip(layers, weights, strict=True)):
        arrays += [numpy_helper.from_array(a, f"{n}{at}") for n, a in (("w", weight), ("b", bias))]
        if isinstance(layer, Conv):
            how = {"pads": [1, 1, 1, 1], "strides": [layer.stride] * 2}
            now = add("Relu", [add("Conv", [now, f"w{at}", f"b{at}"], f"conv{at}", **how)], f"map{at}")
            maps.append(helper.make_tensor_value_info(now, TensorProto.FLOAT, ["n", layer.outputs, None, None]))
            if layer.pools:
                now = add("MaxPool", [now], f"pool{at}", kernel_shape=[2, 2], strides=[2, 2])
        else:
            now = now if is_flat else add("Flatten", [now], f"flat{at}")
            is_flat = True
            now = add("Gemm", [now, f"w{at}", f"b{at}"], f"dense{at}", transB=1)
            now = add("Relu", [now], f"relu{at}") if layer.relu else now
    add("Sigmoid" if sigmoid else "Identity", [now], "y")
    shape: list[str | int | None] = ["n", 1, SIDE, SIDE] if isinstance(layers[0], Conv) else ["n", layers[0].inputs]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", layers[-1].outputs]), *maps],
        arrays,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def to_torch(layers: Layers, weights: Weights | None = None, *, batch_norm: bool = False) -> "nn.Sequential":
    """The same in torch; with `batch_norm` after each convolution, as it is trained."""
    import torch
    from torch import nn

    made: list[nn.Module] = []
    linears: list[nn.Conv2d | nn.Linear] = []
    is_flat = not isinstance(layers[0], Conv)
    for layer in layers:
        if isinstance(layer, Conv):
            linears.append(nn.Conv2d(layer.inputs, layer.outputs, 3, layer.stride, 1))
            made += [linears[-1], *([nn.BatchNorm2d(layer.outputs)] * batch_norm), nn.ReLU()]
            made += [nn.MaxPool2d(2)] if layer.pools else []
        else:
            made += [] if is_flat else [nn.Flatten()]
            is_flat = True
            linears.append(nn.Linear(layer.inputs, layer.outputs))
            made += [linears[-1], *([nn.ReLU()] if layer.relu else [])]
    if weights is not None:
        with torch.no_grad():
            for linear, (weight, bias) in zip(linears, weights, strict=True):
                linear.weight.copy_(torch.from_numpy(weight))
                linear.bias.copy_(torch.from_numpy(bias))  # type: ignore[union-attr]
    return nn.Sequential(*made)


def folded(network: "nn.Sequential") -> list[tuple[np.ndarray, np.ndarray]]:
    """The weights of a trained network, its batch norms folded in."""
    from torch import nn

    weights: list[tuple[np.ndarray, np.ndarray]] = []
    for module in network:
        if isinstance(module, nn.Conv2d | nn.Linear):
            assert module.bias is not None
            weights.append((module.weight.detach().numpy().copy(), module.bias.detach().numpy().copy()))
        elif isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            scale = (module.weight / (module.running_var + module.eps).sqrt()).detach().numpy()
            weight, bias = weights[-1]
            shift = module.bias.detach().numpy() - module.running_mean.numpy() * scale
            weights[-1] = weight * scale[:, None, None, None], bias * scale + shift
    return weights


def sizes(weights: Weights) -> Mapping[str, int]:
    """How many weights there are, and how many are not 0."""
    return {
        "all": sum(w.size + b.size for w, b in weights),
        "left": sum(int(np.count_nonzero(w)) + b.size for w, b in weights),
    }
