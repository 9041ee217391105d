"""A detector's head learnt in seconds from a few boxes, on the frozen maps of `Maps`.

For each cell a multinomial logistic regression says which class a thing has whose middle is here, or that there is
none; a ridge regression, which starts from the class's mean box, says how far away its four sides are (as FCOS does,
Tian et al. 2019). Pictures are learnt mirrored and smaller as well; cells taken wrongly for a thing are learnt again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.errors import BadInput
from models.taught.boxes import Box, suppress
from models.taught.maps import BOX_SIDE, Maps

NONE = 0  # the class of a cell in which no thing has its middle
CORE = 0.5  # the inner part of a box whose cells learn its class; those around it learn nothing
MAX_NONE, HARD = 3000, 1200  # cells without a thing to learn from; those learnt again
SMALLER = 320  # the other size at which pictures are learnt
RIDGE = 3000.0
FREEDOM = 3e-4  # of the weights: chosen, as RIDGE was, on other things in other pictures than those of the bench
MIN_SCORE = 0.05
MAX_BOXES = 200  # of the surest cells, before suppression


@dataclass(frozen=True, eq=False)
class BoxHead:
    """names (k,); `weights` float32 (d, 1 + k) and `bias` (1 + k,) of the classes' logits, that of NONE first;
    `sides` (d, 4) and `side_bias` (k, 4): logarithms of the distances left, top, right, bottom, in cells."""

    names: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    sides: np.ndarray
    side_bias: np.ndarray

    def __post_init__(self) -> None:
        d, k = len(self.weights), len(self.names)
        expected = ((d, k + 1), (k + 1,), (d, 4), (k, 4))
        got = tuple(part.shape for part in (self.weights, self.bias, self.sides, self.side_bias))
        if not k or got != expected:
            raise ValueError(f"expected arrays of {expected} for {k} classes, got {got}")

    def find(self, cells: np.ndarray, min_score: float = MIN_SCORE) -> list[Box]:
        """The boxes in a picture of those maps, float32 (rows, columns, d), the surest first."""
        rows, columns, d = cells.shape
        x = cells.reshape(-1, d)
        shares = _softmax(x @ self.weights + self.bias)[:, 1:]
        best = shares.argmax(axis=1)
        score = shares[np.arange(len(x)), best]
        places = np.argsort(-score)[:MAX_BOXES]
        places = places[score[places] >= min_score]
        far = np.exp(np.clip(x[places] @ self.sides + self.side_bias[best[places]], -3, 4))
        y, x_ = np.divmod(places, columns)
        left, right = (x_ + 0.5 - far[:, 0]) / columns, (x_ + 0.5 + far[:, 2]) / columns
        top, bottom = (y + 0.5 - far[:, 1]) / rows, (y + 0.5 + far[:, 3]) / rows
        corners = np.clip(np.stack((left, top, right, bottom), axis=1), 0, 1)
        return suppress(
            [
                _box(four, self.names[best[place]], min(1.0, float(score[place])))
                for four, place in zip(corners, places, strict=True)
                if four[0] < four[2] and four[1] < four[3]
            ]
        )


def fit(
    maps: Maps, pictures: Sequence[tuple[np.ndarray, Sequence[Box]]], on_step: Callable[[float], None] = lambda _: None
) -> BoxHead:
    """A head for the classes of these boxes, from (RGB picture, its boxes); a picture without boxes teaches what is
    none of them. `on_step` hears how much is done, 0..1. BadInput where no box is drawn."""
    names = tuple(sorted({box.name for _, boxes in pictures for box in boxes}))
    if not names:
        raise BadInput("No box is drawn on a picture that teaches. Draw one around each thing, then train.")
    x, kind, sides = [], [], []
    for done, (rgb, boxes) in enumerate(pictures):
        for view, of in _views(rgb, boxes):
            cells = maps.cells(view, SMALLER if view.shape != rgb.shape else BOX_SIDE)
            of_cells, of_sides = _targets(cells.shape[:2], of, names)
            x.append(cells.reshape(-1, cells.shape[2]))
            kind.append(of_cells.ravel())
            sides.append(of_sides.reshape(-1, 4))
        on_step(0.7 * (done + 1) / len(pictures))
    head = _fit(np.concatenate(x), np.concatenate(kind), np.concatenate(sides), names)
    on_step(1.0)
    return head


def _views(rgb: np.ndarray, boxes: Sequence[Box]) -> list[tuple[np.ndarray, list[Box]]]:
    """The picture, mirrored, and smaller."""
    mirrored = [Box(1 - b.right, b.top, 1 - b.left, b.bottom, b.name) for b in boxes]
    smaller = cv2.resize(rgb, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)
    return [(rgb, list(boxes)), (np.ascontiguousarray(rgb[:, ::-1]), mirrored), (smaller, list(boxes))]


def _targets(shape: tuple[int, int], boxes: Sequence[Box], names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """For each cell its class, NONE, or -1 where it learns nothing, (rows, columns); and the logarithms of the
    distances to its box's sides, (rows, columns, 4). Small boxes are laid over large ones."""
    rows, columns = shape
    kind, sides = np.zeros(shape, int), np.zeros((*shape, 4))
    y, x = np.mgrid[:rows, :columns] + 0.5
    for box in sorted(boxes, key=lambda b: -(b.right - b.left) * (b.bottom - b.top)):
        left, top, right, bottom = np.array(box.corners) * (columns, rows, columns, rows)
        kind[(x > left) & (x < right) & (y > top) & (y < bottom)] = -1
        middle = (left + right) / 2, (top + bottom) / 2
        half = max(CORE * (right - left) / 2, 0.5), max(CORE * (bottom - top) / 2, 0.5)
        core = (abs(x - middle[0]) <= half[0]) & (abs(y - middle[1]) <= half[1])
        core[min(int(middle[1]), rows - 1), min(int(middle[0]), columns - 1)] = True
        kind[core] = 1 + names.index(box.name)
        far = np.stack((x - left, y - top, right - x, bottom - y), axis=2)
        sides[core] = np.log(np.maximum(far, 0.1))[core]
    return kind, sides


