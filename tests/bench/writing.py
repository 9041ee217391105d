"""The text generator's page with a real server and real Chromium tabs: the first token, and many who write at once.

First one visitor presses Write again and again: from the click in the page to the first text of any column in the
page, with all bundled models warm. Then `--tabs` visitors press Write whenever their last text is done. Prints one
JSON line per figure with its limit. Server, browser and this process share the machine's cores.
"""

import argparse
import contextlib
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from components.textgen.choice import DEFAULTS
from tests.bench.figures import between, percentile
from tests.bench.limits import judged, show
from tests.bench.server import MB, Server
from tests.bench.target import TARGETS
from tests.browser import lab

AT_MOST_FIRST_MS = 150
AT_MOST_GROWTH_MB = 50
AT_LEAST_CHARACTERS = 1  # in each tab: everybody sees tokens
PATIENCE_S = 60  # for the page, which loads four models
ROUND_BOUND_S = 240  # until every tab's first text is done
REST_S = 5  # length of the windows in which memory is looked at
WRITE = ".st-key-write button:enabled"

# Runs in every tab before the page does. A column shows this press's text when it has a cursor, or another text than
# at the click; a press is over when all have text and neither cursor nor Stop is left. Times in ms.
WATCH = """
window.writing = {presses: [], drive: 0};  // drive: how many presses are to be made by themselves
(() => {
  let press = null, before = [];
  const columns = () => [...document.querySelectorAll(".written")];
  const beyond = (column) => column.textContent.slice((column.querySelector(".began")?.textContent ?? "").length);
  const look = () => {
    if (!press || press.over_ms !== null) return;
    const now = performance.now() - press.at, shown = columns();
    let characters = 0;
    shown.forEach((column, i) => {
      const text = beyond(column);
      if (text && press.first_ms[i] === null && (column.querySelector(".cursor") || text !== before[i]))
        press.first_ms[i] = now;
      if (press.first_ms[i] !== null) characters += text.length;
    });
    if (characters > press.characters) {
      press.silence_ms = Math.max(press.silence_ms, now - press.heard);
      press.characters = characters;
      press.heard = now;
    }
    const begun = shown.length === press.first_ms.length && !press.first_ms.includes(null);
    if (begun && !document.querySelector(".written .cursor, .st-key-stop")) press.over_ms = now;
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".st-key-write button")) return;
    before = columns().map(beyond);
    const first_ms = new Array(COLUMNS).fill(null);
    press = {at: performance.now(), first_ms, over_ms: null, characters: 0, heard: 0, silence_ms: 0};
    window.writing.presses.push(press);
  }, true);
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
  setInterval(() => {
    const free = !press || (press.over_ms !== null && performance.now() - press.at - press.over_ms > 300);
    const wanted = window.writing.presses.length < window.writing.drive;
    if (wanted && free) document.querySelector(".st-key-write button:enabled")?.click();
  }, 50);
})();
""".replace("COLUMNS", str(len(DEFAULTS["models"])))


def say(*arguments, **about) -> None:
    show(judged("writing", *arguments, **about, load_before=round(os.getloadavg()[0], 2)))


@contextlib.contextmanager
def visitor(browser: Browser, server: Server) -> Iterator[Page]:
    """A tab of its own session on the page, ready to write."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_S * 1000)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/textgen")
    page.locator(WRITE).wait_for()
    try:
        yield page
    finally:
        context.close()


def presses(page: Page) -> list[dict]:
    return page.evaluate("window.writing.presses")


def press_once(page: Page) -> dict:
    """Press as a visitor does, with the mouse, and wait until all is written."""
    count = len(presses(page))
    page.locator(WRITE).click()
    page.wait_for_function("n => window.writing.presses[n]?.over_ms", arg=count, polling=100)
    return presses(page)[count]


def set_length(page: Page, characters: int) -> None:
    """By the keyboard, on the slider under More."""
    page.get_by_role("button", name="Temperature and more").click()
    slider = page.get_by_role("slider", name="Length in characters")
    slider.focus()
    for _ in range(abs(characters - DEFAULTS["length"]) // 100):
        slider.press("ArrowRight" if characters > DEFAULTS["length"] else "ArrowLeft")
    page.keyboard.press("Escape")


def first_token(page: Page, rounds: int) -> None:
    """Of presses after the first, which may load what the models need only once."""
    press_once(page)
    seen = []
    for _ in range(rounds):
        page.wait_for_timeout(500)
        seen.append(press_once(page)["first_ms"])
    any_column, all_columns = [min(first) for first in seen], [max(first) for first in seen]
    about = {"presses": rounds, "columns": len(DEFAULTS["models"])}
    for share in (0.5, 0.95):
        percent = f"p{share * 100:.0f}"
        figure = percentile(any_column, share)
        say(f"first token, {percent}", figure, "ms after the press", at_most=AT_MOST_FIRST_MS, **about)
        say(f"first token of the last column, {percent}", percentile(all_columns, share), "ms after the press", **about)


def summary(tab: Sequence[Mapping]) -> dict:
    """Of one tab's presses: how many are over, the slowest first token of any column, and the longest silence."""
    firsts = [min(first) for press in tab if (first := [ms for ms in press["first_ms"] if ms is not None])]
    return {
        "completed": sum(press["over_ms"] is not None for press in tab),
        "slowest_first_ms": round(max(firsts)) if firsts else None,
        "longest_silence_ms": round(max((press["silence_ms"] for press in tab), default=0)),
        "characters": sum(press["characters"] for press in tab),
    }


