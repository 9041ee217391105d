"""The result types refuse what they do not mean, and do their small sums right."""

import numpy as np
import pytest

from models.classifier.results import Explanation, FeatureMaps, Scores, smoothed


def scores(*values: float) -> Scores:
    return Scores(("cat", "dog", "owl")[: len(values)], np.array(values, np.float32))


def test_scores_are_a_float32_probability_per_label() -> None:
    with pytest.raises(ValueError, match=r"shape \(2,\), got \(3,\)"):
        Scores(("cat", "dog"), np.array([0.2, 0.3, 0.5], np.float32))
    with pytest.raises(ValueError, match="float32, got float64"):
        Scores(("cat", "dog"), np.array([0.5, 0.5]))
    with pytest.raises(ValueError, match=r"sum to 1, got 1\.2"):
        scores(0.5, 0.7)
    with pytest.raises(ValueError, match="sum to 1, got nan"):
        scores(0.5, float("nan"))


def test_results_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        scores(0.5, 0.5).labels = ()  # type: ignore[misc]


def test_from_logits_is_the_softmax() -> None:
    made = Scores.from_logits(("cat", "dog", "owl"), np.log(np.array([1, 2, 5], np.float32)), {"network": 0.5})
    assert made.values == pytest.approx([0.125, 0.25, 0.625])
    assert made.values.dtype == np.float32
    assert made.seconds == {"network": 0.5}


@pytest.mark.parametrize("shift", [-5000.0, 0.0, 5000.0])
def test_from_logits_bears_logits_of_any_size(shift: float) -> None:
    made = Scores.from_logits(("cat", "dog"), np.array([shift, shift + 1], np.float32))
    assert made.values == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)], abs=1e-4)


def test_top_is_the_k_largest_the_first_of_equals_first() -> None:
    assert scores(0.25, 0.5, 0.25).top(2) == [("dog", 0.5), ("cat", 0.25)]
    assert [label for label, _ in scores(0.25, 0.5, 0.25).top(10)] == ["dog", "cat", "owl"]
    assert all(type(value) is float for _, value in scores(0.5, 0.5).top(2))


class Clock:
    """Stands where the smoother looks for the time."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize("per_second", [3, 15])
def test_a_smoother_has_gone_63_percent_of_the_way_after_its_time_constant(
    per_second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, answers = Clock(), [scores(1.0, 0.0)]
    monkeypatch.setattr("models.classifier.results.time", clock)
    smooth = smoothed(lambda rgb: answers[-1], seconds=1.0)
    picture = np.zeros((2, 2, 3), np.uint8)
    assert smooth(picture) is answers[0], "the first result is the average of one"
    answers.append(scores(0.0, 1.0))
    for _ in range(per_second):
        clock.now += 1 / per_second
        averaged = smooth(picture)
    assert averaged.values == pytest.approx([1 / np.e, 1 - 1 / np.e], abs=1e-4)
    assert averaged.values.dtype == np.float32 and answers[0].values[0] == 1, "no result is changed"


def test_a_thousand_smoothings_stay_probabilities() -> None:
    random = np.random.default_rng(0)
    smooth = smoothed(lambda rgb: Scores.from_logits(tuple("abcdefgh"), random.normal(size=8)))
    for _ in range(1000):
        averaged = smooth(np.zeros((2, 2, 3), np.uint8))
    assert averaged.values.sum() == pytest.approx(1, abs=1e-4)


def test_an_explanation_has_a_flat_float32_heat_map() -> None:
    for heat in (np.zeros((7, 7)), np.zeros(7, np.float32), np.zeros((1, 7, 7), np.float32)):
        with pytest.raises(ValueError, match=r"float32 \(h, w\), got"):
            Explanation("cat", heat, (0, 0, 10, 10), (10, 10))


def test_the_region_follows_the_picture_to_another_size() -> None:
    found = Explanation("cat", np.zeros((7, 7), np.float32), (80, 0, 480, 480), (640, 480))
    assert found.region_on(np.zeros((480, 640, 3), np.uint8)) == (80, 0, 480, 480)
    assert found.region_on(np.zeros((240, 320, 3), np.uint8)) == (40, 0, 240, 240)
    assert found.region_on(np.zeros((480, 1280, 3), np.uint8)) == (160, 0, 960, 480)


@pytest.mark.parametrize("size_wh", [(640, 480), (333, 251), (100, 100)])
@pytest.mark.parametrize("other", [(641, 479), (97, 101)])
def test_the_region_on_another_size_stays_inside_the_picture(size_wh: tuple[int, int], other: tuple[int, int]) -> None:
    width, height = size_wh
    side = min(size_wh)
    found = Explanation(
        "cat", np.zeros((7, 7), np.float32), ((width - side) // 2, (height - side) // 2, side, side), size_wh
    )
    x, y, w, h = found.region_on(np.zeros((other[1], other[0], 3), np.uint8))
    assert x >= 0 and y >= 0 and x + w <= other[0] and y + h <= other[1], (x, y, w, h)


def test_feature_maps_are_a_stack() -> None:
    with pytest.raises(ValueError, match=r"\(1, h, w\), got \(7, 7\)"):
        FeatureMaps("late", np.zeros((7, 7), np.float32), (0,))
