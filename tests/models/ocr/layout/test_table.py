import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from models.ocr.layout.arrange import arrange, arrange_best
from models.ocr.layout.table import to_csv, to_markdown, to_tsv
from tests.models.ocr.layout.laid_out import CELLS, box, shuffled, table, tilted

TABLES: dict[str, tuple[list[list[str]], list[float], str]] = {
    "left": (CELLS, [40, 340, 460], "lll"),
    "left and right": (CELLS, [40, 400, 520], "lrr"),
    "centred": (CELLS, [200, 400, 520], "ccc"),
    "empty cells": (
        [
            ["Town", "March", "April", "May"],
            ["Västerås", "4", "", "12"],
            ["Umeå", "", "3", ""],
            ["", "1", "2", "3"],
            ["Åre ski resort", "-6", "", "5"],
        ],
        [40, 300, 400, 500],
        "lrrr",
    ),
    "several words": (
        [
            ["First name", "Born in"],
            ["Anna Maria Berg", "New York City"],
            ["Bo Ek", "Åre"],
            ["Eva", "Rio de Janeiro"],
        ],
        [40, 260],
        "ll",
    ),
}


@pytest.mark.parametrize("angle", [-2, 0, 2])
@pytest.mark.parametrize("case", TABLES)
def test_cells_stand_in_their_rows_and_columns(case: str, angle: float) -> None:
    rows, xs, align = TABLES[case]
    page = shuffled(tilted(table(rows, xs, align=align), angle))
    arranged = arrange(page, "Table")
    assert [list(row) for row in arranged.rows] == rows
    assert arranged.text == to_tsv(rows)
    assert arrange_best(page).mode == "Table"


HOLES = {
    "here and there": [
        ["Item", "Qty", "Price", "Note"],
        ["Apples", "3", "2.40", ""],
        ["Pears", "", "1.10", "ripe"],
        ["Plums", "12", "", "soft"],
        ["Figs", "1", "0.90", ""],
        ["Total", "16", "4.40", ""],
    ],
    "rows with a name alone": [
        ["Item", "Due", "Note"],
        ["Copper wire", "", ""],
        ["Solder", "2026-04-09", ""],
        ["Pliers", "", ""],
        ["Old maps", "2026-03-20", "ripe"],
        ["Glue", "", ""],
        ["Figs", "", "soft"],
    ],
    "the first column": [
        ["Day", "Item", "Qty", "Note"],
        ["Monday", "soap", "2", "soft"],
        ["", "glue", "1", "late"],
        ["", "paint", "7", "sold out"],
        ["Friday", "maps", "1", ""],
        ["", "wire", "3", ""],
    ],
}


@pytest.mark.parametrize("xs", [[40, 200, 330, 430], [40, 310, 510, 710]], ids=["close", "far apart"])
@pytest.mark.parametrize("case", HOLES)
def test_empty_cells_keep_their_places(case: str, xs: list[float]) -> None:
    rows = HOLES[case]
    # Corners come in whole pixels, which makes short words seem slanted: all of these by one.
    slip = np.array([[0, 0], [0, -1], [0, -1], [0, 0]], np.float32)
    page = [replace(one, polygon=one.polygon + slip) for one in table(rows, xs[: len(rows[0])], pitch=36)]
    assert [list(row) for row in arrange_best(shuffled(page)).rows] == rows


def test_a_cell_found_in_parts_is_one_cell() -> None:
    page = [
        *table(CELLS, [40, 400, 520], align="lrr"),
        box("Wire", 40, 300),
        box("cutters", 88, 301),
        box("1", 390, 300),
    ]
    assert arrange(page, "Table").rows[-1] == ("Wire cutters", "1", "")


def test_a_title_over_the_table_takes_one_cell() -> None:
    page = [box("What the workshop still needs by March", 60, 0), *table(CELLS, [40, 400, 520], align="lrr")]
    rows = arrange(page, "Table").rows
    assert rows[0] == ("What the workshop still needs by March", "", "") and [list(row) for row in rows[1:]] == CELLS


def test_a_heading_over_two_columns_does_not_join_them() -> None:
    rows = [["North", "14", "15"], ["South", "24", "25"], ["East", "34", "35"], ["West", "44", "45"], ["Mid", "5", "6"]]
    page = [box("Area", 40, 0), box("Visitors, both years", 220, 0), *table(rows, [40, 240, 380])]
    assert [list(row) for row in arrange(page, "Table").rows[1:]] == rows


def test_a_single_column_is_a_table_of_one() -> None:
    assert arrange([box("one", 40, 40), box("two", 40, 68)], "Table").rows == (("one",), ("two",))


AWKWARD = [["a, b", 'the "best"', '24"'], ["1|2", "*x_y*", "<b>"], ["", "åäö €", "back\\slash"]]


def test_a_scanned_formula_stays_text() -> None:
    rows = [["Item", "=HYPERLINK(A1)"], ["@x", "-5.20"]]
    assert list(csv.reader(io.StringIO(to_csv(rows)))) == [["Item", "'=HYPERLINK(A1)"], ["'@x", "-5.20"]]
    assert to_tsv(rows) == "Item\t'=HYPERLINK(A1)\n'@x\t-5.20"


def test_csv_comes_back_as_it_was() -> None:
    assert list(csv.reader(io.StringIO(to_csv(AWKWARD), newline=""))) == AWKWARD
    assert to_csv([["a, b", 'c"']]) == '"a, b","c"""\r\n'


def test_tsv_quotes_nothing_and_keeps_its_columns() -> None:
    assert to_tsv(AWKWARD) == 'a, b\tthe "best"\t24"\n1|2\t*x_y*\t<b>\n\tåäö €\tback\\slash'
    assert to_tsv([["tab\tin", "line\nend"]]) == "tab in\tline end"


def test_markdown_escapes_what_it_would_act_on() -> None:
    assert to_markdown(AWKWARD).split("\n") == [
        '| a, b | the "best" | 24" |',
        "| --- | --- | --- |",
        r"| 1\|2 | \*x\_y\* | \<b> |",
        r"|  | åäö € | back\\slash |",
    ]


def test_no_rows() -> None:
    assert to_tsv([]) == to_csv([]) == to_markdown([]) == ""
