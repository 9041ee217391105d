"""torchvision's detectors on ONNX Runtime: the network is exported once, its boxes are decoded here.

The exported graph ends where torchvision's own code would go on in Python: logits and corrections of fixed anchor
boxes, which lie in the file beside it.
"""

from functools import partial
from pathlib import Path

import cv2
import numpy as np

from models.classifier.onnx_files import onnx_file
from models.detector.boxes import Found
from models.detector.coco import NAMES, NUMBERS
from models.detector.export import SIDES
from models.runtime.onnx_session import open_session
from models.runtime.report import Report
from models.settings import settings

MIN_SCORE, MOST = 0.05, 300
LARGEST = 4.135  # log(1000 / 16): of a correction of a side, as torchvision bounds it


class AnchorDetector:
    """A network of that name in SIDES: `pixels` float32 (1, 3, s, s) in 0..1 → `logits` (a, 91), `corrections` (a, 4),
    of `anchors` (a, 4) in pixels. Any number of threads may use it at a time."""

    def __init__(self, name: str, file: Path, report: Report) -> None:
        self._side, self._is_softmax, self._weights = SIDES[name]
        self.nbytes = file.stat().st_size
        report("Loading the network", None)
        self._session = open_session(file, settings().inference_threads)

    def find(self, rgb: np.ndarray) -> Found:
        """Everything that may be a thing in uint8 (H, W, 3), before suppression."""
        small = cv2.resize(rgb, (self._side, self._side), interpolation=cv2.INTER_AREA)
        pixels = np.ascontiguousarray(small.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        logits, corrections, anchors = self._session.run(["logits", "corrections", "anchors"], {"pixels": pixels})
        shares = _softmax(logits) if self._is_softmax else 1 / (1 + np.exp(-logits))
        shares = shares[:, NUMBERS]
        name = shares.argmax(axis=1)
        score = shares[np.arange(len(shares)), name]
        surest = np.argsort(-score)[:MOST]
        surest = surest[score[surest] >= MIN_SCORE]
        boxes = decoded(anchors[surest], corrections[surest] / self._weights) / self._side
        return Found.from_shares(boxes, [NAMES[i] for i in name[surest]], score[surest], (rgb.shape[1], rgb.shape[0]))

    predict = find


def decoded(anchors: np.ndarray, corrections: np.ndarray) -> np.ndarray:
    """The anchors (n, 4) moved and scaled: of a correction the first two are shifts of the middle in sides of the
    anchor, the others logarithms of factors (Girshick et al. 2014)."""
    sides = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + sides / 2 + corrections[:, :2] * sides
    half = sides * np.exp(np.minimum(corrections[:, 2:], LARGEST)) / 2
    return np.hstack((middle - half, middle + half))


def _softmax(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _load(name: str, path: Path | None, report: Report) -> AnchorDetector:
    assert path is not None
    return AnchorDetector(
        name, onnx_file(name, path, report, folder=path.parent, module="models.detector.export"), report
    )


load_ssdlite = partial(_load, "ssdlite320")  # Sandler et al. 2018, Howard et al. 2019
load_retinanet = partial(_load, "retinanet")  # Lin et al. 2017; its second version in torchvision
