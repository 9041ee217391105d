"""Head: arrays in, probabilities out, the same after a file, and nothing that does not fit."""

import itertools

import numpy as np
import pytest

from models.errors import BadInput
from models.teachable.learn.head import Head

RANDOM = np.random.default_rng(0)


def layer(inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    weight = RANDOM.normal(size=(inputs, outputs)).astype(np.float32)
    return weight, RANDOM.normal(size=outputs).astype(np.float32)


def head(*sizes: int, twin: bool = True) -> Head:
    def layers() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        return tuple(layer(a, b) for a, b in itertools.pairwise(sizes))

    mean = RANDOM.normal(size=sizes[0]).astype(np.float32)
    return Head(mean, np.full(sizes[0], 2, np.float32), layers(), layers() if twin else ())


@pytest.mark.parametrize("sizes", [(6, 3), (6, 5, 3)])
def test_probabilities_are_those_of_the_formula(sizes: tuple[int, ...]) -> None:
    one, x = head(*sizes), RANDOM.normal(size=(4, 6)).astype(np.float32)
    h = (x - one.mean) / one.scale
    if len(sizes) == 3:
        h = np.maximum(h @ one.layers[0][0] + one.layers[0][1], 0)
    logits = h @ one.layers[-1][0] + one.layers[-1][1]
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    found = one.predict_proba(x)
    assert found.dtype == np.float32 and np.allclose(found, expected, atol=1e-6)
    assert (one.size, one.classes, one.hidden) == (6, 3, sizes[1] if len(sizes) == 3 else 0)


def test_huge_features_give_no_nan() -> None:
    found = head(6, 3).predict_proba(np.full((1, 6), 1e6, np.float32))
    assert np.isfinite(found).all() and found.sum() == pytest.approx(1)


def test_features_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(n, 6\)"):
        head(6, 3).predict_proba(np.zeros((2, 5), np.float32))


@pytest.mark.parametrize("twin", [True, False])
def test_comes_back_from_its_arrays(twin: bool) -> None:
    one, x = head(6, 5, 3, twin=twin), RANDOM.normal(size=(4, 6)).astype(np.float32)
    again = Head.from_arrays(one.arrays())
    assert np.array_equal(again.predict_proba(x), one.predict_proba(x))
    assert len(again.twin) == len(one.twin)


@pytest.mark.parametrize(
    "damage",
    [
        lambda a: a.pop("mean"),
        lambda a: a.pop("layer1.bias"),
        lambda a: a.update(scale=np.zeros(6, np.float32)),
        lambda a: a.update({"layer0.weight": np.zeros((6, 4), np.float32)}),
        lambda a: a.update({"layer1.weight": a["layer1.weight"].astype(np.float64)}),
        lambda a: a.update({"layer1.bias": np.full(3, np.nan, np.float32)}),
        lambda a: a.update({"twin0.weight": np.zeros((6, 2), np.float32), "twin0.bias": np.zeros(2, np.float32)}),
        lambda a: a.clear(),
    ],
)
def test_damaged_arrays_are_bad_input(damage: object) -> None:
    arrays = head(6, 5, 3).arrays()
    damage(arrays)
    with pytest.raises(BadInput, match="damaged"):
        Head.from_arrays(arrays)


@pytest.mark.parametrize("hidden", [0, 4])
def test_the_slope_is_how_the_score_above_the_mean_changes(hidden: int) -> None:
    random = np.random.default_rng(0)

    def layer(inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
        return random.normal(size=(inputs, outputs)).astype(np.float32), random.normal(size=outputs).astype(np.float32)

    layers = [layer(6, hidden), layer(hidden, 3)] if hidden else [layer(6, 3)]
    head = Head(random.normal(size=6).astype(np.float32), np.full(6, 2, np.float32), layers)
    at = random.normal(size=6).astype(np.float32)

    def above_mean(x: np.ndarray) -> float:
        logits = np.log(head.predict_proba(x[None])[0].astype(np.float64))
        return float(logits[1] - logits.mean())

    steps = [np.where(np.arange(6) == number, np.float32(0.01), np.float32(0)) for number in range(6)]
    measured = [(above_mean(at + step) - above_mean(at - step)) / 0.02 for step in steps]
    assert head.slope(at, 1) == pytest.approx(measured, abs=0.01)
