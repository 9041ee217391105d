"""Parts cover a picture, few of them, and crops stay inside it."""

import numpy as np
import pytest

from models.pose.tracking.parts import parts_of, square_around


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (512, 512), (1280, 400), (100, 80)])
def test_parts_cover_the_picture(width: int, height: int) -> None:
    seen = np.zeros((height, width), bool)
    for x, y, w, h in parts_of(width, height):
        assert min(x, y) >= 0 and x + w <= width and y + h <= height and w == h < max(width, height)
        seen[y : y + h, x : x + w] = True
    assert seen.all()
    assert len(parts_of(width, height)) <= 24


def test_a_banner_has_few_parts_and_a_stamp_none() -> None:
    assert len(parts_of(4000, 100)) <= 18
    assert parts_of(4000, 40) == parts_of(32, 32) == []


def test_a_crop_is_cut_off_at_the_edges_and_none_outside() -> None:
    assert square_around(np.array([300.0, 200.0]), 100, (640, 480)) == (250, 150, 100, 100)
    assert square_around(np.array([10.0, 470.0]), 100, (640, 480)) == (0, 420, 60, 60)
    assert square_around(np.array([-90.0, 200.0]), 100, (640, 480)) is None
    assert square_around(np.array([300.0, 200.0]), 20, (640, 480)) is None
