"""The text generator in a real browser: what needs a mouse, a finger, or a clipboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lab

pytestmark = pytest.mark.browser

VIEWS = ("Write", "Next token", "Surprise", "Guess", "Tokens", "Train", "Attention", "Word cloud")
PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}


def write(page: Page) -> None:
    page.locator(".st-key-write button").click()
    expect(page.get_by_role("button", name="Copy")).to_have_count(4)


def test_no_view_scrolls_sideways_on_a_phone(visit):
    lab.each_fits(visit("textgen", **PHONE), "view", VIEWS)


def test_four_columns_write_side_by_side_at_a_press(visit):
    page = visit("textgen")
    write(page)
    tops = [box["y"] for column in page.locator(".written").all() if (box := column.bounding_box())]
    assert len(tops) == 4 and max(tops) - min(tops) < 5, "in one row on a desktop"
    for column in page.locator(".written").all():
        assert len(column.inner_text()) > 500
    expect(page.locator(".st-key-stop")).to_have_count(0)


def test_copy_puts_the_text_into_the_clipboard(visit):
    page = visit("textgen", permissions=["clipboard-read", "clipboard-write"])
    write(page)
    text = page.locator(".written").first.text_content()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text


def test_slow_motion_grows_before_ones_eyes_and_stop_shows_the_rest(visit):
    page = visit("textgen")
    page.get_by_text("Slow motion").click()
    page.locator(".st-key-write button").click()
    column = page.locator(".written").first
    expect(column.locator(".cursor")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.written').textContent.length > 60")
    early = len(column.text_content())
    page.locator(".st-key-stop button").click()
    expect(page.get_by_role("button", name="Copy")).to_have_count(4)
    assert len(column.text_content()) > early


def test_a_press_on_a_candidate_continues_the_beginning_once_and_undo_takes_it_back(visit):
    page = visit("textgen?view=Next+token")
    prompt = page.get_by_role("textbox", name="The beginning")
    expect(prompt).to_have_value(re.compile("strange, that$"))
    before = prompt.input_value()
    rows = page.get_by_role("group", name="Press one").nth(1).get_by_role("button")
    expect(rows).to_have_count(12)
    piece = rows.first.get_attribute("aria-label").split(":")[0]
    rows.first.click()
    expect(prompt).not_to_have_value(before)
    assert prompt.input_value().startswith(before) and prompt.input_value()[len(before) :].strip() == piece.strip()
    undo = page.locator("button:visible:enabled", has_text="Undo")  # a button with help stands there twice for a moment
    expect(undo).to_have_count(1)
    undo.click()
    expect(prompt).to_have_value(before)


def test_pointing_at_a_token_says_what_it_looks_at(visit):
    page = visit("textgen?view=Attention")
    tokens = page.get_by_role("listbox", name="Tokens").get_by_role("option")
    expect(tokens.nth(3)).to_be_visible()
    tokens.nth(3).hover()
    expect(tokens.nth(3)).to_have_attribute("aria-selected", "true")
    told = page.locator(".says").inner_text()
    tokens.nth(1).hover()
    expect(page.locator(".says")).not_to_have_text(told)
