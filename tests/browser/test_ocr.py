"""The OCR page in a real browser: a screenshot goes in by Ctrl+V, its text comes out of the clipboard."""

import base64
import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import lab
from tests.models.ocr.typeset import page as typeset

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
INPUTS = ("Photo", "Upload", "Paste", "Live", "Samples")
VIEWS = ("Stages", "Prepare", "Compare", "Word cloud", "Text")
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}

COPY = """async (base64) => {
  const png = await (await fetch(`data:image/png;base64,${base64}`)).blob();
  await navigator.clipboard.write([new ClipboardItem({"image/png": png})]);
}"""


def png(*lines: str, size: int = 24) -> bytes:
    file = io.BytesIO()
    Image.fromarray(typeset(lines, size=size).rgb).save(file, "PNG")
    return file.getvalue()


def paste(page: Page, picture: bytes) -> None:
    page.evaluate(COPY, base64.b64encode(picture).decode())
    page.keyboard.press("Control+V")


def text_of(page: Page) -> str:
    return page.locator(".reader .pane").inner_text()


def test_a_pasted_screenshot_is_read_and_copied(visit):
    page = visit("ocr", **CLIPBOARD)
    lab.wait_until_read(page)  # a sample: Ctrl+V works whatever is on the page
    paste(page, png("Grüße aus Göteborg, 12,50 €", "Write to ada@example.org"))
    expect(page.locator(".reader .pane")).to_contain_text("ada@example.org")
    expect(page).to_have_url(re.compile("input=Paste"))
    page.get_by_role("button", name="Copy", exact=True).first.click()
    expect(page.locator(".reader .said")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.split() == "Grüße aus Göteborg, 12,50 € Write to ada@example.org".split()  # noqa: SIM905


def test_a_found_address_is_copied_at_a_press(visit):
    page = visit("ocr?input=Paste", **CLIPBOARD)
    page.get_by_role("button", name="Paste from the clipboard").wait_for()
    paste(page, png("Write to ada@example.org today"))
    found = page.get_by_text("Found in it")
    found.wait_for()
    page.get_by_role("button", name="Copy", exact=True).last.click()
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "ada@example.org"


def test_a_click_on_a_frame_selects_its_text_and_copy_takes_that(visit):
    page = visit("ocr?input=Paste", **CLIPBOARD)
    page.get_by_role("button", name="Paste from the clipboard").wait_for()
    paste(page, png("The upper line", "", "The lower line"))
    page.get_by_role("option", name=re.compile("The lower line")).click()
    page.get_by_role("button", name="Copy selection").click()
    expect(page.locator(".reader .said")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").strip() == "The lower line"


def test_what_is_corrected_stays_and_is_what_is_found(visit):
    page = visit("ocr?input=Paste", **CLIPBOARD)
    page.get_by_role("button", name="Paste from the clipboard").wait_for()
    paste(page, png("Write to ada@example.org"))
    expect(page.locator(".reader .pane")).to_contain_text("ada@")
    page.locator(".reader .pane").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Write to grace@example.org")
    expect(page.get_by_test_id("stMarkdown").filter(has_text="grace@example.org")).to_be_visible()
    page.get_by_role("radio", name="Stages").click()
    page.get_by_text("Line by line").wait_for()
    page.get_by_role("radio", name="Text", exact=True).click()
    expect(page.locator(".reader .pane")).to_contain_text("grace@example.org")


def test_a_drawn_part_is_read_alone(visit):
    page = visit("ocr?input=Paste", **CLIPBOARD)
    page.get_by_role("button", name="Paste from the clipboard").wait_for()
    paste(page, png("The upper line", "", "", "The lower line"))
    expect(page.locator(".reader .pane")).to_contain_text("upper")
    page.locator(".reader .sheet").scroll_into_view_if_needed()
    box = page.locator(".reader .sheet").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 0.55 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.98 * box["width"], box["y"] + 0.98 * box["height"], steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Read only this part").click()
    page.get_by_text("It is a part of it.").wait_for()
    expect(page.locator(".reader .pane")).not_to_contain_text("upper")
    expect(page.locator(".reader .pane")).to_contain_text("The lower line")
    page.get_by_role("button", name="Read it as it came").click()
    expect(page.locator(".reader .pane")).to_contain_text("upper")


def test_a_searchable_pdf_and_a_text_file_are_saved(visit):
    page = visit("ocr")
    lab.wait_until_read(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Searchable PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    shown = text_of(page)
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").filter(has_text=re.compile("^.*Text$")).click()
    assert download.value.path().read_text().split() == shown.split()


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    """Films a printed page."""
    return lab.make_camera(tmp_path_factory.mktemp("page") / "page.y4m", "page", bar=False)


def test_the_camera_is_read_again_and_again_and_frozen_at_a_press(visit):
    page = visit("ocr?input=Live")
    lab.start_camera(page)
    expect(page.locator(".live-panel .written")).to_contain_text(re.compile("markers|pixels|segmentation"))
    assert lab.drawn_over(page) > 500, "frames round the lines"
    page.locator(".st-key-ocr-freeze button:visible").click()
    lab.wait_until_read(page)
    assert re.search("markers|pixels|segmentation", text_of(page))
    page.get_by_role("button", name="Back to the camera").click()
    lab.streamer(page).get_by_role("button", name="Start camera").wait_for()


def test_nothing_scrolls_sideways_on_a_phone(visit):
    page = visit("ocr?input=Live", **PHONE)
    lab.each_fits(page, "input", INPUTS)
    lab.wait_until_read(page)
    for view in VIEWS:
        lab.each_fits(page, "view", [view])
        expect(page.locator(".st-key-ocr-cancel")).to_have_count(0)
        assert not lab.scrolls_sideways(page)


def test_two_visitors_see_their_own_texts_alone(visit):
    one, other = visit("ocr?input=Upload"), visit("ocr?input=Upload")
    for page, word in ((one, "Apples"), (other, "Pears")):
        picture = {"name": "note.png", "mimeType": "image/png", "buffer": png(f"{word} for sale")}
        page.locator('input[type="file"]').set_input_files(picture)
    expect(one.locator(".reader .pane")).to_contain_text("Apples")
    expect(other.locator(".reader .pane")).to_contain_text("Pears")
    assert "Pears" not in text_of(one) and "Apples" not in text_of(other)
