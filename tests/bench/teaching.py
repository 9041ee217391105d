"""Training on the Teachable page: seconds from the press to the result, and how the page answers others meanwhile.

A real server and real Chromium tabs; each visitor opens the same project file first. Times are taken in the page, from
the click to the words or the view being there. Server, browser and this process share the cores.
"""

import argparse
import contextlib
import os
import re
import statistics
from collections.abc import Iterator, Sequence

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.figures import percentile
from tests.bench.limits import judged, show
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

AT_MOST_TRAIN_S, AT_MOST_SWITCH_S = 1.5, 1.0
PATIENCE_S = 60
LONG_EPOCHS = 1000  # the most that the page takes
TRAIN = ".st-key-teach-train button:enabled"

# Runs in every tab before the page does. A press of Train is over when "Trained on …" stands there and was gone, or
# said something else, since the press; a switch when what only the view has is there. Times in ms.
WATCH = """
window.teaching = {presses: [], switches: [], drive: false};  // drive: press Train whenever it can be pressed
(() => {
  const {presses, switches} = window.teaching;
  const ONLY_IN = {Teach: ".st-key-teach-train", Keep: ".st-key-teach-save"};
  const shown = (node) => Boolean(node) && node.getClientRects().length > 0;
  const result = () => {
    const words = [...document.querySelectorAll('[data-testid="stAlert"]')];
    return words.find((one) => one.textContent.includes("Trained on") && shown(one))?.textContent ?? "";
  };
  const look = () => {
    const press = presses.at(-1), change = switches.at(-1);
    if (press && press.over_ms === null) {
      const now = result();
      press.left ||= now !== press.before;
      if (press.left && now) Object.assign(press, {said: now, over_ms: performance.now() - press.at});
    }
    if (change && change.over_ms === null && shown(document.querySelector(ONLY_IN[change.to])))
      change.over_ms = performance.now() - change.at;
  };
  document.addEventListener("click", (event) => {
    const at = performance.now(), view = event.target.closest('[aria-label="View"] [role="radio"]');
    if (event.target.closest(".st-key-teach-train button"))
      presses.push({at, before: result(), left: false, over_ms: null});
    if (view) switches.push({at, to: view.textContent.trim(), over_ms: null});
  }, true);
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
  setInterval(() => {
    if (window.teaching.drive) document.querySelector(".st-key-teach-train button:enabled")?.click();
  }, 50);
})();
"""


@contextlib.contextmanager
def visitor(browser: Browser, server: Server, project: bytes) -> Iterator[Page]:
    """A tab of its own browser with the project open, ready to train."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_S * 1000)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/teachable?input=Upload")
    settle(page, TRAIN)
    file = {"name": "project.zip", "mimeType": "application/zip", "buffer": project}
    page.locator('input[type="file"]').first.set_input_files(file)
    page.get_by_role("button", name="Open this project").click()
    page.locator(".count b").nth(2).wait_for()  # the third class, which a new one lacks
    settle(page, TRAIN)
    try:
        yield page
    finally:
        context.close()


def settle(page: Page, selector: str, count: int = 1) -> None:
    """Until the page has run and has just so many of these: while it runs, what it had before may stand beside them."""
    page.wait_for_function(
        """([selector, count]) => document.querySelectorAll(selector).length === count
            && document.querySelector('[data-test-script-state="notRunning"]')""",
        arg=[selector, count],
        polling=50,
    )


def press(page: Page) -> tuple[float, float]:
    """Press Train with the mouse; seconds until the result is shown, and those that training took, by the page."""
    settle(page, TRAIN)
    count = page.evaluate("window.teaching.presses.length")
    page.locator(TRAIN).click()
    page.wait_for_function("n => window.teaching.presses[n]?.over_ms != null", arg=count, polling=50)
    one = page.evaluate("n => window.teaching.presses[n]", count)
    said = re.search(r"in ([\d.]+) s", one["said"])
    assert said is not None
    return one["over_ms"] / 1000, float(said[1])


def switch(page: Page, to: str) -> float:
    """Press the view with the mouse; seconds until it is shown. Then wait until the other one is gone."""
    count = page.evaluate("window.teaching.switches.length")
    page.get_by_role("radio", name=to, exact=True).click()
    page.wait_for_function("n => window.teaching.switches[n]?.over_ms != null", arg=count, polling=50)
    settle(page, ".st-key-teach-train" if to == "Keep" else ".st-key-teach-save", 0)
    page.wait_for_timeout(300)
    return page.evaluate("n => window.teaching.switches[n].over_ms", count) / 1000


def train_for_ever(page: Page) -> None:
    """With as many epochs as the page takes, again and again, by itself."""
    page.locator(".st-key-teach-train").locator("xpath=..").get_by_role("button", name="Settings").click()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill(str(LONG_EPOCHS))
    epochs.press("Enter")
    page.keyboard.press("Escape")
    page.evaluate("window.teaching.drive = true")
    page.get_by_text("Training: epoch").first.wait_for()


def switches(page: Page, count: int, trainer: Page | None = None) -> tuple[list[float], float | None]:
    """Seconds of each of so many switches, and in what share of them the trainer's page said that it trains."""
    spent, training = [], []
    for number in range(count):
        spent.append(switch(page, "Teach" if number % 2 else "Keep"))
        if trainer is not None:
            training.append(trainer.get_by_text("Training:").count() > 0)
    return spent, statistics.mean(training) if training else None


def on_the_page(project: bytes, options: argparse.Namespace) -> None:
    """Raises RuntimeError or Playwright's Error when there are no figures."""
    with Server(TARGETS["app"]) as server, sync_playwright() as playwright:
        browser = lab.launch(playwright, None)
        with visitor(browser, server, project) as first:
            _say_presses([press(first) for _ in range(options.presses + 1)], options)
            with visitor(browser, server, project) as second:
                switches(second, 4)  # warms up
                quiet, _ = switches(second, options.switches)
                train_for_ever(first)
                busy, share = switches(second, options.switches, first)
            _say_switches(quiet, busy, share, server.log_errors(), options)
        browser.close()


def _say_presses(spent: Sequence[tuple[float, float]], options: argparse.Namespace) -> None:
    (first, first_alone), *others = spent
    about = {"part": "train", "samples": f"3 × {options.each}", "load_before": round(os.getloadavg()[0], 2)}

    def say(what: str, figure: float | None, of_it_training: object) -> None:
        about.update(presses=len(others), of_it_training_s=of_it_training)
        show(judged("teachable", what, figure, "s", at_most=AT_MOST_TRAIN_S, **about))

    shown, alone = ([one[at] for one in others] for at in (0, 1))
    say("from the very first press to the result on the page", first, first_alone)
    say("from a press to the result on the page, median", statistics.median(shown) if shown else None, alone)
    say("from a press to the result on the page, worst", max(shown, default=None), alone)


def _say_switches(
    quiet: list[float], busy: list[float], share: float | None, errors: int, options: argparse.Namespace
) -> None:
    about = {"part": "train", "switches": len(busy), "training_in": share}
    for percent in (0.5, 0.95):
        figure, before = percentile(busy, percent), percentile(quiet, percent)
        before = None if before is None else round(before, 3)
        what = f"another visitor's change of view while one trains, p{percent * 100:.0f}"
        show(judged("teachable", what, figure, "s", at_most=AT_MOST_SWITCH_S, without_training=before, **about))
    show(judged("teachable", "tracebacks in the server's log", errors, "", part="train", at_most=0))
