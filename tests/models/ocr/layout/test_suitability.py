from collections.abc import Sequence

import pytest

from models.ocr.layout.arrange import MODES, arrange, arrange_best
from models.ocr.layout.page import Page
from models.ocr.layout.suitability import fit
from tests.models.ocr.layout.laid_out import BRACES, PAGES, box, column, shuffled


@pytest.mark.parametrize(
    ("case", "mode"),
    [
        ("a letter", "Paragraphs"),
        ("a letter, tilted", "Paragraphs"),
        ("two, heading and footer", "Paragraphs"),
        ("two", "Paragraphs"),
        ("three of unequal lengths", "Paragraphs"),
        ("a receipt", "As it is"),
        ("a table", "Table"),
        ("a program", "Code"),
        ("a line", "One line"),
        ("nothing", "As it is"),
    ],
)
def test_takes_what_fits(case: str, mode: str) -> None:
    page = PAGES[case]
    assert arrange_best(page).mode == mode
    assert arrange_best(page) == arrange(page, mode)


@pytest.mark.parametrize(
    ("rows", "mode"),
    [
        (BRACES, "Code"),
        (['<ul class="menu">', "  <li>Home</li>", "  <li>News</li>", "</ul>"], "Code"),
        (["{", '  "name": "limelight",', '  "private": true', "}"], "Code"),
        (["$ git status", "$ git commit -m 'Fix'", "$ git push origin main"], "As it is"),
        (["Anna Berg", "Storgatan 7", "123 45 Västerås", "Sweden"], "As it is"),
        (["Arial", "Times New Roman", "Georgia", "Segoe", "Rockwell Condensed", "Courier New"], "As it is"),
        (["Name: Anna Berg", "Date: 19 March 2024", "Place: Västerås", "Phone: 021-123 45"], "As it is"),
        (["OPEN", "DAILY"], "As it is"),
    ],
)
def test_lines(rows: Sequence[str], mode: str) -> None:
    assert arrange_best(column(rows)).mode == mode


@pytest.mark.parametrize("case", PAGES)
def test_every_mode_has_a_share_of_one(case: str) -> None:
    found = fit(Page(shuffled(PAGES[case])))
    assert tuple(found) == MODES and all(0 <= share <= 1 for share in found.values())


def test_one_line_found_in_parts_is_one_line() -> None:
    assert arrange_best([box("Nobody", 40, 40), box("spoke", 120, 41)]).text == "Nobody spoke"
