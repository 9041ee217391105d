"""Boxes, and the score of found ones."""

import pytest

from models.taught.boxes import Box, average_precision, compare, drawn, suppress, to_browser

A, B = Box(0.1, 0.1, 0.3, 0.3, "cup"), Box(0.6, 0.6, 0.9, 0.9, "cup")


def found(box: Box, score: float) -> Box:
    return Box(*box.corners, box.name, score)


def test_any_two_opposite_corners_make_a_box_cut_to_the_picture() -> None:
    assert drawn((0.5, 1.4, -0.2, 0.5), "cup") == Box(0.0, 0.5, 0.5, 1.0, "cup")


@pytest.mark.parametrize(
    "corners", [(0.5, 0.5, 0.5, 0.5), (0.2, 0.2, 0.8, 0.2), (1.2, 0, 1.5, 1), (0, 0, float("nan"), 1)]
)
def test_a_box_of_no_size_or_outside_is_refused(corners: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="no size"):
        drawn(corners, "cup")


def test_of_boxes_that_overlap_the_surest_stays() -> None:
    near = Box(0.11, 0.1, 0.31, 0.3, "cup", 0.4)
    assert suppress([near, found(A, 0.9), found(B, 0.5)]) == [found(A, 0.9), found(B, 0.5)]


def test_a_drawn_box_is_found_once_and_the_rest_are_misses_and_false_alarms() -> None:
    compared = compare([A, B], [found(A, 0.9), found(A, 0.8)])
    assert (compared.right, compared.false_alarms, compared.misses) == ((found(A, 0.9),), (found(A, 0.8),), (B,))


def test_average_precision_of_known_cases() -> None:
    wrong = Box(0.4, 0.1, 0.5, 0.2, "cup", 0.95)
    assert average_precision([([A, B], [found(A, 0.9), found(B, 0.8)])]) == 1
    assert average_precision([([A, B], [found(A, 0.9)])]) == 0.5
    assert average_precision([([A], [wrong, found(A, 0.9)])]) == 0.5
    assert average_precision([([A], [])]) == average_precision([]) == 0


def test_the_browser_gets_pixels() -> None:
    assert to_browser([A], {}, (100, 200))["boxes"] == [[10, 20, 30, 60, "cup", 1.0]]
