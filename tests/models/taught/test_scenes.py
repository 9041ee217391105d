"""Composed pictures with known boxes."""

from models.taught.scenes import NAMES, scene


def test_a_number_gives_one_picture_with_each_thing_once() -> None:
    (rgb, boxes), (again, _) = scene(3), scene(3)
    assert (rgb == again).all() and sorted(box.name for box in boxes) == sorted(NAMES.values())
