"""Several visitors have documents read at once, with a real server and real Chromium tabs: turns, waiting, memory.

Each tab uploads a PDF of its own at the same moment; the next round has new tabs. Looked at ten times a second: who is
told a place in line, how far the tabs' pages are apart, when each tab has its first page and when all; and the
server's memory from round to round. Prints one JSON line per figure with its limit. Server, tabs and this process share
the cores.
"""

import argparse
import contextlib
import io
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from fpdf import FPDF
from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.bench.limits import judged, show
from tests.bench.server import MB, Server
from tests.bench.target import TARGETS
from tests.browser import lab
from tests.models.ocr.typeset import page as typeset

AT_MOST_APART = 1  # pages, between the tab that is furthest and the one that is least far
AT_MOST_MB = 1000  # of the server, whatever is read: it goes up and down with what the tabs hold
PATIENCE_S = 180
FORGOTTEN_S = 150  # by when Streamlit has forgotten a closed tab
LINE = "turn and turn about is fair play and nobody waits for a stranger's thirty pages"


def document(name: str, pages: int) -> bytes:
    """A PDF of scans: pages of thirty lines, each with a number of its own."""
    pdf = FPDF()
    for number in range(pages):
        lines = [f"{name}, page {number + 1}", *(f"{k}. {LINE[k:]}" for k in range(1, 30))]
        file = io.BytesIO()
        Image.fromarray(typeset(lines, size=28).rgb).save(file, "PNG")
        pdf.add_page()
        pdf.image(file, 10, 10, w=190)
    return bytes(pdf.output())


@contextlib.contextmanager
def visitor(browser: Browser, server: Server) -> Iterator[Page]:
    """A tab of its own session, ready for a file."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_S * 1000)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/ocr?input=Upload")
    page.locator('input[type="file"]').wait_for(state="attached")
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    try:
        yield page
    finally:
        context.close()


LOOK = """() => ({
  progress: document.querySelector('[data-testid="stProgress"]')?.innerText ?? "",
  read: Boolean(document.querySelector('[class*="st-key-reader"]')),
})"""


def one_round(tabs: list[Page], pages: int, number: int) -> list[dict]:
    """Per tab: seconds until its first and its last page, and how often it was told its place. Adds how far the tabs
    were apart at worst while all had pages left."""
    for k, tab in enumerate(tabs):
        name = f"Tab {k}, round {number}"
        file = {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": document(name, pages)}
        tab.locator('input[type="file"]').set_input_files(file)
    began = time.monotonic()
    seen: list[dict] = [{"first_s": None, "last_s": None, "told": 0, "done": 0} for _ in tabs]
    apart = 0
    while any(tab["last_s"] is None for tab in seen):
        if time.monotonic() - began > PATIENCE_S:
            raise RuntimeError(f"not every tab was read within {PATIENCE_S} s")
        for tab, state in zip(tabs, seen, strict=True):
            if state["last_s"] is None:
                _look(tab, state, pages, time.monotonic() - began)
        if all(state["last_s"] is None and state["done"] for state in seen):
            done = [state["done"] for state in seen]
            apart = max(apart, max(done) - min(done))
        time.sleep(0.1)
    return [state | {"apart": apart} for state in seen]


def _look(tab: Page, state: dict, pages: int, now: float) -> None:
    told = tab.evaluate(LOOK)
    if "In line" in told["progress"]:
        state["told"] += 1
    if counted := re.match(r"(\d+) of \d+,", told["progress"]):
        state["done"] = max(state["done"], int(counted[1]) - 1)
    if told["read"] and state["first_s"] is None:
        state["first_s"] = now
    if told["read"] and not told["progress"]:
        state["done"], state["last_s"] = pages, now


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading", description=__doc__)
    parser.add_argument("--tabs", type=int, default=4)
    parser.add_argument("--pages", type=int, default=5, help="of each document")
    parser.add_argument("--rounds", type=int, default=4, help="the first warms up and does not count")
    options = parser.parse_args(argv)
    if not Path(lab.CHROMIUM).exists():
        parser.error(f"there is no {lab.CHROMIUM}: install Debian's package chromium to run this bench")
    try:
        with Server(TARGETS["app"]) as server, sync_playwright() as playwright:
            browser = lab.launch(playwright, None)
            rounds, memory = [], []
            for number in range(options.rounds):
                with contextlib.ExitStack() as stack:
                    tabs = [stack.enter_context(visitor(browser, server)) for _ in range(options.tabs)]
                    rounds.append(one_round(tabs, options.pages, number))
                    time.sleep(3)
                    memory.append(server.stats()[-1]["rss"] / MB)
            time.sleep(FORGOTTEN_S)
            memory.append(server.stats()[-1]["rss"] / MB)
            errors = server.log_errors()
    except (RuntimeError, Error) as error:
        show({"bench": "reading", "failed": str(error)})
        return
    _say(rounds[1:], memory, errors, options)


def _say(rounds: list[list[dict]], memory: list[float], errors: int, options: argparse.Namespace) -> None:
    about = {"tabs": options.tabs, "pages_each": options.pages, "rounds": len(rounds)}

    def say(*arguments, **more) -> None:
        show(judged("reading", *arguments, **about, **more))

    tabs = [tab for one in rounds for tab in one]
    say("tabs that were told their place in line", min(sum(tab["told"] > 0 for tab in one) for one in rounds), "of all")
    say("pages between the tabs, at worst", max(tab["apart"] for tab in tabs), "pages", at_most=AT_MOST_APART)
    say("first page, median", statistics.median(tab["first_s"] for tab in tabs), "s")
    say("first page, of the tab that waited longest", max(tab["first_s"] for tab in tabs), "s")
    say("all pages, median", statistics.median(tab["last_s"] for tab in tabs), "s")
    say("pages read in all", options.tabs * options.pages / max(tab["last_s"] for tab in rounds[-1]), "pages/s")
    growth = memory[-1] - memory[0]
    levels = [round(level) for level in memory]
    say("growth of the server's memory, once the tabs are forgotten", growth, "MB")
    say("the server's memory, at most", max(memory), "MB", at_most=AT_MOST_MB, after_each_round=levels)
    say("tracebacks in the server's log", errors, "", at_most=0)


if __name__ == "__main__":
    main(sys.argv[1:])
