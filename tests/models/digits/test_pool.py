"""The digits that a room shares: each one's own, bounded, and out again."""

import numpy as np

from models.digits.own import build, train
from models.digits.pool import MOST_EACH, MOST_PEOPLE, DigitPool, Drawing, right_of
from tests.models.digits.test_reading import written

SEEN = np.zeros((28, 28), np.float32)


def test_each_ones_drawings_are_counted_and_can_be_taken_out() -> None:
    pool = DigitPool()
    assert pool.add("anna", Drawing(SEEN, 3, 3), Drawing(SEEN, 3, 8)) and pool.add("bo", Drawing(SEEN, 1, 1))
    assert pool.people() == 2 and right_of(pool.drawings()) == {1: (1, 1), 3: (1, 2)}
    pool.take_out("anna")
    pool.take_out("nobody")
    assert pool.people() == 1 and right_of(pool.drawings()) == {1: (1, 1)}


def test_nobody_fills_it() -> None:
    pool = DigitPool()
    pool.add("anna", *[Drawing(SEEN, 3, 3)] * (MOST_EACH + 5))
    assert len(pool.drawings()) == MOST_EACH
    for number in range(MOST_PEOPLE - 1):
        assert pool.add(str(number))
    assert not pool.add("one too many", Drawing(SEEN, 3, 3)) and pool.add("anna", Drawing(SEEN, 3, 3))


def test_a_network_learns_from_what_a_room_drew() -> None:
    from models.digits.reading import prepared

    random = np.random.default_rng(0)
    drawings = []
    for number in range(80):
        digit = number % 2 * 7
        at = int(random.integers(6, 16)), int(random.integers(90, 100))
        seen = prepared(written(digit, side=112, thickness=int(random.integers(6, 11)), at=at))
        assert seen is not None
        drawings.append(Drawing(seen, digit, digit))
    own = train(("dense 32",), lambda step: None, drawings)
    assert own.held_out == 20 and own.right > 0.9 and build(("dense 32",)) is not None
