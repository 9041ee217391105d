"""The live camera in a real browser: it starts, answers, lets go, and says what is wrong when it can't start."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import lab

pytestmark = pytest.mark.browser

PLAUSIBLE = re.compile("espresso|cup|coffee mug")


POOLS = ("ThreadPoolExecutor", "AnyIO worker thread", "asyncio")  # these grow to a bound and are used again

# seconds that the visitor's own picture has played; it lives in a component's shadow root
VIDEO_TIME = """(() => {
  const find = (root) => root.querySelector("video") ??
    [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
  return find(document).currentTime;
})()"""


PIXELS_OF = "canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data"
DRAWN_ON = f"new Promise((done) => setInterval(() => {PIXELS_OF}.some((v) => v > 0) && done(), 100))"
NOT_DRAWN_ON = f"new Promise((done) => setInterval(() => {PIXELS_OF}.every((v) => v === 0) && done(), 100))"


def video_threads(row: dict) -> int:
    return row["threads_by_kind"].get("video-decoder", 0)


def test_camera_starts_shows_the_picture_and_names_it(visit):
    page = visit("classifier")
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_contain_text(PLAUSIBLE)
    before = page.evaluate(VIDEO_TIME)
    page.wait_for_function(f"before => {VIDEO_TIME} > before + 1", arg=before)  # it plays
    expect(lab.camera_state(page, "live")).to_contain_text(
        re.compile(r"640×480 · 1\d pictures/s · \d+ ms to the server")
    )
    expect(page.locator(".latency").last).to_contain_text(re.compile(r"camera → server \d"))
    expect(page.locator(".history")).to_contain_text(PLAUSIBLE)


def test_own_picture_is_mirrored_until_switched_off(visit):
    page = visit("classifier")
    lab.start_camera(page)
    video = page.locator("video.shown")
    expect(video).to_have_class(re.compile("mirrored"))
    page.get_by_role("button", name="Camera settings").click()
    page.get_by_text("Mirror my picture").click()
    expect(video).not_to_have_class(re.compile("mirrored"))


def test_why_shows_a_heat_map_of_the_live_picture(visit):
    page = visit("classifier?why=true")
    lab.start_camera(page)
    expect(page.get_by_text(re.compile("What raised the score of “(espresso|cup|coffee mug)”"))).to_be_visible()
    canvas = page.locator(".stage canvas")
    canvas.evaluate(f"canvas => {DRAWN_ON}")
    page.locator("label").filter(has_text="Why? A heat map").click()
    canvas.evaluate(f"canvas => {NOT_DRAWN_ON}")


def test_leaving_the_page_releases_the_stream(visit, stats):
    page = visit("classifier")
    lab.start_camera(page)
    stats(lambda row: video_threads(row) == 1)
    page.get_by_role("link", name="Home").click()
    page.get_by_role("heading", name="Limelight").wait_for()
    stats(lambda row: video_threads(row) == 0)
    stats(lambda row: all(engine["streams"] == 0 for engine in row["engines"].values()))


def test_closing_the_tab_releases_the_stream(visit, stats):
    page = visit("classifier")
    lab.start_camera(page)
    stats(lambda row: video_threads(row) == 1)
    page.close()
    stats(lambda row: video_threads(row) == 0)


def test_ten_starts_and_stops_leave_no_extra_threads(visit, stats):
    page = visit("classifier")
    lab.start_camera(page)
    lab.stop_camera(page)
    before = stats(lambda row: video_threads(row) == 0)["threads_by_kind"]
    for _ in range(10):
        lab.start_camera(page)
        lab.stop_camera(page)
    stats(lambda row: all(n <= before.get(kind, 0) for kind, n in row["threads_by_kind"].items() if kind not in POOLS))
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_contain_text(PLAUSIBLE)


def test_a_blocked_camera_is_explained_and_the_other_inputs_work(visit, playwright, camera):
    browser = lab.launch(playwright, camera, allow=False)
    page = visit("classifier", by=browser)
    lab.streamer(page).get_by_role("button", name="Start camera").click()
    expect(lab.camera_state(page, "denied")).to_contain_text("The camera is blocked for this page")
    expect(lab.streamer(page).get_by_text("NotAllowedError")).not_to_be_visible()  # once is enough, in plain words
    page.get_by_test_id("stButtonGroup").get_by_text("Samples").click()
    expect(page.locator(".verdict")).to_contain_text(re.compile("cat|tabby"))
    browser.close()


def test_a_missing_camera_is_explained(visit, playwright):
    browser = lab.launch(playwright, None)
    page = visit("classifier", by=browser)
    lab.streamer(page).get_by_role("button", name="Start camera").click()
    expect(lab.camera_state(page, "none")).to_contain_text("No camera was found")
    browser.close()


def test_an_insecure_page_says_that_the_camera_needs_https(visit, playwright, camera, server):
    browser = lab.launch(playwright, camera, extra=["--host-resolver-rules=MAP limelight.local 127.0.0.1"])
    page = browser.new_page()
    page.goto(f"http://limelight.local:{server.port}/classifier")
    expect(lab.camera_state(page, "insecure")).to_contain_text("secure pages only")
    browser.close()


def test_a_network_that_blocks_the_pictures_is_explained(browser, server):
    context = browser.new_context()
    # only relayed connections, and no relay: as in a network that keeps its devices apart
    context.add_init_script(
        "const C = RTCPeerConnection;"
        "RTCPeerConnection = class extends C { constructor(c) { super({...c, iceTransportPolicy: 'relay'}); } };"
    )
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/classifier")
    lab.streamer(page).get_by_role("button", name="Start camera").click(timeout=45_000)
    expect(lab.camera_state(page, "failed")).to_contain_text("don't reach the server")
    context.close()
