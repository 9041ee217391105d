"""A taught detector as a zip: the whole network with its head as ONNX, its classes, and a program that runs it."""

import io
import json
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, utils

from models.taught.head import BoxHead
from models.taught.maps import BOX_SIDE, Maps

PREDICT = '''"""python predict.py picture.jpg   prints the boxes in it. Needs: pip install onnxruntime numpy pillow"""
import json, sys
import numpy as np, onnxruntime
from PIL import Image

about = json.load(open("classes.json", encoding="utf-8"))
picture = Image.open(sys.argv[1]).convert("RGB")
scale = about["side"] / max(picture.size)
small = picture.resize([max(32, round(n * scale / 32) * 32) for n in picture.size], Image.BILINEAR)
pixels = ((np.asarray(small, np.float32) - 127) / 128).transpose(2, 0, 1)[None]
session = onnxruntime.InferenceSession("detector.onnx", providers=["CPUExecutionProvider"])
shares, far = (out[0] for out in session.run(["shares", "sides"], {"pixels": pixels}))
rows, columns = shares.shape[1:]  # shares (1 + classes, rows, columns), far (classes * 4, rows, columns) in cells
found = []
for y in range(rows):
    for x in range(columns):
        kind = int(shares[1:, y, x].argmax())
        if shares[1 + kind, y, x] >= 0.3:
            left, top, right, bottom = far[4 * kind : 4 * kind + 4, y, x]
            box = np.array([x + 0.5 - left, y + 0.5 - top, x + 0.5 + right, y + 0.5 + bottom])
            box = np.clip(box / (columns, rows, columns, rows), 0, 1) * (picture.size * 2)
            found.append((float(shares[1 + kind, y, x]), kind, box))

def same(kind, a, other, b):  # of what either covers both cover much, or one of its name lies in the other
    inner = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
    one, two = np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])
    return inner > 0.4 * (one + two - inner) or (kind == other and inner > 0.7 * min(one, two))

kept = []
for score, kind, box in sorted(found, key=lambda one: -one[0]):
    if not any(same(kind, box, *other) for other in kept):
        kept.append((kind, box))
        print(about["names"][kind], round(score, 2), *map(round, box.tolist()))
'''


def exported(maps: Maps, head: BoxHead) -> bytes:
    """The zip: detector.onnx, classes.json, predict.py."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("detector.onnx", to_onnx(maps, head))
        archive.writestr("classes.json", json.dumps({"names": head.names, "side": BOX_SIDE}, ensure_ascii=False))
        archive.writestr("predict.py", PREDICT)
    return file.getvalue()


def to_onnx(maps: Maps, head: BoxHead) -> bytes:
    """float32 (1, 3, h, w), both multiples of 32, → `shares` (1, 1 + k, rows, columns), that of nothing first, and
    `sides` (1, 4 k, rows, columns): distances left, top, right, bottom of each class's box, in cells."""
    inner = utils.Extractor(maps.model).extract_model(["pixels"], ["cells"])
    sides = np.tile(head.sides, (1, len(head.names)))
    layers = {"class": (head.weights, head.bias), "side": (sides, head.side_bias.ravel())}
    for name, (weights, bias) in layers.items():
        for part, value in (("weights", weights.T[:, :, None, None]), ("bias", bias)):
            inner.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), f"{name}/{part}"))
        parts = ["cells", f"{name}/weights", f"{name}/bias"]
        inner.graph.node.append(helper.make_node("Conv", parts, [f"{name}/out"]))
    inner.graph.node.append(helper.make_node("Softmax", ["class/out"], ["shares"], axis=1))
    for limit, exponent in (("low", -3.0), ("high", 4.0)):
        inner.graph.initializer.append(helper.make_tensor(limit, TensorProto.FLOAT, [], [exponent]))
    inner.graph.node.append(helper.make_node("Clip", ["side/out", "low", "high"], ["side/log"]))
    inner.graph.node.append(helper.make_node("Exp", ["side/log"], ["sides"]))
    while inner.graph.output:
        inner.graph.output.pop()
    for name in ("shares", "sides"):
        shape = [1, None, "rows", "columns"]
        inner.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    onnx.checker.check_model(inner)
    return inner.SerializeToString()
