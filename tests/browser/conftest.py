"""One server and one Chromium for all browser tests; a fresh visitor for each."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from models.pictures.images import sample_pictures, to_jpeg
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab
from tests.browser.stage import stage  # noqa: F401

PATIENCE_MS = 90_000  # the first page loads the model, on two busy cores

expect.set_options(timeout=PATIENCE_MS)

Visit = Callable[..., Page]


@pytest.fixture(scope="session", autouse=True)
def chromium_required() -> None:
    if not Path(lab.CHROMIUM).exists():
        if os.environ.get("LIMELIGHT_REQUIRE_BROWSER"):
            pytest.fail(f"{lab.CHROMIUM} is not installed, and LIMELIGHT_REQUIRE_BROWSER asks for it")
        pytest.skip("no Chromium: install Debian's package chromium to run the browser tests")


def needed(program: str) -> str:
    """The path of a program of Debian's; without it the test is skipped, or fails where everything is asked for."""
    if (path := shutil.which(program)) is None:
        if os.environ.get("LIMELIGHT_REQUIRE_BROWSER"):
            pytest.fail(f"{program} is not installed, and LIMELIGHT_REQUIRE_BROWSER asks for it")
        pytest.skip(f"no {program}: install it to test with it")
    return path


@pytest.fixture(scope="session")
def server(chromium_required: None) -> Iterator[Server]:
    with Server(TARGETS["app"]) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()[-3000:]


# Not for the session: while Playwright is on, no other test of this process can run an event loop of its own
@pytest.fixture(scope="module")
def playwright(chromium_required: None) -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab.make_camera(tmp_path_factory.mktemp("camera") / "camera.y4m")


@pytest.fixture(scope="module")
def coffee() -> bytes:
    return to_jpeg(next(sample for sample in sample_pictures() if sample.name == "coffee").load())


@pytest.fixture(scope="module")
def browser(playwright: Playwright, camera: Path) -> Iterator[Browser]:
    browser = lab.launch(playwright, camera)
    yield browser
    browser.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """visit(path, …) opens a page as a new visitor, whose frames run `script` before anything else; further arguments
    are Playwright's for a context."""
    contexts: list[BrowserContext] = []
    blocked: list[str] = []

    def visit(path: str = "", *, by: Browser = browser, script: str = "", **options: object) -> Page:
        context = by.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
        page.goto(f"http://127.0.0.1:{server.port}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not blocked, "our own policy forbids what our own page does"


def wait_for_stats(server: Server, condition: Callable[[dict], bool], seconds: float = 40) -> dict:
    """The first of the server's stats rows from now on for which `condition` holds; AssertionError if none does."""
    since, give_up = time.time(), time.monotonic() + seconds
    row: dict = {}
    while time.monotonic() < give_up:
        rows = [row for row in server.stats() if row["t"] > since]
        for row in rows:
            if condition(row):
                return row
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds} s; last: {row}")


@pytest.fixture
def stats(server: Server) -> Callable[..., dict]:
    return lambda condition, seconds=40: wait_for_stats(server, condition, seconds)
