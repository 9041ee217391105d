""" "None of these", on embeddings of photographs."""

import numpy as np
import pytest

from models.teachable import cosine
from models.teachable.kinds import KINDS
from models.teachable.novelty import Novelty, distance, usual
from tests.models.teachable.real_features import crops, digits, strangers

FLOOR = KINDS["pictures"].near


def test_another_crop_is_known_and_another_picture_is_none_of_these() -> None:
    features, labels = crops()
    taught = np.arange(18) % 6 != 3
    novelty = Novelty(features[taught], usual(features[taught], labels[taught], FLOOR))
    assert not any(novelty.is_none(d) for d in novelty.distance(features[~taught]))
    assert all(novelty.is_none(d) for d in novelty.distance(strangers()))


def test_the_visitor_may_move_the_threshold() -> None:
    novelty = Novelty(crops()[0], 0.3)
    assert not novelty.is_none(0.29) and novelty.is_none(0.31)
    assert novelty.is_none(0.29, 0.2) and not novelty.is_none(0.31, 0.4)


@pytest.mark.parametrize("block", [1, 100, 10**6])
def test_it_is_the_cosine_distance_to_the_nearest_example(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(cosine, "_BLOCK", block)
    features, examples = digits(9)[0], digits(30)[0][::2]
    x, y = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (features, examples))
    expected = np.array([min(1 - float(one @ other) for other in y) for one in x])
    assert distance(features, examples) == pytest.approx(expected, abs=1e-6)
    assert distance(features, examples).dtype == np.float32


def test_how_strong_a_feature_vector_is_does_not_matter() -> None:
    features = crops()[0]
    assert distance(7 * features, features) == pytest.approx(0, abs=1e-6)
    assert distance(-features[:1], features[:1]) == pytest.approx(2)


def test_no_features_at_all_are_far_from_everything() -> None:
    assert distance(np.zeros((1, 1280), np.float32), crops()[0]).tolist() == [1]


def test_the_usual_threshold_is_one_and_a_half_times_what_lies_between_neighbours() -> None:
    # unit vectors at 0°, 20° and 60°: their nearest lie 20°, 20° and 40° away
    degrees = np.radians([0, 20, 60])
    examples = np.stack([np.cos(degrees), np.sin(degrees)], axis=1)
    apart = np.quantile(1 - np.cos(np.radians([20, 20, 40])), 0.95)
    assert usual(examples, np.zeros(3), 0.01) == pytest.approx(1.5 * apart, rel=1e-4)


def test_only_neighbours_of_ones_own_class_are_usual() -> None:
    features, _ = crops()
    pair = features[[0, 6, 0, 6]]  # cat, cup, cat, cup
    assert usual(pair, np.array([0, 1, 0, 1]), 0.1) == 0.1
    assert usual(pair, np.array([0, 0, 1, 1]), 0.1) > 0.6


def test_a_burst_or_a_single_sample_leaves_the_floor() -> None:
    features, labels = crops()
    assert usual(np.repeat(features, 2, axis=0), np.repeat(labels, 2), FLOOR) == FLOOR
    assert usual(features[:1], labels[:1], FLOOR) == FLOOR


def test_other_features_than_the_examples_are_a_bug() -> None:
    with pytest.raises(ValueError, match="1280"):
        Novelty(crops()[0], 0.3).distance(np.zeros((1, 64), np.float32))
    with pytest.raises(ValueError):
        Novelty(crops()[0], 0)
