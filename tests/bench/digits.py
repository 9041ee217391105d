"""The digits' page: how right its networks are, and how soon bars and map follow the hand in a real Chromium.

Right: of MNIST's 10,000 test pictures in ../shared/data/mnist, which nothing was trained or chosen on, and of the same
pictures with grain, as harder ones. Made: of 500 digits out of noise, those that the network names as what was asked
for. In Chromium: from ink leaving the pad to its bars painted, and pictures of the map while one drags. Prints one JSON
line.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from models.cache import ModelCache
from models.digits.bundled import FOLDER, Digits
from tests.bench.figures import percentile
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist" / "test.npz"
MADE = 50  # of each digit
# Between ink that is sent and bars that are painted: the hub is the page's own, see assets/live/socket.js
WATCH = """() => {
  const hub = window.limelightLive, send = hub.send, times = (window.bars = []);
  let sent = 0;
  hub.send = (bytes) => { sent = performance.now(); send(bytes); };
  hub.listen((message) => {
    if (message?.channel !== "digit" || !sent) return;
    const began = sent;
    sent = 0;
    requestAnimationFrame(() => times.push(performance.now() - began));
  });
}"""


def right_of(digits: Digits) -> dict | None:
    if not MNIST.exists():
        return None
    with np.load(MNIST) as file:
        pictures, wanted = file["pictures"].astype(np.float32) / 255, file["digits"]
    grain = np.clip(pictures + np.random.default_rng(0).normal(0, 0.25, pictures.shape), 0, 1).astype(np.float32)
    figures: dict[str, dict[str, float]] = {}
    for name, version in digits.shrunk.items():
        said = [
            np.concatenate([version.reader.probabilities(part).argmax(1) for part in np.split(x, 10)])
            for x in (pictures, grain)
        ]
        figures[name] = {"test": float((said[0] == wanted).mean()), "with grain": float((said[1] == wanted).mean())}
    return {name: {key: round(share, 4) for key, share in own.items()} for name, own in figures.items()}


def made_of(digits: Digits) -> dict:
    shares = {}
    began = time.perf_counter()
    for digit in range(10):
        made = digits.maker.film(digit, MADE, seed=100 + digit)[-1]
        shares[digit] = float((digits.reader.probabilities(made).argmax(1) == digit).mean())
    seconds = (time.perf_counter() - began) / 10
    accepted = round(float(np.mean(list(shares.values()))), 3)
    return {"accepted": accepted, "worst digit": round(min(shares.values()), 3), "film_s": round(seconds, 2)}


def stroke(page: Page, selector: str, moves: int, wait_ms: float) -> None:
    box = page.locator(selector).bounding_box()
    assert box
    for number in range(moves):
        angle = number / moves * 2 * np.pi
        x, y = (
            box["x"] + box["width"] * (0.5 + 0.3 * np.sin(angle)),
            box["y"] + box["height"] * (0.5 - 0.35 * np.cos(angle)),
        )
        page.mouse.move(x, y)
        if number == 0:
            page.mouse.down()
        page.wait_for_timeout(wait_ms)
    page.mouse.up()


def in_chromium() -> dict:
    with tempfile.TemporaryDirectory() as folder, Server(TARGETS["app"]) as server, sync_playwright() as playwright:
        browser = lab.launch(playwright, lab.make_camera(Path(folder) / "camera.y4m"))
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/digits")
        lab.fits(page)
        page.evaluate(WATCH)
        for _ in range(4):
            stroke(page, ".pad canvas", 60, 25)
            page.wait_for_timeout(500)
        times = page.evaluate("window.bars")
        page.goto(f"http://127.0.0.1:{server.port}/digits?view=Make")
        lab.fits(page)
        whole = page.locator(".digitmap .whole")
        whole.scroll_into_view_if_needed()
        page.wait_for_timeout(1000)
        before, began = int(whole.get_attribute("data-drawn") or 0), time.monotonic()
        stroke(page, ".digitmap .whole", 60, 20)
        drawn, took = int(whole.get_attribute("data-drawn") or 0) - before, time.monotonic() - began
        browser.close()
    bars = {f"p{share:.0%}"[:-1]: round(percentile(times, share) or 0, 1) for share in (0.5, 0.95)}
    return {"bars_ms": {**bars, "count": len(times)}, "map_pictures_per_s": round(drawn / took, 1)}


def main(argv: list[str] | None = None) -> None:
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    load = os.getloadavg()[0]
    digits: Digits = ModelCache(10**9).get("digits")
    size = {path.name: path.stat().st_size for path in FOLDER.iterdir() if path.suffix in (".npz", ".onnx")}
    figures = {
        "right": right_of(digits),
        "made": made_of(digits),
        **in_chromium(),
        "kB": round(sum(size.values()) / 1000),
    }
    print(json.dumps({"bench": "digits", "load_before": round(load, 2), **figures}))


if __name__ == "__main__":
    main()
