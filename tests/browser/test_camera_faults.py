"""A camera that goes away while it is on, and starts that fail: the page says so, the server lets the place go, and
what trying again can mend is mended without a press."""

import pytest
from playwright.sync_api import Page, expect

from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

pytestmark = pytest.mark.browser

# in every frame: what getUserMedia gave there last, after so many refusals
KEEP_STREAM = """
const devices = navigator.mediaDevices;
if (devices) {
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    window.asked = (window.asked ?? 0) + 1;
    if (window.asked <= REFUSALS.length) throw new DOMException("for the test", REFUSALS[window.asked - 1]);
    return (window.given = await ask(wanted));
  };
}
"""
UNPLUGGED = {
    "with its event": "given.getTracks().forEach((t) => { t.stop(); t.dispatchEvent(new Event('ended')); })",
    "event on the stream": "given.getTracks().forEach((t) => t.stop()); given.dispatchEvent(new Event('ended'))",
    "without": "given.getTracks().forEach((t) => t.stop())",
}

# the first connection of the frame goes wrong, later ones do not
FIRST_ANSWER = """
const accept = RTCPeerConnection.prototype.setRemoteDescription;
let answers = 0;
RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
  return ++answers > 1 ? accept.call(this, answer) : FATE;
};
"""
FATES = {
    "is lost": "new Promise(() => {})",
    "is refused": "Promise.reject(new DOMException('for the test', 'InvalidAccessError'))",
}


def in_frame(page: Page, code: str) -> object:
    frame = page.locator(lab.STREAMER).element_handle().content_frame()
    return frame.evaluate(code)


def keep_stream(*refusals: str) -> str:
    return KEEP_STREAM.replace("REFUSALS", str(list(refusals)))


def refusing(visit, *refusals: str, address: str = "classifier") -> Page:
    """A visitor's page whose camera is refused for these reasons first."""
    return visit(address, script=keep_stream(*refusals))


def start_button(page: Page):
    return lab.streamer(page).get_by_role("button", name="Start camera")


def stop_button(page: Page):
    return lab.streamer(page).get_by_role("button", name="Stop camera")


def cameras(row: dict) -> int:
    return row["house"]["cameras"]


def test_an_unplugged_camera_is_said_let_go_and_starts_again(visit, stats):
    page = refusing(visit)
    for unplug in UNPLUGGED.values():
        lab.start_camera(page)
        stats(lambda row: cameras(row) == 1)
        in_frame(page, unplug)
        expect(lab.camera_state(page, "gone")).to_contain_text("unplugged")
        expect(start_button(page)).to_be_enabled()
        stats(lambda row: cameras(row) == 0)
        expect(page.get_by_text("No new picture")).to_have_count(0)


def test_a_camera_that_ends_because_the_phone_slept_starts_again_when_it_wakes(visit, stats):
    page = refusing(visit)
    lab.start_camera(page)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    in_frame(page, UNPLUGGED["with its event"])
    lab.camera_state(page, "again").wait_for()
    lab.camera_state(page, "live").wait_for()
    assert in_frame(page, "asked") == 2
    stats(lambda row: cameras(row) == 1)


@pytest.mark.parametrize(("setting", "state"), [("denied", "denied"), ("prompt", "gone")])
def test_a_permission_taken_back_ends_the_camera_and_says_how_to_give_it_again(
    visit, stats, playwright, camera, setting, state
):
    browser = lab.launch(playwright, camera, allow=None)
    page = visit("classifier", by=browser, permissions=["camera"])
    lab.start_camera(page)
    stats(lambda row: cameras(row) == 1)
    devtools = page.context.new_cdp_session(page)
    target = devtools.send("Target.getTargetInfo")["targetInfo"]
    about = {"permission": {"name": "camera"}, "browserContextId": target["browserContextId"]}
    devtools.send("Browser.setPermission", {**about, "setting": setting})
    expect(lab.camera_state(page, state)).to_contain_text("allow")
    expect(start_button(page)).to_be_enabled()
    stats(lambda row: cameras(row) == 0)
    devtools.send("Browser.setPermission", {**about, "setting": "granted"})
    lab.start_camera(page)
    browser.close()


def test_a_camera_that_another_program_has_is_asked_for_again(visit):
    page = refusing(visit, "NotReadableError", "AbortError", "UnknownError")
    start_button(page).click()
    expect(lab.camera_state(page, "taken")).to_contain_text("try 2 of")
    lab.camera_state(page, "live").wait_for()
    assert in_frame(page, "asked") == 4


def test_a_camera_that_stays_taken_is_said_in_the_end_and_can_be_started_later(visit):
    page = refusing(visit, *["NotReadableError"] * 4)
    start_button(page).click()
    expect(lab.camera_state(page, "busy")).to_contain_text("in use by another program")
    lab.start_camera(page)


@pytest.mark.parametrize(("name", "state"), [("NotAllowedError", "denied"), ("NotFoundError", "none")])
def test_a_camera_that_is_forbidden_or_missing_is_not_asked_for_again(visit, name, state):
    page = refusing(visit, name)
    start_button(page).click()
    lab.camera_state(page, state).wait_for()
    page.wait_for_timeout(3000)
    assert in_frame(page, "asked") == 1
    lab.start_camera(page)


def test_stop_ends_the_tries(visit):
    page = refusing(visit, *["NotReadableError"] * 3)
    start_button(page).click()
    lab.camera_state(page, "taken").wait_for()
    stop_button(page).click()
    lab.camera_state(page, "idle").wait_for()
    asked = in_frame(page, "asked")
    page.wait_for_timeout(5000)  # longer than the page would have waited
    expect(lab.camera_state(page, "idle")).to_be_visible()
    assert in_frame(page, "asked") == asked <= 3


@pytest.mark.parametrize("fate", FATES)
def test_a_start_whose_answer_is_lost_succeeds_by_itself(visit, stats, fate):
    page = visit("classifier", script=FIRST_ANSWER.replace("FATE", FATES[fate]))
    start_button(page).click()
    # by a second try, or because the frame is given the same answer once more
    lab.camera_state(page, "live").wait_for()
    expect(stop_button(page)).to_be_enabled()
    stats(lambda row: cameras(row) == 1)
    expect(page.locator(".verdict")).to_contain_text("espresso")


def test_a_frame_of_another_version_is_watched_and_left_alone(browser):
    with Server(TARGETS["app"], after="tests.browser.other_streamer") as server:
        page = browser.new_context().new_page()
        page.add_init_script(keep_stream("NotReadableError"))
        page.goto(f"http://127.0.0.1:{server.port}/classifier")
        start_button(page).click(timeout=45_000)
        lab.camera_state(page, "live").wait_for(timeout=45_000)  # to ask the browser again is no reaching into it
        in_frame(page, UNPLUGGED["with its event"])
        expect(lab.camera_state(page, "gone")).to_be_visible()
        expect(stop_button(page)).to_be_enabled()
        assert "streamlit-webrtc 9.9 is not the 0.79" in server.log()
        page.context.close()
