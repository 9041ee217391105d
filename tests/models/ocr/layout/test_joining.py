from itertools import pairwise

import pytest

from models.ocr.layout.arrange import arrange
from tests.models.ocr.layout.laid_out import PITCH, box

HYPHENS = [
    (("The engi-", "neers spoke"), "The engineers spoke"),
    (("the “engi-", "neers” spoke"), "the “engineers” spoke"),
    (("soft hy\u00ad", "phens too"), "soft hyphens too"),
    (("typeset hy\u2010", "phens too"), "typeset hyphens too"),
    (("über Stra-", "ßen und"), "über Straßen und"),
    (("by e-", "mail or"), "by e-mail or"),
    (("with COVID-", "19 and"), "with COVID-19 and"),
    (("with Anne-", "Marie and"), "with Anne-Marie and"),
    (("a self-", "made man"), "a self-made man"),
    (("the four-year-", "old boy"), "the four-year-old boy"),
    (("Vor- und Nach-", "teile"), "Vor- und Nachteile"),
    (("die Vor-", "und Nachteile"), "die Vor- und Nachteile"),
    (("before – ", "after"), "before – after"),
    (("the theme—", "children"), "the theme—children"),
    (("a range of 5 -", "maybe 6"), "a range of 5 - maybe 6"),
    (("a tight-", "rope and a tight-rope"), "a tight-rope and a tight-rope"),
]


@pytest.mark.parametrize("mode", ["Paragraphs", "One line"])
@pytest.mark.parametrize(("lines", "expected"), HYPHENS, ids=[expected for _, expected in HYPHENS])
def test_hyphens_at_line_ends(lines: tuple[str, str], expected: str, mode: str) -> None:
    page = [box(line.strip(), 40, 40 + PITCH * k) for k, line in enumerate(lines)]
    assert arrange(page, mode).text == expected


def test_a_range_of_numbers_gets_no_space() -> None:
    assert arrange([box("pages 12-", 40, 40), box("14 of", 40, 68)], "One line").text == "pages 12-14 of"


def test_both_halves_of_a_mended_word_know_their_boxes() -> None:
    pieces = arrange([box("The engi-", 40, 40), box("neers spoke", 40, 68)], "Paragraphs").pieces
    halves = [(a.text + b.text, a.box, b.box) for a, b in pairwise(pieces) if a.box is not None and b.box is not None]
    assert halves == [("engineers", 0, 1)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["图书馆每天早上九点开门，", "晚上八点关门。"], "图书馆每天早上九点开门，晚上八点关门。"),
        (["東京タワーは", "高い。"], "東京タワーは高い。"),
        (["ห้องสมุดเปิด", "ทุกวัน"], "ห้องสมุดเปิดทุกวัน"),
        (["도서관은 매일", "아홉 시에"], "도서관은 매일 아홉 시에"),
        (["使用 Python", "编写程序"], "使用 Python 编写程序"),
    ],
)
def test_spaces_only_where_the_script_has_them(rows: list[str], expected: str) -> None:
    page = [box(row, 40, 40 + PITCH * k, letter=20) for k, row in enumerate(rows)]
    assert arrange(page, "One line").text == expected