def rss_mb(rows: Sequence[Mapping], window: tuple[float, float]) -> float | None:
    """Median of the server's memory in a window of unix seconds."""
    values = [row["rss"] / MB for row in between(list(rows), window)]
    return statistics.median(values) if values else None


def together(browser: Browser, server: Server, options: argparse.Namespace) -> None:
    """Everybody writes at once: a first text each that does not count, then as many as they get in `--seconds`."""
    alone = rss_mb(server.stats(), (time.time() - REST_S, time.time()))
    with contextlib.ExitStack() as stack:
        tabs = [stack.enter_context(visitor(browser, server)) for _ in range(options.tabs)]
        for tab in tabs:
            set_length(tab, options.length)
        time.sleep(1)  # a slider tells the server after a moment
        for tab in tabs:
            tab.evaluate("window.writing.drive = 1")
        started = time.monotonic()
        while not all(press["over_ms"] for tab in tabs for press in presses(tab) or [{"over_ms": None}]):
            if time.monotonic() - started > ROUND_BOUND_S:
                raise RuntimeError(f"not every tab has written a text within {ROUND_BOUND_S} s")
            time.sleep(1)
        first_round_s = time.monotonic() - started
        for tab in tabs:
            tab.evaluate("window.writing.drive = Infinity")
        began = time.time()
        time.sleep(options.seconds)
        ended = time.time()
        seen = [presses(tab)[1:] for tab in tabs]
        rows = server.stats()
    figures = [summary(tab) for tab in seen]
    say("first round of all tabs, not counted", first_round_s, "s", tabs=options.tabs, length=options.length)
    about = {"tabs": options.tabs, "length": options.length, "seconds": options.seconds}
    completed = [tab["completed"] for tab in figures]
    unit = "completed by the tab with fewest"
    say("texts", min(completed), unit, per_tab=completed, **about)
    for key, what in (("slowest_first_ms", "slowest first token"), ("longest_silence_ms", "longest silence")):
        per_tab = [tab[key] for tab in figures]
        worst = None if None in per_tab else max(per_tab)
        say(what, worst, "ms in the tab where it is worst", per_tab=per_tab, **about)
    per_tab = [tab["characters"] for tab in figures]
    say("characters", min(per_tab), "in the tab with fewest", at_least=AT_LEAST_CHARACTERS, per_tab=per_tab, **about)
    waited = rows[-1]["generation"]["longest_wait_s"] if rows else None
    say("longest wait for a turn in the queue, since the server's start", waited, "s", **about)
    first, last = rss_mb(rows, (began, began + REST_S)), rss_mb(rows, (ended - REST_S, ended))
    growth = None if first is None or last is None else last - first
    levels = {"one_visitor": alone, "after_first_round": first, "end": last}
    about["rss_mb"] = {when: None if level is None else round(level, 1) for when, level in levels.items()}
    say("growth of the server's memory", growth, "MB", at_most=AT_MOST_GROWTH_MB, **about)
    say("tracebacks in the server's log", server.log_errors(), "", at_most=0)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.writing", description=__doc__)
    parser.add_argument("--presses", type=int, default=12, help="for the first token; 0 leaves that out")
    parser.add_argument("--tabs", type=int, default=8, help="that write at once; 0 leaves that out")
    parser.add_argument("--seconds", type=float, default=60, help="that they write")
    parser.add_argument("--length", type=int, default=2000, help="characters of their texts, in hundreds up to 4000")
    options = parser.parse_args(argv)
    if not Path(lab.CHROMIUM).exists():
        parser.error(f"there is no {lab.CHROMIUM}: install Debian's package chromium to run this bench")
    try:
        with Server(TARGETS["app"]) as server, sync_playwright() as playwright:
            browser = lab.launch(playwright, None)
            with visitor(browser, server) as page:
                first_token(page, options.presses) if options.presses else press_once(page)
                time.sleep(REST_S)
            if options.tabs:
                together(browser, server, options)
            browser.close()
    except (RuntimeError, Error) as error:
        show({"bench": "writing", "failed": str(error)})


if __name__ == "__main__":
    main(sys.argv[1:])
