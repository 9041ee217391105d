"""From each demo to its neighbours, by menu, card, presenter and link: every page with its own settings and address."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from models.demos import DEMOS
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab
from tests.browser.conftest import PATIENCE_MS
from tests.browser.test_pose import camera as camera  # films a person
from tests.browser.test_pose import until_drawn
from tests.walk import walk

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"
TITLES = {demo.name: demo.title for demo in DEMOS}
WALK = walk(list(TITLES))
ROUND = [*TITLES, *list(TITLES)[:2]]  # to each page, and back to two of them
CHANGED = {  # a demo without a row opens with its own defaults and is left as it is
    "classifier": {"facing": "Rear"},
    "teachable": {"view": "Understand", "facing": "Rear"},
    "ocr": {"input": "Live", "facing": "Front"},
    "textgen": {"view": "Tokens"},
}
IN_POPOVER = ("facing",)

SHOWN = """() => {
  const shown = {};
  for (const box of document.querySelectorAll("[class*=st-key-]")) {
    const key = [...box.classList].find((name) => name.startsWith("st-key-")).slice(7);
    const on = [...box.querySelectorAll("[role=radio][aria-checked=true]")].map((radio) => radio.innerText);
    const field = box.querySelector("input[role=combobox], input[type=range], input[type=number]");
    const toggle = box.querySelector("input[role=switch]");
    if (box.querySelectorAll("[role=radiogroup]").length == 1) shown[key] = on.join();
    else if (field) shown[key] = field.value;
    else if (toggle) shown[key] = toggle.checked;
  }
  return shown;
}"""


@pytest.fixture(scope="module")
def server(chromium_required: None) -> Iterator[Server]:
    with Server(TARGETS["app"], {"LIMELIGHT_PRESENTER_PASSWORD": PASSWORD}) as server:
        yield server
        assert server.log_errors() == 0, server.log()[-3000:]


def settle(page: Page, name: str) -> None:
    """Until the page stands there complete."""
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[name])
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    lab.at_rest(page)


def with_camera_settings(page: Page, do: Callable[[], Any]) -> Any:
    """What `do` gives while the camera's settings are open, where the page has them now."""
    button, inside = page.get_by_role("button", name="Camera settings").first, page.locator(".st-key-mirror")
    there = button.is_visible()
    while there and not inside.is_visible():  # a page that is still being drawn closes it again
        button.click()
        page.wait_for_timeout(300)
    value = do()
    while inside.is_visible():
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
    return value


def shown(page: Page) -> dict[str, Any]:
    """Each setting that can be seen, as it says itself."""
    return with_camera_settings(page, partial(page.evaluate, SHOWN))


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def change(page: Page, name: str) -> None:
    def press(keys: tuple[str, ...]) -> None:
        for key in keys:
            option = page.locator(f".st-key-{key}").get_by_role("radio", name=CHANGED[name][key], exact=True)
            option.click()
            expect(option).to_have_attribute("aria-checked", "true")
            page.locator(".stApp[data-test-script-state=notRunning]").wait_for()

    press(tuple(key for key in CHANGED.get(name, {}) if key not in IN_POPOVER))
    settle(page, name)
    if inside := tuple(key for key in CHANGED.get(name, {}) if key in IN_POPOVER):
        with_camera_settings(page, partial(press, inside))
    settle(page, name)


def becomes(get: Callable[[], dict], wanted: dict, where: object) -> None:
    """A page that has just come may still be drawing: what is right in the end counts."""
    give_up = time.monotonic() + PATIENCE_MS / 1000
    while (found := {key: value for key, value in get().items() if key in wanted}) != wanted:
        assert time.monotonic() < give_up, (where, found, wanted)
        time.sleep(0.3)


