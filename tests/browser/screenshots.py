"""Takes the README's pictures from the running app: `python -m tests.browser.screenshots`."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench import REPO
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

OUT = REPO / "assets" / "screenshots"
DESKTOP = {"viewport": {"width": 1280, "height": 1000}}
Act = Callable[[Page], None]
PHONE = {"viewport": {"width": 375, "height": 667}, "device_scale_factor": 2}


def start_camera(page: Page) -> None:
    lab.start_camera(page)
    page.locator(".verdict").wait_for()


def write(page: Page) -> None:
    page.locator(".st-key-write button").click()
    page.get_by_role("button", name="Copy").first.wait_for()
    page.mouse.move(0, 0)


def shoot(browser: Browser, url: str, name: str, *, act: Act | None = None, dark: bool, **options: object) -> None:
    context = browser.new_context(color_scheme="dark" if dark else "light", **options)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(url)
    page.get_by_text("Nothing is sent anywhere else").wait_for()
    if act:
        act(page)
    page.wait_for_timeout(4000)
    page.screenshot(path=OUT / f"{name}.jpg", quality=85, type="jpeg")
    context.close()


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Server(TARGETS["app"]) as server, sync_playwright() as playwright:
        browser = lab.launch(playwright, lab.make_camera(Path(folder) / "camera.y4m", bar=False))
        home, classifier = f"http://127.0.0.1:{server.port}/", f"http://127.0.0.1:{server.port}/classifier"
        shoot(browser, home, "home", dark=False, **DESKTOP)
        shoot(browser, f"{classifier}?why=true", "classifier", act=start_camera, dark=False, **DESKTOP)
        shoot(browser, f"{classifier}?input=Samples&inside=true&why=true", "inside", dark=True, **DESKTOP)
        shoot(browser, classifier, "phone", act=start_camera, dark=True, **PHONE)
        textgen = f"http://127.0.0.1:{server.port}/textgen"
        shoot(browser, textgen, "textgen", act=write, dark=False, **DESKTOP)
        shoot(browser, f"{textgen}?view=Attention", "attention", dark=True, **DESKTOP)
        ocr = f"http://127.0.0.1:{server.port}/ocr"
        shoot(browser, ocr, "ocr", act=lab.wait_until_read, dark=False, **DESKTOP)
        browser.close()
        browser = lab.launch(playwright, lab.make_camera(Path(folder) / "person.y4m", "astronaut", bar=False))
        pose = f"http://127.0.0.1:{server.port}/pose"
        shoot(browser, pose, "pose", act=start_camera, dark=False, **DESKTOP)
        browser.close()
    sys.stdout.write(f"pictures in {OUT.relative_to(REPO)}\n")


if __name__ == "__main__":
    main()
