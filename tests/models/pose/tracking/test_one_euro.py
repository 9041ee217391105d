"""The One-Euro filter: by hand, and as one sees it."""

import math

import numpy as np
import pytest

from models.pose.tracking.one_euro import OneEuro

PATIENT = (0.05, 80.0)  # as bodies, hands and faces are smoothed


def test_the_filter_gives_the_values_of_the_paper() -> None:
    euro = OneEuro(min_cutoff=1.0, beta=2.0, derivative_cutoff=1.0)
    assert euro(np.array([3.0]), 0.5, 10) == pytest.approx(3.0)
    # by hand, Casiez et al. algorithm 1: a cutoff c over dt has alpha = 1 / (1 + 1 / (2 pi c dt))
    alpha_speed = 1 / (1 + 1 / (2 * math.pi * 1.0 * 0.5))
    speed = alpha_speed * (8.0 - 3.0) / (10 * 0.5)  # ten pixels are one size
    cutoff = 1.0 + 2.0 * speed
    alpha = 1 / (1 + 1 / (2 * math.pi * cutoff * 0.5))
    assert euro(np.array([8.0]), 0.5, 10) == pytest.approx(3.0 + alpha * 5.0)


def test_a_tremble_is_taken_and_a_movement_is_followed() -> None:
    still, moving = OneEuro(*PATIENT), OneEuro(*PATIENT)
    trembling = [still(np.full((2, 2), 1e-2 * (-1) ** n), 1 / 15, 100.0) for n in range(50)]
    assert np.abs(trembling[-1] - trembling[-2]).max() < 0.4e-2
    followed = [moving(np.full((1, 2), 20.0 * n), 1 / 15, 100.0) for n in range(20)]
    assert followed[-1] == pytest.approx(np.full((1, 2), 20.0 * 19), abs=2)


def test_another_picture_size_moves_what_is_remembered() -> None:
    one, other = OneEuro(*PATIENT), OneEuro(*PATIENT)
    one(np.array([10.0]), 0.1, 50.0)
    other(np.array([20.0]), 0.1, 100.0)
    one.rescale(np.array(2.0))
    assert one(np.array([24.0]), 0.1, 100.0) == pytest.approx(other(np.array([24.0]), 0.1, 100.0))
