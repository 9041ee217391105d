"""The read page's component in a real browser: what is chosen, corrected and copied, by mouse, keys and finger.

No server: the component's own files in a page that stands in for Streamlit's, a shadow tree and two callbacks."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from components.layout import ROOT, script
from components.ocr.reader import SCRIPTS, _data
from models.ocr.boxes import Code, Reading, TextBox
from models.ocr.layout.pieces import Piece
from tests.browser import lab

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}

HOST = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<body style="margin: 8px; --st-primary-color: #41720a; --st-text-color: #1b2110; --st-background-color: #fdfdf9;
  --st-secondary-background-color: #eef3e2; --st-border-color: #c9d3b4; --st-font: sans-serif">
<div id="host"></div><input id="elsewhere">
<script type="module">
  import show from "./reader.js";
  const root = document.querySelector("#host").attachShadow({ mode: "open" });
  const file = async (kind) => (await fetch(`reader.${kind}`)).text();
  root.innerHTML = `<style>${await file("css")}</style>${await file("html")}`;
  window.told = [];
  const say = (key, value) => window.told.push([key, value]);
  window.put = (data) => (window.leave = show({ parentElement: root, data, setStateValue: say, setTriggerValue: say }));
  window.text = () => root.querySelector(".pane").textContent;
  window.selection = () => root.getSelection().toString();
</script>"""

LINES = ("The quick brown", "fox jumps ovr", "the lazy dog")
SURE, UNSURE = 0.97, 0.6


def line(number: int, text: str, score: float = SURE) -> TextBox:
    top, right = 20 + 40 * number, 20 + 14 * len(text)
    polygon = np.array([[20, top], [right, top], [right, top + 24], [20, top + 24]], np.float32)
    return TextBox(polygon, text, score)


def a_reading(lines: Sequence[str] = LINES, codes: Sequence[Code] = ()) -> tuple[Reading, list[Piece]]:
    """A picture 400 × 300 with these lines, and their words as pieces; words of three letters "ovr" are unsure."""
    rgb = np.full((max(300, 40 * len(lines) + 40), 400, 3), 250, np.uint8)
    pieces: list[Piece] = []
    for number, text in enumerate(lines):
        if number:
            pieces.append(Piece("\n"))
        for n, word in enumerate(text.split(" ")):
            pieces += [Piece(" ")] * bool(n) + [Piece(word, number, UNSURE if word == "ovr" else SURE)]
    return Reading(rgb, tuple(line(n, text) for n, text in enumerate(lines)), tuple(codes)), pieces


QR = Code("QR code", "https://example.org", np.array([[300, 200], [380, 200], [380, 280], [300, 280]], np.float32))


def put(page: Page, reading: Reading, pieces: Sequence[Piece], *, crop: bool = False, weak_below: float = 0.8) -> None:
    """What a run of the Streamlit page does."""
    data = _data(reading, pieces, "page", weak_below, crop)
    page.evaluate("data => window.put(data)", json.loads(json.dumps(data)))


def told(page: Page, key: str) -> list[Any]:
    """Everything the server was told under that name, in order."""
    return [value for name, value in page.evaluate("window.told") if name == key]


def texts(page: Page) -> list[str | None]:
    """The edited texts that the server was told; None for: as it was read."""
    page.wait_for_timeout(700)
    return [edit and edit["text"] for edit in told(page, "edit")]


