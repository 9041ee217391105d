"""Samples that were taken together are held out together, and every class keeps something to learn from."""

import numpy as np
import pytest

from models.teachable.learn.judging import judge
from models.teachable.learn.learning_curve import learning_curve
from models.teachable.understand.recordings import by_recording, fold_of, groups_of, hold_out, split
from tests.models.teachable.real_features import crops


def bursts(recordings: int, frames: int, classes: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Frames of a recording are nearly the same; recordings of a class have nothing in common: its name can only be
    known of those that were learnt from."""
    rng = np.random.default_rng(seed)
    middle = np.repeat(rng.normal(size=(classes * recordings, 200)), frames, axis=0)
    x = (middle + rng.normal(size=middle.shape) / 50).astype(np.float32)
    names = [f"r{number}" for number in range(classes * recordings) for _ in range(frames)]
    return x, np.repeat(np.arange(classes), recordings * frames), names


def test_a_recording_stays_whole_and_classes_apart() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    groups = groups_of(np.eye(8, dtype=np.float32), labels, list("aabbbbcc"))
    assert [groups.tolist().index(group) for group in groups] == [0, 0, 2, 2, 4, 4, 6, 6]
    assert by_recording(labels, list("aabbbbcc")) and not by_recording(labels, list("aabbbbbb"))


def test_of_a_class_with_one_recording_near_copies_stay_together() -> None:
    features, _ = crops()
    burst = np.repeat(features[:3], 4, axis=0)
    groups = groups_of(burst, np.zeros(12, int), [""] * 12)
    assert groups.tolist() == np.repeat([0, 1, 2], 4).tolist()
    assert groups_of(burst[:4], np.zeros(4, int), [""] * 4).tolist() == [0, 1, 2, 3], "or there would be but one"


def test_a_recording_of_nearly_all_is_divided_and_the_other_stays_whole() -> None:
    features, _ = crops()
    x = np.concatenate([features[:6], features[:6], features[:6], np.repeat(features[6:7], 2, axis=0)])
    groups = groups_of(x, np.zeros(20, int), ["long"] * 18 + ["short"] * 2)
    assert len(set(groups[:18])) == 6 and groups[18] == groups[19] and groups[18] not in groups[:18]


@pytest.mark.parametrize("sizes", [(1, 1), (3, 1), (20, 20), (50, 5, 5), (9,) * 12, (1,) * 30, (2, 2, 30)])
def test_about_the_fraction_is_held_out_in_whole_groups_never_more_than_half(sizes: tuple[int, ...]) -> None:
    groups = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.zeros(len(groups), int)
    for seed in range(5):
        out = split(labels, 0.15, seed, groups)
        assert 0 < out.sum() <= len(out) / 2
        assert all(len(set(out[groups == group])) == 1 for group in range(len(sizes)))
    if max(sizes) == 1:
        assert out.sum() == max(1, round(0.15 * len(out)))


def test_which_groups_are_held_out_is_a_matter_of_their_first_samples_rank() -> None:
    labels, groups = np.zeros(12, int), np.repeat([0, 1, 2, 3], 3)
    rank = np.arange(12)[::-1]
    assert np.flatnonzero(hold_out(labels, groups, 0.25, rank)).tolist() == [9, 10, 11]
    rank[[10, 11]] = 100  # only the first one's counts
    assert np.flatnonzero(hold_out(labels, groups, 0.25, rank)).tolist() == [9, 10, 11]


def test_every_sample_is_judged_once_with_its_group_while_its_class_is_learnt_from_another() -> None:
    labels = np.repeat([0, 1], [7, 30])
    groups = np.concatenate([np.repeat([0, 1], [3, 4]), np.repeat(np.arange(2, 12), 3)])
    fold = fold_of(labels, groups, 5, seed=1)
    assert set(fold) == set(range(5)) and len(set(fold[:7])) == 2
    assert all(len(set(fold[groups == group])) == 1 for group in range(12))


def test_what_only_near_copies_could_tell_is_not_found_by_recording() -> None:
    x, labels, names = bursts(recordings=6, frames=8)
    groups = groups_of(x, labels, names)
    assert judge(x, labels, epochs=20).accuracy > 0.95, "frame by frame a neighbour gives the answer away"
    assert judge(x, labels, groups=groups, epochs=20).accuracy < 0.75
    assert learning_curve(x, labels, epochs=20).points[-1].accuracy > 0.95
    curve = learning_curve(x, labels, groups=groups, epochs=20)
    assert curve.points[-1].accuracy < 0.75 and curve.tested == 2 * 8
