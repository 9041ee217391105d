"""The samples on a plane: alike ones lie together, so clusters, strays and mix-ups are seen at a glance."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.errors import BadInput
from models.teachable.understand.cosine import unit

MIN_SAMPLES = 4  # samples: any three lie on a plane anyway
NEIGHBOURS = 30  # t-SNE's perplexity at most, its authors' middle
COMPONENTS = 50  # kept for t-SNE, as its authors did: it halves the time and drops noise


@dataclass(frozen=True, eq=False)
class Plane:
    """`points` float32 (m, 2) in 0..1, one scale for both axes, of the samples numbered `index` int (m,), ascending.
    `explained` is the share of the features' variance that PCA's plane shows; None for t-SNE, where distances between
    clusters mean nothing."""

    points: np.ndarray
    index: np.ndarray
    explained: float | None

    def __post_init__(self) -> None:
        p = self.points
        if p.dtype != np.float32 or p.shape != (len(self.index), 2):
            raise ValueError(f"points must be float32 ({len(self.index)}, 2), got {p.dtype} {p.shape}")
        if not ((p >= 0) & (p <= 1)).all():
            raise ValueError("points must lie in 0..1")


def plane(
    features: np.ndarray,
    method: Literal["PCA", "t-SNE"],
    *,
    seed: int = 0,
    most: int = 1500,
    labels: np.ndarray | None = None,
) -> Plane:
    """Where samples lie on a plane, from features (n, d). Above `most`, that many are drawn from them, from each of the
    `labels` (n,) in proportion. The same seed gives the same plane. Raises BadInput for fewer than MIN_SAMPLES samples.

    Features are brought to length 1 first, so that what lies together here is what counts as near everywhere else
    (duplicates, "none of these"): crops of one picture differ by a tenth in their embedding's length alone.
    """
    if method not in ("PCA", "t-SNE"):
        raise ValueError(f"method must be PCA or t-SNE, got {method!r}")
    if features.ndim != 2 or (labels is not None and labels.shape != features.shape[:1]):
        raise ValueError(f"features must be (n, d) and labels (n,), got {features.shape}")
    if len(features) < MIN_SAMPLES:
        raise BadInput(
            f"There {'is one sample' if len(features) == 1 else f'are {len(features)} samples'}; a map needs "
            f"{MIN_SAMPLES} at least. Collect more."
        )
    index = _drawn(len(features), most, labels, seed)
    x = unit(features[index])
    if np.ptp(x, axis=0).max() < 1e-6:  # all the same: no direction to lay them out in
        return Plane(np.full((len(x), 2), 0.5, np.float32), index, None)
    points, explained = _pca(x, seed) if method == "PCA" else (_tsne(x, seed), None)
    return Plane(_into_square(points), index, explained)


def _pca(x: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    from sklearn.decomposition import PCA  # takes seconds, and no page needs it at once

    pca = PCA(2, svd_solver="randomized", random_state=seed)
    return pca.fit_transform(x), float(pca.explained_variance_ratio_.sum())


def _tsne(x: np.ndarray, seed: int) -> np.ndarray:
    """Van der Maaten & Hinton (2008), by Barnes-Hut; begun from PCA, which keeps the clusters' order (Kobak & Berens
    2019). 1500 samples take 5 s on one core; twice the steps would take twice that and look the same."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import ThreadpoolController

    n = len(x)
    few = PCA(min(COMPONENTS, n, x.shape[1]), svd_solver="randomized", random_state=seed).fit_transform(x)
    tsne = TSNE(
        2,
        perplexity=min(NEIGHBOURS, (n - 1) / 3),  # three times as many neighbours are looked at
        init="pca",
        max_iter=1000 if n <= 500 else 500,
        random_state=seed,
        n_jobs=1,
    )
    # n_jobs is not all: its loops in OpenMP would take every core, and the live demos' with them
    with ThreadpoolController().select(user_api="openmp").limit(limits=1):  # of this thread only
        points: np.ndarray = tsne.fit_transform(few)
    return points


def _drawn(n: int, most: int, labels: np.ndarray | None, seed: int) -> np.ndarray:
    """Numbers of at most `most` of n samples, ascending, int (m,)."""
    if n <= most:
        return np.arange(n)
    shuffled = np.random.default_rng(seed).permutation(n)
    if labels is not None:
        # at i/k of its class of k, each class is spread evenly over the order, whichever part of it is taken
        place = np.empty(n)
        for label in np.unique(labels):
            members = shuffled[labels[shuffled] == label]
            place[members] = (np.arange(len(members)) + 0.5) / len(members)
        shuffled = shuffled[np.argsort(place[shuffled], kind="stable")]
    return np.sort(shuffled[:most])


def _into_square(points: np.ndarray) -> np.ndarray:
    """Points (m, 2) scaled and moved into 0..1, centred, both axes alike: float32."""
    low, high = points.min(0), points.max(0)
    scaled = (points - (low + high) / 2) / (high - low).max() + 0.5
    return np.clip(scaled, 0, 1).astype(np.float32)