def clipboard(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def box(page: Page, name: str) -> Any:
    return page.get_by_role("option", name=name)


def caret(page: Page, after: str) -> None:
    """Put the caret into the text, right behind these letters of one word."""
    page.evaluate(
        """after => {
            const pane = document.querySelector("#host").shadowRoot.querySelector(".pane");
            const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
            while (walker.nextNode() && !walker.currentNode.data.includes(after));
            const at = walker.currentNode.data.indexOf(after) + after.length;
            pane.focus();
            pane.getRootNode().getSelection().collapse(walker.currentNode, at);
        }""",
        after,
    )
    page.wait_for_timeout(50)  # selectionchange


def lit(page: Page) -> list[str]:
    """The boxes that are marked in the picture."""
    return [re.sub(r", \d+ % sure$", "", b.get_attribute("aria-label")) for b in page.locator("polygon.lit").all()]


@pytest.fixture
def open_page(browser: Browser) -> Any:
    """open_page(reading, pieces, …) shows them; further arguments are Playwright's for a context."""
    contexts = []
    errors: list[str] = []

    def open_page(
        reading: Reading,
        pieces: Sequence[Piece],
        *,
        origin: str = "http://localhost",
        crop: bool = False,
        **options: Any,
    ) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **CLIPBOARD, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)

        def serve(route: Any) -> None:
            name = route.request.url.rpartition("/")[2]
            if name == "reader.js":
                route.fulfill(body=script(*SCRIPTS, "reader/reader"), content_type="text/javascript")
            elif name.startswith("reader."):
                route.fulfill(path=ROOT / "assets" / "reader" / name)
            else:
                route.fulfill(body=HOST if not name else "", content_type="text/html")

        context.route("**/*", serve)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
        page.goto(f"{origin}/")
        page.wait_for_function("Boolean(window.put)")
        put(page, reading, pieces, crop=crop)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors


# ---- choosing ---------------------------------------------------------------------------------------------------


def test_a_click_on_a_box_selects_its_text_and_copy_takes_that(open_page: Open) -> None:
    page = open_page(*a_reading())
    box(page, "fox jumps ovr").click()
    assert page.evaluate("window.selection()") == "fox jumps ovr"
    assert lit(page) == ["fox jumps ovr"]
    assert page.locator(".pane .lit").all_text_contents() == ["fox", "jumps", "ovr"]
    page.get_by_role("button", name="Copy selection").click()
    expect(page.get_by_role("status")).to_have_text("Copied 13 characters")
    assert clipboard(page) == "fox jumps ovr"


def test_without_a_selection_copy_takes_all_and_says_how_much(open_page: Open) -> None:
    page = open_page(*a_reading())
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("status")).to_have_text(f"Copied {len(chr(10).join(LINES))} characters")
    assert clipboard(page) == "\n".join(LINES)
    page.get_by_role("button", name="Copy without line breaks").click()
    expect(page.get_by_role("status")).to_have_text(f"Copied {len(' '.join(LINES))} characters")
    assert clipboard(page) == " ".join(LINES)


def test_lines_of_chinese_are_joined_without_spaces(open_page: Open) -> None:
    page = open_page(*a_reading(["人工智能", "学习", "and English", "text"]))
    page.get_by_role("button", name="Copy without line breaks").click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "人工智能学习 and English text"


def test_the_caret_in_the_text_marks_its_box_but_copy_still_takes_all(open_page: Open) -> None:
    page = open_page(*a_reading())
    caret(page, "laz")
    assert lit(page) == ["the lazy dog"]
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "\n".join(LINES)


def test_text_selected_by_hand_marks_its_boxes_and_is_what_is_copied(open_page: Open) -> None:
    page = open_page(*a_reading())
    caret(page, "brown")
    page.keyboard.press("Shift+Control+ArrowRight")
    page.keyboard.press("Shift+Control+ArrowRight")
    chosen = page.evaluate("window.selection()")
    assert chosen.startswith("\nfox")
    assert lit(page) == ["fox jumps ovr"], "a selection that only touches a line's end has none of it"
    page.get_by_role("button", name="Copy selection").click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == chosen


def test_boxes_are_added_with_shift_and_taken_away_again_and_copied_as_one(open_page: Open) -> None:
    page = open_page(*a_reading())
    box(page, "The quick brown").click()
    box(page, "the lazy dog").click(modifiers=["Shift"])
    assert lit(page) == ["The quick brown", "the lazy dog"]
    page.get_by_role("button", name="Copy selection").click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "The quick brown\nthe lazy dog"
    box(page, "the lazy dog").click(modifiers=["Control"])
    assert lit(page) == ["The quick brown"]
    page.locator("img").click(position={"x": 5, "y": 5}, force=True)
    assert lit(page) == []
    expect(page.get_by_role("button", name="Copy", exact=True)).to_be_visible()


