"""Quarter turns, by hand and where a page says nothing. That whole pages are righted is in test_ppocr.py."""

from collections.abc import Sequence

import numpy as np
import pytest

from models.ocr.lines.crop import crop_line, line_size
from models.ocr.lines.recognition import Letters, LineReader
from models.ocr.lines.upright import ReadLines, first_corner, is_tall, quarter_turns, turned

BOX = np.array([(10, 20), (50, 20), (50, 30), (10, 30)], np.float32)


def read_in(rgb: np.ndarray, reader: LineReader) -> ReadLines:
    def read(polygons: Sequence[np.ndarray]) -> list[Letters]:
        return reader.read([line_size(one) for one in polygons], lambda index: crop_line(rgb, polygons[index]))

    return read


def test_a_box_turns_with_its_picture_and_begins_at_its_top_left() -> None:
    # in a picture 100 wide and 60 high; clockwise its bottom left corner comes to the top left
    (once,) = turned(BOX[None], 1, (60, 100, 3))
    assert once.tolist() == [[30, 10], [40, 10], [40, 50], [30, 50]]
    assert is_tall(once) and not is_tall(BOX)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_four_quarters_are_none(quarters: int) -> None:
    shape = (60, 100) if quarters % 2 == 0 else (100, 60)
    there = turned(BOX[None], quarters, (60, 100))
    assert np.array_equal(turned(there, 4 - quarters, shape)[0], BOX)


def test_the_first_corner_is_where_a_reader_begins() -> None:
    assert first_corner(BOX, 0).tolist() == BOX.tolist()
    assert first_corner(BOX, 2)[0].tolist() == [50, 30]  # upside down it begins at the bottom right
    assert first_corner(BOX, 1)[0].tolist() == [10, 30]  # reading upwards, at the bottom left


def test_nothing_tells_nothing(reader: LineReader) -> None:
    blank = np.full((60, 100, 3), 255, np.uint8)
    assert quarter_turns(np.empty((0, 4, 2), np.float32), read_in(blank, reader)) == 0
    assert quarter_turns(BOX[None], read_in(blank, reader)) == 0
