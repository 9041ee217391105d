""" "None of these", on embeddings of photographs."""

import numpy as np
import pytest

from models.teachable.kinds import KINDS
from models.teachable.understand import cosine
from models.teachable.understand.novelty import Novelty, distance, limit
from tests.models.teachable.real_features import crops, digits, strangers

DEFAULT = KINDS["pictures"].near


def alone(count: int) -> np.ndarray:
    """Groups of samples that are a recording each."""
    return np.arange(count)


def test_another_crop_is_known_and_another_picture_is_none_of_these() -> None:
    features, labels = crops()
    taught = np.arange(18) % 6 != 3
    near = limit(features[taught], labels[taught], alone(15), DEFAULT, whole=True)
    novelty = Novelty(features[taught], near)
    assert (novelty.distance(features[~taught]) <= 1).all()
    assert (novelty.distance(strangers()) > 1).all()


@pytest.mark.parametrize("block", [1, 100, 10**6])
def test_it_is_the_cosine_distance_to_the_nearest_example(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(cosine, "_BLOCK", block)
    features, examples = digits(9)[0], digits(30)[0][::2]
    x, y = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (features, examples))
    expected = np.array([min(1 - float(one @ other) for other in y) for one in x])
    assert distance(features, examples) == pytest.approx(expected, abs=1e-6)
    assert distance(features, examples).dtype == np.float32


def test_distances_are_in_units_of_the_limit() -> None:
    features, _ = crops()
    assert Novelty(features, 0.2).distance(strangers()) == pytest.approx(5 * distance(strangers(), features), rel=1e-5)


def test_how_strong_a_feature_vector_is_does_not_matter() -> None:
    features = crops()[0]
    assert distance(7 * features, features) == pytest.approx(0, abs=1e-6)
    assert distance(-features[:1], features[:1]) == pytest.approx(2)


def test_no_features_at_all_are_far_from_everything() -> None:
    assert distance(np.zeros((1, 1280), np.float32), crops()[0]).tolist() == [1]


@pytest.mark.parametrize("size", [1, 1000])
def test_five_percent_of_the_samples_are_beyond_the_limit_of_the_other_recordings(size: float) -> None:
    # the kinds' distances differ by a factor of ten: the limit goes with them
    rng = np.random.default_rng(0)
    middle = size * rng.normal(size=(40, 30))  # of a recording of five samples each
    x = np.repeat(middle, 5, axis=0) + rng.normal(size=(200, 30)) / 10
    labels, recordings = np.repeat([0, 1], 100), np.repeat(np.arange(40), 5)
    near = limit(x, labels, recordings, 1e-6, whole=True)
    beyond = [
        Novelty(x[(labels == labels[i]) & (recordings != recordings[i])], near).distance(x[i : i + 1])[0] > 1
        for i in range(200)
    ]
    assert np.mean(beyond) == pytest.approx(0.05, abs=0.011)


def test_only_neighbours_of_ones_own_class_count() -> None:
    features, _ = crops()
    pair = features[[0, 6, 0, 6]]  # cat, cup, cat, cup
    assert limit(pair, np.array([0, 1, 0, 1]), alone(4), 0.1, whole=True) == pytest.approx(0.01)
    assert limit(pair, np.array([0, 0, 1, 1]), alone(4), 0.1, whole=True) > 0.5


def test_frames_of_one_recording_leave_the_default_and_two_recordings_replace_it() -> None:
    features, labels = crops()
    bursts = np.repeat(features, 2, axis=0), np.repeat(labels, 2)
    assert limit(*bursts, np.arange(36), DEFAULT, whole=False) == DEFAULT
    assert limit(*bursts, np.arange(36) % 2 + 2 * np.repeat(labels, 2), DEFAULT, whole=True) < DEFAULT
    assert limit(features[:1], labels[:1], alone(1), DEFAULT, whole=False) == DEFAULT


def test_other_features_than_the_examples_are_a_bug() -> None:
    with pytest.raises(ValueError, match="1280"):
        Novelty(crops()[0], 0.3).distance(np.zeros((1, 64), np.float32))
    with pytest.raises(ValueError):
        Novelty(crops()[0], 0)
