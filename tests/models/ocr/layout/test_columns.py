import random

import pytest

from models.ocr.layout.order import in_reading_order
from tests.models.ocr.layout.laid_out import (
    COLUMNS,
    HEBREW,
    LETTER,
    PITCH,
    box,
    column,
    columns_page,
    ragged,
    shuffled,
    texts,
    tilted,
)


@pytest.mark.parametrize("angle", [-2, 0, 1, 2])
@pytest.mark.parametrize("case", COLUMNS)
def test_columns_are_read_one_after_the_other(case: str, angle: float) -> None:
    page = COLUMNS[case]
    assert texts(in_reading_order(shuffled(tilted(page, angle)))) == texts(page)


def test_a_picture_within_a_column() -> None:
    text = ragged(30, 24)
    left = column(text[:4]) + column(text[4:10], y=40 + 12 * PITCH)
    right = column(text[10:], x=40 + 34 * LETTER)
    assert texts(in_reading_order(shuffled(left + right))) == text


def test_text_that_runs_around_a_picture() -> None:
    left = column([*ragged(36, 5), *ragged(20, 8, 9), *ragged(36, 5, 30)])
    right = column(ragged(34, 18, 3), x=40 + 40 * LETTER)
    assert texts(in_reading_order(shuffled(left + right))) == texts(left + right)


def test_a_caption_set_into_the_gap_does_not_end_the_columns() -> None:
    left = column([*ragged(30, 6), *ragged(20, 4, 9), *ragged(30, 6, 30)])
    right = column([*ragged(30, 6, 5), *[" " * 10 + line for line in ragged(20, 4, 3)], *ragged(30, 6, 2)], x=370)
    caption = column(["The bridge,", "last winter", "by night"], x=300, y=40 + 6.5 * PITCH)
    order = texts(in_reading_order(shuffled(left + right + caption)))
    assert [text for text in order if text not in texts(caption)] == texts(left + right)
    assert "\n".join(texts(caption)) in "\n".join(order)


def test_headings_across_the_columns_part_the_page() -> None:
    upper, lower = columns_page([6, 6]), columns_page([7, 5], gutter=3)
    heading = box("The second half of the story, across both columns", 60, 40 + 6 * PITCH)
    lower = [box(one.text, one.xyxy[0], one.xyxy[1] + 7 * PITCH) for one in lower]
    page = [*upper, heading, *lower]
    assert texts(in_reading_order(shuffled(page))) == texts(page)


def test_running_heads_come_before_and_page_numbers_after() -> None:
    body = columns_page([12, 12])
    head = [box("The Evening Paper", 40, -40), box("7", 40 + 66 * LETTER, -40)]
    foot = [box("19 March", 40, 40 + 15 * PITCH)]
    assert texts(in_reading_order(shuffled(body + head + foot))) == texts(head + body + foot)


def test_headings_of_the_columns_stay_with_them() -> None:
    left = column(["Summary", "", "", *ragged(30, 9)])
    right = column(["Introduction", "", "", *ragged(30, 9, 11)], x=40 + 34 * LETTER)
    assert texts(in_reading_order(shuffled(left + right))) == texts(left + right)


def test_paragraphs_that_leave_a_common_gap_do_not_end_the_columns() -> None:
    left = column([*ragged(30, 5), "", *ragged(30, 5, 20)])
    right = column([*ragged(30, 5, 4), "", *ragged(30, 5, 30)], x=40 + 33 * LETTER)
    assert texts(in_reading_order(shuffled(left + right))) == texts(left + right)


def test_columns_of_a_script_without_spaces() -> None:
    text = "图书馆每天早上九点开门晚上八点关门读者可以借十本书期限为一个月逾期每天罚款一角请爱护图书不要在书上写字"
    rows = [text[k : k + 12] for k in range(0, 48, 4)]
    page = [box(row, x, 40 + 28 * k, letter=20) for x in (40, 330) for k, row in enumerate(rows)]
    for one, mark in zip(page, range(24), strict=True):
        object.__setattr__(one, "text", one.text + str(mark))  # tells the columns apart
    assert texts(in_reading_order(shuffled(page))) == texts(page)


def test_columns_of_a_script_read_from_the_right() -> None:
    words = HEBREW.split()
    rows = [" ".join(words[k : k + 6]) for k in range(12)]
    right = [box(row, 420 + 350 - LETTER * len(row), 40 + 28 * k) for k, row in enumerate(rows[:6])]
    left = [box(row, 40 + 350 - LETTER * len(row), 40 + 28 * k) for k, row in enumerate(rows[6:])]
    assert texts(in_reading_order(shuffled(right + left))) == texts(right + left)


@pytest.mark.parametrize("seed", range(150))
def test_columns_of_any_number_width_and_length(seed: int) -> None:
    rng = random.Random(seed)
    page = [
        box(one.text, left + rng.uniform(-2, 2), top + rng.uniform(-2, 2), height=one.height, letter=one.height / 2)
        for one in columns_page(
            [rng.randint(3, 30) for _ in range(rng.randint(2, 4))],
            width=rng.randint(18, 45),
            gutter=rng.randint(2, 6),
            heading=rng.choice(["", "A Bridge Is Closed until the Spring"]),
            footer=rng.choice(["", "– 12 –"]),
            offset=rng.choice([0, 5, 9, 14]),
        )
        for left, top, *_ in [one.xyxy]
    ]
    assert texts(in_reading_order(shuffled(tilted(page, rng.uniform(-2, 2)), seed))) == texts(page)
