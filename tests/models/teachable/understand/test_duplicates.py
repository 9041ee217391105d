"""Near-duplicates among real embeddings: bursts, and one picture in two classes."""

import numpy as np
import pytest

from models.teachable.understand import cosine
from models.teachable.understand.duplicates import NearDuplicates, near_duplicates, thinned
from tests.models.teachable.real_features import crops


def flicker(features: np.ndarray, seed: int = 0) -> np.ndarray:
    """As the same pictures with a camera's noise: about 0.001 away."""
    noise = np.random.default_rng(seed).normal(size=features.shape)
    spread = 0.045 * np.linalg.norm(features, axis=1, keepdims=True) / features.shape[1] ** 0.5
    return (features + spread * noise).astype(np.float32)


def brute_force(features: np.ndarray, within: float) -> set[tuple[int, int]]:
    x = features / np.linalg.norm(features, axis=1, keepdims=True)
    a, b = np.nonzero(1 - x @ x.T <= within)
    return {(i, j) for i, j in zip(a.tolist(), b.tolist(), strict=True) if i < j}


def test_a_camera_that_moved_makes_no_duplicates_and_a_still_one_does() -> None:
    features, labels = crops()
    assert near_duplicates(features, labels).samples == 0
    twice = near_duplicates(np.concatenate([features, flicker(features)]), np.tile(labels, 2))
    assert {(a, b) for a, b, _ in twice.inside} == {(i, i + 18) for i in range(18)}
    assert twice.samples == 36 and not twice.across


def test_the_nearest_pair_comes_first() -> None:
    features, labels = crops()
    pairs = near_duplicates(features, labels, within=0.5).inside
    distances = [distance for _, _, distance in pairs]
    assert len(pairs) > 10 and distances == sorted(distances) and distances[0] > 0
    a, b, distance = pairs[0]
    x, y = features[a], features[b]
    assert distance == pytest.approx(1 - x @ y / np.linalg.norm(x) / np.linalg.norm(y), abs=1e-5)


def test_one_picture_in_two_classes_stands_apart_from_any_burst() -> None:
    features, labels = crops()
    burst = np.repeat(features[:1], 40, axis=0)
    result = near_duplicates(
        np.concatenate([features, burst, flicker(features[5:6])]), np.append(labels, [0] * 40 + [2])
    )
    assert [(a, b) for a, b, _ in result.across] == [(5, 58)]
    assert result.samples_across == 2 and result.samples == 43


def test_few_of_many_pairs_are_listed_but_all_samples_counted() -> None:
    features, _ = crops()
    burst = np.concatenate([flicker(features[:1], seed) for seed in range(60)] + [features[:1]] * 2)
    result = near_duplicates(burst, np.zeros(62, int), most=5)
    assert len(result.inside) == 5 and result.samples == 62
    assert result.inside[0][:2] == (60, 61)


@pytest.mark.parametrize("block", [1, 40, 10**6])
def test_it_finds_the_same_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    features, labels = crops()
    monkeypatch.setattr(cosine, "_BLOCK", block)
    result = near_duplicates(features, labels, within=0.25, most=1000)
    assert {(a, b) for a, b, _ in result.inside + result.across} == brute_force(features, 0.25)
    assert near_duplicates(features, labels, within=0.25, most=4).inside == result.inside[:4]
    # a chain: 0, 1 and 2 lie within it of their neighbours; as 1 goes, 2 may stay
    directions = np.array([[1, 0], [0.96, 0.28], [0.85, 0.53], [0.84, 0.54]], np.float32)
    assert thinned(directions, np.zeros(4), within=0.05).tolist() == [1, 3]


def test_of_a_burst_the_first_stays() -> None:
    features, labels = crops()
    burst = np.concatenate([features, flicker(features, 1), flicker(features, 2)])
    assert thinned(burst, np.tile(labels, 3)).tolist() == list(range(18, 54))


def test_what_is_kept_has_no_two_alike_in_a_class() -> None:
    features, labels = crops()
    drop = thinned(features, labels, within=0.2)
    kept = np.setdiff1d(np.arange(18), drop)
    assert 3 <= len(kept) < 18
    assert not near_duplicates(features[kept], labels[kept], within=0.2).inside


def test_thinning_never_takes_from_one_class_what_is_in_another() -> None:
    features, _ = crops()
    assert not len(thinned(features[[0, 0]], np.array([0, 1])))


def test_without_samples_there_are_no_duplicates() -> None:
    nothing, labels = np.zeros((0, 4), np.float32), np.zeros(0, int)
    assert near_duplicates(nothing, labels) == NearDuplicates((), (), 0, 0)
    assert not len(thinned(nothing, labels))
