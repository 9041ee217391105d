"""The digits' page in Chromium: bars follow the hand, the map follows the finger, the pad is kept from view to view."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]
ONE = [(0.5, 0.15), (0.5, 0.85)]
BEST = """() => {
  const bars = [...document.querySelectorAll(".bars.digits .bar:not(.weak) b")];
  return bars.length === 1 ? bars[0].textContent : "";
}"""


INK = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((level, at) => at % 4 === 0 && level > 128).length;
}"""


def draw(page: Page, points: list[tuple[float, float]], *, lift: bool = True) -> None:
    canvas = page.locator(".pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=12)
        if number == 0:
            page.mouse.down()
    if lift:
        page.mouse.up()


def test_bars_follow_while_one_draws_and_the_drawing_is_looked_into(visit: Visit) -> None:
    page = visit("digits")
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    draw(page, SEVEN, lift=False)
    page.wait_for_function(f"({BEST})() === '7'")
    page.mouse.up()
    expect(page.get_by_text("for its 7")).to_be_visible()
    page.locator(".pad .clear").click()
    expect(page.get_by_text("for its 7")).to_have_count(0)
    draw(page, ONE)
    page.wait_for_function(f"({BEST})() === '1'")


def test_the_drawing_is_there_in_the_other_views(visit: Visit) -> None:
    page = visit("digits")
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    draw(page, SEVEN)
    expect(page.get_by_text("for its 7")).to_be_visible()
    page.get_by_role("radio", name="Fool").click()
    expect(page.get_by_text("Yours: 7")).to_be_visible()
    assert page.locator(".pad canvas").evaluate(INK) > 1000, "the drawing still stands on the pad"


def test_the_map_follows_the_finger(visit: Visit) -> None:
    page = visit("digits?view=Make")
    whole, here = page.locator(".digitmap .whole"), page.locator(".digitmap .here")
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    whole.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.digitmap .whole')?.dataset.drawn > 0 || true")
    box = whole.bounding_box()
    assert box
    seen = set()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
        page.wait_for_timeout(80)
        seen.add(here.evaluate("canvas => canvas.toDataURL()"))
    page.mouse.up()
    assert len(seen) == 5


@pytest.mark.parametrize("view", ["Draw", "Shrink", "Make", "Train+one+here"])
def test_each_view_fits_a_phone_and_the_pad_does_not_scroll_it(visit: Visit, view: str) -> None:
    page = visit(f"digits?view={view}", viewport={"width": 375, "height": 667})
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    assert page.locator(".pad canvas").evaluate("canvas => getComputedStyle(canvas).touchAction") == "none"
