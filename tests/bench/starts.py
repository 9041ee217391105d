"""Camera starts on a busy machine: rounds of n visitors who press Start within seconds, beside processes that only
compute. Says how many of them went live and stayed so, as "80 of 80", and how many did so at the first try.

The visitors are tabs of a real Chromium, for it is the page in the browser that tries again; `--light` takes the
bench's own clients instead, which press once. They arrive a little apart: faster ones are put in line, as they should.
The server's governor is off: it would put running cameras in line on so busy a machine.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.bench.limits import judged, show
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import TARGETS
from tests.browser import lab

PAGE_S, START_S = 180, 240  # how long a loaded machine may take for a page, and for a camera with all its tries
STAYS_S = 5
FPS = 5  # the starts are on trial here, not the pictures
BUSY = [sys.executable, "-c", "while True: pass"]


@contextlib.contextmanager
def load(processes: int) -> Iterator[None]:
    """Keep so many cores busy until the block ends."""
    busy = [subprocess.Popen(BUSY) for _ in range(processes)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


class Round:
    """What became of one round of starts: how many are live, and how many of these did not have to try again."""

    def __init__(self, live: int, at_once: int, others: list[str]) -> None:
        self.live, self.at_once, self.others = live, at_once, others


def in_chromium(browser: Browser, server: Server, options: argparse.Namespace) -> Round:
    context = browser.new_context(viewport={"width": 900, "height": 700})
    context.set_default_timeout(PAGE_S * 1000)
    pages = [context.new_page() for _ in range(options.n)]
    for page in pages:
        page.goto(f"http://127.0.0.1:{server.port}/classifier?input=Live&fps={FPS}", wait_until="commit")
    starts = [lab.streamer(page).get_by_role("button", name="Start camera") for page in pages]
    for start in starts:
        start.wait_for()
    for start in starts:
        start.click()
        time.sleep(options.apart)
    give_up = time.monotonic() + START_S
    for page in pages:
        with contextlib.suppress(AssertionError):
            left_s = max(give_up - time.monotonic(), 0.1)
            expect(lab.camera_state(page, "live")).to_be_visible(timeout=left_s * 1000)
    time.sleep(STAYS_S)
    states = [_state(page) for page in pages]
    context.close()
    live = [tries for state, tries in states if state == "live"]
    return Round(len(live), live.count("1"), [state for state, _ in states if state != "live"])


def _state(page: Page) -> tuple[str, str]:
    """How this visitor's camera stands, and at which try."""
    line = page.locator('[role="status"][data-state]')
    if line.count() == 0:
        return "no camera on the page", ""
    state = line.get_attribute("data-state") or ""
    return state if state == "live" else f"{state}: {line.inner_text()[:80]}", line.get_attribute("data-tries") or "1"


def light(server: Server, options: argparse.Namespace) -> Round:
    with Tabs(server, n=options.n, mode="send-only", fps=FPS, seconds=STAYS_S, settle=0) as tabs:
        errors = tabs.wait("playing", PAGE_S + START_S)["errors"] or tabs.wait("done", PAGE_S)["errors"]
    return Round(options.n - len(errors), options.n - len(errors), errors)


def measure(options: argparse.Namespace) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server(TARGETS["app"], after="tests.bench.ungoverned"))
        browser = None
        if not options.light:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
            playwright = stack.enter_context(sync_playwright())
            browser = lab.launch(playwright, lab.make_camera(Path(folder) / "camera.y4m"))
            stack.callback(browser.close)
        about = {"n": options.n, "load": options.load, "clients": "light" if options.light else "Chromium"}
        rounds: list[Round] = []
        for number in range(options.rounds):
            with load(options.load):
                rounds.append(in_chromium(browser, server, options) if browser else light(server, options))
            last = rounds[-1]
            said = {"at_once": last.at_once, "others": last.others, "load_now": round(os.getloadavg()[0], 1)}
            show(judged("starts", "live", last.live, "", round=number + 1, **about, **said))
        live, asked = sum(last.live for last in rounds), options.rounds * options.n
        at_once = sum(last.at_once for last in rounds)
        show(judged("starts", "live in all", live, "", at_least=asked, **about, at_once=at_once))
        show(judged("starts", "tracebacks in the log", server.log_errors(), "", at_most=0, **about))
        if options.log:
            options.log.write_text(server.log())
    print(f"{live} of {asked}", flush=True)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--n", type=int, default=8, help="visitors a round")
    parser.add_argument("--load", type=int, default=4, help="processes that keep the cores busy")
    parser.add_argument("--apart", type=float, default=0.6, help="seconds from one visitor's press to the next one's")
    parser.add_argument("--light", action="store_true", help="the bench's own clients instead of Chromium")
    parser.add_argument("--log", type=Path, help="write the server's log there at the end")
    measure(parser.parse_args(argv))


if __name__ == "__main__":
    main(sys.argv[1:])
