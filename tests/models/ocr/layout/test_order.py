import pytest

from models.ocr.layout.order import in_reading_order
from tests.models.ocr.layout.laid_out import (
    CELLS,
    COLUMNS,
    LETTER,
    PITCH,
    box,
    column,
    columns_page,
    ragged,
    shuffled,
    table,
    texts,
    tilted,
)


@pytest.mark.parametrize("angle", [-2, 0, 2])
def test_a_table_is_read_row_by_row(angle: float) -> None:
    page = table(CELLS, [40, 340, 460], align="lrr")
    assert texts(in_reading_order(shuffled(tilted(page, angle)))) == texts(page)


def test_a_table_under_columns_is_still_read_row_by_row() -> None:
    body = columns_page([8, 8])
    cells = table(CELLS, [40, 480, 640], y=40 + 10 * PITCH, align="lrr")
    assert texts(in_reading_order(shuffled(body + cells))) == texts(body + cells)


def test_a_table_of_descriptions_is_read_row_by_row() -> None:
    terms = ["Crack", "Ferry", "Ice", "Flood", "Tower"]
    meanings = [
        "A line along which stone gives",
        "A boat for people and goods",
        "Water below zero",
        "Water above",
        "It",
    ]
    page = table(list(zip(terms, meanings, strict=True)), [40, 200])
    assert texts(in_reading_order(shuffled(page))) == texts(page)


def test_one_line_found_in_parts_stays_one_line() -> None:
    parts = [box("Nobody spoke", 40, 40), box("for a while, because", 170, 42), box("the", 380, 39)]
    more = column(ragged(40, 6), y=40 + PITCH)
    assert texts(in_reading_order(shuffled(parts + more))) == texts(parts + more)


def test_prose_found_in_parts_is_not_taken_for_columns() -> None:
    rows = [line.split() for line in ragged(50, 10)]
    page = []
    for k, row in enumerate(rows):
        half, x = 2 + k % 4, 40.0
        for part in (" ".join(row[:half]), " ".join(row[half:])):
            page.append(box(part, x, 40 + PITCH * k))
            x += LETTER * (len(part) + 1)
    assert texts(in_reading_order(shuffled(page))) == texts(page)


def test_a_stamp_along_the_margin_comes_last() -> None:
    body = column(ragged(50, 10), x=80)
    stamp = tilted([box("Received 19 March", -300, 20)], -90)
    assert texts(in_reading_order([*stamp, *body]))[-1] == "Received 19 March"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_of_a_page_that_lies_turned(quarters: int) -> None:
    page = COLUMNS["two, heading and footer"]
    assert texts(in_reading_order(shuffled(tilted(page, 90 * quarters)))) == texts(page)


def test_nothing_and_one() -> None:
    alone = box("alone", 3, 4)
    assert in_reading_order([]) == [] and in_reading_order([alone]) == [alone]
