"""Boxes are drawn where they are, in their name's colour; the picture that was given is left alone."""

import numpy as np
import pytest

from models.detector.boxes import Found
from models.detector.counting import Gate
from models.detector.drawing import colour_of, outlined, with_dots, with_gate
from models.pictures.drawing import rgb_of

GREY = np.full((120, 160, 3), 90, np.uint8)


@pytest.mark.parametrize("ids", [(), (3,)])
def test_a_box_is_drawn_in_the_colour_of_its_name(ids: tuple[int, ...]) -> None:
    found = Found(np.array([[40, 50, 120, 100]], np.float32), ("cup",), np.array([0.5]), (160, 120), np.array(ids, int))
    out = outlined(GREY, found)
    assert out[80, 40].tolist() == list(rgb_of(colour_of("cup"))) and (GREY == 90).all() and (out[75, 80] == 90).all()
    assert (outlined(GREY, found, named=False) != out).any()


def test_a_box_larger_than_the_picture_or_of_no_size_can_be_drawn() -> None:
    boxes = np.array([[0, 0, 160, 120], [5, 5, 5, 5], [150, 0, 160, 3]], np.float32)
    out = outlined(GREY, Found(boxes, ("a long name of something",) * 3, np.ones(3), (160, 120)))
    assert out.shape == GREY.shape


def test_gate_and_dots_are_drawn() -> None:
    assert (with_gate(GREY, Gate(False, 0.5, 0, 0.5, 1))[60, 79:82] != 90).any()
    assert (with_gate(GREY, Gate(True, 0.25, 0.25, 0.75, 0.75))[60, 60] == 90).all()
    assert (with_dots(GREY, [(0.5, 0.5)])[60, 80] == 255).all()
