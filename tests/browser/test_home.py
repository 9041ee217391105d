"""The home page in a real browser: what is in sight, equal cards in the order of the menu, one press to a demo."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from models.demos import SECTIONS, sections
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

pytestmark = pytest.mark.browser

DEMOS = [demo for demos in sections().values() for demo in demos]
SIZES = {"laptop": (1280, 800), "phone": (375, 667), "projector": (1920, 1080)}


@pytest.fixture(scope="module")
def server(chromium_required: None) -> Iterator[Server]:
    with Server(TARGETS["app"], {"LIMELIGHT_PUBLIC_URL": "http://room.example:8501"}) as server:
        yield server
        assert server.log_errors() == 0, server.log()[-3000:]


def cards(page: Page) -> Locator:
    return page.locator("[class*='st-key-card-']")


def test_a_press_on_a_card_starts_its_demo(visit: Callable[..., Page]) -> None:
    page = visit()
    lab.at_rest(page)  # a card's picture may be there a moment before its link
    for demo in DEMOS:
        page.locator(f".st-key-card-{demo.name}").click(position={"x": 40, "y": 40})  # its picture
        expect(page.get_by_role("heading", name=demo.title, level=1)).to_be_visible()
        expect(page).to_have_url(re.compile(f"/{demo.name}$"))
        lab.at_rest(page)
        page.get_by_test_id("stSidebarNavLink").first.click()
        expect(page.get_by_role("heading", name="Limelight")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_code_and_test_are_in_sight_and_cards_are_equal(visit: Callable[..., Page], size: str) -> None:
    width, height = SIZES[size]
    page = visit(viewport={"width": width, "height": height})
    lab.fits(page)
    for shown in (page.locator("img.qr"), page.get_by_role("link", name="Test my connection"), cards(page).first):
        expect(shown).to_be_in_viewport(ratio=1)
    boxes = [card.bounding_box() for card in cards(page).all()]
    widths = [box["width"] for box in boxes]
    assert len(boxes) == len(DEMOS) and max(widths) - min(widths) < 1
    in_row = {round(box["y"]): [other["height"] for other in boxes if abs(other["y"] - box["y"]) < 2] for box in boxes}
    assert all(max(heights) - min(heights) < 1 for heights in in_row.values())
    if size != "phone":
        first = sum(demo.section == SECTIONS[0] for demo in DEMOS)
        assert max(box["y"] + box["height"] for box in boxes[:first]) < height, "the first section is in sight"


def test_the_keyboard_goes_from_card_to_card_in_the_order_of_the_menu(visit: Callable[..., Page]) -> None:
    page = visit()
    lab.at_rest(page)
    page.get_by_role("button", name="Show it large").focus()
    for demo in DEMOS:
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_accessible_name(demo.title)
        card = page.locator(f".st-key-card-{demo.name}")
        assert card.evaluate("card => getComputedStyle(card).outlineStyle") == "solid", "one sees where one is"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=DEMOS[-1].title, level=1)).to_be_visible()
