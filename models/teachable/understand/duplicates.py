"""Near-duplicates: samples so alike that one of them teaches nothing, or, in two classes, the wrong thing."""

from dataclasses import dataclass

import numpy as np

from models.teachable.understand.cosine import blocks, unit

DUPLICATE_DISTANCE = 0.02
"""Cosine distance of two pictures that a camera held still takes one after the other."""

Pair = tuple[int, int, float]
"""Numbers of two samples, the lower first, and their cosine distance."""


@dataclass(frozen=True)
class NearDuplicates:
    """Pairs, nearest first. `across` classes, where one of the two labels may be wrong or the classes look alike, apart
    from those `inside` a class; `samples` and `samples_across` count the samples that have such a partner, also where
    not all pairs are listed."""

    inside: tuple[Pair, ...]
    across: tuple[Pair, ...]
    samples: int
    samples_across: int

    def __post_init__(self) -> None:
        for pairs in (self.inside, self.across):
            if any(a >= b for a, b, _ in pairs) or list(pairs) != sorted(pairs, key=lambda pair: pair[2]):
                raise ValueError("pairs must be nearest first, and the lower number first in each")


def near_duplicates(
    features: np.ndarray, labels: np.ndarray, *, within: float = DUPLICATE_DISTANCE, most: int = 200
) -> NearDuplicates:
    """Pairs of samples at most `within` apart, for features (n, d) and labels (n,); `most` of each sort are listed."""
    _check(features, labels)
    x, n = unit(features), len(features)
    best = {False: _Nearest(most), True: _Nearest(most)}  # by whether the labels are the same
    partnered = {False: np.zeros(n, bool), True: np.zeros(n, bool)}
    for rows in blocks(n, n):
        cosine = x[rows] @ x[rows.start :].T
        a, b = np.nonzero(cosine >= 1 - within)
        later = b > a  # each pair once, and none with itself
        a, b = a[later], b[later]
        distances = 1 - cosine[a, b]
        a, b = a + rows.start, b + rows.start
        same = labels[a] == labels[b]
        for sort in (False, True):
            of_sort = same == sort
            partnered[sort][a[of_sort]] = partnered[sort][b[of_sort]] = True
            best[sort].add(a[of_sort], b[of_sort], distances[of_sort])
    return NearDuplicates(
        best[True].pairs,
        best[False].pairs,
        int((partnered[True] | partnered[False]).sum()),
        int(partnered[False].sum()),
    )


def thinned(features: np.ndarray, labels: np.ndarray, within: float = DUPLICATE_DISTANCE) -> np.ndarray:
    """Which samples to drop, int (m,) ascending, so that no two of one class are `within` of each other any more.
    In their order: the first of a burst stays."""
    _check(features, labels)
    drop = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        drop[members[_repeated(unit(features[members]), within)]] = True
    return np.flatnonzero(drop)


def near_copies(features: np.ndarray, within: float = DUPLICATE_DISTANCE) -> np.ndarray:
    """Groups of near-copies among features (n, d) of one class, int (n,) counted from 0: each sample is with the first
    that is `within` of it. Where all are near-copies of one, each is a group of its own."""
    x, n, count = unit(features), len(features), 0
    close, groups = x @ x.T >= 1 - within, np.full(n, -1)
    for first in range(n):
        if groups[first] < 0:
            groups[(groups < 0) & close[first]] = count
            groups[first] = count  # float32 rounds, and a row of zeros is near nothing
            count += 1
    return groups if count > 1 else np.arange(n)


def _repeated(x: np.ndarray, within: float) -> np.ndarray:
    """Bool (n,): which of the unit rows (n, d) are `within` of an earlier one that is not."""
    repeated = np.zeros(len(x), bool)
    for rows in blocks(len(x), len(x)):
        close = x[rows] @ x[: rows.stop].T >= 1 - within
        repeated[rows] = (close[:, : rows.start] & ~repeated[: rows.start]).any(1)
        for i in range(rows.start, rows.stop):
            if not repeated[i]:
                repeated[i + 1 : rows.stop] |= close[i + 1 - rows.start :, i]
    return repeated


class _Nearest:
    """The `most` nearest of the pairs it was given."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._a, self._b, self._distances = np.zeros(0, int), np.zeros(0, int), np.zeros(0, np.float32)

    def add(self, a: np.ndarray, b: np.ndarray, distances: np.ndarray) -> None:
        if len(self._distances) == self._most > 0:  # sorting all pairs of a long burst takes seconds
            nearer = distances < self._distances[-1]
            a, b, distances = a[nearer], b[nearer], distances[nearer]
        distances = np.concatenate([self._distances, distances])
        order = np.argsort(distances, kind="stable")[: self._most]
        self._a, self._b = np.concatenate([self._a, a])[order], np.concatenate([self._b, b])[order]
        self._distances = distances[order]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        at_least_0 = np.maximum(self._distances, 0)  # float32 rounds a picture's distance to itself either way
        return tuple(zip(self._a.tolist(), self._b.tolist(), at_least_0.tolist(), strict=True))


def _check(features: np.ndarray, labels: np.ndarray) -> None:
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError(f"features must be (n, d) and labels (n,), got {features.shape} and {labels.shape}")
