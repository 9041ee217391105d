"""One visitor uses all five pages in a real browser, as a person would: how much memory the server takes for it.

The camera live and a picture on the classifier, the camera and a picture on the pose tracker, a project opened, trained
and tested on the teachable machine, a text written by four models, two pages read. A JSON line per page with the
server's RSS in MB once it is used, then one with the sum.
"""

import argparse
import json
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from models.pictures.images import sample_pictures, to_jpeg
from models.teachable.keep.files import to_bytes
from models.teachable.kinds import sample_jpeg
from models.teachable.project import Project
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

PATIENCE_MS = 180_000  # the first visit loads every model
LOOK_S = 10.0  # how long somebody watches a live page
REST_S = 5.0  # until what was begun has ended


class Peak:
    """The largest RSS of the server while the block runs, in MB."""

    def __init__(self, server: Server) -> None:
        self.mb, self._server, self._stop = 0.0, server, threading.Event()
        self._thread = threading.Thread(target=self._weigh)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _weigh(self) -> None:
        while not self._stop.wait(0.1):
            self.mb = max(self.mb, self._server.sample()["rss_mb"])


def _file(name: str, data: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def _picture(name: str) -> np.ndarray:
    return next(sample for sample in sample_pictures() if sample.name == name).load()


def _live(page: Page) -> None:
    lab.at_rest(page)
    lab.start_camera(page)
    time.sleep(LOOK_S)


def classifier(page: Page) -> None:
    """Live, with the heat map, then a picture of one's own."""
    _live(page)
    page.locator(".verdict").wait_for()
    page.get_by_text("Why? A heat map").click()
    page.get_by_text(re.compile("What raised the score")).first.wait_for()
    lab.stop_camera(page)
    page.get_by_role("radio", name="Upload").click()
    lab.at_rest(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([_file("mug.jpg", to_jpeg(_picture("coffee")))])
    page.get_by_text("mug.jpg").last.wait_for()
    page.locator(".verdict").wait_for()


def pose(page: Page) -> None:
    """Live, then a sample picture."""
    _live(page)
    lab.stop_camera(page)
    page.get_by_role("radio", name="Samples").click()
    page.locator("[data-testid=stImage] img, [data-testid=stFullScreenFrame] img").first.wait_for()
    lab.at_rest(page)


def teachable(page: Page) -> None:
    """Twelve samples of two classes, trained and tested."""
    project, dice = Project.fresh(names=("Cup", "Cat"), name="Breakfast"), np.random.default_rng(1)
    for name, one in zip(("coffee", "cat"), project.classes, strict=True):
        rgb = _picture(name)
        for _ in range(6):
            y, x = dice.integers(0, rgb.shape[0] // 3), dice.integers(0, rgb.shape[1] // 3)
            project.add(one.id, sample_jpeg(project.kind, rgb[y : y + 2 * rgb.shape[0] // 3, x : x + 300]))
    page.get_by_role("radio", name="Upload").click()
    page.get_by_text("Pictures, a zip of folders").wait_for()
    lab.at_rest(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([_file("project.zip", to_bytes(project))])
    page.locator(".stButton button").filter(has_text=re.compile("Open this project$")).click()
    expect(page.get_by_text("is open")).to_be_visible()
    lab.at_rest(page)
    page.locator(".stButton button").filter(has_text=re.compile("Train$")).click()
    expect(page.get_by_text(re.compile(r"Trained on \d+ samples"))).to_be_visible()
    page.get_by_role("radio", name="Samples").click()
    page.locator(".verdict").wait_for()


def textgen(page: Page) -> None:
    """A text by four models."""
    lab.at_rest(page)
    page.locator(".st-key-write button").click()
    expect(page.get_by_role("button", name="Copy")).to_have_count(4)


def ocr(page: Page) -> None:
    """A sample page, which the page reads by itself, and a picture of one's own."""
    lab.wait_until_read(page)
    page.get_by_role("radio", name="Upload").click()
    lab.at_rest(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([_file("page.jpg", to_jpeg(_picture("page")))])
    lab.wait_until_read(page)
    lab.at_rest(page)


PAGES: dict[str, Callable[[Page], None]] = {use.__name__: use for use in (classifier, pose, teachable, textgen, ocr)}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    options = parser.parse_args(argv)
    about = {"bench": "visit"}
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(TARGETS["app"]) as server,
        Peak(server) as peak,
        sync_playwright() as playwright,
    ):
        browser = lab.launch(playwright, lab.make_camera(Path(folder) / "camera.y4m"))
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        site = f"http://127.0.0.1:{server.port}"
        page.goto(site)
        lab.at_rest(page)
        time.sleep(REST_S)
        before = server.sample()["rss_mb"]
        print(json.dumps(about | {"page": "home", "rss_mb": round(before, 1)}), flush=True)
        for name in options.pages:
            page.goto(f"{site}/{name}")
            page.get_by_text("Nothing is sent anywhere else").wait_for()  # the footer
            PAGES[name](page)
            time.sleep(REST_S)
            print(json.dumps(about | {"page": name, "rss_mb": round(server.sample()["rss_mb"], 1)}), flush=True)
        after = server.sample()["rss_mb"]
        browser.close()
        errors = server.log_errors()
    sums = {"before_mb": round(before, 1), "after_mb": round(after, 1), "peak_mb": round(peak.mb, 1), "errors": errors}
    print(json.dumps(about | sums), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
