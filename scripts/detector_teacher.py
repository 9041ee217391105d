"""FastestDet (dog-qiuqiu, BSD-3-Clause): 80 names in 352×352 pictures, as a teacher and to compare with."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from models.pictures.images import open_image
from scripts.detector_data import Labelled

SIDE, GRID = 352, 22
MIN_SCORE = 0.65  # of what is taken for a label


class FastestDet:
    """The network in an ONNX file: `input.1` (1, 3, 352, 352), BGR in 0..1 → (1, 85, 22, 22)."""

    def __init__(self, file: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def find(self, rgb: np.ndarray, min_score: float = 0.01) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes (n, 4) in 0..1, numbers of their names, scores; after suppression of 0.45 within a name."""
        small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)[:, :, ::-1]
        x = np.ascontiguousarray(small.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        out = self._session.run(None, {self._input: x})[0][0]  # (85, 22, 22)
        name, score = out[5:].argmax(axis=0), out[0] ** 0.6 * out[5:].max(axis=0) ** 0.4
        row, column = np.nonzero(score >= min_score)
        at = out[:, row, column]
        middle = (np.tanh(at[1:3]).T + np.stack((column, row), axis=1)) / GRID
        half = 1 / (1 + np.exp(-at[3:5].T)) / 2
        boxes = np.hstack((middle - half, middle + half))
        names, scores = name[row, column], score[row, column]
        kept = cv2.dnn.NMSBoxesBatched(
            [(float(a), float(b), float(c - a), float(d - b)) for a, b, c, d in boxes],
            scores.tolist(), names.tolist(), min_score, 0.45,
        )  # fmt: skip
        kept = np.array(kept, int).reshape(-1)
        return np.clip(boxes[kept], 0, 1), names[kept], scores[kept]


def taught(teacher: Path, folders: list[Path]) -> list[Labelled]:
    """The pictures under those folders in which the teacher is sure of something."""
    if not folders:
        return []
    network, found = FastestDet(teacher), []
    for file in sorted(path for folder in folders for path in folder.rglob("*")):
        if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".bmp"}:
            boxes, names, scores = network.find(open_image(file.read_bytes()))
            sure = scores >= MIN_SCORE
            if sure.any():
                found.append(Labelled(file, boxes[sure], names[sure]))
    return found
