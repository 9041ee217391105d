"""The table of demos: one row per page, and what menu, home page and address need of it."""

import re

import pytest

from models.demos import DEMOS, SECTIONS, Demo, demo, sections

rows = pytest.mark.parametrize("row", DEMOS, ids=lambda row: row.name)


@rows
def test_a_row_has_what_the_menu_and_the_home_page_show(row: Demo) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", row.name), "it is an address"
    assert re.fullmatch(r":material/[a-z0-9_]+:", row.icon)
    assert 0 < len(row.title) <= 30
    assert row.line.endswith(".") and len(row.line) <= 120
    assert row.section in SECTIONS
    assert len(set(row.models)) == len(row.models)


@rows
def test_a_row_is_found_by_its_name_and_names_its_files(row: Demo) -> None:
    assert demo(row.name) is row
    assert (row.page, row.panels) == (f"pages/{row.name}.py", f"pages/{row.name}.md")
    assert row.picture == f"assets/home/{row.name}.svg"


def test_sections_hold_each_row_once_in_their_order_and_none_is_empty() -> None:
    assert list(sections()) == [section for section in SECTIONS if section in {row.section for row in DEMOS}]
    assert sorted(row.name for rows in sections().values() for row in rows) == sorted(row.name for row in DEMOS)
    assert all(row.section == section for section, rows in sections().items() for row in rows)


def test_no_two_rows_share_name_title_or_icon() -> None:
    for field in ("name", "title", "icon"):
        assert len({getattr(row, field) for row in DEMOS}) == len(DEMOS)


def test_an_unknown_demo_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        demo("nonesuch")
