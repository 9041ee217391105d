"""Quarter turns, by hand and by what a page says. That whole pages are righted is in test_ocr.py."""

from collections.abc import Sequence

import numpy as np
import pytest

from models.ocr.lines.crop import crop_line, line_size
from models.ocr.lines.networks import RECOGNITION, cores, text_recognizer
from models.ocr.lines.recognition import Letters, LineReader
from models.ocr.lines.upright import ReadLines, first_corner, is_tall, quarter_turns, turned
from tests.models.ocr.typeset import page, wrapped

BOX = np.array([(10, 20), (50, 20), (50, 30), (10, 30)], np.float32)


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return LineReader(text_recognizer(RECOGNITION, cores()))


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


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_tells(reader: LineReader, quarters: int) -> None:
    lines = wrapped("The quick brown fox jumps over the lazy dog and runs away into the dark forest.", 300)
    given = page(lines, size=24).turned(quarters)
    upright_corners = np.roll(given.polygons, quarters, axis=1)  # a detector begins at the picture's top left
    assert quarter_turns(upright_corners, read_in(given.rgb, reader)) == (4 - quarters) % 4


def test_nothing_tells_nothing(reader: LineReader) -> None:
    blank = np.full((60, 100, 3), 255, np.uint8)
    assert quarter_turns(np.empty((0, 4, 2), np.float32), read_in(blank, reader)) == 0
    assert quarter_turns(BOX[None], read_in(blank, reader)) == 0
