"""From probabilities to a token: cases by hand, and what holds for every distribution."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from models.errors import BadInput
from models.textgen.sampling import Sampler, Sampling

FOUR = np.array([0.1, 0.4, 0.2, 0.3])


def distributions(count: int = 40) -> list[np.ndarray]:
    """Random ones, from flat to peaked, of few tokens and many, in both precisions, some with tokens of no chance."""
    draw = np.random.default_rng(5)
    made = []
    for i in range(count):
        probs = draw.dirichlet(np.full(int(draw.integers(2, 400)), 10.0 ** draw.uniform(-1.5, 1.5)))
        probs[draw.random(len(probs)) < 0.2] = 0
        probs[0] += 1e-3
        made.append((probs / probs.sum()).astype(np.float32 if i % 2 else np.float64))
    return made


SETTINGS = [
    Sampling(t, k, p)
    for t in (0.0, 0.05, 0.7, 1.0, 1.6, 10.0)
    for k in (0, 1, 3, 10_000)
    for p in (1e-30, 0.3, 0.95, 1)
]


# by hand


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(), FOUR),
        (Sampling(temperature=0), [0, 1, 0, 0]),
        (Sampling(temperature=0.5), np.array([1, 16, 4, 9]) / 30),  # squared
        (Sampling(temperature=2), np.sqrt([1, 4, 2, 3]) / sum(np.sqrt([1, 4, 2, 3]))),
        (Sampling(top_k=1), [0, 1, 0, 0]),
        (Sampling(top_k=2), [0, 4 / 7, 0, 3 / 7]),
        (Sampling(top_k=4), FOUR),
        (Sampling(top_k=99), FOUR),
        (Sampling(top_p=0.3), [0, 1, 0, 0]),
        (Sampling(top_p=0.41), [0, 4 / 7, 0, 3 / 7]),  # the one that crosses stays
        (Sampling(top_p=0.85), [0, 4 / 9, 2 / 9, 3 / 9]),
        (Sampling(top_p=0.95), FOUR),
        # temperature first: of 1, 16, 4, 9 thirtieths the first two pass 0.8, of the bare ones it takes three
        (Sampling(temperature=0.5, top_p=0.8), [0, 16 / 25, 0, 9 / 25]),
        # top-k before top-p: 4/9, 3/9 and 2/9 are left, of which 0.5 takes two, not the three that 0.75 would
        (Sampling(top_k=3, top_p=0.75), [0, 4 / 7, 0, 3 / 7]),
    ],
    ids=str,
)
def test_the_distribution_is_the_one_computed_by_hand(sampling: Sampling, expected: Any) -> None:
    np.testing.assert_allclose(sampling.reshape(FOUR), expected, atol=1e-12)


def test_of_equal_tokens_top_k_keeps_just_k() -> None:
    np.testing.assert_allclose(np.sort(Sampling(top_k=2).reshape(np.full(5, 0.2))), [0, 0, 0, 0.5, 0.5])


# for every distribution


def test_a_reshaped_distribution_is_one_of_fewer_tokens_in_the_same_order() -> None:
    for sampling, probs in itertools.product(SETTINGS, distributions()):
        before = probs.copy()
        shaped = sampling.reshape(probs)
        np.testing.assert_array_equal(probs, before, "the model's own probabilities are not written to")
        assert shaped.shape == probs.shape
        assert shaped.min() >= 0 and math.isclose(shaped.sum(), 1, abs_tol=1e-5)
        assert not shaped[probs == 0].any()
        assert probs[shaped.argmax()] == probs.max() and shaped[probs.argmax()] > 0
        kept = np.flatnonzero(shaped)
        by_chance_before = kept[np.argsort(probs[kept], kind="stable")]
        assert (np.diff(shaped[by_chance_before].astype(np.float64)) >= -1e-7).all()
        if sampling.top_k:
            assert len(kept) <= sampling.top_k


def test_settings_that_change_nothing_leave_the_distribution_as_it_is() -> None:
    for probs in distributions():
        np.testing.assert_array_equal(Sampling(1, 0, 1).reshape(probs), probs)


def test_a_low_temperature_tends_to_greedy_and_a_high_one_to_all_alike() -> None:
    for probs in distributions():
        if np.sort(probs)[-2] > 0.9 * probs.max():
            continue  # nearly a tie
        coldest = Sampling(temperature=0.005).reshape(probs)
        np.testing.assert_allclose(coldest, Sampling(temperature=0).reshape(probs), atol=1e-6)
        cold, hot = (Sampling(temperature=t).reshape(probs).max() for t in (0.5, 5))
        assert cold > probs.max() > hot


def test_the_nucleus_is_the_smallest_that_holds_top_p() -> None:
    for probs in distributions():
        for top_p in (0.2, 0.5, 0.9):
            kept = np.flatnonzero(Sampling(top_p=top_p).reshape(probs))
            held = probs[kept].astype(np.float64)
            assert held.sum() >= top_p - 1e-5
            assert held.sum() - held.min() < top_p + 1e-5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [3, 66, 1000])
def test_even_the_smallest_nucleus_of_a_flat_distribution_holds_a_token(size: int, dtype: type) -> None:
    flat = np.full(size, 1 / size, dtype)
    for top_p in (1e-300, 1e-17, 1e-9, 1e-4):
        assert Sampling(top_p=top_p).reshape(flat).sum() == pytest.approx(1)


# drawing


def test_tokens_are_drawn_as_often_as_their_probability_says() -> None:
    probs = np.array([0.5, 0, 0.25, 0.2, 0.05, 0])
    sampler, draws = Sampler(Sampling(), seed=1), 20_000
    seen = np.bincount([sampler.pick(probs) for _ in range(draws)], minlength=len(probs))
    expected = probs * draws
    assert not seen[probs == 0].any()
    possible = probs > 0
    chi_square = ((seen - expected)[possible] ** 2 / expected[possible]).sum()
    assert chi_square < 16.3  # three degrees of freedom: one seed in a thousand goes beyond


def test_what_is_drawn_follows_the_settings() -> None:
    sampler = Sampler(Sampling(temperature=0.5, top_k=3, top_p=0.9), seed=2)
    seen = np.bincount([sampler.pick(FOUR) for _ in range(5000)], minlength=4) / 5000
    np.testing.assert_allclose(seen, Sampling(0.5, 3, 0.9).reshape(FOUR), atol=0.03)
    assert seen[0] == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("drawn", [0.0, 2**-60, 0.5, 1 - 2**-26, 1 - 2**-53])
def test_no_draw_lands_on_a_token_of_no_chance_or_behind_the_last(
    drawn: float, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = Sampler(Sampling())
    monkeypatch.setattr(sampler, "_random", lambda: drawn)
    for probs in [np.array([0, 0, 0.3, 0, 0.7, 0, 0]), np.array([0.0, 1, 0]), *distributions(20)]:
        probs = probs.astype(dtype)
        assert probs[sampler.pick(probs)] > 0


def test_temperature_0_draws_the_most_probable_whatever_the_seed() -> None:
    assert {Sampler(Sampling(temperature=0), seed).pick(FOUR) for seed in range(20)} == {1}


def test_a_seed_draws_the_same_again_and_no_seed_something_else() -> None:
    flat = np.full(1000, 1e-3)
    one, same, other, unseeded, again = (
        [sampler.pick(flat) for _ in range(20)]
        for sampler in (Sampler(Sampling(), seed) for seed in (4, 4, 5, None, None))
    )
    assert one == same != other
    assert unseeded != again


# bad input


@pytest.mark.parametrize("temperature", [-0.1, 10.1, math.nan, math.inf, -math.inf])
def test_a_temperature_out_of_range_is_refused(temperature: float) -> None:
    with pytest.raises(BadInput, match=r"Temperature must lie in 0\.\.10"):
        Sampling(temperature=temperature)


@pytest.mark.parametrize("top_k", [-1, math.nan])
def test_a_top_k_out_of_range_is_refused(top_k: Any) -> None:
    with pytest.raises(BadInput, match="top-k must be 0"):
        Sampling(top_k=top_k)


@pytest.mark.parametrize("top_p", [0, -0.5, 1.01, math.nan, math.inf])
def test_a_top_p_out_of_range_is_refused(top_p: float) -> None:
    with pytest.raises(BadInput, match="top-p must lie above 0"):
        Sampling(top_p=top_p)