class Visitor:
    """Goes from page to page one way, and knows how each was left."""

    def __init__(self, visit: Callable[..., Page], way: str) -> None:
        self._visit, self._way = visit, way
        self._presenter = self._console() if way == "send" else None
        self.page = visit(WALK[0])

    def come(self, name: str) -> None:
        page = self.page
        if self._way == "menu":
            page.get_by_role("link", name=TITLES[name]).click()
        elif self._way == "card":
            page.get_by_role("link", name="Home").click()
            page.locator(f".st-key-card-{name} a").click()
        elif self._presenter is not None:
            self._presenter.get_by_role("combobox", name="Demo", exact=True).click()
            self._presenter.get_by_role("option", name=TITLES[name]).click()
            self._presenter.locator(".stApp[data-test-script-state=notRunning]").wait_for()
            self._presenter.get_by_role("button", name="Send everyone there").click()
        settle(page, name)

    def _console(self) -> Page:
        page = self._visit("console")
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Open the console").click()
        page.get_by_role("button", name="Send everyone there").wait_for()
        return page


@pytest.fixture(scope="module")
def defaults(server: Server, browser: Any) -> dict[str, dict[str, Any]]:
    """How each page opens for who comes to it first."""
    found = {}
    for name in TITLES:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"http://127.0.0.1:{server.port}/{name}")
        settle(page, name)
        found[name] = shown(page)
        page.close()
    assert (found["ocr"]["input"], found["teachable"]["input"]) == ("Samples", "Live")
    return found


@pytest.mark.parametrize(
    ("way", "pages"), [("menu", WALK), ("card", ROUND), ("send", ROUND)], ids=["menu", "card", "send"]
)
def test_each_page_keeps_to_its_own_settings(
    visit: Callable[..., Page], defaults: dict, way: str, pages: list[str]
) -> None:
    visitor, left = Visitor(visit, way), {}
    for before, name in zip(["", *pages], pages, strict=False):
        if before:
            visitor.come(name)
        page = visitor.page
        if name not in left:
            settle(page, name)
            becomes(partial(shown, page), {k: defaults[name][k] for k in shown(page) if k in defaults[name]}, name)
            assert address(page) == {}, (before, name)
            change(page, name)
            left[name] = shown(page), address(page)
            assert left[name][0] | CHANGED.get(name, {}) == left[name][0]
        else:
            becomes(partial(shown, page), left[name][0], (before, name))
            becomes(partial(address, page), left[name][1], (before, name))
            assert set(address(page)) == set(left[name][1]), (before, name)


def test_a_link_says_how_its_page_opens_wherever_one_is(visit: Callable[..., Page], defaults: dict) -> None:
    page = visit(f"{WALK[0]}?{urlencode(CHANGED[WALK[0]])}")
    base = page.url.partition(f"/{WALK[0]}")[0]
    for before, name in pairwise(name for name in ROUND if name in CHANGED):
        page.goto(f"{base}/{name}?{urlencode(CHANGED[name])}")
        settle(page, name)
        becomes(partial(shown, page), CHANGED[name], (before, name))
        page.goto(f"{base}/{name}")
        settle(page, name)
        becomes(
            partial(shown, page), {k: defaults[name][k] for k in CHANGED[name] if k in defaults[name]}, (before, name)
        )
        assert address(page) == {}


@pytest.mark.parametrize("way", ["menu", "card", "send", "link"])
def test_pose_has_its_skeleton_for_who_comes_from_the_classifier(visit: Callable[..., Page], way: str) -> None:
    visitor = Visitor(visit, way)
    page = visitor.page
    settle(page, "classifier")
    if way == "link":
        page.goto(page.url.replace("classifier", "pose?style=Skeleton&style=Only+on+black"))
    else:
        visitor.come("pose")
        page.get_by_role("button", name="Only on black").click()
        expect(page.get_by_role("button", name="Only on black")).to_have_attribute("aria-pressed", "true")
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_have_text("1 person")
    until_drawn(page, "right > 0.003")


def test_the_browsers_back_and_a_reload_show_the_page_as_it_was(visit: Callable[..., Page]) -> None:
    page = visit("classifier?k=3&input=Samples")
    expect(page.locator(".bars .bar")).to_have_count(3)
    page.get_by_role("link", name=TITLES["ocr"]).click()
    settle(page, "ocr")
    assert address(page) == {}
    while "classifier" not in page.url:
        page.go_back()
    settle(page, "classifier")
    expect(page.locator(".bars .bar")).to_have_count(3)
    becomes(partial(address, page), {"k": ["3"], "input": ["Samples"]}, "back")
    page.reload()
    settle(page, "classifier")
    expect(page.locator(".bars .bar")).to_have_count(3)
