"""Answers that are pushed: drawn at once in a real Chromium, back after a break, or else shown by fragments."""

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Playwright, WebSocketRoute, expect

from models.teachable.keep.files import to_bytes
from tests.bench.server import Server
from tests.browser import lab, test_teachable
from tests.browser.test_camera import PLAUSIBLE

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
PRINTED = re.compile("markers|pixels|segmentation")
PUSHED = ".live-panel .verdict"
STATE = "window.limelightLive?.state"
# The page's own websockets, so that a test can end them
NOTED = """const Socket = window.WebSocket;
window.limelightSockets = [];
window.WebSocket = class extends Socket {
  constructor(url, ...more) {
    super(url, ...more);
    if (String(url).includes("/live/")) window.limelightSockets.push(this);
  }
};"""
# Which verdicts were drawn, and when anything of the answer was
WATCH = """() => {
  window.drawn = {verdicts: [], times: []};
  const panel = document.querySelector(".live-panel .live-answer");
  new MutationObserver(() => {
    window.drawn.verdicts.push(panel.querySelector(".verdict").textContent);
    window.drawn.times.push(performance.now());
  }).observe(panel, {subtree: true, childList: true, characterData: true, attributes: true});
}"""


@pytest.fixture(scope="module")
def scenes(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser whose camera sees a cup for two seconds, then a cat, and so on."""
    folder = tmp_path_factory.mktemp("scenes")
    cup, cat = (lab.make_camera(folder / f"{name}.y4m", name, bar=False) for name in ("coffee", "cat"))
    both = folder / "both.y4m"
    both.write_bytes(cup.read_bytes() + cat.read_bytes().split(b"\n", 1)[1])
    browser = lab.launch(playwright, both)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def printed(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser whose camera sees a printed page."""
    browser = lab.launch(playwright, lab.make_camera(tmp_path_factory.mktemp("page") / "page.y4m", "page", bar=False))
    yield browser
    browser.close()


def live(visit: Visit, path: str = "classifier", **options: object) -> Page:
    page = visit(path, **options)
    lab.start_camera(page)
    page.locator(PUSHED).wait_for()
    return page


def is_open(page: Page) -> None:
    page.wait_for_function(f"() => {STATE} === 'open'")


def test_the_verdict_follows_the_picture_several_times_a_second(visit: Visit, scenes: Browser) -> None:
    page = live(visit, by=scenes)
    page.evaluate(WATCH)
    page.wait_for_function(
        "() => [/espresso|cup|coffee/, /cat|tabby/].every((name) => window.drawn.verdicts.some((v) => name.test(v)))"
    )
    page.wait_for_timeout(4000)
    times = page.evaluate("window.drawn.times")
    answers = page.evaluate("limelightLive.channels.get('answer').newest.at")
    seconds = (times[-1] - times[0]) / 1000
    frames = len({round(time / 10) for time in times})
    assert answers > 0 and frames / seconds >= 3, f"{frames} drawings in {seconds:.1f} s"
    expect(page.locator(".live-numbers")).to_contain_text(re.compile(r"answers/s \d.*age when shown \d+ ms"))


def test_a_screen_reader_hears_a_verdict_at_most_once_in_two_seconds(visit: Visit, scenes: Browser) -> None:
    page = live(visit, by=scenes, path="classifier?smooth=false&sure=0")
    page.evaluate(
        """() => {
      window.said = [];
      const line = document.querySelector(".live-said");
      const all = {childList: true, characterData: true, subtree: true};
      new MutationObserver(() => window.said.push(performance.now())).observe(line, all);
    }"""
    )
    page.wait_for_function("() => window.said.length >= 3")
    said = page.evaluate("window.said")
    assert min(b - a for a, b in itertools.pairwise(said)) >= 1900
    assert page.locator(".live-said").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("path", ["classifier", "teachable", "ocr?input=Live"])
def test_the_page_itself_runs_once_a_second_or_less_while_nobody_touches_it(visit: Visit, path: str) -> None:
    page = visit(path)
    if path == "teachable":
        test_teachable.open_project(page, to_bytes(test_teachable.project()))
        test_teachable.train(page)
        test_teachable.go(page, "Live")
    runs = lab.script_runs(page)
    lab.start_camera(page)
    page.locator(".live-panel .live-answer:not(:empty)").wait_for()
    page.wait_for_timeout(5000)
    runs.clear()
    page.wait_for_timeout(20_000)
    assert 5 <= len(runs) <= 22, runs


def test_the_feed_ends_with_the_camera_and_with_the_page(visit: Visit, server: Server) -> None:
    page = live(visit, script=NOTED)
    is_open(page)
    lab.stop_camera(page)
    page.wait_for_function("() => window.limelightSockets[0].readyState === WebSocket.CLOSED")
    expect(page.locator(".live-panel")).to_have_count(0)
    page.wait_for_function("() => window.limelightLive.channels.size === 0")
    lab.start_camera(page)
    page.locator(PUSHED).wait_for()
    urls = page.evaluate("window.limelightSockets.map((socket) => socket.url)")
    assert len(set(urls)) == 2, "a new camera has a new token"
    page.get_by_role("link", name="Home").click()
    page.wait_for_function("() => window.limelightSockets[1].readyState === WebSocket.CLOSED")
    for url in urls:
        code = page.evaluate(
            "(url) => new Promise((done) => (new WebSocket(url).onclose = ({code}) => done(code)))", url
        )
        assert code == 4404, "and its old token opens nothing"
        assert url.rsplit("/", 1)[1] not in server.log()


def test_a_websocket_that_breaks_comes_back_by_itself(visit: Visit) -> None:
    page = live(visit, script=NOTED)
    is_open(page)
    for count in (1, 2):
        page.evaluate("window.limelightSockets.at(-1).close()")
        page.wait_for_function(f"() => window.limelightSockets.length > {count}")
        is_open(page)
    page.evaluate(WATCH)
    page.wait_for_function("() => window.drawn.times.length > 5")
    expect(page.locator(".live-line")).to_have_text("")


@pytest.mark.parametrize(
    ("path", "shown", "words"),
    [("classifier", ".verdict", PLAUSIBLE), ("ocr?input=Live", ".written", PRINTED)],
    ids=["classifier", "ocr"],
)
def test_without_a_websocket_the_page_shows_the_answers_itself_until_there_is_one(
    visit: Visit, browser: Browser, printed: Browser, path: str, shown: str, words: re.Pattern[str]
) -> None:
    is_blocked = [True]

    def route(ws: WebSocketRoute) -> None:
        if is_blocked[0]:
            ws.close()
        else:
            ws.connect_to_server()

    page = visit(path, by=printed if words is PRINTED else browser)
    page.context.route_web_socket(re.compile("/live/"), route)
    page.reload()
    lab.start_camera(page)
    by_page = page.locator(f".stHtml {shown}")
    expect(by_page).to_contain_text(words)
    expect(page.locator(".live-line")).to_contain_text("answers come more slowly")
    expect(page.locator(f".live-panel {shown}")).to_have_count(0)
    is_blocked[0] = False
    expect(page.locator(f".live-panel {shown}")).to_contain_text(words)
    expect(by_page).to_have_count(0)
    expect(page.locator(".live-line")).to_have_text("")


def test_a_browser_that_was_cut_off_for_a_while_gets_a_new_feed_without_a_press(browser: Browser, visit: Visit) -> None:
    is_cut = [False]
    open_now: list[WebSocketRoute] = []

    def route(ws: WebSocketRoute) -> None:
        if is_cut[0]:
            ws.close()
            return
        ws.connect_to_server()
        open_now.append(ws)

    page = visit("classifier")
    page.context.route_web_socket(re.compile("/live/|_stcore/stream"), route)
    page.reload()
    lab.start_camera(page)
    page.locator(PUSHED).wait_for()
    is_open(page)
    token = page.evaluate("window.limelightLive.token")
    is_cut[0] = True
    for ws in open_now:
        ws.close()
    page.wait_for_timeout(8000)  # longer than the house needs to note that nobody is here
    is_cut[0] = False
    page.wait_for_function("(token) => window.limelightLive.token !== token", arg=token)
    is_open(page)
    page.evaluate(WATCH)
    page.wait_for_function("() => window.drawn.times.length > 5")


def test_two_tabs_have_each_their_own(visit: Visit, scenes: Browser) -> None:
    one, two = live(visit, script=NOTED), live(visit, by=scenes, script=NOTED)
    urls = [page.evaluate("window.limelightSockets[0].url") for page in (one, two)]
    assert urls[0] != urls[1]
    expect(two.locator(PUSHED)).to_contain_text(re.compile("cat|tabby"))
    expect(one.locator(PUSHED)).to_contain_text(PLAUSIBLE)
    one.close()
    is_open(two)
    expect(two.locator(PUSHED)).to_contain_text(PLAUSIBLE)
    expect(two.locator(PUSHED)).to_contain_text(re.compile("cat|tabby"))
