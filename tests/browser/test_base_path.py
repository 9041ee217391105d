"""Under a path, behind a proxy or without one: every address that is shown or followed holds it."""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import httpx
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Browser, Error, Page, Playwright, expect

from tests.bench.network import running
from tests.bench.server import Server, free_port
from tests.bench.target import TARGETS
from tests.browser import lab
from tests.browser.conftest import needed
from tests.browser.test_network import opened

pytestmark = pytest.mark.browser

PATH, PASSWORD, HOST = "/demo/room", "correct horse", "workshop.local"
GIVEN = {"STREAMLIT_SERVER_BASE_URL_PATH": PATH.strip("/"), "LIMELIGHT_PRESENTER_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def server(chromium_required: None) -> Iterator[Server]:
    with Server(TARGETS["app"], GIVEN | {"LIMELIGHT_ROOMS_HOURS": "1"}) as server:
        yield server
        assert server.log_errors() == 0, server.log()[-3000:]


@pytest.fixture(scope="module")
def browser(playwright: Playwright, camera: Path) -> Iterator[Browser]:
    browser = lab.launch(playwright, camera, extra=[f"--host-resolver-rules=MAP {HOST} 127.0.0.1"])
    yield browser
    browser.close()


@pytest.fixture(scope="module", params=["directly", "behind a proxy"])
def base(request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that visitors know."""
    if request.param == "directly":
        yield f"http://{HOST}:{server.port}{PATH}"
        return
    caddy, port, folder = needed("caddy"), free_port(), tmp_path_factory.mktemp("caddy")
    (folder / "Caddyfile").write_text(
        f"{{\n\tadmin off\n}}\n:{port} {{\n\treverse_proxy {PATH}* 127.0.0.1:{server.port}\n}}\n"
    )
    with running(
        [caddy, "run", "--config", "Caddyfile"],
        lambda: socket.create_connection(("127.0.0.1", port), 1).close(),
        folder,
        env={"HOME": str(folder), "XDG_DATA_HOME": str(folder)},
    ):
        yield f"http://{HOST}:{port}{PATH}"


def link(page: Page) -> str:
    """What "Share" gives, whole."""
    page.get_by_role("button", name="Share").click()
    code = page.get_by_role("dialog").locator("code").inner_text()
    page.keyboard.press("Escape")
    return code


def scanned(page: Page) -> str:
    """What a phone reads off the screen."""
    code = page.locator("img.qr").first
    code.wait_for()
    for _ in range(10):  # the console draws itself anew while it is photographed
        with suppress(Error):
            shot = code.screenshot()
            break
    picture = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def test_the_page_home_invites_to_where_it_is_and_leads_to_the_test(browser: Browser, base: str) -> None:
    page = opened(browser, base)
    expect(page.locator(".join-address").first).to_have_text(base)
    assert scanned(page) == base
    page.get_by_role("link", name=re.compile("Test my connection")).click()
    expect(page).to_have_url(f"{base}/connection")
    expect(page.get_by_text(re.compile("The server answers in"))).to_be_visible()
    page.context.close()


def test_what_is_shared_opens_there(browser: Browser, base: str) -> None:
    page = opened(browser, f"{base}/classifier?k=3&input=Samples")
    expect(page.locator(".bars .bar")).to_have_count(3)
    shared = link(page)
    assert shared.startswith(f"{base}/classifier?")
    other = opened(browser, shared)
    expect(other.locator(".bars .bar")).to_have_count(3)
    page.get_by_role("link", name="Home").click()
    page.locator(".st-key-card-pose").get_by_role("link").click()
    expect(page).to_have_url(f"{base}/pose")
    page.context.close()
    other.context.close()


def test_a_camera_goes_on_there(browser: Browser, base: str) -> None:
    page = opened(browser, f"{base.replace(HOST, '127.0.0.1')}/classifier")  # browsers trust this name without HTTPS
    lab.start_camera(page)
    expect(page.locator(".live-panel .verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))
    page.wait_for_function("() => window.limelightLive.state === 'open'")
    page.context.close()


def test_the_presenter_sends_people_there_and_shows_the_rooms_address(browser: Browser, base: str) -> None:
    visitor, console = opened(browser, f"{base}/textgen"), opened(browser, f"{base}/console")
    console.get_by_role("textbox", name="Password").fill(PASSWORD)
    console.get_by_role("button", name="Open the console").click()
    console.get_by_role("button", name="Send everyone there").click()
    expect(visitor).to_have_url(re.compile(rf"{re.escape(base)}/?$"))  # home: the first that the console offers
    console.get_by_role("button", name="Open a room").click()
    assert scanned(console).startswith(f"{base}/teachable?room=")
    visitor.context.close()
    console.context.close()


def test_a_3d_view_finds_its_script_there(browser: Browser, base: str) -> None:
    page = opened(browser, f"{base}/pose?input=Samples&do+still+Body=3-D")
    page.locator(".limelight-turnable .js-plotly-plot canvas").first.wait_for()
    page.context.close()


@pytest.mark.parametrize("path", ["/healthz", f"{PATH}/healthz"])
def test_health_is_answered_with_and_without_the_path(server: Server, path: str) -> None:
    answer = httpx.get(f"http://127.0.0.1:{server.port}{path}")
    assert answer.status_code == 200 and answer.json()["status"] == "ok"
    assert "content-security-policy" in answer.headers


def test_an_address_that_the_host_names_is_shown_with_its_path(
    playwright: Playwright, camera: Path, tmp_path: Path
) -> None:
    """A proxy that takes the path off: the server does not know it, but the host can say it."""
    caddy, port = needed("caddy"), free_port()
    public = f"http://{HOST}:{port}{PATH}"
    with Server(TARGETS["app"], {"LIMELIGHT_PUBLIC_URL": f"{public}/"}) as server:
        (tmp_path / "Caddyfile").write_text(
            f"{{\n\tadmin off\n}}\n:{port} {{\n\tredir {PATH} {PATH}/\n"
            f"\thandle_path {PATH}/* {{\n\t\treverse_proxy 127.0.0.1:{server.port}\n\t}}\n}}\n"
        )
        with running(
            [caddy, "run", "--config", "Caddyfile"],
            lambda: socket.create_connection(("127.0.0.1", port), 1).close(),
            tmp_path,
            env={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        ):
            browser = lab.launch(playwright, camera, extra=[f"--host-resolver-rules=MAP {HOST} 127.0.0.1"])
            page = opened(browser, f"http://127.0.0.1:{port}{PATH}/classifier")
            lab.start_camera(page)
            page.locator(".live-panel .verdict").wait_for()
            page.wait_for_function("() => window.limelightLive.state === 'open'")
            page.goto(f"{public}/textgen")
            page.get_by_role("heading", level=1).wait_for()
            assert urlsplit(link(page)).path == f"{PATH}/textgen" and link(page).startswith(public)
            page.get_by_role("link", name="Home").click()
            expect(page.locator(".join-address").first).to_have_text(public)
            page.get_by_role("link", name=re.compile("Test my connection")).click()
            expect(page).to_have_url(f"{public}/connection")
            expect(page.get_by_text(re.compile("The server answers in"))).to_be_visible()
            browser.close()
