"""What keeps people out: axe on every page, by day and by night; the keyboard's way to what each demo is for."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from models.demos import DEMOS
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def server(chromium_required: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    rooms: Path = tmp_path_factory.mktemp("rooms") / "rooms.sqlite"
    environment = {
        "LIMELIGHT_PUBLIC_URL": "http://room.example:8501",
        "LIMELIGHT_PRESENTER_PASSWORD": PASSWORD,
        "LIMELIGHT_ROOMS_HOURS": "8",
        "LIMELIGHT_ROOMS_URL": f"sqlite:///{rooms}",
    }
    with Server(TARGETS["app"], environment) as server:
        yield server
        assert server.log_errors() == 0, server.log()[-3000:]


def sign_in(page: Page) -> None:
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the console").click()
    page.get_by_role("button", name="Open a room").click()
    page.get_by_role("button", name="Close the room").wait_for()


def projector(page: Page) -> None:
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the console").click()
    page.get_by_role("button", name="Open the console").wait_for(state="hidden")


def share(page: Page) -> None:
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Copy").wait_for()


def camera(page: Page) -> None:
    lab.start_camera(page)
    page.locator(".verdict").first.wait_for()


def open_settings(page: Page) -> None:
    page.get_by_role("button", name="Camera settings").click()
    page.get_by_test_id("stPopoverBody").wait_for()


PAGES: dict[str, Callable[[Page], None] | None] = {
    "": None,
    "connection": None,
    "console": sign_in,
    "projector": projector,
    **{demo.name: None for demo in DEMOS},
    "classifier?input=Samples&why=true&inside=true": None,
    "classifier?input=Upload": share,
    "classifier?input=Live": camera,
    "classifier?input=Live&k=3": open_settings,
    "pose?input=Samples": None,
    "ocr?input=Samples": lab.wait_until_read,
    "ocr?input=Samples&view=Stages": lambda page: page.get_by_alt_text("bright where text").wait_for(),
    "ocr?input=Samples&view=Prepare": None,
    "textgen?view=Attention": None,
    "vision?view=Why+GPUs%3F": None,
    "playground?view=Classics": None,
    "digits?view=Make": None,
}


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_grave_by_day_and_by_night(visit: Callable[..., Page], path: str) -> None:
    page = visit(path, color_scheme="light")
    lab.fits(page)
    if (act := PAGES[path]) is not None:
        act(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(1000)
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in GRAVE]
        where = [(one["id"], node["html"][:300], node["failureSummary"]) for one in found for node in one["nodes"]]
        assert not where, scheme


def test_the_page_follows_the_visitors_day_and_night(visit: Callable[..., Page]) -> None:
    page = visit("classifier?input=Samples", color_scheme="light")
    lab.fits(page)
    ground = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    by_day = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"by_day => ({ground})() !== by_day", arg=by_day)


RING = """element => {  // whether one sees that the keyboard is on it
  const seen = (one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  for (let one = element, steps = 0; one && steps < 4; one = one.parentElement, steps++) if (seen(one)) return true;
  return false;
}"""

# what a demo is for, by the name of its control
MAIN = {
    "ocr": ("textbox", "The text that was read"),
    "textgen": ("button", "Write"),
    "playground": ("button", "Run"),
    "digits": ("img", "Draw one digit"),
}
MAX_TABS = 45


@pytest.mark.parametrize("demo", [demo.name for demo in DEMOS])
def test_the_keyboard_reaches_what_a_demo_is_for_and_shows_where_it_is(visit: Callable[..., Page], demo: str) -> None:
    page = visit({"ocr": "ocr?input=Samples", "vision": "vision?input=Live"}.get(demo, demo))
    lab.fits(page)
    if demo in MAIN:
        role, name = MAIN[demo]
        wanted = page.get_by_role(role, name=re.compile(f"^{name}")).and_(page.locator(":not([role=radio])")).last
    else:
        wanted = lab.streamer(page).get_by_role("button", name="Start camera")
    wanted.wait_for()
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === element.getRootNode().activeElement"):
            break
    else:
        raise AssertionError(f"{MAX_TABS} tabs did not lead there")
    assert wanted.evaluate(RING)


def test_links_of_the_menu_and_switches_show_the_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("classifier")
    lab.fits(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("data-testid", "stSidebarNavLink")
    page.wait_for_timeout(300)  # a page that runs again at this moment draws its parts anew
    assert page.locator(":focus").evaluate(RING)
    page.get_by_role("button", name="Camera settings").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("switch", name=re.compile("Inside"))).to_be_focused()
    page.wait_for_timeout(300)  # a page that runs again at this moment draws its parts anew
    assert page.locator(":focus").evaluate(RING)


def test_who_wants_no_motion_gets_none(visit: Callable[..., Page]) -> None:
    page = visit("classifier?input=Samples", reduced_motion="reduce")
    moving = "bar => parseFloat(getComputedStyle(bar).transitionDuration)"
    assert page.locator(".bar i").first.evaluate(moving) < 0.001
    again = visit("classifier?input=Samples")
    assert again.locator(".bar i").first.evaluate(moving) > 0.1
