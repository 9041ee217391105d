"""From pictures to text: what is read in them, by the real networks, arranged by the rule that fits best."""

import pytest

from models.ocr.found import find_all
from models.ocr.layout.arrange import arrange_best
from models.ocr.ppocr import PPOCR
from tests.models.ocr.typeset import Page, page

LINES = {
    "a numbered list": page(
        [
            "1. Switch the machine off and unplug it",
            "2. Open the lid and take out the filter",
            "3. Rinse the filter under warm water",
            "4. Let it dry and put it back in place",
        ]
    ),
    "a poem": page(
        [
            "The river sleeps beneath the snow,",
            "it dreams of boats and open seas,",
            "and where the quiet reeds still grow",
            "it hums old songs to naked trees.",
        ],
        face="serif",
    ),
    "YAML on a dark screen": page(
        ["services:", "  web:", "    image: shop/web:1.4", "    depends_on:", "      - db"],
        face="mono",
        ink=(220, 220, 220),
        paper=(30, 30, 30),
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_printed_lines_stay_lines(model: PPOCR, case: str) -> None:
    one: Page = LINES[case]
    text = arrange_best(model.read(one.rgb).boxes).text
    assert [line.strip() for line in text.split("\n")] == list(one.lines)


def test_a_table_keeps_its_empty_cells(model: PPOCR) -> None:
    columns = [
        ["Item", "Apples", "Pears", "Plums", "Figs"],
        ["Qty", "3", "", "12", "1"],
        ["Price", "2.40", "1.10", "", "0.90"],
        ["Note", "", "ripe", "soft", ""],
    ]
    one = page(*columns, leading=1.8, gutter=130)
    assert arrange_best(model.read(one.rgb).boxes).rows == tuple(zip(*columns, strict=True))


def test_a_table_of_contents_loses_its_dots(model: PPOCR) -> None:
    titles = [("1 Introduction", "3"), ("2 Methods", "19"), ("3 Results", "21"), ("4 Discussion", "40")]
    one = page([f"{title} {'. ' * (24 - len(title))}{number}" for title, number in titles])
    assert arrange_best(model.read(one.rgb).boxes).rows == tuple(titles)


def test_links_over_two_lines_are_found_whole(model: PPOCR) -> None:
    one = page(
        [
            "For the full report please go to https://files.example.org/reports/2026/",
            "autumn/final-version_3.pdf or write to service.desk@sub.example-",
            "company.org before the end of the month.",
        ]
    )
    text = arrange_best(model.read(one.rgb).boxes).text
    assert [found.text for found in find_all(text)] == [
        "https://files.example.org/reports/2026/autumn/final-version_3.pdf",
        "service.desk@sub.example-company.org",
    ]
