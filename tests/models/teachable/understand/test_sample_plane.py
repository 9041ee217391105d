"""Real digits and photographs on a plane."""

from typing import Literal

import numpy as np
import pytest
import sklearn.manifold
from threadpoolctl import threadpool_info, threadpool_limits

from models.errors import BadInput
from models.teachable.understand.sample_plane import plane
from tests.models.teachable.real_features import crops, digits

Method = Literal["PCA", "t-SNE"]
both = pytest.mark.parametrize("method", ["PCA", "t-SNE"])


def share_beside_their_own(points: np.ndarray, labels: np.ndarray) -> float:
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float((labels[apart.argmin(1)] == labels).mean())


@both
def test_crops_of_one_photograph_lie_together(method: Method) -> None:
    features, labels = crops()
    assert share_beside_their_own(plane(features, method).points, labels) == 1


def test_tsne_shows_clusters_that_pca_cannot() -> None:
    features, labels = digits(20, classes=10)
    pca, tsne = (share_beside_their_own(plane(features, method).points, labels) for method in ("PCA", "t-SNE"))
    assert tsne > 0.85 > pca


@both
@pytest.mark.parametrize("n", [4, 5, 11])
def test_it_fills_the_square_with_few_samples_too(method: Method, n: int) -> None:
    result = plane(digits(n)[0][:n], method)
    assert result.points.shape == (n, 2) and result.index.tolist() == list(range(n))
    assert result.points.min() == pytest.approx(0, abs=1e-6) and result.points.max() == pytest.approx(1, abs=1e-6)


def test_both_axes_have_one_scale() -> None:
    features = digits(30)[0]
    x = features / np.linalg.norm(features, axis=1, keepdims=True)
    x = x - x.mean(0)
    _, s, v = np.linalg.svd(x, full_matrices=False)
    low, high = (x @ v[:2].T).min(0), (x @ v[:2].T).max(0)
    result = plane(features, "PCA")
    spans = np.ptp(result.points, axis=0)
    assert spans[1] / spans[0] == pytest.approx((high - low)[1] / (high - low)[0], rel=1e-3)
    assert result.points.min(0) + result.points.max(0) == pytest.approx([1, 1], abs=1e-5)
    assert result.explained == pytest.approx((s[:2] ** 2).sum() / (s**2).sum(), rel=1e-3)


def test_tsne_explains_no_share_of_the_variance() -> None:
    assert plane(digits(4)[0], "t-SNE").explained is None


@both
def test_the_same_seed_gives_the_same_plane(method: Method) -> None:
    features, labels = digits(15)
    first, again = (plane(features, method, most=30, labels=labels, seed=3) for _ in range(2))
    assert np.array_equal(first.points, again.points) and np.array_equal(first.index, again.index)


def test_of_too_many_every_class_keeps_its_share() -> None:
    features, labels = digits(100)
    keep = np.r_[0:100, 100:150, 200:210]
    result = plane(features[keep], "PCA", most=32, labels=labels[keep])
    assert np.bincount(labels[keep][result.index]).tolist() == [20, 10, 2]
    assert result.index.tolist() == sorted(set(result.index.tolist()))


def test_a_strong_sample_does_not_push_the_others_together() -> None:
    features, _ = crops()
    strong = features.copy()
    strong[0] *= 100
    assert plane(strong, "PCA").points == pytest.approx(plane(features, "PCA").points, abs=1e-3)


@both
def test_samples_all_alike_lie_in_the_middle(method: Method) -> None:
    result = plane(np.repeat(digits(1)[0][:1], 6, axis=0), method)
    assert (result.points == 0.5).all() and result.explained is None


@pytest.mark.parametrize(("n", "words"), [(0, "0 samples"), (1, "one sample"), (3, "3 samples; a map needs 4")])
def test_too_few_samples_are_said_in_words(n: int, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        plane(np.ones((n, 8), np.float32), "PCA")


def test_it_takes_one_core_and_leaves_the_others_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"}

    inside: list[set[int]] = []
    fit = sklearn.manifold.TSNE.fit_transform

    def watched(tsne: sklearn.manifold.TSNE, x: np.ndarray) -> np.ndarray:
        inside.append(threads())
        return fit(tsne, x)

    monkeypatch.setattr(sklearn.manifold.TSNE, "fit_transform", watched)
    with threadpool_limits(2, user_api="openmp"):
        plane(digits(4)[0], "t-SNE")
        assert threads() == {2}
    assert inside == [{1}]
