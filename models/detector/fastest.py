"""FastestDet (dog-qiuqiu 2022, BSD-3-Clause): 80 names in pictures of 352×352, anchor-free, one box a place."""

from pathlib import Path

import cv2
import numpy as np

from models.detector.boxes import Found
from models.detector.coco import NAMES
from models.runtime.onnx_session import open_session
from models.runtime.report import Report
from models.settings import settings

SIDE = 352
MIN_SCORE = 0.05


class FastestDet:
    """The network in an ONNX file: BGR in 0..1, (1, 3, 352, 352) → (1, 85, rows, columns). Any number of threads may
    use it at a time."""

    def __init__(self, file: Path) -> None:
        self.nbytes = file.stat().st_size
        self._session = open_session(file, settings().inference_threads)
        self._input = self._session.get_inputs()[0].name

    def find(self, rgb: np.ndarray) -> Found:
        """Everything that may be a thing in uint8 (H, W, 3), before suppression."""
        small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)[:, :, ::-1]
        pixels = np.ascontiguousarray(small.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        out = self._session.run(None, {self._input: pixels})[0][0]  # (85, rows, columns)
        score = out[0] ** 0.6 * out[5:].max(axis=0) ** 0.4
        row, column = np.nonzero(score >= MIN_SCORE)
        at = out[:, row, column]
        middle = (np.tanh(at[1:3]).T + np.stack((column, row), axis=1)) / score.shape[::-1]
        half = 1 / (1 + np.exp(-at[3:5].T)) / 2
        names = [NAMES[place] for place in at[5:].argmax(axis=0)]
        boxes = np.hstack((middle - half, middle + half))
        return Found.from_shares(boxes, names, score[row, column], (rgb.shape[1], rgb.shape[0]))

    predict = find


def load(path: Path | None, report: Report) -> FastestDet:
    """From the downloaded file."""
    assert path is not None
    report("Loading the network", None)
    return FastestDet(path)
