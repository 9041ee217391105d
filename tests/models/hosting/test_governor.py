"""The governor: steps down on what lasts, up on a longer calm, and does not swing. No second is waited."""

import pytest

from models.hosting.governor import CAPS, Governor, Level, Limits, Load

CALM, BUSY = Load(8, 0.1, 0.5, 0.01), Load(8, 0.9, 0.9, 0.05)
LIMITS = Limits(patience_s=4, recovery_s=15)


class Seconds:
    """Steps a governor through time, a second a step."""

    def __init__(self) -> None:
        self.governor, self.now = Governor(LIMITS), 1000.0

    def run(self, load: Load, seconds: int) -> list[Level]:
        levels = []
        for _ in range(seconds):
            self.now += 1
            self.governor.step(load, self.now)
            levels.append(self.governor.level)
        return levels


@pytest.fixture
def time() -> Seconds:
    return Seconds()


@pytest.mark.parametrize(
    "load",
    [Load(8, 0.6, 0.5, 0.01), Load(8, 0.1, 0.97, 0.01), Load(8, 0.1, 0.5, 0.3), Load(8, None, 0.99, None)],
    ids=["age", "cpu", "loop", "cpu alone is known"],
)
def test_each_limit_that_is_passed_steps_down_with_its_reason(time: Seconds, load: Load) -> None:
    assert time.run(load, 6)[-1] == Level.FEWER_ANSWERS
    assert time.governor.reason


def test_a_moment_of_overload_is_nothing(time: Seconds) -> None:
    for _ in range(10):
        time.run(BUSY, 3)
        time.run(CALM, 1)
    assert time.governor.level == Level.FULL


def test_steps_come_in_order_each_after_a_look_at_the_last(time: Seconds) -> None:
    levels = time.run(BUSY, 24)
    assert sorted(set(levels)) == list(Level), "none is left out"
    assert levels == sorted(levels)
    assert all(levels.count(level) >= 4 for level in list(Level)[1:])


def test_beyond_the_last_step_cameras_are_taken_away_one_by_one_but_never_the_last(time: Seconds) -> None:
    while time.run(BUSY, 1) != [Level.PHOTO]:
        pass
    assert time.governor.capacity == 8, "as many as were on when nothing else helped"
    time.run(BUSY, 5)
    assert time.governor.capacity == 7
    time.run(Load(1, 9.0, 1.0, 1.0), 60)
    assert time.governor.capacity == 1


def test_between_the_limits_nothing_moves(time: Seconds) -> None:
    time.run(BUSY, 6)
    level = time.governor.level
    assert set(time.run(Load(8, 0.4, 0.7, 0.01), 300)) == {level}


def test_a_long_calm_steps_up_again_to_the_top(time: Seconds) -> None:
    time.run(BUSY, 30)
    levels = time.run(CALM, 200)
    assert levels[-1] == Level.FULL and time.governor.capacity is None
    assert levels == sorted(levels, reverse=True)
    assert levels[10] == Level.PHOTO, "not at the first calm second"


def test_the_sooner_a_step_up_fails_the_longer_the_next_waits(time: Seconds) -> None:
    """A machine that is calm only when stepped down: the number of swings falls."""

    def swings(seconds: int) -> int:
        count = 0
        for _ in range(seconds):
            before = time.governor.level
            time.run(BUSY if before == Level.FULL else CALM, 1)
            count += time.governor.level != before
        return count

    early, late = swings(120), (swings(400), swings(120))[1]
    assert early >= 4 and late <= early / 2


def test_without_a_camera_everything_is_open(time: Seconds) -> None:
    time.run(BUSY, 30)
    time.run(Load(0, None, 0.99, 0.5), 1)
    assert time.governor.level == Level.FULL and time.governor.capacity is None
    assert set(time.run(Load(0, None, 0.99, 0.5), 30)) == {Level.FULL}, "there is nothing to step down"


def test_each_level_asks_for_less_and_says_so() -> None:
    for above, below in zip(list(Level), list(Level)[1:], strict=False):
        a, b = CAPS[above], CAPS[below]
        assert b.answers_per_s <= a.answers_per_s and b.fps <= a.fps and b.height <= a.height
        assert b != a and b.words and b.words != a.words
