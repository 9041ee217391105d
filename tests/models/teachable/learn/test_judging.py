"""Cross-validation on real digits: no head judges what it has learnt from, and mistakes come to light."""

import numpy as np
import pytest

from models.errors import BadInput
from models.runtime.training import TrainingStopped
from models.teachable.learn.judging import Judgement, judge
from tests.models.teachable.real_features import digits


@pytest.fixture
def judgement() -> Judgement:
    """Six samples: 0 and 5 are taken for another class, 5 with more confidence; class 2 was never the answer."""
    probabilities = [[0.3, 0.6, 0.1], [0.8, 0.1, 0.1], [0.4, 0.35, 0.25], [0.1, 0.9, 0], [0.02, 0.98, 0], [0.9, 0.1, 0]]
    return Judgement(np.array(probabilities, np.float32), np.array([0, 0, 0, 1, 1, 2]))


def test_it_counts_what_was_taken_for_what(judgement: Judgement) -> None:
    assert judgement.predicted.tolist() == [1, 0, 0, 1, 1, 0]
    assert judgement.confusion.tolist() == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert judgement.accuracy == pytest.approx(4 / 6)
    assert judgement.recall == pytest.approx([2 / 3, 1, 0])


def test_a_class_that_was_never_the_answer_has_no_precision(judgement: Judgement) -> None:
    assert judgement.precision == pytest.approx([2 / 3, 2 / 3, np.nan], nan_ok=True)


def test_the_most_confidently_wrong_comes_first(judgement: Judgement) -> None:
    assert judgement.misclassified().tolist() == [5, 0]


def test_the_least_certain_comes_first_right_or_wrong(judgement: Judgement) -> None:
    assert judgement.uncertain(3).tolist() == [2, 0, 1]
    assert len(judgement.uncertain(100)) == 6


def test_a_cell_of_the_confusion_matrix_knows_its_samples(judgement: Judgement) -> None:
    assert judgement.cell(0, 1).tolist() == [0] and judgement.cell(0, 0).tolist() == [1, 2]
    assert all(len(judgement.cell(t, p)) == judgement.confusion[t, p] for t in range(3) for p in range(3))


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [
        (np.ones((2, 2), np.float32), [0, 1]),  # do not sum to 1
        (np.full((2, 2), 0.5), [0, 1]),  # float64
        (np.full((2, 2), 0.5, np.float32), [0, 2]),
        (np.full((2, 2), 0.5, np.float32), [0]),
        (np.array([[2, -1]], np.float32), [0]),
    ],
)
def test_what_is_no_judgement_is_a_bug(probabilities: np.ndarray, labels: list[int]) -> None:
    with pytest.raises(ValueError):
        Judgement(probabilities, np.array(labels))


def test_no_sample_is_judged_by_a_head_that_has_seen_it() -> None:
    rng = np.random.default_rng(1)  # noise can be learnt by heart, but not guessed
    noise, labels = rng.normal(size=(60, 600)).astype(np.float32), np.repeat([0, 1], 30)
    assert 0.25 < judge(noise, labels, epochs=20).accuracy < 0.75


@pytest.mark.parametrize("hidden", [0, 16])
def test_samples_in_the_wrong_class_are_the_first_mistakes_shown(hidden: int) -> None:
    features, labels = digits(20)
    labels[[3, 47]] = 1, 0
    result = judge(features, labels, epochs=30, hidden=hidden)
    assert {3, 47} <= set(result.misclassified()[:4].tolist())
    assert result.accuracy > 0.9 and result.confusion.sum(1).tolist() == [20, 21, 19]
    assert 3 in result.cell(1, 0) and 47 in result.cell(0, 2)


def test_the_same_seed_judges_the_same() -> None:
    features, labels = digits(6)
    first, again = (judge(features, labels, epochs=3, seed=4).probabilities for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("smallest", [2, 3])
def test_a_small_class_is_spread_over_as_many_folds_as_it_can(smallest: int) -> None:
    features, labels = digits(8)
    keep = (labels != 2) | (np.arange(len(labels)) < 16 + smallest)
    heard: list[float] = []
    result = judge(features[keep], labels[keep], epochs=2, on_step=heard.append)
    assert len(heard) == 2 * 5
    assert np.allclose(result.probabilities.sum(1), 1)


@pytest.mark.parametrize(
    ("counts", "words"),
    [((5, 1), "Class number 2 has 1 sample. Two"), ((5, 0, 5), "Class number 2 has 0 samples. Two"), ((5,), "classes")],
)
def test_too_few_to_judge_is_said_in_words(counts: tuple[int, ...], words: str) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    with pytest.raises(BadInput, match=words):
        judge(np.zeros((len(labels), 4), np.float32), labels)


def test_progress_rises_to_all_of_it() -> None:
    heard: list[float] = []
    judge(*digits(6), folds=3, epochs=4, on_step=heard.append)
    assert heard == pytest.approx(np.arange(1, 13) / 12)


def test_it_ends_when_it_is_stopped() -> None:
    heard: list[float] = []

    def stop_in_the_second_fold(share: float) -> None:
        heard.append(share)
        if share > 0.4:
            raise TrainingStopped

    with pytest.raises(TrainingStopped):
        judge(*digits(6), folds=3, epochs=5, on_step=stop_in_the_second_fold)
    assert len(heard) == 7
