"""A demo on a stage: it fills the screen, and its camera is on without a press once it is allowed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser import lab

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
SCREEN = {"width": 1920, "height": 1080}


@pytest.fixture(scope="module")
def asked(playwright: Playwright, camera: Path) -> Iterator[Browser]:
    """A browser in which a camera needs the permission that a context has, or has not."""
    browser = lab.launch(playwright, camera, allow=None)
    yield browser
    browser.close()


def test_a_camera_that_is_on_is_on_on_the_next_page_too(visit: Visit, asked: Browser) -> None:
    page = visit("classifier", by=asked, permissions=["camera"])
    lab.start_camera(page)
    for title in ("Pose tracker", "Text generator", "Teachable machine"):
        page.get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        if title != "Text generator":  # it has none
            lab.camera_state(page, "live").wait_for()
    lab.stop_camera(page)
    page.get_by_role("link", name="Image classifier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Image classifier")
    lab.streamer(page).get_by_role("button", name="Start camera").wait_for()
    page.wait_for_timeout(2000)
    lab.camera_state(page, "idle").wait_for()


def shown_of(page: Page, selector: str) -> float:
    """The part of the screen that this covers."""
    return page.locator(selector).first.evaluate(
        """(e) => { const box = e.getBoundingClientRect(), within = (a, b, most) => Math.max(0, Math.min(b, most) - Math.max(a, 0));
        return within(box.left, box.right, innerWidth) * within(box.top, box.bottom, innerHeight) / innerWidth / innerHeight; }"""
    )


@pytest.mark.parametrize("name", ["classifier", "pose"])
def test_a_kiosk_starts_by_itself_and_fills_the_screen(visit: Visit, asked: Browser, name: str) -> None:
    page = visit(f"{name}?kiosk=true", by=asked, permissions=["camera"], viewport=SCREEN)
    lab.camera_state(page, "live").wait_for(state="attached")
    page.locator(".live-panel .verdict").wait_for()
    header = page.locator(".st-key-header")
    expect(header).to_be_hidden()
    picture = shown_of(page, ".stage")
    answer = shown_of(page, '[data-testid="stColumn"]:has(.live-panel)')
    assert picture > 0.5 and picture + answer >= 0.85, (picture, answer)
    page.mouse.move(500, 500)
    page.mouse.move(510, 510)
    expect(header).to_be_visible()
    expect(header).to_be_hidden()  # nobody touches it any more


def test_nobody_is_asked_for_a_camera_unawares(visit: Visit, asked: Browser) -> None:
    page = visit("classifier?kiosk=true", by=asked, viewport=SCREEN)
    lab.streamer(page).get_by_role("button", name="Start camera").wait_for(state="attached")
    page.wait_for_timeout(2000)
    lab.camera_state(page, "idle").wait_for(state="attached")
