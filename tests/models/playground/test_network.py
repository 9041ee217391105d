"""What a network is made of: bounds, features, weights by seed, and the schedule of one cycle."""

import numpy as np
import pytest
import torch

from models.playground.network import INPUTS, Spec, build, features, one_cycle


@pytest.mark.parametrize(
    "wrong",
    [
        {"inputs": ()},
        {"inputs": ("z",)},
        {"hidden": (9,)},
        {"hidden": (0,)},
        {"hidden": (4,) * 5},
        {"activation": "softmax"},
        {"optimiser": "LBFGS"},
        {"rate": 0.0},
        {"rate": float("nan")},
        {"batch": 0},
        {"dropout": 1.0},
        {"penalty": "L3"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"expected|unknown|bounds"):
        Spec(**wrong)


def test_features_are_those_that_were_named() -> None:
    seen = features(np.array([[3.0, -1.5]]), ("x", "y²", "x·y"))
    assert seen.dtype == np.float32 and seen.tolist() == [[1.0, 0.25, -0.5]]
    assert features(np.zeros((5, 2)), tuple(INPUTS)).shape == (5, len(INPUTS))


def test_the_same_seed_gives_the_same_weights_and_leaves_torchs_own_dice_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one, same, other = (build(Spec(hidden=(4, 3), seed=seed), 2) for seed in (1, 1, 2))
    assert (torch.rand(3) == expected).all()
    assert (one[0].weight == same[0].weight).all() and (one[0].weight != other[0].weight).any()
    assert one(torch.zeros(5, 2)).shape == (5, 2)


def test_one_cycle_is_torchs() -> None:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps=50, cycle_momentum=False)
    for step in range(50):
        assert one_cycle(step, 50, 0.1) == pytest.approx(schedule.get_last_lr()[0], rel=1e-6, abs=1e-9)
        optimiser.step()
        if step < 49:
            schedule.step()
    assert 0 <= one_cycle(500, 50, 0.1) < 1e-5
