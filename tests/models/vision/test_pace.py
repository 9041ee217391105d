"""A chain that is too slow gets smaller pictures, and larger ones again when it is quick."""

from models.vision.pace import BUDGET_S, QUICK, SCALES, Pace


def after(pace: Pace, seconds: float, times: int) -> float:
    for _ in range(times):
        pace.took(seconds * pace.scale**2)
    return pace.scale


def test_a_quick_chain_keeps_the_whole_picture() -> None:
    assert after(Pace(), 0.5 * BUDGET_S, 100) == 1


def test_one_slow_picture_changes_nothing() -> None:
    pace = Pace()
    for _ in range(50):
        pace.took(3 * BUDGET_S)
        pace.took(0.01)
    assert pace.scale == 1


def test_a_slow_chain_gets_pictures_with_which_it_keeps_up() -> None:
    for seconds in (0.06, 0.1, 0.2, 0.4):
        pace = Pace()
        scale = after(pace, seconds, 50)
        assert seconds * scale**2 <= BUDGET_S and scale < 1
        assert after(pace, seconds, 200) == scale, "it does not go to and fro"


def test_there_is_a_smallest_picture_and_a_way_back() -> None:
    pace = Pace()
    assert after(pace, 100, 50) == SCALES[-1]
    assert after(pace, 0.01, QUICK * len(SCALES)) == 1
