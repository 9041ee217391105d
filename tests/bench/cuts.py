"""A network that is cut while a camera is on: does the page come back by itself, and how soon?

A real Chromium, and all that it says to the server, goes by a network of our own (tests/bench/network.py) that is cut
again and again. `silent`: nothing comes through; `changed`: connections are ended and the browser has another address
afterwards, as from Wi-Fi to mobile. Back is who is live with an answer drawn about a picture that was taken after the
cut, and has the direct line (/live/). Nobody presses anything. Seconds count from the end of the cut.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from tests.bench.figures import percentile
from tests.bench.limits import judged, show
from tests.bench.network import Network, relayed, turn_server
from tests.bench.server import Server, free_port
from tests.bench.target import TARGETS
from tests.browser import lab

WAYS = ("silent", "changed")
START_S, BACK_S = 120, 120
STEADY_S = 15
# Live, and an answer has come since then (performance.now())
IS_BACK = """(since) => {
  const hub = window.limelightLive, line = [...document.querySelectorAll("*")]
    .map((e) => e.shadowRoot?.querySelector('[role="status"][data-state]')).find(Boolean);
  const answered = hub?.channels.get("answer")?.newest?.received > since;
  return answered && hub.state === "open" && line?.dataset.state === "live";
}"""


def is_back(page: Page, seconds: float) -> float | None:
    """Seconds until it is; None if it is not by then."""
    began = time.monotonic()
    since = page.evaluate("performance.now()")
    try:
        page.wait_for_function(IS_BACK, arg=since, timeout=1000 * seconds)
    except Error:
        return None
    return time.monotonic() - began


def state(page: Page) -> str:
    return page.locator('[role="status"][data-state]').first.get_attribute("data-state") or ""


@contextlib.contextmanager
def cuttable(turnserver: str, folder: Path) -> Iterator[tuple[Server, Network]]:
    """The app, reached by a network that can be cut."""
    with contextlib.ExitStack() as stack:
        turn = stack.enter_context(turn_server(turnserver, folder))
        port = free_port()
        network = stack.enter_context(Network(tcp=port, udp=turn))
        yield stack.enter_context(Server(TARGETS["app"], relayed(network.udp), port=port)), network


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seconds", type=float, nargs="+", default=[20], help="how long each cut lasts")
    parser.add_argument("--way", choices=WAYS, nargs="+", default=WAYS)
    options = parser.parse_args(argv)
    if (turnserver := shutil.which("turnserver")) is None:
        raise SystemExit("no turnserver: install Debian's package coturn")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server, network = stack.enter_context(cuttable(turnserver, folder))
        playwright = stack.enter_context(sync_playwright())
        browser = lab.launch(playwright, lab.make_camera(folder / "camera.y4m"))
        stack.callback(browser.close)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(1000 * START_S)
        page.goto(f"http://127.0.0.1:{network.tcp}/classifier")
        for way in options.way:
            for seconds in options.seconds:
                times: list[float] = []
                for number in range(options.times):
                    if is_back(page, 1) is None:  # at first, or after a cut that was not survived
                        page.reload()
                        lab.start_camera(page)
                        is_back(page, START_S)
                    time.sleep(STEADY_S)
                    network.cut(changed=way == "changed")
                    time.sleep(seconds)
                    before = state(page)
                    network.mend()
                    took = is_back(page, BACK_S)
                    times += [] if took is None else [took]
                    about = {"way": way, "cut_s": seconds, "load_now": round(os.getloadavg()[0], 1)}
                    said = {"number": number + 1, "at_its_end": before, "then": state(page)}
                    show(judged("cuts", "back after", took, "s", **about, **said))
                worst = {"p50_s": percentile(times, 0.5), "worst_s": max(times, default=None)}
                show(judged("cuts", "back by itself", len(times), "", at_least=options.times, **about, **worst))
        show(judged("cuts", "tracebacks in the log", server.log_errors(), "", at_most=0))


if __name__ == "__main__":
    main(sys.argv[1:])