def test_cells_of_one_row_stay_in_one_row_when_copied_from_a_table(open_page: Open) -> None:
    reading = Reading(np.full((300, 400, 3), 250, np.uint8), tuple(line(n, f"cell {n}") for n in range(4)))
    pieces = [Piece("a", 0), Piece("\t"), Piece("b", 1), Piece("\t"), Piece("c", 2), Piece("\n"), Piece("d", 3)]
    page = open_page(reading, pieces)
    box(page, "cell 0").click()
    box(page, "cell 2").click(modifiers=["Shift"])
    box(page, "cell 3").click(modifiers=["Shift"])
    page.get_by_role("button", name="Copy selection").click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "a\tc\nd"


def test_a_code_is_copied_by_what_it_says(open_page: Open) -> None:
    page = open_page(*a_reading(codes=[QR]))
    box(page, "QR code: https://example.org").click()
    expect(page.locator(".about")).to_have_text("QR code: https://example.org")
    page.get_by_role("button", name="Copy selection").click()
    expect(page.get_by_role("status")).to_have_text("Copied 19 characters")
    assert clipboard(page) == "https://example.org"


def test_keys_walk_over_the_boxes_choose_and_copy(open_page: Open) -> None:
    page = open_page(*a_reading())
    page.get_by_role("button", name="100 %").focus()
    page.keyboard.press("Tab")
    expect(box(page, "The quick brown")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box(page, "fox jumps ovr")).to_be_focused()
    assert page.evaluate("window.selection()") == "fox jumps ovr"
    expect(box(page, "fox jumps ovr")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Shift+ArrowDown")
    assert lit(page) == ["fox jumps ovr", "the lazy dog"]
    expect(page.get_by_role("button", name="Read only this part")).to_be_visible()
    page.keyboard.press("Control+c")
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "fox jumps ovr\nthe lazy dog"
    page.keyboard.press("Home")
    expect(box(page, "The quick brown")).to_be_focused()
    assert page.locator("polygon[tabindex='0']").count() == 1, "one stop for the Tab key"
    page.keyboard.press("Escape")
    assert lit(page) == []


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Over the picture, in shares of its size."""
    sheet = page.locator(".sheet").bounding_box()
    points = [(sheet["x"] + x * sheet["width"], sheet["y"] + y * sheet["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=5)
    page.mouse.up()


def test_a_drag_chooses_the_boxes_inside_and_offers_to_read_the_part(open_page: Open) -> None:
    page = open_page(*a_reading())
    drag(page, (0.01, 0.18), (0.95, 0.55))  # pixels 54 to 165 down: lines 2 and 3
    assert lit(page) == ["fox jumps ovr", "the lazy dog"]
    assert page.evaluate("window.selection()") == "fox jumps ovr\nthe lazy dog"
    page.get_by_role("button", name="Read only this part").click()
    (region,) = told(page, "region")
    assert region["sides"] == pytest.approx([0.01, 0.18, 0.95, 0.55], abs=0.01)
    reading, pieces = a_reading(["fox jumps ovr"])
    put(page, reading, pieces)
    reading.rgb[:] = 0
    put(page, Reading(reading.rgb, reading.boxes), pieces)
    expect(page.locator(".region")).to_be_hidden()


def test_a_drag_out_of_the_picture_ends_at_its_edge(open_page: Open) -> None:
    page = open_page(*a_reading())
    drag(page, (0.5, 0.5), (1.4, -0.5))
    page.get_by_role("button", name="Read only this part").click()
    assert told(page, "region")[0]["sides"] == pytest.approx([0.5, 0, 1, 0.5], abs=0.01)


def test_with_crop_nothing_is_chosen_only_the_part_offered(open_page: Open) -> None:
    page = open_page(*a_reading(), crop=True)
    drag(page, (0.01, 0.01), (0.95, 0.9))
    assert lit(page) == []
    expect(page.get_by_role("button", name="Read only this part")).to_be_visible()
    page.mouse.click(*(page.locator("polygon").first.bounding_box()[side] + 5 for side in ("x", "y")))
    assert lit(page) == []
    expect(page.get_by_role("button", name="Read only this part")).to_be_hidden()


# ---- correcting -------------------------------------------------------------------------------------------------


def test_what_is_typed_is_told_once_and_a_run_of_the_page_changes_nothing(open_page: Open) -> None:
    reading, pieces = a_reading()
    page = open_page(reading, pieces)
    caret(page, "ovr")
    page.keyboard.type("!? rc")
    assert texts(page) == ["The quick brown\nfox jumps ovr!? rc\nthe lazy dog"]
    put(page, reading, pieces)
    page.keyboard.type("…")
    assert texts(page)[1:] == ["The quick brown\nfox jumps ovr!? rc…\nthe lazy dog"]


def test_a_run_of_the_page_in_the_middle_of_typing_loses_no_letter(open_page: Open) -> None:
    reading, pieces = a_reading()
    page = open_page(reading, pieces)
    caret(page, "quick")
    for letter in "abc":
        page.keyboard.type(letter)
        put(page, reading, pieces)
    assert texts(page) == ["The quickabc brown\nfox jumps ovr\nthe lazy dog"]


def test_what_is_not_touched_still_knows_its_box(open_page: Open) -> None:
    page = open_page(*a_reading(["e\u0301te\u0301 👩\u200d🚀 née", "שלום עולם", "last"]))
    caret(page, "👩\u200d🚀")
    page.keyboard.type("🎉 new")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    for name in ("שלום עולם", "last"):
        box(page, name).click()
        assert page.evaluate("window.selection()") == name
    assert texts(page)[-1] == "e\u0301te\u0301 👩\u200d🚀🎉 new\n\n née\nשלום עולם\nlast"
    box(page, "שלום עולם").click()
    page.get_by_role("button", name="Copy selection").click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "שלום עולם"


@pytest.mark.parametrize(("keys", "end"), [("a", "a"), ("Enter", "\n"), ("Enter a", "\na"), ("Enter Enter", "\n\n")])
def test_lines_added_at_the_end_are_told_as_they_are(open_page: Open, keys: str, end: str) -> None:
    page = open_page(*a_reading())
    page.get_by_role("textbox").last.click()
    caret(page, "dog")
    for key in keys.split():
        page.keyboard.press(key)
    assert texts(page)[-1] == "\n".join(LINES) + end


def test_everything_may_be_deleted_and_written_anew(open_page: Open) -> None:
    page = open_page(*a_reading())
    caret(page, "quick")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    assert texts(page)[-1] == ""
    page.keyboard.type("new")
    assert texts(page)[-1] == "new"
    page.get_by_role("button", name="Undo my changes").click()
    assert texts(page)[-1] is None
    assert page.evaluate("window.text()") == "\n".join(LINES)
    expect(page.get_by_role("button", name="Undo my changes")).to_be_hidden()


def test_the_browsers_own_undo_takes_back_what_was_typed(open_page: Open) -> None:
    page = open_page(*a_reading())
    caret(page, "ovr")
    page.keyboard.type("x")
    assert texts(page)[-1] is not None
    page.keyboard.press("Control+z")
    assert texts(page)[-1] is None


def test_writing_back_what_was_read_is_no_change(open_page: Open) -> None:
    page = open_page(*a_reading())
    caret(page, "ovr")
    page.keyboard.type("x")
    assert texts(page)[-1] is not None
    page.keyboard.press("Backspace")
    assert texts(page)[-1] is None


def test_another_mode_replaces_the_text_and_coming_back_brings_the_changes(open_page: Open) -> None:
    reading, pieces = a_reading()
    page = open_page(reading, pieces)
    caret(page, "ovr")
    page.keyboard.type("x")
    one_line = [Piece(" ") if piece.text == "\n" else piece for piece in pieces]
    put(page, reading, one_line)  # at once: before the change was told
    assert page.evaluate("window.text()") == " ".join(LINES)
    expect(page.get_by_role("button", name="Undo my changes")).to_be_hidden()
    box(page, "the lazy dog").click()
    assert page.evaluate("window.selection()") == "the lazy dog"
    put(page, reading, pieces)
    changed = "The quick brown\nfox jumps ovrx\nthe lazy dog"
    assert page.evaluate("window.text()") == changed
    assert texts(page)[-1] == changed
    box(page, "the lazy dog").click()
    assert page.evaluate("window.selection()") == "the lazy dog", "and still knows its boxes"


def test_changes_survive_that_the_component_leaves_the_page_for_a_while(open_page: Open) -> None:
    reading, pieces = a_reading()
    page = open_page(reading, pieces)
    caret(page, "ovr")
    page.keyboard.type("x")
    page.evaluate("window.leave()")
    put(page, reading, pieces)
    assert page.evaluate("window.text()") == "The quick brown\nfox jumps ovrx\nthe lazy dog"
    assert texts(page)[-1] == "The quick brown\nfox jumps ovrx\nthe lazy dog"


def test_unsure_words_are_marked_counted_and_reached_one_after_the_other(open_page: Open) -> None:
    reading, pieces = a_reading(["jumps ovr the", "ovr and ovr"])
    page = open_page(reading, pieces)
    weak = page.locator(".pane .weak")
    assert weak.all_text_contents() == ["ovr"] * 3
    assert weak.first.get_attribute("title") == "60 % sure"
    page.get_by_role("button", name="Next unsure word (3)").click()
    expect(page.get_by_role("status")).to_have_text("Unsure word 1 of 3: ovr, 60 % sure")
    assert lit(page) == ["jumps ovr the"]
    page.keyboard.type("over")  # the word was selected: it is replaced
    expect(page.get_by_role("button", name="Next unsure word (2)")).to_be_visible()
    page.get_by_role("button", name="Next unsure word (2)").click()
    assert lit(page) == ["ovr and ovr"]
    page.get_by_role("button", name="Next unsure word (2)").click()
    page.get_by_role("button", name="Next unsure word (2)").click()
    expect(page.get_by_role("status")).to_have_text("Unsure word 1 of 2: ovr, 60 % sure")
    assert texts(page)[-1] == "jumps over the\novr and ovr"
    put(page, reading, pieces, weak_below=0.5)
    expect(weak).to_have_count(0)
    assert page.evaluate("window.text()") == "jumps over the\novr and ovr"


# ---- strangers' text --------------------------------------------------------------------------------------------

HOSTILE = ["<img src=x onerror=alert(1)>", "\"quotes\" 'and' &amp; `ticks`", "</script><b>bold</b>"]


def test_a_strangers_text_is_never_html(open_page: Open) -> None:
    page = open_page(*a_reading(HOSTILE, codes=[Code("QR code", "<img src=x onerror=alert(2)>", QR.polygon)]))
    for option in page.get_by_role("option").all():
        option.click()
        option.hover()
    page.wait_for_timeout(300)
    assert page.locator("img").count() == 1 and page.locator("b").count() == 0
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "\n".join(HOSTILE)


def test_pasted_html_comes_in_as_plain_text_and_leaves_as_such(open_page: Open) -> None:
    page = open_page(*a_reading())
    page.evaluate(
        """navigator.clipboard.write([new ClipboardItem({
            "text/html": new Blob(["<b>bold</b><img src=x onerror=alert(1)>"], { type: "text/html" }),
            "text/plain": new Blob(["bold\\nline"], { type: "text/plain" }) })])"""
    )
    caret(page, "ovr")
    page.keyboard.press("Control+v")
    assert texts(page) == ["The quick brown\nfox jumps ovrbold\nline\nthe lazy dog"]
    assert page.locator("img").count() == 1 and page.locator("b").count() == 0
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    kinds = page.evaluate("navigator.clipboard.read().then(items => items.flatMap(item => item.types))")
    assert kinds == ["text/plain"], "the marks are not part of the text"
    assert clipboard(page) == "The quick brown\nfox jumps ovrbold\nline\nthe lazy dog"
    page.keyboard.press("Control+x")
    assert texts(page)[-1] == ""


def test_keys_typed_into_the_text_are_no_shortcuts_of_the_page(open_page: Open) -> None:
    page = open_page(*a_reading())
    page.evaluate("window.heard = []; addEventListener('keydown', (event) => heard.push(event.key))")
    caret(page, "ovr")
    page.keyboard.type("rc")
    assert page.evaluate("window.heard") == []


# ---- the older clipboard, phones, and nothing at all ------------------------------------------------------------


def test_on_a_plain_address_the_older_way_copies_and_keeps_the_selection(open_page: Open) -> None:
    page = open_page(*a_reading(), origin="http://plain.example", permissions=[])
    assert page.evaluate("navigator.clipboard === undefined"), "else this tests nothing"
    box(page, "fox jumps ovr").click()
    page.get_by_role("button", name="Copy selection").click()
    expect(page.get_by_role("status")).to_have_text("Copied 13 characters")
    assert lit(page) == ["fox jumps ovr"] and page.evaluate("window.selection()") == "fox jumps ovr"
    page.locator("#elsewhere").click()
    page.keyboard.press("Control+v")
    assert page.locator("#elsewhere").input_value() == "fox jumps ovr"


def test_a_browser_that_allows_no_copying_is_said_to(open_page: Open) -> None:
    page = open_page(*a_reading(), origin="http://plain.example", permissions=[])
    page.evaluate("document.execCommand = () => false")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("The browser did not allow it. Mark the text and press Ctrl+C.")


def test_a_phone_shows_copy_without_scrolling_and_nothing_scrolls_sideways(open_page: Open) -> None:
    reading, pieces = a_reading(["a line that is much longer than a telephone is wide " * 3] * 40)
    page = open_page(reading, pieces, **PHONE)
    assert not lab.scrolls_sideways(page)
    copy = page.get_by_role("button", name="Copy", exact=True).bounding_box()
    assert copy["y"] + copy["height"] < 667
    put(page, reading, [Piece("x" * 500, 0), Piece("\t"), Piece("y" * 500, 1)])
    assert not lab.scrolls_sideways(page)


def test_a_finger_chooses_by_a_tap_without_the_keyboard_and_draws_only_when_asked(open_page: Open) -> None:
    page = open_page(*a_reading(), **PHONE)
    box(page, "fox jumps ovr").tap()
    assert lit(page) == ["fox jumps ovr"]
    assert page.evaluate("document.querySelector('#host').shadowRoot.activeElement?.className") != "pane"
    touch_action = "getComputedStyle(document.querySelector('#host').shadowRoot.querySelector('.sheet')).touchAction"
    assert page.evaluate(touch_action) == "manipulation", "it scrolls and zooms"
    page.get_by_role("button", name="Select a part").tap()
    assert page.evaluate(touch_action) == "none"
    box(page, "fox jumps ovr").tap()
    assert lit(page) == []
    page.get_by_role("button", name="Copy", exact=True).tap()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    assert clipboard(page) == "\n".join(LINES)


def test_a_picture_without_text_says_so_and_can_still_be_cut(open_page: Open) -> None:
    page = open_page(Reading(np.full((300, 400, 3), 250, np.uint8), ()), [])
    expect(page.get_by_text("No text was found in this picture.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Copy"))).to_have_count(0)
    assert page.evaluate("document.querySelector('#host').shadowRoot.querySelector('img').decode()") is None
    drag(page, (0.2, 0.2), (0.6, 0.6))
    expect(page.get_by_role("button", name="Read only this part")).to_be_visible()
    put(page, *a_reading())
    expect(page.get_by_text("No text was found in this picture.")).to_be_hidden()
    assert page.evaluate("window.text()") == "\n".join(LINES)


def test_a_thousand_boxes_are_one_drawing_and_the_last_is_found_in_text_and_picture(open_page: Open) -> None:
    lines = [f"line {number} ends" for number in range(1000)]
    page = open_page(*a_reading(lines))
    assert page.locator(".sheet svg").count() == 1
    assert page.get_by_role("option").count() == 1000
    caret(page, "999")
    stage = page.locator(".stage").bounding_box()
    last = page.locator("polygon.lit")
    expect(last).to_have_attribute("aria-label", "line 999 ends, 97 % sure")
    page.wait_for_timeout(800)
    assert stage["y"] <= last.bounding_box()["y"] <= stage["y"] + stage["height"], "the picture was scrolled to it"
    page.locator("polygon").first.dispatch_event("click")
    page.wait_for_timeout(800)
    pane, first = page.locator(".pane").bounding_box(), page.locator(".pane span").first.bounding_box()
    assert pane["y"] <= first["y"] <= pane["y"] + pane["height"], "and the text back to its first line"


def test_boxes_can_be_hidden_and_the_picture_shown_in_its_own_size(open_page: Open) -> None:
    page = open_page(*a_reading())
    page.get_by_role("button", name="Boxes").click()
    expect(page.locator("polygon").first).to_be_hidden()
    page.get_by_role("button", name="Boxes").click()
    expect(page.locator("polygon").first).to_be_visible()
    page.get_by_role("button", name="100 %").click()
    assert page.locator("img").bounding_box()["width"] == 400
