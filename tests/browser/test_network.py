"""Cameras over the network: HTTPS by Caddy, and through a real TURN server with the direct way forbidden."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from models.hosting import certificates
from tests.bench import REPO
from tests.bench.network import SECRET, relayed, running, turn_server
from tests.bench.server import Server, free_port
from tests.bench.target import TARGETS
from tests.browser import lab
from tests.browser.conftest import PATIENCE_MS, needed

pytestmark = pytest.mark.browser

PAIRS = """async () => {
  const frame = document.querySelector('iframe[title="streamlit_webrtc.component.webrtc_streamer"]');
  const pc = frame.contentWindow.limelight.me.pc, found = [];
  const stats = await pc.getStats();
  stats.forEach((s) => {
    if (s.type === "candidate-pair" && s.nominated) found.push(stats.get(s.localCandidateId).candidateType);
  });
  return found;
}"""


def opened(browser: Browser, url: str, **options: object) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(url)
    page.get_by_role("heading", level=1).wait_for()
    return page


def test_caddy_serves_by_https_with_uploads_and_cameras(
    playwright: Playwright, camera: Path, server: Server, coffee: bytes, tmp_path: Path
) -> None:
    caddy, port = needed("caddy"), free_port()
    files = certificates.own_making(tmp_path / "https", ["localhost", "127.0.0.1"])
    config = (REPO / "deploy" / "Caddyfile").read_text()
    # our own certificate: no authority can be asked here
    config = config.replace("\tencode gzip\n", f"\ttls {files['cert']} {files['key']}\n\tencode gzip\n")
    config = config.replace("\tadmin off\n", "\tadmin off\n\tauto_https disable_redirects\n")
    (tmp_path / "Caddyfile").write_text(config)
    environment = {
        "LIMELIGHT_NAME": f"https://127.0.0.1:{port}",
        "LIMELIGHT_UPSTREAM": f"127.0.0.1:{server.port}",
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
    }

    def ready() -> None:
        socket.create_connection(("127.0.0.1", port), 1).close()

    with running([caddy, "run", "--config", "Caddyfile"], ready, tmp_path, env=environment):
        browser = lab.launch(playwright, camera)
        page = opened(browser, f"https://127.0.0.1:{port}/classifier", ignore_https_errors=True)
        assert page.evaluate("window.isSecureContext")
        lab.start_camera(page)
        expect(page.locator(".live-panel .verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))
        page.wait_for_function("() => window.limelightLive.state === 'open'")
        assert "max-age" in page.request.get(page.url).headers["strict-transport-security"]
        page.get_by_role("radio", name="Upload").click()
        page.locator('input[type="file"]').set_input_files(
            {"name": "cup.jpg", "mimeType": "image/jpeg", "buffer": coffee}
        )
        expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))
        browser.close()


@pytest.fixture(scope="module")
def turn_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with turn_server(needed("turnserver"), tmp_path_factory.mktemp("turn")) as port:
        yield port


def test_a_camera_goes_through_the_turn_server_where_no_other_way_is_allowed(
    playwright: Playwright, camera: Path, turn_port: int
) -> None:
    with Server(TARGETS["app"], relayed(turn_port)) as server:
        browser = lab.launch(playwright, camera)
        page = opened(browser, f"http://127.0.0.1:{server.port}/classifier")
        lab.start_camera(page)
        expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))
        assert set(page.evaluate(PAIRS)) == {"relay"}
        page.goto(f"http://127.0.0.1:{server.port}/connection")
        expect(page.get_by_text("The relay (TURN server) carries data")).to_be_visible()
        expect(page.get_by_text("The camera should work here")).to_be_visible()
        assert SECRET not in server.log()
        browser.close()


def test_with_the_wrong_secret_the_page_says_that_the_network_is_in_the_way(
    playwright: Playwright, camera: Path, turn_port: int
) -> None:
    with Server(TARGETS["app"], relayed(turn_port, "another secret")) as server:
        browser = lab.launch(playwright, camera)
        page = opened(browser, f"http://127.0.0.1:{server.port}/classifier")
        lab.streamer(page).get_by_role("button", name="Start camera").click()
        expect(lab.camera_state(page, "failed")).to_contain_text("TURN server")
        page.goto(f"http://127.0.0.1:{server.port}/connection")
        expect(page.get_by_text("The relay (TURN server) gave no way")).to_be_visible()
        expect(page.get_by_text("keep the camera from working")).to_be_visible()
        assert server.log_errors() == 0
        browser.close()


def test_the_connection_test_says_what_is_missing(
    visit: Callable[..., Page], playwright: Playwright, server: Server
) -> None:
    page = visit("connection", viewport={"width": 375, "height": 812})
    expect(page.get_by_text("The camera should work here")).to_be_visible()
    expect(page.get_by_text("There is no relay")).to_be_visible()
    expect(page.get_by_text("Answers come at once")).to_be_visible()
    assert not lab.scrolls_sideways(page)
    page.context.route_web_socket(re.compile("/live/"), lambda ws: ws.close())
    page.reload()
    expect(page.get_by_text("Answers come more slowly here")).to_be_visible()
    expect(page.get_by_text("The camera should work here")).to_be_visible()
    # a name that leads here is no secure page
    browser = lab.launch(playwright, None, extra=["--host-resolver-rules=MAP room.local 127.0.0.1"])
    insecure = opened(browser, f"http://room.local:{server.port}/connection")
    expect(insecure.get_by_text("This page is not secure")).to_be_visible()
    expect(insecure.get_by_text("begins with https://")).to_be_visible()
    expect(insecure.get_by_text("keep the camera from working")).to_be_visible()
    browser.close()
