"""A segmenter that was taught by others: LRASPP on MobileNetV3 (Howard et al. 2019), 21 names, on ONNX Runtime."""

import colorsys
from pathlib import Path

import cv2
import numpy as np

from models.classifier.onnx_files import onnx_file
from models.pictures.arrays import check
from models.runtime.onnx_session import open_session
from models.runtime.report import Report
from models.settings import settings
from models.taught import ready_export
from models.taught.brush import LIVE_SIDE

_NAMES = """
background; airplane; bicycle; bird; boat; bottle; bus; car; cat; chair; cow; dining table; dog; horse; motorcycle;
person; potted plant; sheep; sofa; train; tv
"""
NAMES = tuple(" ".join(_NAMES.split()).split("; "))
"""In the order of the network's outputs, as PASCAL VOC has them."""
BACKGROUND = 0
_MEAN, _STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # as the network was trained
_STEP = 32  # pixels: both sides of its input are multiples


def _colour(number: int) -> str:
    parts = colorsys.hsv_to_rgb(number * 0.381966 % 1, 0.75, 0.85)  # neighbours are far apart
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


COLOURS = ("#3a3a3a", *(_colour(number) for number in range(1, len(NAMES))))


class ReadySegmenter:
    """The network in that file. Any number of threads may use it at a time."""

    def __init__(self, file: Path) -> None:
        self.nbytes = file.stat().st_size
        self._session = open_session(file, settings().inference_threads)

    def mask(self, rgb: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
        """The place among NAMES of each pixel of uint8 (H, W, 3), scaled to that width and height: uint8 (h, w)."""
        height, width = check(rgb)
        scale = LIVE_SIDE / max(height, width)
        w, h = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height))
        small = cv2.resize(rgb, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        pixels = ((small / 255.0 - _MEAN) / _STD).astype(np.float32).transpose(2, 0, 1)[None]
        (logits,) = self._session.run(["logits"], {"pixels": np.ascontiguousarray(pixels)})
        large = cv2.resize(logits[0].transpose(1, 2, 0), size_wh, interpolation=cv2.INTER_LINEAR)
        return large.argmax(axis=2).astype(np.uint8)

    def predict(self, rgb: np.ndarray) -> np.ndarray:
        """`mask` of the picture's own size."""
        return self.mask(rgb, (rgb.shape[1], rgb.shape[0]))


def load(path: Path | None, report: Report) -> ReadySegmenter:
    """From the downloaded weights, which are exported once by a process of its own."""
    assert path is not None
    return ReadySegmenter(onnx_file("lraspp", path, report, folder=path.parent, module=ready_export.__name__))
