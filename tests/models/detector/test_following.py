"""Things keep their number while they move, hide for a moment, and cross; noise gets none."""

import numpy as np

from models.detector.boxes import Found
from models.detector.following import LOST_S, Follower

SIZE = (640, 480)


def found(*things: tuple[float, float, str, float]) -> Found:
    """Things of 100×100 pixels: x and y of the middle, name, score."""
    boxes = np.array([[x - 50, y - 50, x + 50, y + 50] for x, y, _, _ in things], np.float32).reshape(-1, 4)
    return Found(boxes, tuple(one[2] for one in things), np.array([one[3] for one in things], np.float32), SIZE)


def test_two_things_that_pass_each_other_keep_their_numbers() -> None:
    follow = Follower(0.3)
    for step in range(31):
        x = 100 + 14 * step
        here = follow(found((x, 200, "cup", 0.8), (640 - x, 290, "cup", 0.7)), step / 15)
    middles = {int(number): float(box[0] + box[2]) / 2 for number, box in zip(here.ids, here.boxes, strict=True)}
    assert set(middles) == {1, 2} and middles[1] > 450 and middles[2] < 190


def test_a_thing_that_hides_for_a_moment_is_the_same_and_after_a_while_another() -> None:
    follow = Follower(0.3)
    for step in range(3):
        follow(found((300, 200, "cup", 0.8)), step / 10)
    assert len(follow(found(), 0.5)) == 0
    assert follow(found((305, 200, "cup", 0.8)), 0.9).ids.tolist() == [1]
    later = 1.0 + LOST_S + 0.1
    follow(found((305, 200, "cup", 0.8)), later)
    assert follow(found((305, 200, "cup", 0.8)), later + 0.1).ids.tolist() == [2]


def test_a_flash_is_not_shown_and_an_unsure_box_only_prolongs() -> None:
    follow = Follower(0.4)
    assert len(follow(found((300, 200, "cup", 0.9)), 0.0)) == 0
    assert len(follow(found((300, 200, "cup", 0.25)), 0.1)) == 1
    assert len(follow(found((300, 200, "cup", 0.25), (100, 100, "cat", 0.25)), 0.2)) == 1


def test_the_name_is_the_one_that_it_had_most() -> None:
    follow = Follower(0.3)
    for step, name in enumerate(["cup", "cup", "bowl", "cup"]):
        here = follow(found((300, 200, name, 0.6)), step / 10)
        if step:
            assert here.names == ("cup",) and here.ids.tolist() == [1]
