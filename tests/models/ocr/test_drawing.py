"""The stages' pictures show what they say and leave the given one alone."""

import numpy as np

from models.ocr.boxes import TextBox
from models.ocr.drawing import GOOD, WEAK, outlined, retyped


def box(text: str, left: float, top: float, right: float, bottom: float, score: float = 0.95) -> TextBox:
    return TextBox(np.float32([[left, top], [right, top], [right, bottom], [left, bottom]]), text, score)


def ink(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is not white."""
    rows, columns = np.nonzero(picture.min(axis=2) < 200)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_boxes_are_outlined_by_how_sure_they_are_and_the_given_picture_stays() -> None:
    rgb = np.zeros((100, 200, 3), np.uint8)
    polygons = [box("a", 10, 10, 80, 30).polygon, box("b", 110, 50, 180, 70).polygon]
    drawn = outlined(rgb, polygons, [0.9, 0.2])
    assert not rgb.any()
    assert np.abs(drawn[9:12, 40].astype(int) - GOOD).max(axis=1).min() < 60
    assert np.abs(drawn[49:52, 140].astype(int) - WEAK).max(axis=1).min() < 60
    assert not drawn[20, 40].any()


def test_what_was_read_stands_where_it_stood_as_large_as_it_was() -> None:
    page = retyped([box("Hello", 40, 30, 160, 60)], (200, 100))
    left, top, right, bottom = ink(page)
    assert 40 <= left <= 44 and 155 <= right <= 160 and top >= 30 and bottom <= 60


def test_a_weak_line_is_orange_and_an_empty_one_is_nothing() -> None:
    page = retyped([box("weak", 10, 10, 90, 40, 0.3), box(" ", 10, 60, 90, 90)], (100, 100))
    assert (np.abs(page.astype(int) - WEAK).max(axis=2) < 8).any()
    assert (page[50:] == 255).all()


def test_no_boxes_no_box_area_and_one_outside_the_picture_are_no_error() -> None:
    odd = [box("outside", 500, 500, 600, 520), box("nothing", 5, 5, 5, 5), box("before", -50, -20, -5, -2)]
    assert retyped(odd, (60, 40)).shape == (40, 60, 3)
    assert (retyped([], (60, 40)) == 255).all()
    assert outlined(np.zeros((5, 5, 3), np.uint8), [], []).shape == (5, 5, 3)
