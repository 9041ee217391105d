"""Pages in a real browser, without the live camera: pictures in, answers out, at every size."""

import re

import pytest
from playwright.sync_api import Page, expect

from models.demos import DEMOS, sections
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
INPUTS = ("Live", "Photo", "Upload", "Paste", "Samples")


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files]
    )


def test_nothing_scrolls_sideways_on_a_phone(visit):
    page = visit(**PHONE)
    lab.fits(page)
    home = page.url.rstrip("/")
    for demo in DEMOS:
        page.goto(f"{home}/{demo.name}")
        lab.fits(page)
    page.goto(f"{home}/classifier")
    lab.each_fits(page, "input", INPUTS)


def test_a_photo_is_named(visit):
    page = visit("classifier?input=Photo")
    page.wait_for_function("() => document.querySelector('[data-testid=stCameraInput] video')?.currentTime > 0.3")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup|coffee mug"))


def test_an_upload_is_named_and_explained(visit, coffee):
    page = visit("classifier?input=Upload&why=true&inside=true")
    upload(page, ("my mug.jpg", coffee))
    expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup"))
    expect(page.get_by_text("What raised the score of “")).to_be_visible()
    for when in ("Early", "Middle", "Late"):
        expect(page.get_by_text(re.compile(rf"{when}: \d+ maps of \d+×\d+"))).to_be_visible()


def test_a_picture_is_pasted_with_ctrl_v(visit, coffee):
    page = visit("classifier?input=Paste", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Paste from the clipboard").wait_for()
    page.evaluate(COPY, list(coffee))
    page.keyboard.press("Control+V")
    expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup"))
    expect(page.get_by_text("pasted picture")).to_be_visible()


def test_a_picture_is_pasted_with_the_button(visit, coffee):
    page = visit("classifier?input=Paste", permissions=["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name="Paste from the clipboard")
    button.wait_for()
    page.evaluate(COPY, list(coffee))
    button.click()
    expect(page.locator(".verdict")).to_contain_text(re.compile("espresso|cup"))


def test_pasting_text_says_what_is_missing(visit):
    page = visit("classifier?input=Paste", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Paste from the clipboard").wait_for()
    page.evaluate("navigator.clipboard.writeText('no picture')")
    page.keyboard.press("Control+V")
    expect(page.get_by_text("The clipboard holds no picture")).to_be_visible()


# puts a JPEG (a list of bytes) into the clipboard as browsers want it there, as PNG
COPY = """async (bytes) => {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], {type: "image/jpeg"}));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  await navigator.clipboard.write([new ClipboardItem({"image/png": await canvas.convertToBlob({type: "image/png"})})]);
}"""


def test_choices_are_in_the_address_and_come_back_with_it(visit):
    page = visit("classifier?input=Samples")
    page.get_by_text("Why? A heat map").click()
    expect(page).to_have_url(re.compile("why=true"))
    again = visit(page.url.split("/", 3)[3])
    expect(again.get_by_text("What raised the score of “")).to_be_visible()


def test_a_deep_link_works_as_the_first_visit_after_the_start(browser):
    with Server(TARGETS["app"]) as fresh:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{fresh.port}/classifier?input=Samples&k=3")
        expect(page.locator(".bar")).to_have_count(3)
        menu = [link.split("\n")[-1] for link in page.get_by_test_id("stSidebarNavLink").all_inner_texts()]
        assert menu == ["Home", *(demo.title for demos in sections().values() for demo in demos)]
        page.close()
