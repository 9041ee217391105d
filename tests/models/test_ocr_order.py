import random
from collections.abc import Sequence

import pytest

from models.ocr_order import in_reading_order, lines
from models.text_boxes import TextBox
from tests.models.laid_out import LETTER, PITCH, box, column, table, tilted, wrapped

PROSE = (
    "The committee met in the old town hall to hear what the engineers had found. Nobody spoke for a while, because "
    "the drawings showed a crack that ran from the tower down to the river. Åsa asked how much it would cost, and "
    "the answer, 40 000 €, was repeated by everyone who sat in the back rows. It took until midnight to agree that "
    "the bridge should be closed, and that a ferry was to carry people across until the spring flood had passed. "
    "Some of the older members remembered an earlier winter when the ice had done the same work free of charge."
)


def shuffled(boxes: Sequence[TextBox], seed: int = 0) -> list[TextBox]:
    found = list(boxes)
    random.Random(seed).shuffle(found)
    return found


def texts(boxes: Sequence[TextBox]) -> list[str]:
    return [one.text for one in boxes]


def ragged(width: int, count: int, start: int = 0) -> list[str]:
    """Lines of prose, no two columns of which begin at the same word."""
    words = PROSE.split()
    return wrapped(" ".join(words[start:] + words + words), width)[:count]


def columns_page(
    counts: Sequence[int], width: int = 32, gutter: int = 3, heading: str = "", footer: str = "", offset: float = 0
) -> list[TextBox]:
    """Columns of `counts` lines of `width` letters, `gutter` letters apart; every second one lower by `offset`."""
    step = (width + gutter) * LETTER
    across = step * len(counts) - gutter * LETTER
    boxes, top = [], 40.0
    if heading:
        boxes.append(box(heading, 40 + (across - len(heading) * 15) / 2, top, height=30))
        top += 50
    for k, count in enumerate(counts):
        boxes += column(ragged(width, count, 7 * k), 40 + k * step, top + offset * (k % 2))
    if footer:
        bottom = top + max(counts) * PITCH + 2 * PITCH
        boxes.append(box(footer, 40 + (across - len(footer) * LETTER) / 2, bottom))
    return boxes


COLUMNS = {
    "two": columns_page([12, 12]),
    "two, off the grid": columns_page([12, 12], offset=11),
    "two, the second shorter": columns_page([20, 6]),
    "two, the first shorter": columns_page([5, 18]),
    "two short ones": columns_page([4, 4]),
    "two, narrow gap": columns_page([14, 14], gutter=2),
    "two, heading and footer": columns_page([12, 11], heading="A Bridge Is Closed until the Spring", footer="– 12 –"),
    "two, long heading close above": columns_page([9, 9], heading="A Bridge Is Closed until the Spring, and a Ferry"),
    "three": columns_page([10, 10, 10], width=24),
    "three of unequal lengths": columns_page([10, 16, 5], width=24),
    "three, off the grid, heading and footer": columns_page(
        [14, 12, 13], width=22, heading="A Bridge Is Closed", footer="page 3 of 8", offset=9
    ),
    "four": columns_page([15, 15, 14, 9], width=20),
}


@pytest.mark.parametrize("angle", [-2, 0, 1, 2])
@pytest.mark.parametrize("case", COLUMNS)
def test_columns_are_read_one_after_the_other(case: str, angle: float) -> None:
    page = COLUMNS[case]
    assert texts(in_reading_order(shuffled(tilted(page, angle)))) == texts(page)


@pytest.mark.parametrize("seed", range(5))
def test_columns_with_jittered_boxes(seed: int) -> None:
    rng = random.Random(seed)
    page = [
        box(one.text, left + rng.uniform(-4, 4), top + rng.uniform(-2, 2), height=20 + rng.uniform(0, 4), letter=LETTER)
        for one in columns_page([13, 12, 8], width=26)
        for left, top, *_ in [one.xyxy]
    ]
    assert texts(in_reading_order(shuffled(page, seed))) == texts(page)


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
    words = [
        "הוועדה",
        "נפגשה",
        "בבית",
        "העירייה",
        "הישן",
        "כדי",
        "לשמוע",
        "מה",
        "מצאו",
        "המהנדסים",
        "ואיש",
        "לא",
        "דיבר",
        "זמן",
        "רב",
        "כי",
        "השרטוטים",
        "הראו",
        "סדק",
        "גדול",
    ]
    rows = [" ".join(words[k : k + 6]) for k in range(12)]
    right = [box(row, 420 + 350 - LETTER * len(row), 40 + 28 * k) for k, row in enumerate(rows[:6])]
    left = [box(row, 40 + 350 - LETTER * len(row), 40 + 28 * k) for k, row in enumerate(rows[6:])]
    assert texts(in_reading_order(shuffled(right + left))) == texts(right + left)


CELLS = [
    ["Item", "Qty", "Price"],
    ["Copper wire, 2 mm", "3", "14.50"],
    ["Solder", "1", "8.90"],
    ["Heat-shrink tube, black", "12", "3.00"],
    ["Pliers", "1", "22.00"],
]


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


def test_a_receipt_is_read_line_by_line() -> None:
    page = [
        box("CORNER SHOP", 150, 40),
        *table([["Bread, whole grain", "3.20"], ["Milk 1 l", "1.15"], ["Cheese", "7.80"]], [40, 440], 80, align="lr"),
        *table([["TOTAL EUR", "12.15"]], [40, 440], 200, align="lr"),
        box("Thank you, come again!", 100, 260),
    ]
    assert texts(in_reading_order(shuffled(page))) == texts(page)
    assert [len(line) for line in lines(page)] == [1, 2, 2, 2, 2, 1]


def test_one_line_found_in_parts_stays_one_line() -> None:
    parts = [box("Nobody spoke", 40, 40), box("for a while, because", 170, 42), box("the", 380, 39)]
    more = column(ragged(40, 6), y=40 + PITCH)
    assert texts(in_reading_order(shuffled(parts + more))) == texts(parts + more)
    assert lines(parts + more)[0] == [0, 1, 2]


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


def test_lines_are_indices_into_what_was_given() -> None:
    page = shuffled(columns_page([6, 6], heading="A Bridge Is Closed until the Spring, and"))
    found = lines(page)
    assert sorted(i for line in found for i in line) == list(range(len(page)))
    assert [page[i].text for line in found for i in line] == texts(in_reading_order(page))


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_of_a_page_that_lies_turned(quarters: int) -> None:
    page = COLUMNS["two, heading and footer"]
    assert texts(in_reading_order(shuffled(tilted(page, 90 * quarters)))) == texts(page)


def test_nothing_and_one() -> None:
    assert in_reading_order([]) == [] and lines([]) == []
    assert lines([box("alone", 3, 4)]) == [[0]]


def test_boxes_without_area_and_boxes_upon_each_other() -> None:
    flat = [box("flat", 40, 40, height=0), box("point", 40, 40, letter=1e-9, height=0)]
    heap = [box(f"heap {k}", 40 + k, 40 + k % 3) for k in range(30)]
    assert sorted(texts(in_reading_order(flat + heap))) == sorted(texts(flat + heap))
