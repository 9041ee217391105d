"""The curve on real digits, and what it says in words."""

import numpy as np
import pytest

from models.errors import BadInput
from models.runtime.training import TrainingStopped
from models.teachable.learn.learning_curve import CurvePoint, LearningCurve, learning_curve
from tests.models.teachable.real_features import digits


def curve(tested: int = 100, **accuracies: float) -> LearningCurve:
    points = (CurvePoint(int(size[1:]), accuracy, accuracy, accuracy) for size, accuracy in accuracies.items())
    return LearningCurve(tuple(points), tested, 3)


def test_more_digits_make_a_better_head_and_the_curve_shows_it() -> None:
    features, labels = digits(32, classes=8)
    result = learning_curve(features, labels, epochs=15, seed=1)
    assert [point.size for point in result.points] == [2, 3, 5, 10, 24]
    assert result.tested == 8 * 8
    assert result.points[-1].accuracy > result.points[0].accuracy + 0.05
    assert all(point.low <= point.accuracy <= point.high for point in result.points)
    assert result.points[0].low < result.points[0].high


def test_no_head_is_tested_with_what_it_learnt() -> None:
    rng = np.random.default_rng(2)  # noise can be learnt by heart, but not guessed
    noise, labels = rng.normal(size=(80, 600)).astype(np.float32), np.repeat([0, 1], 40)
    points = learning_curve(noise, labels, sizes=[10], epochs=20).points
    assert all(0.25 < point.accuracy < 0.75 for point in points)


@pytest.mark.parametrize(
    ("each", "wanted", "sizes"),
    [(4, None, [2, 3]), (14, None, [2, 3, 5, 10]), (12, None, [2, 3, 5, 9]), (12, [6, 4, 4, 1, 90], [4, 6, 9])],
)
def test_sizes_end_at_what_the_smallest_class_has_left(each: int, wanted: list[int] | None, sizes: list[int]) -> None:
    features, labels = digits(20)
    keep = (labels != 1) | (np.arange(len(labels)) < 20 + each)
    result = learning_curve(features[keep], labels[keep], sizes=wanted, repeats=1, epochs=1)
    assert [point.size for point in result.points] == sizes


def test_points_are_heard_one_by_one_and_the_same_are_returned() -> None:
    heard: list[CurvePoint] = []
    shares: list[float] = []
    result = learning_curve(*digits(8), repeats=2, epochs=2, on_point=heard.append, on_step=shares.append)
    assert tuple(heard) == result.points
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)


def test_the_same_seed_draws_the_same_curve() -> None:
    first, again = (learning_curve(*digits(8), repeats=2, epochs=3, seed=5) for _ in range(2))
    assert first == again


def test_stopped_at_a_point_the_curve_so_far_is_kept() -> None:
    def stop(point: CurvePoint) -> None:
        if point.size == 3:
            raise TrainingStopped

    result = learning_curve(*digits(10), repeats=1, epochs=1, on_point=stop)
    assert [point.size for point in result.points] == [2, 3]


def test_stopped_within_a_size_the_sizes_before_are_kept() -> None:
    def stop(share: float) -> None:
        if share > 0.6:
            raise TrainingStopped

    result = learning_curve(*digits(10), repeats=1, epochs=2, on_step=stop)
    assert [point.size for point in result.points] == [2, 3, 5]


def test_stopped_before_there_is_a_point_there_is_no_curve() -> None:
    def stop(share: float) -> None:
        raise TrainingStopped

    with pytest.raises(TrainingStopped):
        learning_curve(*digits(10), epochs=2, on_step=stop)


@pytest.mark.parametrize(
    ("counts", "fraction", "words"),
    [
        ((9, 3), 0.25, "number 2 has 3 samples. A curve needs 4"),
        ((9, 1), 0.25, "number 2 has 1 sample. A curve needs 4"),
        ((4, 9), 0.5, "number 1 has 4 samples. A curve needs 5"),
        ((0, 9), 0.25, "number 1 has 0 samples"),
        ((9,), 0.25, "Two classes"),
    ],
)
def test_too_little_data_says_how_much_is_needed(counts: tuple[int, ...], fraction: float, words: str) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    with pytest.raises(BadInput, match=words):
        learning_curve(np.zeros((len(labels), 4), np.float32), labels, test_fraction=fraction)


@pytest.mark.parametrize(
    ("shape", "verdict"),
    [
        (
            curve(s20=0.8, s50=0.84),
            "From 20 to 50 samples per class accuracy rose by 4 points: more samples still help.",
        ),
        (curve(s20=0.7, s50=0.8, s75=0.83), "From 20 to 75 samples per class accuracy rose by 13 points: more"),
        (
            curve(s2=0.5, s10=0.9, s20=0.905),
            "From 10 to 20 samples per class accuracy has stopped rising, at 90%: more",
        ),
        (
            curve(s10=1.0, s20=1.0),
            "From 10 to 20 samples per class accuracy stayed at 100%: more of the same",
        ),
        (
            curve(s10=0.9, s20=0.8),
            "From 10 to 20 samples per class accuracy fell by 10 points: look for samples in the",
        ),
        (curve(s10=0.9), "With 10 samples per class accuracy is 90%; one size says nothing of more."),
    ],
)
def test_the_verdict_is_one_plain_sentence(shape: LearningCurve, verdict: str) -> None:
    assert shape.verdict().startswith(verdict)


def test_the_verdict_claims_nothing_that_three_test_samples_cannot_show() -> None:
    assert "too few to tell" in curve(tested=3, s2=1.0, s3=1.0).verdict()
    assert "too few to tell" in curve(tested=3, s2=0.7, s3=0.8).verdict()
    assert "still help" in curve(tested=300, s2=0.7, s3=0.8).verdict()


@pytest.mark.parametrize("accuracies", [{}, {"s20": 0.5, "s10": 0.6}])
def test_what_is_no_curve_is_a_bug(accuracies: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        curve(**accuracies)
