"""Without scrolling, on a phone, a laptop and a projector, by day and by night: the answer, on every demo."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, ViewportSize

from tests.browser import lab

pytestmark = pytest.mark.browser

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 375, "height": 667},
    "laptop": {"width": 1280, "height": 800},
    "projector": {"width": 1920, "height": 1080},
}
LINES_PX = 110  # of a box of text, which scrolls in itself: four or five lines


def write(page: Page) -> None:
    page.get_by_role("button", name="Write", exact=True).click()


class Case(NamedTuple):
    """The address, what a visitor does there, what is the answer, how many of its pixels are to be seen: None for all
    of it."""

    path: str
    do: Callable[[Page], None]
    answer: str
    pixels: int | None = None


CASES = {
    "classifier still": Case("classifier?input=Samples", lab.at_rest, ".bars .bar:nth-child(2)"),
    "classifier live": Case("classifier", lab.start_camera, ".bars .bar:nth-child(2)"),
    "pose still": Case("pose?input=Samples", lab.at_rest, "[data-testid=stImage] img"),
    "pose live": Case("pose", lab.start_camera, "video.shown"),
    "detector still": Case("detector?input=Samples", lab.at_rest, "[data-testid=stImage] img"),
    "detector live": Case("detector", lab.start_camera, "video.shown"),
    "taught still": Case("taught?input=Samples", lab.at_rest, "[data-testid=stImage] img"),
    "teachable live": Case("teachable", lab.start_camera, "video.shown"),
    "ocr still": Case("ocr", lab.wait_until_read, ".reader .pane", LINES_PX),
    "ocr live": Case("ocr?input=Live", lab.start_camera, "video.shown"),
    "vision still": Case("vision", lab.at_rest, ".st-key-vision-pictures [data-testid=stColumn]:nth-child(2) img"),
    "vision live": Case("vision?input=Live", lab.start_camera, ".st-key-vision-camera iframe", 110),
    "playground": Case("playground", lab.at_rest, ".playground-plane canvas", 250),
    "digits": Case("digits", lab.at_rest, ".pad canvas", 150),
    "textgen": Case("textgen", write, ".written", LINES_PX),
}


def seen_of(box: Locator) -> tuple[float, float]:
    """Its height in CSS pixels, and how much of that lies in the window."""
    top, bottom, window = box.evaluate(
        "(e) => { const { top, bottom } = e.getBoundingClientRect(); return [top, bottom, window.innerHeight]; }"
    )
    return bottom - top, min(bottom, window) - max(top, 0)


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_in_the_first_screen(visit: Callable[..., Page], case: str) -> None:
    path, do, answer, pixels = CASES[case]
    page = visit(path, viewport=SIZES["phone"])
    do(page)
    box = page.locator(answer).first
    box.wait_for()
    for size, viewport in SIZES.items():
        if size != "phone":  # what the press there has scrolled to says nothing of another window
            page.set_viewport_size(viewport)
            page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(500)  # what is drawn last may push it down
            height, seen = seen_of(box)
            assert height > 20, (size, scheme)
            assert seen >= (height - 1 if pixels is None else min(pixels, height)), (size, scheme, height, seen)
            assert not lab.scrolls_sideways(page), (size, scheme)
