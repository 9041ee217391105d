"""The presenter and the room, in real browsers: what is pressed in the console reaches open pages by itself."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def server(chromium_required: None) -> Iterator[Server]:
    with Server(TARGETS["app"], {"LIMELIGHT_PRESENTER_PASSWORD": PASSWORD}) as server:
        yield server
        assert server.log_errors() == 0, server.log()[-3000:]


@pytest.fixture
def presenter(visit: Callable[..., Page]) -> Page:
    page = visit("console")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the console").click()
    page.get_by_role("button", name="Send everyone there").wait_for()
    return page


def settled(page: Page) -> Page:
    """Once nothing on it loads any more: a press in that moment can be lost with the frame that it was made in."""
    lab.streamer(page).get_by_role("button", name="Start camera").wait_for()
    lab.at_rest(page)
    page.wait_for_timeout(1000)
    return page


def press(page: Page, name: str) -> None:
    lab.at_rest(page)
    page.get_by_role("button", name=name, exact=True).click()


def test_an_open_page_follows_the_presenter_without_a_click(visit: Callable[..., Page], presenter: Page) -> None:
    page = settled(visit("classifier"))
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))
    press(presenter, "Pause all cameras")
    expect(page.get_by_text("The presenter has paused all cameras")).to_be_visible()
    expect(lab.camera_state(page, "live")).to_contain_text("paused the cameras")
    expect(page.get_by_text("Answers resume when")).to_be_visible()
    press(presenter, "Turn cameras back on")
    expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))
    presenter.get_by_role("textbox", name="Banner on every page").fill("Lunch <b>now</b>")
    presenter.get_by_role("textbox", name="Banner on every page").press("Control+Enter")
    press(presenter, "Show")
    expect(page.get_by_text("Lunch <b>now</b>")).to_be_visible()
    press(presenter, "Take down")
    expect(page.get_by_text("Lunch <b>now</b>")).to_be_hidden()
    presenter.get_by_role("combobox", name="Demo", exact=True).click()
    presenter.get_by_role("option", name="Text generator").click()
    press(presenter, "Send everyone there")
    expect(page.get_by_role("heading", name="Text generator", level=1)).to_be_visible()
    assert page.url.endswith("/textgen")


def test_a_camera_too_many_waits_in_line_and_gets_its_turn(visit: Callable[..., Page], presenter: Page) -> None:
    first, second = settled(visit("classifier")), settled(visit("classifier"))
    presenter.get_by_role("spinbutton", name=re.compile("Cameras at a time")).fill("1")
    presenter.keyboard.press("Enter")
    press(presenter, "Set the limits")
    lab.start_camera(settled(first))
    lab.streamer(second).get_by_role("button", name="Start camera").click()
    expect(second.get_by_text("You are number 1 in line")).to_be_visible()
    expect(second.get_by_text("Take a photo")).to_be_visible()
    lab.stop_camera(first)
    expect(second.get_by_text("It is your turn")).to_be_visible()
    lab.start_camera(settled(second))
    expect(second.locator(".verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))


def test_a_picture_is_made_smaller_on_the_way_when_the_presenter_says_so(
    visit: Callable[..., Page], presenter: Page
) -> None:
    page = settled(visit("classifier"))
    lab.start_camera(page)
    expect(lab.camera_state(page, "live")).to_contain_text("640×480")
    presenter.get_by_role("combobox", name="Picture size, at most").click()
    presenter.get_by_role("option", name="320×240").click()
    press(presenter, "Set the limits")
    expect(lab.camera_state(page, "live")).to_contain_text("320×240")


def tab_beside(page: Page, path: str) -> Page:
    """Another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto(page.url.rpartition("/")[0] + f"/{path}")
    return tab


def is_signed_in(page: Page) -> Locator:
    return page.get_by_role("button", name="Send everyone there")


def test_signing_in_survives_a_reload_and_leads_back_from_everywhere(
    visit: Callable[..., Page], presenter: Page
) -> None:
    presenter.reload()
    expect(is_signed_in(presenter)).to_be_visible()
    for path in ("textgen", "textgen?kiosk=true"):  # by the menu, and where there is none
        tab = tab_beside(presenter, path)
        expect(tab.get_by_role("heading", name="Text generator", level=1)).to_be_visible()
        tab.get_by_role("link", name=re.compile("onsole$")).click()
        expect(is_signed_in(tab)).to_be_visible()
        assert tab.url.endswith("/console"), "and no token in the address"
    stranger = visit("console")
    expect(stranger.get_by_role("textbox", name="Password")).to_be_visible()
    expect(stranger.get_by_role("link", name=re.compile("onsole$"))).to_have_count(0)


def test_signing_out_ends_it_in_every_tab_and_the_browser_forgets(visit: Callable[..., Page], presenter: Page) -> None:
    other = tab_beside(presenter, "console")
    expect(is_signed_in(other)).to_be_visible()
    token = presenter.evaluate("localStorage['limelight-presenter']")
    press(presenter, "Sign out")
    for page in (presenter, other):
        expect(page.get_by_role("textbox", name="Password")).to_be_visible()  # the console looks every few seconds
    presenter.wait_for_function("() => !localStorage['limelight-presenter']")
    presenter.reload()
    expect(presenter.get_by_role("textbox", name="Password")).to_be_visible()
    # somebody else signs in: who kept the old token is not let in by it
    third = visit("console")
    third.get_by_role("textbox", name="Password").fill(PASSWORD)
    third.get_by_role("button", name="Open the console").click()
    expect(is_signed_in(third)).to_be_visible()
    presenter.evaluate("token => localStorage.setItem('limelight-presenter', token)", token)
    presenter.reload()
    presenter.wait_for_function("() => !localStorage['limelight-presenter']")
    expect(presenter.get_by_role("textbox", name="Password")).to_be_visible()
    expect(is_signed_in(presenter)).to_have_count(0)
