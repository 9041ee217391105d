"""What was there before networks, on the same points: a rule by hand, and scikit-learn's classifiers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from models.errors import BadInput
from models.playground.network import INPUTS
from models.playground.points import REACH, Points

SIDE = 60  # cells of a boundary's picture

CLASSICS: dict[str, Callable[[], Any]] = {
    "logistic regression": lambda: LogisticRegression(max_iter=500),
    "k nearest neighbours": lambda: KNeighborsClassifier(5),
    "decision tree": lambda: DecisionTreeClassifier(random_state=0),
    "random forest": lambda: RandomForestClassifier(60, random_state=0, n_jobs=1),
    "boosted trees": lambda: HistGradientBoostingClassifier(max_iter=60, random_state=0, early_stopping=False),
    "SVM": lambda: SVC(C=2.0),
}
"""By name: a classifier that was not trained yet."""


@dataclass(frozen=True, eq=False)
class Trained:
    """One of them: how right it is on the points it was trained on and on those held out, the seconds that took, and
    its boundary: uint8 (SIDE, SIDE), a class at each place from the upper left."""

    name: str
    train: float
    test: float
    seconds: float
    classes: np.ndarray


@dataclass(frozen=True)
class Rule:
    """“If `feature` is above `limit` it is class `above`, else the other one”: of two classes, 0 and 1."""

    feature: str
    limit: float
    above: int

    def __call__(self, xy: np.ndarray) -> np.ndarray:
        """int64 (n,) of points (n, 2)."""
        value = INPUTS[self.feature](xy[:, 0], xy[:, 1])
        return np.where(value > self.limit, self.above, 1 - self.above)


def _grid() -> np.ndarray:
    middles = (np.arange(SIDE) + 0.5) / SIDE * 2 * REACH - REACH
    x, y = np.meshgrid(middles, -middles)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def train_all(train: Points, test: Points) -> list[Trained]:
    """Each of CLASSICS on the points. Raises BadInput where there is nothing to tell apart."""
    if train.is_curve or len(np.unique(train.labels)) < 2:
        raise BadInput("These need points of at least two classes to train on.")
    return [_train(name, make(), train, test if len(test) else train) for name, make in CLASSICS.items()]


def _train(name: str, model: Any, train: Points, test: Points) -> Trained:
    if isinstance(model, KNeighborsClassifier):
        model.set_params(n_neighbors=min(5, len(train)))
    began = time.perf_counter()
    model.fit(train.xy, train.labels)
    seconds = time.perf_counter() - began
    return Trained(name, *_right(model.predict, train, test), seconds, _boundary(model.predict))


def by_hand(rule: Rule, train: Points, test: Points) -> Trained:
    """The visitor's own rule on the same points."""
    return Trained("your rule", *_right(rule, train, test if len(test) else train), 0.0, _boundary(rule))


def _right(predict: Callable[[np.ndarray], np.ndarray], train: Points, test: Points) -> tuple[float, float]:
    one, other = (float((predict(points.xy) == points.labels).mean()) for points in (train, test))
    return one, other


def _boundary(predict: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return predict(_grid()).reshape(SIDE, SIDE).astype(np.uint8)
