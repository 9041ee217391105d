"""The network fails while a camera is on, and mends: everything is back by itself, and nobody is asked for anything."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.cuts import IS_BACK, WAYS, cuttable
from tests.bench.network import Network
from tests.browser import lab
from tests.browser.conftest import PATIENCE_MS, needed
from tests.browser.test_camera_faults import in_frame, keep_stream

pytestmark = pytest.mark.browser

CUT_MS = 8000


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with cuttable(needed("turnserver"), tmp_path_factory.mktemp("turn")) as (server, network):
        yield network
        assert server.log_errors() == 0, server.log()[-3000:]


@pytest.fixture
def page(browser: Browser, network: Network) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(keep_stream())
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{network.tcp}/classifier")
    lab.start_camera(page)
    page.locator(".live-panel .verdict").wait_for()
    yield page
    network.mend()
    context.close()


@pytest.mark.parametrize("way", WAYS)
def test_camera_and_answers_come_back_after_a_cut(page: Page, network: Network, way: str) -> None:
    network.cut(changed=way == "changed")
    page.wait_for_timeout(CUT_MS)
    expect(page.locator("video.shown")).to_have_count(1)  # one's own picture plays on
    assert page.evaluate("limelightLive.state") != "open"
    expect(page.locator(".live-line")).not_to_have_text("")
    network.mend()
    page.wait_for_function(IS_BACK, arg=page.evaluate("performance.now()"))
    assert in_frame(page, "asked") == 1, "the browser was not asked for its camera again"


def test_while_there_is_no_way_to_the_server_the_page_says_so_and_stop_is_stop(page: Page, network: Network) -> None:
    network.cut(changed=True)
    in_frame(page, "limelight.me.fail('lost')")  # as when ICE gives up, which takes it up to half a minute
    expect(lab.camera_state(page, "again")).to_contain_text("server can't be reached")
    expect(page.locator("video.shown")).to_have_count(1)
    page.wait_for_timeout(3000)
    expect(lab.camera_state(page, "again")).to_have_attribute("data-tries", "1")  # it waits, and counts no tries
    network.mend()
    page.wait_for_function(IS_BACK, arg=page.evaluate("performance.now()"))
    lab.stop_camera(page)
    assert in_frame(page, "given.getTracks().every((track) => track.readyState === 'ended')")
    page.wait_for_timeout(3000)
    expect(lab.camera_state(page, "idle")).to_be_visible()
