"""What is shown of what was found: sure enough, of a wanted name, one box a thing."""

import numpy as np
import pytest

from models.detector.boxes import Found
from models.detector.settling import Wanted

FOUND = Found(
    np.array([[0, 0, 50, 50], [2, 0, 52, 50], [0, 0, 51, 50], [60, 60, 90, 90]], np.float32),
    ("cup", "cup", "bowl", "cat"),
    np.array([0.9, 0.8, 0.7, 0.2], np.float32),
    (100, 100),
)


def test_one_name_and_one_box_for_a_thing() -> None:
    assert Wanted(0.1).of(FOUND).names == ("cup", "cat")
    assert Wanted(0.1, any_iou=1.0).of(FOUND).names == ("cup", "bowl", "cat")
    assert Wanted(0.1, max_iou=1.0, any_iou=1.0).of(FOUND).names == FOUND.names


def test_only_what_is_sure_and_wanted() -> None:
    assert Wanted(0.5).of(FOUND).names == ("cup",) and Wanted(0.1, names=frozenset({"bowl"})).of(FOUND).names == (
        "bowl",
    )
    with pytest.raises(ValueError, match=r"0\.\.1"):
        Wanted(2)
