"""Links in a real browser: what one sets on a page is what another sees who opens the link."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def link_of(page: Page) -> str:
    page.get_by_role("button", name="Share").click()
    link = page.get_by_role("dialog").locator("code").inner_text()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    return link.partition("://")[2].partition("/")[2]


def temperature(page: Page) -> Locator:
    """Its slider, folded away at first."""
    page.get_by_role("button", name="Temperature and more").click()
    return page.get_by_role("slider", name="Temperature")


def test_a_link_opens_what_another_has_set(visit: Callable[..., Page]) -> None:
    page = visit("textgen")
    page.get_by_role("textbox", name=re.compile("The beginning")).fill("My liege & lord: ")
    page.keyboard.press("Control+Enter")
    slider = temperature(page)
    slider.focus()
    slider.press("Home")
    expect(slider).to_have_value("0")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Letter n-gram").click()
    expect(page).to_have_url(re.compile("temperature=0.*models=|models=.*temperature=0"))
    link = link_of(page)
    assert "My+liege" in link and "My" not in page.url
    other = visit(link)
    expect(other.get_by_role("textbox", name=re.compile("The beginning"))).to_have_value("My liege & lord: ")
    expect(temperature(other)).to_have_value("0")
    other.keyboard.press("Escape")
    for one in (page, other):
        expect(one.get_by_role("button", name="Letter n-gram")).to_have_attribute("aria-pressed", "false")
        expect(one.get_by_role("button", name="Word n-gram")).to_have_attribute("aria-pressed", "true")


def test_starting_over_takes_the_settings_out_of_the_address(visit: Callable[..., Page]) -> None:
    page = visit("ocr?view=Prepare&prepare/turn=90%C2%B0&prepare/grey=true")
    grey = page.get_by_role("switch", name="Grey")
    expect(grey).to_be_checked()
    page.get_by_role("button", name="Start over").click()
    expect(grey).not_to_be_checked()
    expect(page).not_to_have_url(re.compile("grey|turn"))
    page.get_by_role("button", name="Read it like this").wait_for()
    page.reload()
    expect(page.get_by_role("switch", name="Grey")).not_to_be_checked()
