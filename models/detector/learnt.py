"""Boxes from a small head that has learnt *where*, for things of any name, on the frozen network's maps; a second head
says *what* is in each box. Both were trained by scripts/train_detector.py."""

from functools import partialmethod
from pathlib import Path

import numpy as np

from models.classifier.imagenet import lite0_weights
from models.classifier.onnx_files import onnx_file
from models.detector.boxes import Found, suppress
from models.detector.maps import Maps, Trunk
from models.detector.naming import NameHead, about_boxes, named_by_classifier
from models.runtime.onnx_session import open_session
from models.runtime.report import Report
from models.settings import settings

FOLDER = Path(__file__).parents[2] / "assets" / "detector"
SIDE, LIVE_SIDE = 512, 384  # pixels of the longer side of what the network sees
MOST = 60  # boxes that are named, the surest
NEAR_COPIES = 0.8  # boxes that overlap more are one, whatever they are called
MIN_SCORE = 0.05
LEARNT, CLASSIFIER = NAMED_BY = ("80 names, learnt", "The classifier's 1,000")


class BoxFinder:
    """The frozen network with both heads. Any number of threads may use it at a time."""

    def __init__(self, trunk: Trunk, folder: Path) -> None:
        self._trunk, self._head = trunk, open_session(folder / "head.onnx", settings().inference_threads)
        self._names = NameHead.load(folder / "names.safetensors")
        self.nbytes = trunk.nbytes + sum(file.stat().st_size for file in folder.glob("*"))

    def find(self, rgb: np.ndarray, side: int = SIDE, *, named_by: str = LEARNT) -> Found:
        """Everything that may be a thing in uint8 (H, W, 3), before suppression; a thing has two names at most."""
        maps = self._trunk.maps(rgb, side)
        boxes, sure = self.boxes(maps)
        if not len(boxes):
            return Found.from_shares(boxes, (), sure, maps.size_wh)
        if named_by == LEARNT:
            names, shares = self._names.names[:-1], self._names.probabilities(*about_boxes(maps, boxes))[:, :-1]
        else:
            names, shares = named_by_classifier(maps, boxes)
        return _named(boxes, sure, names, shares, maps.size_wh)

    predict = partialmethod(find, side=LIVE_SIDE)

    def boxes(self, maps: Maps) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (n, 4) in 0..1 around whatever may be a thing, and how sure it is of each, (n,), the surest first."""
        levels = self._head.run(None, {"middle": maps.middle, "late": maps.late})
        boxes, sure = (np.concatenate(parts) for parts in zip(*map(decoded, levels), strict=True))
        surest = np.argsort(-sure)[: 5 * MOST]
        kept = suppress(boxes[surest], sure[surest], NEAR_COPIES)[:MOST]
        return boxes[surest][kept], sure[surest][kept]


def decoded(level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of one level's output (1, 6, rows, columns): boxes float32 (n, 4) in 0..1 and their scores (n,), those above
    MIN_SCORE. The score is √(a thing × nearness of its middle), as in FCOS."""
    _, _, rows, columns = level.shape
    flat = level[0].reshape(6, -1)
    score = np.sqrt(1 / (1 + np.exp(-flat[0])) / (1 + np.exp(-flat[1])))
    places = np.flatnonzero(score >= MIN_SCORE)
    far = flat[2:, places].T
    y, x = np.divmod(places, columns)
    middle = np.stack((x, y), axis=1) + 0.5
    corners = np.hstack((middle - far[:, :2], middle + far[:, 2:])) / (columns, rows, columns, rows)
    corners = np.clip(corners, 0, 1).astype(np.float32)
    large = (corners[:, 2:] > corners[:, :2]).all(axis=1)
    return corners[large], score[places][large]


def _named(
    boxes: np.ndarray, sure: np.ndarray, names: tuple[str, ...], shares: np.ndarray, size_wh: tuple[int, int]
) -> Found:
    """Each box once by each of its two likeliest names; the score is √(sure of the box × sure of the name)."""
    likeliest = np.argsort(-shares, axis=1)[:, :2]  # (n, 2)
    score = np.sqrt(sure[:, None] * np.take_along_axis(shares, likeliest, axis=1))
    return Found.from_shares(np.repeat(boxes, 2, axis=0), [names[i] for i in likeliest.ravel()], score.ravel(), size_wh)


def load(path: Path | None, report: Report, folder: Path = FOLDER) -> BoxFinder:
    """From the bundled network and the heads in `folder`; `path` is not used."""
    trunk = Trunk(onnx_file("efficientnet-lite0", lite0_weights(), report))
    report("Loading the heads", None)
    return BoxFinder(trunk, folder)
