"""Who crosses a line or goes into a zone is counted once, with its way, as the visitor sees it."""

import numpy as np
import pytest

from models.detector.boxes import Found
from models.detector.counting import Counting, Gate

LINE, ZONE = Gate(False, 0.5, 0, 0.5, 1), Gate(True, 0.25, 0.25, 0.75, 0.75)


def walk(gate: Gate, *places: tuple[float, float], number: int = 1) -> Counting:
    counting = Counting(gate)
    for step, (x, y) in enumerate(places):
        box = np.array([[x - 0.05, y - 0.05, x + 0.05, y + 0.05]], np.float32) * 100
        counting.add(Found(box, ("cup",), np.ones(1, np.float32), (100, 100), np.array([number])), step / 10)
    return counting


def test_a_line_knows_both_ways() -> None:
    counting = walk(LINE, (0.3, 0.5), (0.4, 0.5), (0.6, 0.5), (0.7, 0.5), (0.45, 0.5))
    assert counting.totals() == {"cup": (1, 1)}
    assert [one.way for one in counting.crossings] == ["right", "left"]
    assert walk(Gate(False, 0, 0.5, 1, 0.5), (0.5, 0.8), (0.5, 0.2)).crossings[0].way == "up"


def test_for_who_sees_a_mirrored_picture_right_is_right() -> None:
    at_a_quarter = Gate(False, 0.25, 0, 0.25, 1).turned()
    assert (at_a_quarter.left, at_a_quarter.right) == (0.75, 0.75)
    assert walk(at_a_quarter, (0.9, 0.5), (0.6, 0.5)).crossings[0].way == "right"
    zone = Gate(True, 0.1, 0.2, 0.4, 0.9).turned()
    assert (zone.left, zone.right) == pytest.approx((0.6, 0.9)) and zone.top == 0.2


def test_a_zone_counts_in_and_out_and_a_film_may_end_in_it() -> None:
    counting = walk(ZONE, (0.1, 0.5), (0.5, 0.5), (0.9, 0.5), (0.5, 0.5))
    assert counting.totals() == {"cup": (2, 1)}
    assert counting.csv().splitlines()[1:] == ["0.10,1,cup,in", "0.20,1,cup,out", "0.30,1,cup,in"]


def test_who_appears_inside_has_not_gone_in() -> None:
    assert walk(ZONE, (0.5, 0.5), (0.5, 0.4)).totals() == {}


@pytest.mark.parametrize("sides", [(True, 0.5, 0, 0.5, 1), (False, 0.5, 0.5, 0.5, 0.5), (False, 0, 0, 2, 0)])
def test_a_gate_of_no_size_is_refused(sides: tuple) -> None:
    with pytest.raises(ValueError, match="expected"):
        Gate(*sides)
