"""Recordings: what was taken in one go is nearly the same picture many times, so it is held out together or not at all.

A sample held out while its neighbour in time is learnt from tests nothing but memory (Roberts et al. 2017: "block
cross-validation"). Where a class was recorded only once, its near-copies stay together instead.
"""

from collections.abc import Sequence

import numpy as np

from models.teachable.understand.duplicates import near_copies

MAX_SHARE = 0.85  # of a class in one recording: with more there is too little else to learn from, and it is divided


def groups_of(features: np.ndarray, labels: np.ndarray, recordings: Sequence[str]) -> np.ndarray:
    """Which samples stay together, int (n,), for features (n, d), labels (n,) and the name of each one's recording.

    A group is of one class; a class of two samples or more has two groups or more.
    """
    number, groups, count = _numbered(recordings), np.empty(len(labels), int), 0
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        for recording in np.unique(number[members]):
            frames = members[number[members] == recording]
            whole = len(frames) <= MAX_SHARE * len(members)
            parts = np.zeros(len(frames), int) if whole else near_copies(features[frames])
            groups[frames] = count + parts
            count += int(parts.max()) + 1
    return groups


def by_recording(labels: np.ndarray, recordings: Sequence[str]) -> bool:
    """Whether `groups_of` keeps every recording whole: no class has nearly all of its samples from one."""
    number = _numbered(recordings)
    frames = [np.bincount(number[labels == label]) for label in np.unique(labels)]
    return all(of_class.max() <= MAX_SHARE * of_class.sum() for of_class in frames)


def _numbered(recordings: Sequence[str]) -> np.ndarray:
    number: np.ndarray = np.unique(np.array(recordings), return_inverse=True)[1]
    return number


def hold_out(labels: np.ndarray, groups: np.ndarray, fraction: float, rank: np.ndarray) -> np.ndarray:
    """Which samples to hold out, bool (n,): whole groups, about `fraction` of each class, at least one sample and never
    more than half unless they are single ones. Groups are tried in the order of the `rank` (n,) of their first
    sample."""
    out = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        names, first, sizes = np.unique(groups[members], return_index=True, return_counts=True)
        wanted = held_out_of(len(members), fraction)
        taken = 0
        for at in np.argsort(rank[members[first]], kind="stable"):
            after = taken + sizes[at]
            nearer = not taken or abs(after - wanted) < abs(taken - wanted)
            if nearer and after <= max(wanted, len(members) / 2):
                out[members[groups[members] == names[at]]] = True
                taken = after
    return out


def held_out_of(n: int, fraction: float) -> int:
    """How many of a class's n samples are held out: at least one, at most all but one."""
    return min(n - 1, max(1, round(fraction * n)))


def fold_of(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """In which of at most `folds` parts each sample is judged, int (n,): groups whole, every class spread over as many
    parts as it has groups for. scikit-learn's GroupKFold, class by class."""
    from sklearn.model_selection import GroupKFold  # takes seconds, and no page needs it at once

    fold = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        parts = min(folds, len(np.unique(groups[members])))
        splits = GroupKFold(parts, shuffle=True, random_state=seed).split(members, groups=groups[members])
        for number, (_, out) in enumerate(splits):
            fold[members[out]] = number
    return fold


def split(labels: np.ndarray, fraction: float, seed: int = 0, groups: np.ndarray | None = None) -> np.ndarray:
    """Which samples to hold out, bool (n,): `fraction` of each class, at least one and never all of them; of `groups`
    int (n,) about so many, and each whole."""
    if not 0 < fraction < 1:
        raise ValueError(f"the held-out fraction must lie between 0 and 1, got {fraction}")
    rank = np.argsort(np.random.default_rng(seed).permutation(len(labels)))
    return hold_out(labels, np.arange(len(labels)) if groups is None else groups, fraction, rank)
