"""Counting repetitions: what counts, what does not, and what is remembered."""

import math
import threading

import pytest

from models.errors import BadInput
from models.pose.repetitions import CURVE_POINTS, CURVE_SECONDS, MAX_GAP_S, RepetitionCounter, Side

Angles = list[float | None]


def counted(angles: Angles, step: float = 0.5, *, starts: Side = "high", min_seconds: float = 0.3) -> list[int]:
    """Which of the angles, `step` seconds apart, ended a repetition between 60 and 150 degrees."""
    counter = RepetitionCounter(60, 150, min_seconds, starts)
    ended = [index for index, angle in enumerate(angles) if counter.add(index * step, angle)]
    assert counter.count == len(ended)
    return ended


def test_down_and_back_up_is_one_repetition_and_ends_at_the_top() -> None:
    assert counted([170, 100, 50, 100, 170, 100, 50, 155]) == [4, 7]


def test_half_way_down_or_half_way_up_is_none() -> None:
    assert counted([170, 100, 61, 100, 170]) == []
    assert counted([170, 50, 149, 50, 149, 50]) == []


def test_the_thresholds_themselves_are_reached() -> None:
    assert counted([150, 60, 150]) == [2]


def test_trembling_around_one_threshold_counts_once() -> None:
    assert counted([170, 58, 62, 58, 62, 58, 149, 151, 149, 151, 149]) == [7]


def test_what_was_under_way_when_counting_began_is_none() -> None:
    assert counted([50, 170, 50, 170]) == [3]
    assert counted([100, 170, 50, 170]) == [3]


def test_starting_low_counts_at_the_bottom() -> None:
    rise_and_fall: Angles = [20, 170, 20, 170, 20]
    assert counted(rise_and_fall, starts="low") == [2, 4]
    assert counted(rise_and_fall, starts="high") == [3]


def test_a_sine_of_n_periods_is_n_repetitions() -> None:
    counter = RepetitionCounter(60, 150)
    for index in range(1 + 7 * 30):  # seven periods of 2 s at 15 a second
        counter.add(index / 15, 100 + 80 * math.cos(index / 15 * math.pi))
    assert counter.count == 7


def test_quicker_than_min_seconds_is_a_trembling_keypoint() -> None:
    assert counted([170, 50, 170], step=0.125, min_seconds=0.25) == [2]
    assert counted([170, 50, 170], step=0.125, min_seconds=0.26) == []
    assert counted([170, 50, 170, 50, 50, 50, 50, 170], step=0.0625, min_seconds=0.26) == [7]


def test_the_time_at_rest_does_not_make_a_repetition_longer() -> None:
    assert counted([170, 170, 170, 170, 50, 170], step=0.1) == []


def test_a_gap_counts_for_nothing_and_what_was_under_way_goes_on() -> None:
    assert counted([170, None, 50, None, None, 170]) == [5]
    assert counted([170, None, 170, math.nan, 170]) == []


def test_a_long_gap_forgets_what_was_under_way() -> None:
    gap: Angles = [None] * int(MAX_GAP_S / 0.5)
    assert counted([170, 50, *gap, 170, 50, 170]) == [len(gap) + 4]


def test_a_long_silence_is_a_long_gap() -> None:
    counter = RepetitionCounter(60, 150)
    for seconds, angle in ((0, 170), (1, 50), (1 + MAX_GAP_S + 0.1, 170)):
        assert not counter.add(seconds, angle)


def test_the_curve_is_what_was_added_with_its_gaps() -> None:
    counter = RepetitionCounter(60, 150)
    for index, angle in enumerate([170.0, None, math.nan, 50.0]):
        counter.add(index, angle)
    assert counter.curve == [(0, 170), (1, None), (2, None), (3, 50)]


def test_the_curve_forgets_what_is_old_and_never_grows_beyond_its_bound() -> None:
    counter = RepetitionCounter(60, 150)
    for seconds in range(200):
        counter.add(seconds, 100)
    assert counter.curve[0][0] == 199 - CURVE_SECONDS and counter.curve[-1][0] == 199
    for index in range(3 * CURVE_POINTS):
        counter.add(200 + index / 1000, 100)
    assert len(counter.curve) == CURVE_POINTS


def test_a_clock_that_goes_back_starts_a_new_curve_and_keeps_the_count() -> None:
    counter = RepetitionCounter(60, 150)
    for seconds, angle in ((10, 170), (11, 50), (12, 170), (13, 50)):
        counter.add(seconds, angle)
    assert not counter.add(0, 170)
    assert counter.curve == [(0, 170)] and counter.count == 1


def test_reset_forgets_everything() -> None:
    counter = RepetitionCounter(60, 150)
    for seconds, angle in enumerate((170, 50, 170, 50)):
        counter.add(seconds, angle)
    counter.reset()
    assert (counter.count, counter.curve) == (0, [])
    assert not counter.add(4, 170)


@pytest.mark.parametrize("low, high", [(90, 90), (120, 60), (-1, 90), (90, 181), (math.nan, 90), (10, math.inf)])
def test_thresholds_that_do_not_work_are_refused_in_words(low: float, high: float) -> None:
    with pytest.raises(BadInput, match="between 0° and 180°"):
        RepetitionCounter(low, high)


def test_other_nonsense_is_refused() -> None:
    with pytest.raises(BadInput, match="at least -1 s"):
        RepetitionCounter(60, 150, min_seconds=-1)
    with pytest.raises(ValueError, match="high or low"):
        RepetitionCounter(60, 150, starts="middle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="finite"):
        RepetitionCounter(60, 150).add(math.nan, 90)


def test_a_page_can_read_and_reset_while_a_stream_adds() -> None:
    counter = RepetitionCounter(60, 150)
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                times = [seconds for seconds, _ in counter.curve]
                assert times == sorted(times)
        except BaseException as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for index in range(3000):
        counter.add(index / 2, (170, 50)[index % 2])
    done.set()
    reader.join(120)
    assert not failures and counter.count == 1499
