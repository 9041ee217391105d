"""Lines joined across a gutter come apart; whole lines stay whole."""

import numpy as np
import pytest

from models.ocr.boxes import TextBox, Word
from models.ocr.lines.gutters import split_at_gutters
from tests.models.ocr.typeset import Page, font, page

LEFT = (
    "The first line stands on the left",
    "and goes on below it as columns do",
    "with a third line of some words here",
)
RIGHT = ("Another column begins beside it", "which has as many lines as the left", "and ends where the other one ends")


def boxes_of(set_page: Page, *joined: int) -> list[TextBox]:
    """The page's lines as boxes with their words, in rows; each of the rows `joined` is one box."""
    parts = [_box(text, polygon) for text, polygon in zip(set_page.lines, set_page.polygons, strict=True)]
    rows = [parts[number :: len(LEFT)] for number in range(len(LEFT))]
    return [box for number, row in enumerate(rows) for box in ([_one(row)] if number in joined else row)]


def _box(text: str, polygon: np.ndarray) -> TextBox:
    left, top = polygon[0]
    _, bottom = polygon[2]
    type_, words, begin = font("sans", 20), [], 0
    for word in text.split():
        begin = text.index(word, begin)
        x0, x1 = left + type_.getlength(text[:begin]), left + type_.getlength(text[: begin + len(word)])
        words.append(Word(word, 0.9, np.float32([[x0, top], [x1, top], [x1, bottom], [x0, bottom]])))
    return TextBox(polygon, text, 0.9, tuple(words))


def _one(row: list[TextBox]) -> TextBox:
    left, right = row[0].polygon, row[-1].polygon
    words = tuple(word for box in row for word in box.words)
    return TextBox(np.stack([left[0], right[1], right[2], left[3]]), " ".join(box.text for box in row), 0.9, words)


@pytest.mark.parametrize("gutter", [14, 24, 60])
@pytest.mark.parametrize("ink, paper", [((0, 0, 0), (255, 255, 255)), ((220, 225, 230), (20, 24, 32))])
def test_a_line_that_runs_across_the_gutter_becomes_two(gutter: int, ink: tuple, paper: tuple) -> None:
    more = page(LEFT * 2, RIGHT * 2, gutter=gutter, ink=ink, paper=paper)
    lines = len(LEFT) * 2
    parts = [_box(text, polygon) for text, polygon in zip(more.lines, more.polygons, strict=True)]
    rows = [parts[number::lines] for number in range(lines)]
    given = [box for number, row in enumerate(rows) for box in ([_one(row)] if number in (0, 3) else row)]
    split = split_at_gutters(more.rgb, given)
    assert [box.text for box in split] == [box.text for row in rows for box in row]
    for box, part in zip(split, (box for row in rows for box in row), strict=True):
        assert np.abs(box.polygon - part.polygon).max() < 14, "each part is as wide as its letters, or nearly"
        assert " ".join(word.text for word in box.words) == box.text


def test_a_heading_over_both_columns_stays_whole() -> None:
    columns = page(LEFT * 2, RIGHT * 2, gutter=24)
    heading = _box(
        "A heading of the same size that runs over both of the columns",
        np.float32([[20, 2], [640, 2], [640, 18], [20, 18]]),
    )
    parts = [_box(text, polygon) for text, polygon in zip(columns.lines, columns.polygons, strict=True)]
    tall = TextBox(heading.polygon * np.float32([1, 2]), heading.text, 0.9, heading.words)
    assert heading in split_at_gutters(columns.rgb, [heading, *parts])
    assert tall in split_at_gutters(columns.rgb, [tall, *parts])


def test_one_column_of_text_stays_as_it_is() -> None:
    text = page([f"{left} {right}" for left, right in zip(LEFT * 2, RIGHT * 2, strict=True)])
    given = [_box(line, polygon) for line, polygon in zip(text.lines, text.polygons, strict=True)]
    assert split_at_gutters(text.rgb, given) == given


@pytest.mark.parametrize("rgb", [np.zeros((1, 1, 3), np.uint8), np.full((50, 900, 3), 255, np.uint8)])
def test_boxes_outside_of_a_small_picture_are_no_error(rgb: np.ndarray) -> None:
    given = boxes_of(page(LEFT, RIGHT, gutter=24), 1)
    assert len(split_at_gutters(rgb, given * 2)) >= len(given)
    assert split_at_gutters(rgb, []) == []
