"""The playground in Chromium: it learns before one's eyes, points are put there by a press, what ended says so."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def epoch(page: Page) -> int:
    found = re.search(r"Epoch (\d+)", page.locator(".playground-said").inner_text())
    return int(found[1]) if found else 0


def until_epoch(page: Page, least: int) -> None:
    for _ in range(200):
        if epoch(page) >= least:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"it stands at epoch {epoch(page)}")


def test_one_press_and_it_learns_before_ones_eyes_and_pauses(visit: Visit) -> None:
    page = visit("playground?pace=30")
    expect(page.locator(".playground-said")).to_contain_text("Press Run")
    page.get_by_role("button", name="Run").click()
    until_epoch(page, 40)
    assert page.locator(".playground-net").is_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    at = epoch(page)
    page.wait_for_timeout(1000)
    assert epoch(page) <= at + 3
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".playground-said")).to_contain_text("Epoch 0")


def test_points_are_put_there_by_a_press_and_taken_back(visit: Visit) -> None:
    page = visit("playground?points=own+points&pace=30")
    plane = page.locator(".playground-plane canvas")
    box = plane.bounding_box()
    assert box
    for label, x in (("A", 0.25), ("B", 0.75)):
        page.locator(".playground-classes").get_by_role("button", name=label).click()
        for y in (0.3, 0.4, 0.5, 0.6, 0.7):
            plane.click(position={"x": x * box["width"], "y": y * box["height"]})
            page.wait_for_timeout(60)
    page.locator(".playground-classes").get_by_role("button", name="Undo").click()
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Run").click()
    until_epoch(page, 10)
    expect(page.locator(".playground-said")).to_contain_text("held out")


def test_what_diverges_says_what_to_change_and_run_comes_back(visit: Visit) -> None:
    page = visit("playground?pace=60")
    page.get_by_role("button", name="Too fast").click()
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".playground-said.problem")).to_contain_text("smaller learning rate")
    assert "NaN" not in page.content()
    expect(page.get_by_role("button", name="Run")).to_be_visible()


@pytest.mark.parametrize("view", ["One+unit", "Rate+and+chance", "Classics"])
def test_each_view_opens_on_a_phone(visit: Visit, view: str) -> None:
    page = visit(f"playground?view={view}", viewport={"width": 375, "height": 667})
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
