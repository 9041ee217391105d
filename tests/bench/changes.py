"""How soon a visitor can go on, in a real Chromium: from a press in the menu until the other demo's title is there and
nothing runs any more, for each demo in turn, twice, the second time with all models loaded; and from a press on Start
camera to the first answer drawn. Prints one JSON line.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from models.demos import DEMOS
from tests.bench.figures import percentile
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

CHANGE_AT_MOST_S, START_AT_MOST_S = 0.3, 0.6
# Seconds from the press until the heading is the other's and Streamlit has nothing left to do
USABLE = """([title]) => {
  const heading = document.querySelector("h1")?.innerText.trim();
  const app = document.querySelector('[data-testid="stApp"]');
  return heading === title && app?.dataset.testScriptState === "notRunning";
}"""


def changes(page: Page) -> dict[str, float]:
    """Seconds to each demo from the one before."""
    found = {}
    for demo in DEMOS:
        link = page.get_by_test_id("stSidebarNavLink").filter(has_text=demo.title)
        began = time.monotonic()
        link.click()
        page.wait_for_function(USABLE, arg=[demo.title], polling=10)
        found[demo.name] = round(time.monotonic() - began, 3)
        page.wait_for_timeout(700)
    return found


def starts(page: Page, base: str, rounds: int) -> list[float]:
    """Seconds from the press on Start to the first answer, on the classifier's page."""
    page.goto(f"{base}/classifier")
    lab.at_rest(page)
    found = []
    for _ in range(rounds):
        button = lab.streamer(page).get_by_role("button", name="Start camera")
        button.wait_for()
        page.wait_for_timeout(1500)
        began = time.monotonic()
        button.click()
        expect(page.locator(".bars .bar").first).to_be_visible()
        found.append(time.monotonic() - began)
        lab.streamer(page).get_by_role("button", name="Stop camera").click()
        expect(page.locator(".bars .bar")).to_have_count(0)
    return found


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="starts of the camera")
    options = parser.parse_args(argv)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, Server(TARGETS["app"]) as server, sync_playwright() as playwright:
        browser = lab.launch(playwright, lab.make_camera(Path(folder) / "camera.y4m"))
        base = f"http://127.0.0.1:{server.port}"
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(base)
        lab.at_rest(page)
        first, again = changes(page), changes(page)
        started = starts(page, base, options.rounds)
        browser.close()
    figures = {
        "change_s": {"median": percentile(list(again.values()), 0.5), "worst": max(again.values())},
        "change_at_most_s": CHANGE_AT_MOST_S,
        "each_s": again,
        "first_time_s": first,
        "start_s": {"median": round(percentile(started, 0.5) or 0, 2), "worst": round(max(started), 2)},
        "start_at_most_s": START_AT_MOST_S,
    }
    print(json.dumps({"bench": "changes", "load_before": round(load, 2), **figures}))


if __name__ == "__main__":
    main()
