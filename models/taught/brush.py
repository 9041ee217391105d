"""A label for each pixel, taught by a few strokes: a linear classifier on what the network, colour and edges say of it.

As ilastik does (Berg et al. 2019), with a frozen network's maps beside the filters. Labels are made per 4 pixels, and
the classes' shares are scaled up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.errors import BadInput
from models.pictures.arrays import check
from models.taught.maps import BRUSH_SIDE, Maps

MAX_CLASSES = 5
_SIGMAS = (1.0, 2.5, 6.0)  # of the blurred colours and gradients, in columns of 4 pixels
LIVE_SIDE = 512  # pixels of the longer side, live
PER_CLASS = 1500  # columns under strokes to learn from


@dataclass(frozen=True)
class Stroke:
    """A line painted with class number `kind`, 0 upwards: points (x, y) and radius in parts of the picture's width
    and height, the radius of its width."""

    kind: int
    points: tuple[tuple[float, float], ...]
    radius: float = 0.02

    def __post_init__(self) -> None:
        if not 0 <= self.kind < MAX_CLASSES or not self.points or not 0 < self.radius <= 0.2:
            raise ValueError(f"a stroke needs a class below {MAX_CLASSES}, points and a radius, got {self}")


def columns_of(maps: Maps, rgb: np.ndarray, side: int = BRUSH_SIDE) -> np.ndarray:
    """What is known of each 4 pixels, float32 (rows, columns, d): the network's maps, colour and edges."""
    deep = maps.fine(rgb, side)
    return np.concatenate((deep, colour_of(rgb, deep.shape[:2])), axis=2)


def colour_of(rgb: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Lab and the strength of its edges at several scales, float32 (rows, columns, 15)."""
    check(rgb)
    small = cv2.resize(rgb, shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB) / 50
    parts: list[np.ndarray] = [lab]
    for sigma in _SIGMAS:
        soft = cv2.GaussianBlur(lab, (0, 0), sigma)
        edge = np.hypot(cv2.Sobel(soft[..., 0], cv2.CV_32F, 1, 0), cv2.Sobel(soft[..., 0], cv2.CV_32F, 0, 1))
        parts += [soft, edge[..., None]]
    return np.concatenate(parts, axis=2)


def painted(strokes: Sequence[Stroke], shape: tuple[int, int]) -> np.ndarray:
    """The class under each column, int (rows, columns), -1 where nobody painted; later strokes lie over earlier."""
    rows, columns = shape
    out = np.full(shape, -1, np.int16)
    for stroke in strokes:
        line = np.rint(np.array(stroke.points) * (columns - 1, rows - 1)).astype(np.int32)
        thick = max(1, round(2 * stroke.radius * columns))
        cv2.polylines(out, [line.reshape(-1, 1, 2)], False, stroke.kind, thick)
    return out.astype(int)


@dataclass(frozen=True, eq=False)
class PixelHead:
    """`kinds` (k,) class numbers; weights (d, k) and bias (k,) of their logits."""

    kinds: tuple[int, ...]
    weights: np.ndarray
    bias: np.ndarray

    def shares(self, columns: np.ndarray) -> np.ndarray:
        """float32 (rows, columns, k): how sure each class is."""
        logits = columns @ self.weights + self.bias
        e = np.exp(logits - logits.max(axis=2, keepdims=True))
        return e / e.sum(axis=2, keepdims=True)

    def mask(self, columns: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
        """The class number of each pixel of a picture of that size, uint8 (H, W)."""
        large = cv2.resize(self.shares(columns).astype(np.float32), size_wh, interpolation=cv2.INTER_LINEAR)
        return np.array(self.kinds, np.uint8)[large.argmax(axis=2)]


def fit(painted_pictures: Sequence[tuple[np.ndarray, Sequence[Stroke]]]) -> PixelHead:
    """A head from (columns of a picture, its strokes). BadInput with strokes of fewer than two classes."""
    from sklearn.linear_model import LogisticRegression

    x, y = [], []
    for columns, strokes in painted_pictures:
        label = painted(strokes, columns.shape[:2])
        x.append(columns[label >= 0])
        y.append(label[label >= 0])
    all_x, all_y = (np.concatenate(x), np.concatenate(y)) if x else (np.zeros((0, 1)), np.zeros(0, int))
    kinds = np.unique(all_y)
    if len(kinds) < 2:
        raise BadInput("Only one class is painted so far. Paint a stroke of a second one, such as the background.")
    random = np.random.default_rng(0)
    rows = np.concatenate([random.permutation(np.flatnonzero(all_y == kind))[:PER_CLASS] for kind in kinds])
    all_x, all_y = all_x[rows], all_y[rows]
    mean, std = all_x.mean(axis=0), all_x.std(axis=0) + 1e-3
    model = LogisticRegression(C=0.05, max_iter=80, tol=1e-3, class_weight="balanced")
    model.fit((all_x - mean) / std, all_y)
    weights, bias = model.coef_.T, model.intercept_
    if len(kinds) == 2:
        weights, bias = np.hstack((0 * weights, weights)), np.concatenate(([0.0], bias))
    weights = weights / std[:, None]
    return PixelHead(tuple(map(int, kinds)), weights.astype(np.float32), (bias - mean @ weights).astype(np.float32))
