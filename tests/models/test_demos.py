"""The table of demos: one row per page, and what menu, home page and address need of it."""

import re

import pytest

from models.demos import DEMOS, Demo, demo

rows = pytest.mark.parametrize("row", DEMOS, ids=lambda row: row.name)


@rows
def test_a_row_has_what_the_menu_and_the_home_page_show(row: Demo) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", row.name), "it is an address"
    assert re.fullmatch(r":material/[a-z0-9_]+:", row.icon)
    assert 0 < len(row.title) <= 30
    assert row.line.endswith(".") and len(row.line) <= 120
    assert row.models
    assert len(set(row.models)) == len(row.models)


@rows
def test_a_row_is_found_by_its_name_and_names_its_files(row: Demo) -> None:
    assert demo(row.name) is row
    assert (row.page, row.panels) == (f"pages/{row.name}.py", f"pages/{row.name}.md")


def test_no_two_rows_share_name_title_or_icon() -> None:
    for field in ("name", "title", "icon"):
        assert len({getattr(row, field) for row in DEMOS}) == len(DEMOS)


def test_an_unknown_demo_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        demo("nonesuch")
