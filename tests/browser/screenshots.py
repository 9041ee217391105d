"""Takes the README's pictures from the running app: `python -m tests.browser.screenshots`."""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from models.pictures.images import sample_pictures, to_jpeg
from tests.bench import REPO
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

OUT = REPO / "assets" / "screenshots"
DESKTOP = {"viewport": {"width": 1280, "height": 1000}}
Act = Callable[[Page], None]
PASSWORD = "for the picture only"
SETTINGS = {"LIMELIGHT_PRESENTER_PASSWORD": PASSWORD}
PHONE = {"viewport": {"width": 375, "height": 667}, "device_scale_factor": 2}


def start_camera(page: Page) -> None:
    lab.start_camera(page)
    page.locator(".verdict").wait_for()


def write(page: Page) -> None:
    page.locator(".st-key-write button").click()
    page.get_by_role("button", name="Copy").first.wait_for()
    page.mouse.move(0, 0)


def teach(page: Page) -> None:
    """A cup from the camera, a cat from a file; then training, and the answers to the camera."""

    def button(words: str) -> Locator:
        return page.locator(".stButton button").filter(has_text=re.compile(f"{words}$"))

    lab.start_camera(page)
    button("Record").first.click()
    page.locator(".count.on").get_by_text(re.compile(r"^[3-9]\d$")).wait_for()
    button("Stop").click()
    page.get_by_role("radio", name="Upload").click()
    cats = next(s for s in sample_pictures() if s.name == "cat").load()
    files = [
        {"name": f"cat {n}.jpg", "mimeType": "image/jpeg", "buffer": to_jpeg(cats[: 240 + 3 * n, 5 * n : 300 + 5 * n])}
        for n in range(24)
    ]
    page.locator('input[type="file"]').set_input_files(files)
    button("Add 24 pictures").last.click()
    page.get_by_text("still to be looked at").wait_for(state="hidden")
    for number, name in enumerate(("Cup", "Cat")):
        page.get_by_label(f"Name of Class {number + 1}").fill(name)
        page.keyboard.press("Enter")
    page.get_by_role("radio", name="Live").click()
    lab.start_camera(page)
    page.locator(".st-key-teach-train button:enabled").click()
    page.get_by_text("Trained on").wait_for()
    page.locator(".verdict").wait_for()


def sign_in(page: Page) -> None:
    """The presenter, who waits until the charts have something to show."""
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the console").click()
    page.get_by_role("button", name="Send everyone there").wait_for()
    page.wait_for_timeout(6000)


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
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(TARGETS["app"], SETTINGS) as server,
        sync_playwright() as playwright,
    ):
        browser = lab.launch(playwright, lab.make_camera(Path(folder) / "camera.y4m", bar=False))
        home, classifier = f"http://127.0.0.1:{server.port}/", f"http://127.0.0.1:{server.port}/classifier"
        shoot(browser, home, "home", dark=False, **DESKTOP)
        shoot(browser, f"{classifier}?why=true", "classifier", act=start_camera, dark=False, **DESKTOP)
        shoot(browser, f"{classifier}?input=Samples&inside=true&why=true", "inside", dark=True, **DESKTOP)
        shoot(browser, f"{home}console", "console", act=sign_in, dark=False, **DESKTOP)
        shoot(browser, classifier, "phone", act=start_camera, dark=True, **PHONE)
        textgen = f"http://127.0.0.1:{server.port}/textgen"
        shoot(browser, textgen, "textgen", act=write, dark=False, **DESKTOP)
        shoot(browser, f"{textgen}?view=Attention", "attention", dark=True, **DESKTOP)
        teachable = f"http://127.0.0.1:{server.port}/teachable"
        shoot(browser, teachable, "teachable", act=teach, dark=False, **DESKTOP)
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
