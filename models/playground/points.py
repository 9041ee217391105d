"""Points in the plane, −6..6 both ways, of two classes or more; or along a curve. Made, tapped, or out of a CSV file.

make("spiral", count=200, noise=0.1, seed=1).labels  # int64 (200,)
"""

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import BadInput

REACH = 6.0  # of the plane that is shown
MAX_POINTS, MAX_CLASSES = 2000, 6
MAX_CSV_BYTES = 5_000_000
OWN, WITH_OUTLIER = "own points", "curve: line with an outlier"
OUTLIER = (3.0, -5.0)


@dataclass(frozen=True, eq=False)
class Points:
    """`xy` float32 (n, 2); `labels` int64 (n,), the places of their classes in `names`. Of a curve all have one class:
    what is to be found is y for x."""

    xy: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    is_curve: bool = False

    def __post_init__(self) -> None:
        if self.xy.shape != (len(self.labels), 2) or not np.isfinite(self.xy).all():
            raise ValueError(f"expected finite points (n, 2), got {self.xy.shape}")
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.names):
            raise ValueError("a label names no class")

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, places: np.ndarray) -> "Points":
        """Some of them."""
        return Points(self.xy[places], self.labels[places], self.names, self.is_curve)


def _two(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([first, second]), np.repeat([0, 1], [len(first), len(second)])


def _around(angles: np.ndarray, radii: np.ndarray | float) -> np.ndarray:
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _circles(n: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    inner, outer = n // 2, n - n // 2
    return _two(
        _around(dice.uniform(0, math.tau, inner), dice.uniform(0, 2, inner)),
        _around(dice.uniform(0, math.tau, outer), dice.uniform(3.2, 5, outer)),
    )


def _xor(n: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    xy = dice.uniform(-5, 5, (n, 2))
    xy += 0.3 * np.sign(xy)  # a gap along the axes
    return xy, (xy[:, 0] * xy[:, 1] > 0).astype(int)


def _clusters(n: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    first, second = n // 2, n - n // 2
    return _two(dice.normal(-2, 1, (first, 2)), dice.normal(2, 1, (second, 2)))


def _moons(n: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    first, second = n // 2, n - n // 2
    upper = _around(dice.uniform(0, math.pi, first), 3) + np.array([-1.5, -0.8])
    lower = _around(dice.uniform(math.pi, math.tau, second), 3) + np.array([1.5, 0.8])
    return _two(upper, lower)


def _spiral(n: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    first, second = n // 2, n - n // 2
    turns = [np.sqrt(dice.uniform(0.01, 1, count)) for count in (first, second)]
    return _two(
        *(_around(1.75 * math.tau * turn + start, 5 * turn) for turn, start in zip(turns, (0, math.pi), strict=True))
    )


def _fruit(n: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Apples are lighter and redder, oranges heavier and more orange; reddish oranges lie among the apples."""
    apples, oranges = n // 2, n - n // 2
    reddish = dice.uniform(size=oranges) < 0.12
    orange = np.stack(
        [dice.normal(1.8, 1.1, oranges), np.where(reddish, 2.0, -1.8) + dice.normal(0, 0.9, oranges)], axis=1
    )
    return _two(np.stack([dice.normal(-1.8, 1.1, apples), dice.normal(1.9, 1.0, apples)], axis=1), orange)


CLASSES: dict[str, tuple[Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]], tuple[str, str]]] = {
    "circles": (_circles, ("inside", "outside")),
    "XOR": (_xor, ("unlike signs", "like signs")),
    "clusters": (_clusters, ("left", "right")),
    "moons": (_moons, ("upper", "lower")),
    "spiral": (_spiral, ("one arm", "the other")),
    "apples and oranges": (_fruit, ("apples", "oranges")),
}
"""Sets of two classes by name."""

CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "curve: sine": lambda x: 3 * np.sin(x),
    "curve: steps": lambda x: np.where(x < -2, -3.0, np.where(x < 2, 2.0, -1.0)),
    WITH_OUTLIER: lambda x: 0.6 * x,
}
KINDS = (*CLASSES, *CURVES, OWN)


def make(kind: str, *, count: int, noise: float, seed: int, outlier: tuple[float, float] = OUTLIER) -> Points:
    """So many points of a kind, shaken by `noise` in 0..1. The same seed makes the same points. Of WITH_OUTLIER the
    last one lies at `outlier`. KeyError for another kind, and for OWN, whose points are the visitor's."""
    dice = np.random.default_rng(seed)
    if kind in CURVES:
        x = np.linspace(-5, 5, count)
        y = CURVES[kind](x) + dice.normal(0, 1.5 * noise, count)
        xy = np.stack([x, y], axis=1)
        if kind == WITH_OUTLIER:
            xy[-1] = outlier
        return Points(_inside(xy), np.zeros(count, np.int64), ("curve",), is_curve=True)
    maker, names = CLASSES[kind]
    xy, labels = maker(count, dice)
    order = dice.permutation(count)
    return Points(_inside(xy + dice.normal(0, 1.5 * noise, xy.shape))[order], labels[order].astype(np.int64), names)


def _inside(xy: np.ndarray) -> np.ndarray:
    return np.clip(xy, -REACH, REACH).astype(np.float32)


def split(points: Points, test_share: float, seed: int) -> tuple[Points, Points]:
    """To train on and to test on, by chance; at least one point to train on."""
    order = np.random.default_rng(seed).permutation(len(points))
    held_out = min(round(test_share * len(points)), max(0, len(points) - 1))
    return points.at(order[held_out:]), points.at(order[:held_out])


def tapped(taps: Sequence[tuple[float, float, int]]) -> Points:
    """Points that a visitor has put there: x, y and class each."""
    xy = np.array([tap[:2] for tap in taps], np.float32).reshape(-1, 2)
    labels = np.array([tap[2] for tap in taps], np.int64)
    return Points(_inside(xy), labels, tuple("ABCDEF"[: max(2, int(labels.max(initial=0)) + 1)]))


def from_csv(data: bytes) -> tuple[Points, str]:
    """Points out of a file with two columns of numbers and one of classes, and what was done to them, in words. They
    are moved and scaled into the plane. Raises BadInput, in words for the visitor, for what holds no such points."""
    if len(data) > MAX_CSV_BYTES:
        raise BadInput(f"This file has {len(data) / 1e6:.0f} MB; {MAX_CSV_BYTES / 1e6:.0f} MB are the most.")
    text = data.decode("utf-8-sig", errors="replace")
    delimiter = max(",;\t", key=text[:2000].count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if len(row) >= 3]
    found = [
        (x, y, row[2].strip()[:30] or "?")
        for row in rows
        if (x := _number(row[0])) is not None and (y := _number(row[1])) is not None
    ]
    if len(found) < 2:
        raise BadInput(
            "No points were found. A line needs two numbers and a class, such as 1.5,2.0,apple: "
            f"{len(found)} of {text.count(chr(10)) + 1:,} lines have that."
        )
    names = list(dict.fromkeys(name for *_, name in found))
    if len(names) == 1:
        raise BadInput(f"All points have one class, {names[0]!r}: there is nothing to tell apart. Add another class.")
    if len(names) > MAX_CLASSES:
        raise BadInput(f"The third column has {len(names):,} different classes; {MAX_CLASSES} are the most.")
    said = [f"{len(found):,} points of {len(names)} classes"]
    if len(found) > MAX_POINTS:
        kept = np.random.default_rng(0).choice(len(found), MAX_POINTS, replace=False)
        found = [found[place] for place in sorted(kept.tolist())]
        said.append(f"{MAX_POINTS:,} of them, taken by chance, are used")
    xy = np.array([row[:2] for row in found])
    low, high = xy.min(axis=0), xy.max(axis=0)
    xy = 10 * (xy - low) / np.where(high > low, high - low, 1) - 5
    labels = np.array([names.index(name) for *_, name in found], np.int64)
    return Points(_inside(xy), labels, tuple(names)), "; ".join(said) + "."


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None