def _fit(x: np.ndarray, kind: np.ndarray, sides: np.ndarray, names: tuple[str, ...]) -> BoxHead:
    random = np.random.default_rng(0)
    things, nothing = np.flatnonzero(kind > 0), np.flatnonzero(kind == NONE)
    if len(nothing) == 0:
        raise BadInput("The boxes fill their pictures: nothing is left that is none of the things. Draw tighter boxes.")
    mean, std = x.mean(axis=0), x.std(axis=0) + 1e-3
    z = (x - mean) / std
    some = random.permutation(nothing)[:MAX_NONE]
    weights, bias = _classify(z, kind, np.concatenate((things, some)), len(names))
    wrong = _softmax(z[nothing] @ weights + bias)[:, NONE]
    hard = nothing[np.argsort(wrong)[:HARD]]
    weights, bias = _classify(z, kind, np.concatenate((things, some, hard)), len(names))

    of = kind[things] - 1
    base = np.stack([sides[things][of == k].mean(axis=0) for k in range(len(names))])  # (k, 4)
    a, b = z[things], sides[things] - base[of]
    ridge = a.T @ a + RIDGE * np.eye(a.shape[1])
    far = np.linalg.solve(ridge, a.T @ b)
    weights, far = weights / std[:, None], far / std[:, None]  # on the maps as they come
    parts = weights, bias - mean @ weights, far, base - mean @ far
    return BoxHead(names, *(part.astype(np.float32) for part in parts))


def _classify(z: np.ndarray, kind: np.ndarray, rows: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (d, 1 + classes) and bias of a multinomial logistic regression on these rows."""
    from sklearn.linear_model import LogisticRegression

    y = kind[rows]
    count = np.bincount(y, minlength=classes + 1)
    share = np.where(y == NONE, 1.0, count[NONE] / np.maximum(count[y], 1) / 4 / classes)
    model = LogisticRegression(C=FREEDOM, max_iter=60, tol=1e-3).fit(z[rows], y, sample_weight=share)
    if classes == 1:  # scikit-learn has one column for two classes
        return np.hstack((0 * model.coef_.T, model.coef_.T)), np.concatenate(([0.0], model.intercept_))
    return model.coef_.T, model.intercept_


def _box(corners: np.ndarray, name: str, score: float) -> Box:
    left, top, right, bottom = map(float, corners)
    return Box(left, top, right, bottom, name, score)


def _softmax(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
