"""The parts of an exported model as ONNX graphs: what comes in is made into features, and the head weighs those.

Parts are joined by the names of their values: `pixels` go into the network, `features` come out of it and go into the
head. The network is read from TorchScript, because torch's own exporters need a package more (onnxscript) or are on
their way out, and give 400 nodes where these are 130.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper, parser
from torch import nn

from models.classifier.preprocessing import Preprocessing
from models.teachable.kinds import HALVES_UP, SIDE
from models.teachable.learn.head import Head

OPSET, IR_VERSION = 18, 8  # what onnxruntime runs since 1.14 (2023)

# kinds.square, then Preprocessing.square. Resize could do it, but in floats: a few pixels would be one level off. In
# doubles it is a product with triangles of weights, (SIDE, side), from both sides.
PICTURE = f"""
picture (uint8[height, width, 3] image) => (float[1, 3, {SIDE}, {SIDE}] pixels)
<int64[1] first = {{0}}, int64[1] last = {{1}}, int64[2] both = {{0, 1}}, int64[1] half = {{2}},
 double middle = {{0.5}}, double zero = {{0}}, double one = {{1}}, double out = {{{SIDE}}}> {{
    height_width = Shape <start = 0, end = 2> (image)
    side = ReduceMin <keepdims = 1> (height_width)
    spare = Sub (height_width, side)
    corner = Div (spare, half)
    opposite = Add (corner, side)
    cropped = Slice (image, corner, opposite, both)
    planes = Transpose <perm = [2, 0, 1]> (cropped)
    levels = Cast <to = {TensorProto.DOUBLE}> (planes)

    sides = Cast <to = {TensorProto.DOUBLE}> (side)
    in = Squeeze (sides)
    scale = Div (in, out)
    reach = Max (scale, one)
    number_out = Range (zero, out, one)
    middle_out = Add (number_out, middle)
    centre = Mul (middle_out, scale)
    centres = Unsqueeze (centre, last)
    number_in = Range (zero, in, one)
    middle_in = Add (number_in, middle)
    offsets = Sub (middle_in, centres)
    distances = Abs (offsets)
    parts = Div (distances, reach)
    slopes = Sub (one, parts)
    triangles = Max (slopes, zero)
    total = ReduceSum <keepdims = 1> (triangles, last)
    weights = Div (triangles, total)

    columns = Transpose <perm = [1, 0]> (weights)
    flat = MatMul (weights, levels)
    resized = MatMul (flat, columns)
    lifted = Add (resized, halves_up)
    rounded = Round (lifted)
    floats = Cast <to = {TensorProto.FLOAT}> (rounded)
    square = Unsqueeze (floats, first)
    scaled = Mul (square, gain)
    pixels = Add (scaled, offset)
}}"""

# kinds.body_features
BODY = """
body (float[33, 3] keypoints) => (float[1, 66] features)
<int64[2] parts = {2, 1}, int64[2] of_shoulders = {11, 12}, int64[2] of_hips = {23, 24}, int64[1] row = {0},
 float one = {1}, float least = {-10}, float most = {10}, int64[2] flat = {1, 66}> {
    xy, score = Split <axis = 1> (keypoints, parts)
    shoulders = Gather <axis = 0> (xy, of_shoulders)
    hips = Gather <axis = 0> (xy, of_hips)
    neck = ReduceMean <keepdims = 1> (shoulders, row)
    pelvis = ReduceMean <keepdims = 1> (hips, row)
    spine = Sub (neck, pelvis)
    length = ReduceL2 <keepdims = 0> (spine)
    left, right = Split <axis = 0, num_outputs = 2> (shoulders)
    across = Sub (left, right)
    breadth = ReduceL2 <keepdims = 0> (across)
    trunk = Max (length, breadth, one)
    moved = Sub (xy, neck)
    sized = Div (moved, trunk)
    seen = Mul (sized, score)
    clipped = Clip (seen, least, most)
    features = Reshape (clipped, flat)
}"""

# kinds.hand_features
HAND = """
hand (float[21, 3] keypoints, bool left) => (float[1, 42] features)
<int64[2] parts = {2, 1}, int64[1] of_wrist = {0}, int64[1] of_middle = {9}, int64[1] of_index = {5},
 int64[1] of_pinky = {17}, float[2] mirror = {-1, 1}, float[2] same = {1, 1},
 float one = {1}, float least = {-10}, float most = {10}, int64[2] flat = {1, 42}> {
    points, score = Split <axis = 1> (keypoints, parts)
    wrist = Gather <axis = 0> (points, of_wrist)
    xy = Sub (points, wrist)
    middle = Gather <axis = 0> (xy, of_middle)
    length = ReduceL2 <keepdims = 0> (middle)
    index = Gather <axis = 0> (xy, of_index)
    pinky = Gather <axis = 0> (xy, of_pinky)
    across = Sub (index, pinky)
    breadth = ReduceL2 <keepdims = 0> (across)
    palm = Max (length, breadth, one)
    sides = Where (left, mirror, same)
    right = Mul (xy, sides)
    sized = Div (right, palm)
    clipped = Clip (sized, least, most)
    features = Reshape (clipped, flat)
}"""


def picture_graph(preprocess: Preprocessing) -> GraphProto:
    """`image` uint8 (height, width, 3) → `pixels` float32 (1, 3, SIDE, SIDE), normalised. ValueError for a network that
    wants another size."""
    if preprocess.crop != SIDE:
        raise ValueError(f"the network must see {SIDE} pixels, got {preprocess.crop}")
    mean, std = (np.array(values, np.float32).reshape(1, 3, 1, 1) for values in (preprocess.mean, preprocess.std))
    graph = parser.parse_graph(PICTURE)
    tensors = {"gain": 1 / (255 * std), "offset": -mean / std, "halves_up": np.array(HALVES_UP)}
    graph.initializer.extend(_tensors(tensors))
    return graph


def points_graph(kind: str) -> GraphProto:
    """`keypoints` float32 (n, 3), and for a hand bool `left` → `features` float32 (1, d)."""
    return parser.parse_graph({"body": BODY, "hand": HAND}[kind])


def head_graph(head: Head) -> GraphProto:
    """`features` float32 (1, d) → `probabilities` float32 (classes,)."""
    steps = ["centred = Sub (features, features_mean)", "layer0 = Div (centred, features_scale)"]
    tensors = {"features_mean": head.mean, "features_scale": head.scale}
    for number, (weight, bias) in enumerate(head.layers):
        tensors |= {f"weight{number}": weight, f"bias{number}": bias}
        steps.append(f"sum{number} = Gemm (layer{number}, weight{number}, bias{number})")
        steps.append(f"layer{number + 1} = Relu (sum{number})")
    steps[-1] = f"row_of_probabilities = Softmax <axis = 1> (sum{len(head.layers) - 1})"
    steps.append("probabilities = Squeeze (row_of_probabilities)")
    ends = f"(float[1, {head.size}] features) => (float[{head.classes}] probabilities)"
    graph = parser.parse_graph(f"head {ends} {{ {' '.join(steps)} }}")
    graph.initializer.extend(_tensors(tensors))
    return graph


def network_graph(network: nn.Module) -> GraphProto:
    """`pixels` float32 (1, 3, SIDE, SIDE) → `features` float32 (1, d), by that network as it is in evaluation. Batch
    norms are folded as they are on the page. Raises ValueError for an operator that is not among those below."""
    example = torch.zeros(1, 3, SIDE, SIDE)
    with torch.no_grad():
        traced = torch.jit.trace(copy.deepcopy(network).eval(), example, check_trace=False)
        script = torch.jit.freeze(traced).graph
    graph = GraphProto(name="network")
    names = {list(script.inputs())[1].debugName(): "pixels", next(script.outputs()).debugName(): "features"}
    for node in script.nodes():
        if node.kind() in _NOT_COMPUTED:
            continue
        if node.kind() not in _OPERATORS:
            raise ValueError(f"a network with {node.kind()} can't be exported yet: add it to _OPERATORS")
        values = [value.toIValue() for value in node.inputs()]  # None: computed
        operator, constants, attributes = _OPERATORS[node.kind()](values)
        output = names.setdefault(node.output().debugName(), f"network.{len(graph.node)}")
        inputs = [names[v.debugName()] for v in node.inputs() if v.debugName() in names]
        tensors = {f"{output}.{number}": np.asarray(constant) for number, constant in enumerate(constants)}
        graph.node.append(helper.make_node(operator, [*inputs, *tensors], [output], **attributes))
        graph.initializer.extend(_tensors(tensors))
    return graph


def joined(name: str, *parts: GraphProto) -> ModelProto:
    """One checked model of parts that follow each other: what the first takes, what the last gives."""
    graph = GraphProto(name=name, input=parts[0].input, output=parts[-1].output)
    for part in parts:
        graph.node.extend(part.node)
        graph.initializer.extend(part.initializer)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="Limelight")
    onnx.checker.check_model(model, full_check=True)
    return model


def _tensors(named: dict[str, np.ndarray]) -> list[TensorProto]:
    return [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in named.items()]


# What a TorchScript operator is in ONNX, by the values of its inputs: operator, constant inputs, attributes.
_Operator = tuple[str, Sequence[Any], dict[str, Any]]


def _convolution(values: Sequence[Any]) -> _Operator:
    _, weight, bias, stride, padding, dilation, transposed, _, groups, *_ = values
    if transposed:
        raise ValueError("a transposed convolution can't be exported yet")
    constants = [weight.numpy()] if bias is None else [weight.numpy(), bias.numpy()]
    return "Conv", constants, {"strides": stride, "pads": [*padding, *padding], "dilations": dilation, "group": groups}


def _pad(values: Sequence[Any]) -> _Operator:
    _, (left, right, top, bottom), mode, _ = values
    if mode != "constant":
        raise ValueError(f"{mode} padding can't be exported yet")
    return "Pad", [np.array([0, 0, top, left, 0, 0, bottom, right])], {"mode": mode}


def _clip(values: Sequence[Any]) -> _Operator:
    return "Clip", [np.float32(limit) for limit in values[1:]], {}


def _sum(values: Sequence[Any]) -> _Operator:
    if values[1:] != [None, 1]:
        raise ValueError("a sum with weights or constants can't be exported yet")
    return "Add", [], {}


def _pool(values: Sequence[Any]) -> _Operator:
    if list(values[1]) != [1, 1]:
        raise ValueError(f"pooling to {values[1]} can't be exported yet")
    return "GlobalAveragePool", [], {}


_OPERATORS: dict[str, Callable[[Sequence[Any]], _Operator]] = {
    "aten::_convolution": _convolution,
    "aten::pad": _pad,
    "aten::hardtanh": _clip,
    "aten::add": _sum,
    "aten::adaptive_avg_pool2d": _pool,
    "aten::view": lambda values: ("Flatten", [], {}),  # to (1, d), as the graph's output says
    "aten::flatten": lambda values: ("Flatten", [], {"axis": values[1]}),
}
_NOT_COMPUTED = ("prim::Constant", "prim::ListConstruct", "aten::size")  # with a picture of a known size
