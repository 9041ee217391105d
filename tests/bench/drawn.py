"""From a frame that a visitor sees to the answer about it on the page, in a real Chromium beside other cameras.

The browser's camera films a cup and a cat by turns. `label_ms`: from the first frame of a scene, shown by the browser,
to its name on the page; it holds the smoothing of answers, and the wait for as many as that takes. `answer_ms`: how old
each answer was when it was painted, from the camera on (null for a page without a feed). `drawn_per_s`: how often the
answer on the page changed. `gap_ms`: between two changes. Each number of cameras is measured twice: `pushed`, and
`asked`, where the browser's web socket is blocked and the page's fragments ask for answers; the other cameras' clients
have theirs. `runs_per_s`: script runs that this one page asks the server for. With `--page teachable` the page is the
Teachable machine with a head for the two scenes; the other cameras stay at the classifier.
"""

import argparse
import itertools
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from models.teachable.keep.files import to_bytes
from tests.bench.figures import percentiles_ms
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import TARGETS
from tests.browser import lab
from tests.browser.test_teachable import go, open_project, project, train

SCENES = {"coffee": "espresso|cup|coffee mug", "cat": "cat|tabby"}
START_S = 240
# A scene is told by the mean colour of the picture: red against green is 2.0 for the cup and 1.4 for the cat
WATCH = """(scenes) => {
  const video = document.querySelector("video.shown") ?? [...document.querySelectorAll("*")]
    .map((e) => e.shadowRoot?.querySelector("video.shown")).find(Boolean);
  const draw = new OffscreenCanvas(16, 16).getContext("2d", { willReadFrequently: true });
  const seen = (window.seen = { scenes: [], names: [], changes: [], ages: [] });
  let last = null, name = null, text = "";
  const frame = () => {
    draw.drawImage(video, 0, 0, 16, 16);
    const sum = [0, 0, 0, 0];
    draw.getImageData(0, 0, 16, 16).data.forEach((value, i) => (sum[i % 4] += value));
    const scene = sum[0] > 1.68 * sum[1] ? 0 : 1;
    if (last !== null && scene !== last) seen.scenes.push([performance.now(), scene]);
    last = scene;
    video.requestVideoFrameCallback(frame);
  };
  video.requestVideoFrameCallback(frame);
  const page = document.querySelector(".stApp");
  new MutationObserver(() => {
    const now = performance.now(), verdict = document.querySelector(".verdict")?.textContent ?? "";
    const all = verdict + (document.querySelector(".bars")?.textContent ?? "");
    if (!verdict || all === text) return;
    text = all;
    seen.changes.push(now);
    const newest = window.limelightLive?.channels.get("answer")?.newest;
    if (newest) seen.ages.push(window.limelightLive.age(newest));
    const found = scenes.findIndex((words) => new RegExp(words, "i").test(verdict));
    if (found >= 0 && found !== name) seen.names.push([now, (name = found)]);
  }).observe(page, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def lags_of(seen: dict) -> list[float]:
    """Seconds from each scene's first frame to its name, of those that got one before the next scene came."""
    lags = []
    for i, (began, scene) in enumerate(seen["scenes"]):
        ended = seen["scenes"][i + 1][0] if i + 1 < len(seen["scenes"]) else float("inf")
        named = [at for at, name in seen["names"] if name == scene and began <= at < ended]
        lags += [(named[0] - began) / 1000] if named else []
    return lags


def film(folder: Path) -> Path:
    """The two scenes, two seconds each."""
    first, *others = [lab.make_camera(folder / f"{name}.y4m", name, bar=False) for name in SCENES]
    both = folder / "both.y4m"
    both.write_bytes(first.read_bytes() + b"".join(other.read_bytes().split(b"\n", 1)[1] for other in others))
    return both


def teach(page: Page) -> None:
    """Open a project of the two scenes, train it, and go back to the camera."""
    open_project(page, to_bytes(project()))
    train(page)
    go(page, "Live")


def measure(page: Page, seconds: float) -> dict:
    """The figures of a page whose camera is on."""
    page.evaluate(WATCH, list(SCENES.values()))
    runs = lab.script_runs(page)
    page.wait_for_timeout(1000 * seconds)  # no sleep: what the page sends is heard meanwhile
    runs_per_s = round(len(runs) / seconds, 2)
    seen = page.evaluate("() => window.seen")
    gaps = [(b - a) / 1000 for a, b in itertools.pairwise(seen["changes"])]
    return {
        "scenes": len(seen["scenes"]),
        "named": len(lags_of(seen)),
        "label_ms": percentiles_ms(lags_of(seen)),
        "answer_ms": percentiles_ms([age / 1000 for age in seen["ages"] if age is not None]),
        "drawn_per_s": round(len(seen["changes"]) / seconds, 1),
        "gap_ms": percentiles_ms(gaps),
        "runs_per_s": runs_per_s,
    }


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[0, 7], help="other cameras")
    parser.add_argument("--page", choices=("classifier", "teachable"), default="classifier")
    parser.add_argument("--seconds", type=float, default=40)
    options = parser.parse_args(argv)
    expect.set_options(timeout=1000 * START_S)
    for n, way in itertools.product(options.n, ("asked", "pushed")):
        line = {
            "bench": "drawn",
            "page": options.page,
            "way": way,
            "n": n,
            "seconds": options.seconds,
            "cores": os.cpu_count(),
        }
        line["load_before"] = round(os.getloadavg()[0], 2)  # what others do on this machine
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            Server(TARGETS["app"]) as server,
            sync_playwright() as playwright,
            lab.launch(playwright, film(Path(folder))) as browser,
        ):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(1000 * START_S)
            if way == "asked":
                page.route_web_socket(re.compile("/live/"), lambda ws: ws.close())
            page.goto(f"http://127.0.0.1:{server.port}/{options.page}")
            if options.page == "teachable":
                teach(page)
            lab.start_camera(page)
            page.locator(".verdict").first.wait_for()
            time.sleep(2)  # until the page has run again where it has to ask
            if n:
                with Tabs(server, n=n, mode="send-only", fps=15, seconds=options.seconds + 10) as tabs:
                    tabs.wait("playing", START_S)
                    time.sleep(4)
                    before = server.sample()
                    line |= measure(page, options.seconds)
            else:
                before = server.sample()
                line |= measure(page, options.seconds)
            after = server.sample()
        line["server_cpu_pct"] = round(100 * (after["cpu_s"] - before["cpu_s"]) / (after["t"] - before["t"]))
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
