"""Sizes, parts and pixels of lines, by cases small enough to check by hand."""

import numpy as np
import pytest

from models.ocr.lines.crop import crop_line, line_size, part_of

LINE = np.array([(100, 50), (200, 50), (200, 70), (100, 70)], np.float32)  # 100 wide, 20 high


def ends(polygon: np.ndarray) -> tuple[float, float]:
    return float(polygon[0, 0]), float(polygon[1, 0])


def test_a_crop_stands_upright_as_its_first_corner_says() -> None:
    rgb = np.zeros((60, 60, 3), np.uint8)
    rgb[10:30, 40:50] = 200
    rgb[10:15, 40:50] = 90  # one end of a line that stands on end
    downwards = np.array([(50, 10), (50, 30), (40, 30), (40, 10)], np.float32)
    upwards = np.roll(downwards, 2, axis=0)
    for polygon, first, last in ((downwards, 90, 200), (upwards, 200, 90)):
        line = crop_line(rgb, polygon)
        assert line.shape == (10, 20, 3)
        assert abs(int(line[5, 2, 0]) - first) < 10 and abs(int(line[5, 17, 0]) - last) < 10


def test_part_of_a_line() -> None:
    assert ends(part_of(LINE, 0.25, 0.5)) == (125, 150)
    assert ends(part_of(LINE, -0.1, 1.1)) == pytest.approx((90, 210))
    assert line_size(LINE) == (100, 20)
