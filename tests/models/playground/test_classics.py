"""The classics on points that each of them can or can't part, and a rule by hand."""

import numpy as np
import pytest

from models.errors import BadInput
from models.playground.classics import CLASSICS, SIDE, Rule, by_hand, train_all
from models.playground.points import make, split, tapped


def test_only_the_straight_one_fails_on_circles() -> None:
    found = {one.name: one for one in train_all(*split(make("circles", count=300, noise=0.1, seed=1), 0.5, 1))}
    assert set(found) == set(CLASSICS)
    assert found.pop("logistic regression").test < 0.7
    assert all(one.test > 0.9 and one.seconds > 0 and one.classes.shape == (SIDE, SIDE) for one in found.values())


def test_a_rule_by_hand_is_as_right_as_it_is() -> None:
    train, test = split(make("XOR", count=200, noise=0, seed=1), 0.5, 1)
    right, wrong, half = (
        by_hand(rule, train, test) for rule in (Rule("x·y", 0, 1), Rule("x·y", 0, 0), Rule("x", 0, 1))
    )
    assert (right.train, right.test, wrong.test) == (1, 1, 0) and 0.3 < half.test < 0.7
    assert right.classes[0, 0] == 0 and right.classes[0, -1] == 1


def test_several_classes_and_few_points_are_no_trouble() -> None:
    taps = [(x, y, (x > 0) + 2 * (y > 0)) for x in (-2.0, 2.0) for y in (-2.0, 2.0)]
    points = tapped(taps)
    for one in train_all(points, points.at(np.arange(0))):
        assert one.test == one.train


@pytest.mark.parametrize("points", [tapped([(0, 0, 0), (1, 1, 0)]), make("curve: sine", count=20, noise=0, seed=1)])
def test_what_has_nothing_to_tell_apart_is_refused(points) -> None:
    with pytest.raises(BadInput, match="two classes"):
        train_all(points, points)
