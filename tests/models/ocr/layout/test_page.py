import numpy as np
import pytest

from models.ocr.layout.page import Page, goes_left, straightened
from tests.models.ocr.layout.laid_out import PROSE, box, column, shuffled, tilted, wrapped

TEXT = wrapped(PROSE, 50)


@pytest.mark.parametrize("angle", [-3, -0.5, 0, 2, 90, 180])
def test_the_slant_is_taken_out(angle: float) -> None:
    page = Page(tilted(column(TEXT), angle))
    assert np.ptp(page.left) < 0.1 and np.allclose(page.height, 20, atol=0.1)
    assert [page.texts[i] for row in page.rows for i in row] == TEXT


def test_most_of_the_text_says_what_is_level() -> None:
    page = Page([*column(TEXT), *tilted([box("a stamp set askew", 300, 400)], 25)])
    assert np.ptp(page.left[[i for i in range(len(page)) if page.texts[i] in TEXT]]) < 0.1


def test_nothing_and_points_stay_where_they_are() -> None:
    for polygons in (np.zeros((0, 4, 2)), np.zeros((3, 4, 2))):
        assert (straightened(polygons) == polygons).all()


def test_boxes_are_numbered_by_place_and_know_their_origins() -> None:
    boxes = shuffled([*column(TEXT), box("  ", 0, 0)])
    page = Page(boxes)
    assert page.texts == TEXT
    assert [boxes[i].text for i in page.origins] == TEXT


def test_a_line_that_rises_along_a_curl_is_one_row() -> None:
    parts = [box("word", 40 + 60 * k, 40 + 4 * k) for k in range(8)]  # 28 px over the line, more than a line's pitch
    below = [box("next", 40 + 60 * k, 68 + 4 * k) for k in range(8)]
    assert [len(row) for row in Page(parts + below).rows] == [8, 8]


def test_a_drop_capital_takes_no_line_with_it() -> None:
    page = Page([box("T", 10, 40, height=76), *column(["he committee met", "in the old town", "hall to hear"], x=60)])
    assert sorted(len(row) for row in page.rows) == [1, 1, 1, 1]


def test_letters_say_from_which_side_a_line_is_read() -> None:
    assert goes_left(["שלום 12", "abc"]) and not goes_left(["hello", "של"]) and not goes_left(["12", "—"])
    page = Page([box("שלום", 300, 40), box("עולם", 250, 40)])
    assert page.line(page.rows[0]).text == "שלום עולם"
