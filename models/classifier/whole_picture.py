"""EfficientNet-Lite0 over a whole picture of any size, not its middle square: what it is given then."""

import cv2
import numpy as np
import onnx

from models.pictures.arrays import check

STEP = 32  # pixels: both sides are multiples, so that the maps of all depths fit on each other
MEAN, STD = 127.0, 128.0  # as the network was trained


def prepared(rgb: np.ndarray, side: int) -> np.ndarray:
    """The network's input float32 (1, 3, h, w): scaled so that the longer side is about `side`; both are multiples of
    STEP, so a picture may be squeezed by a few per cent."""
    height, width = check(rgb)
    scale = side / max(height, width)
    w, h = (max(STEP, round(n * scale / STEP) * STEP) for n in (width, height))
    small = cv2.resize(rgb, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.ascontiguousarray(((small.astype(np.float32) - MEAN) / STD).transpose(2, 0, 1)[None])


def take_any_size(model: onnx.ModelProto) -> None:
    """Let the network's input be of any height and width, and let nothing be said of the sizes after it."""
    for dim, name in zip(model.graph.input[0].type.tensor_type.shape.dim[2:], ("height", "width"), strict=True):
        dim.dim_param = name
    del model.graph.value_info[:]
