"""The OCR page: every input is read, shown, arranged, kept; what cannot be read is said."""

import base64
import io
import re
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fpdf import FPDF
from PIL import Image
from streamlit.testing.v1 import AppTest

from components.camera import stream as camera
from components.ocr import reader, reading, showing, still
from models.ocr.layout.pieces import joined
from models.ocr.prepare.steps import Tools
from tests.models.ocr.typeset import font
from tests.pages.visit import html_of, opened, ran, said, when_read

Until = Callable[[Callable[[], object]], None]


def picture(*lines: str, size: tuple[int, int] = (640, 220)) -> np.ndarray:
    """White paper with lines of 26 px type."""
    from PIL import ImageDraw

    paper = Image.new("RGB", size, "white")
    for number, line in enumerate(lines):
        ImageDraw.Draw(paper).text((30, 30 + 45 * number), line, "black", font=font("sans", 26))
    return np.array(paper)


def png(rgb: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()


def pdf(*texts: str, password: str | None = None) -> bytes:
    document = FPDF(format=(160, 60))
    document.set_font("helvetica", size=24)
    for text in texts:
        document.add_page()
        document.text(20, 40, text)
    if password:
        document.set_encryption(owner_password="owner", user_password=password)
    return bytes(document.output())


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the reader in the browser was given last, and what the visitor does there: the one thing AppTest can't."""
    seen = SimpleNamespace(text=None, does=reader.Read())
    real = showing.reader

    def spy(read: Any, pieces: Any, **options: Any) -> reader.Read:
        seen.text, seen.pieces, seen.reading = joined(pieces), pieces, read
        real(read, pieces, **options)
        done, seen.does = seen.does, reader.Read(seen.does.text)  # a region is told once
        return done

    monkeypatch.setattr(showing, "reader", spy)
    return seen


def read(**query: str) -> AppTest:
    return when_read(opened("ocr", **query))


def upload(*files: tuple[str, bytes]) -> AppTest:
    at = opened("ocr", input="Upload")
    kinds = {"pdf": "application/pdf"}
    at.file_uploader[0].set_value([(n, data, kinds.get(n.rpartition(".")[2], "image/png")) for n, data in files])
    return when_read(ran(at.run()))


def words_on(at: AppTest) -> str:
    """What the page says, without the marks that keep a stranger's text from being Markdown."""
    return said(at).replace("\\", "")


def test_a_visitor_finds_a_sample_read_already(shown: SimpleNamespace) -> None:
    at = read()
    assert at.segmented_control(key="input").value == "Samples"
    assert len(shown.text.split()) > 15 and "words**" in words_on(at) and "PP-OCRv6" in words_on(at)


def test_an_uploaded_picture_is_read(shown: SimpleNamespace) -> None:
    upload(("note.png", png(picture("Grüße aus Göteborg", "Total 12,50 €"))))
    assert shown.text.split() == ["Grüße", "aus", "Göteborg", "Total", "12,50", "€"]


def test_a_bad_file_among_several_is_named_and_the_others_are_read(shown: SimpleNamespace) -> None:
    at = upload(
        ("broken.png", png(picture("x"))[:60]), ("one.png", png(picture("First"))), ("two.png", png(picture("Second")))
    )
    assert [error.value for error in at.error if "broken" in error.value]
    pages = at.selectbox(key="ocr/page")
    assert pages.options == ["one.png", "two.png"] and shown.text.strip() == "First"
    ran(pages.select_index(1).run())
    assert shown.text.strip() == "Second"


NOISE = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)


@pytest.mark.parametrize("rgb", [np.full((300, 400, 3), 255, np.uint8), NOISE], ids=["blank", "noise"])
def test_a_picture_without_text_says_so_and_loses_nothing(shown: SimpleNamespace, rgb: np.ndarray) -> None:
    at = upload(("picture.png", png(rgb)))
    assert shown.text == "" and "No text was found" in words_on(at)


def test_the_pages_of_a_pdf_are_read_each(shown: SimpleNamespace) -> None:
    at = upload(("paper.pdf", pdf("The first page", "The second page")))
    assert at.selectbox(key="ocr/page").options == ["paper.pdf, page 1", "paper.pdf, page 2"]
    assert shown.text.strip() == "The first page"


def test_of_a_long_pdf_as_many_pages_as_the_setting_are_read_from_where_one_chooses(
    shown: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMELIGHT_PDF_PAGES", "2")
    at = upload(("long.pdf", pdf(*(f"Page number {n}" for n in range(1, 13)))))
    assert "has 12 pages; 2 are read at a time" in words_on(at)
    when_read(ran(at.number_input[0].set_value(12).run()))
    assert shown.text.strip() == "Page number 12"


def test_a_locked_pdf_asks_for_its_password(shown: SimpleNamespace) -> None:
    at = upload(("secret.pdf", pdf("Known to few", password="sesame")))
    assert shown.text is None and "locked" in at.text_input[0].label
    ran(at.text_input[0].set_value("wrong").run())
    assert "was not opened by this password" in words_on(at)
    when_read(ran(at.text_input[0].set_value("sesame").run()))
    assert shown.text.strip() == "Known to few" and not at.error


@pytest.mark.parametrize("data", [b"%PDF-1.7\nand nothing else", pdf("x")[:300]])
def test_a_broken_pdf_is_named_with_what_to_do(data: bytes) -> None:
    at = upload(("torn.pdf", data))
    (error,) = at.error
    assert error.value.startswith("torn.pdf") and "damaged" in error.value


def test_the_visitor_chooses_how_the_text_is_arranged(shown: SimpleNamespace) -> None:
    at = upload(("code.png", png(picture("def area(r):", "      return 3 * r"))))
    ran(at.segmented_control(key="as").set_value("One line").run())
    assert "\n" not in shown.text.strip()
    ran(at.segmented_control(key="as").set_value("Code").run())
    first, second = shown.text.rstrip().split("\n")
    assert not first.startswith(" ") and second.startswith("  ")


def test_a_table_is_shown_as_one(shown: SimpleNamespace) -> None:
    at = upload(("table.png", png(picture("Tea              2.50", "Coffee          3.10", "Cake             4.00"))))
    ran(at.segmented_control(key="as").set_value("Table").run())
    assert [row.split("\t") for row in shown.text.strip().split("\n")] == [
        ["Tea", "2.50"],
        ["Coffee", "3.10"],
        ["Cake", "4.00"],
    ]
    assert at.dataframe[0].value.shape == (3, 2)


def test_what_is_worth_copying_is_found_in_the_corrected_text(shown: SimpleNamespace) -> None:
    at = upload(("card.png", png(picture("Write to ada@example.org"))))
    assert "ada@example.org" in words_on(at)
    shown.does = reader.Read("Write to grace@example.org")
    ran(at.run())
    assert "grace@example.org" in words_on(at) and "ada@" not in words_on(at)


def test_the_visitors_changes_are_in_the_cloud_and_stay_when_another_view_is_opened(shown: SimpleNamespace) -> None:
    at = upload(("note.png", png(picture("cabbage"))))
    shown.does = reader.Read("lettuce lettuce")
    ran(at.run())
    ran(at.segmented_control(key="view").set_value("Word cloud").run())
    assert "lettuce 2" in words_on(at)


def test_a_part_is_read_alone_and_the_way_back_is_offered(shown: SimpleNamespace) -> None:
    at = upload(("two.png", png(picture("Upper line", "", "Lower line"))))
    shown.does = reader.Read(region=(0.0, 0.5, 1.0, 1.0))
    when_read(ran(at.run()))
    assert shown.text.strip() == "Lower line" and "part of it" in words_on(at)
    when_read(ran(at.button(key="ocr/as-it-came").click().run()))
    assert shown.text.split() == ["Upper", "line", "Lower", "line"]


@pytest.mark.parametrize("view", ["Stages", "Prepare", "Compare", "Word cloud"])
def test_every_view_opens_by_its_address(view: str) -> None:
    at = read(view=view)
    assert at.segmented_control(key="view").value == view and not at.error


def test_the_stages_show_each_strip_and_what_it_says() -> None:
    at = upload(("note.png", png(picture("A single strip"))))
    ran(at.segmented_control(key="view").set_value("Stages").run())
    assert "A single strip" in html_of(at) and html_of(at).count('src="data:image/jpeg') == 2


def test_a_line_is_shown_slice_by_slice() -> None:
    at = upload(("note.png", png(picture("Hello", "", "", "Committee"))))
    ran(at.segmented_control(key="view").set_value("Stages").run())
    lines = at.selectbox(key="ocr/slices")
    for place, text in enumerate(lines.options):
        ran(lines.set_value(place).run())
        slices = next(body for body in (e.proto.body for e in at.get("html")) if 'class="slices"' in body)
        left = slices.partition('class="left"')[2]
        assert "".join(re.findall(r"<b[^>]*>(.)</b>", left)) == text


def test_a_picture_is_prepared_and_read_like_that(shown: SimpleNamespace) -> None:
    at = upload(("flipped.png", png(np.rot90(picture("Stand on your head"), 2))))
    ran(at.segmented_control(key="view").set_value("Prepare").run())
    ran(at.toggle(key="prepare/grey").set_value(True).run())
    assert "ocr/tools" not in at.session_state, "nothing is read before the button says so"
    when_read(ran(at.button(key="ocr/prepare").click().run()))
    ran(at.segmented_control(key="view").set_value("Text").run())
    assert at.session_state["ocr/tools"] == Tools(grey=True)
    assert np.ptp(shown.reading.rgb.astype(int), axis=2).max() == 0, "what is read is grey"


def test_another_reader_is_compared_word_by_word() -> None:
    at = upload(("note.png", png(picture("Two readers agree"))))
    ran(at.segmented_control(key="view").set_value("Compare").run())
    when_read(ran(at.selectbox(key="other").set_value("tesseract").run()))
    assert "Tesseract" in words_on(at)
    assert html_of(at).count("Two readers agree") == 2 and "<mark>" not in html_of(at)


@pytest.fixture
def somebody_elses_page() -> Iterator[threading.Event]:
    """Another visitor's page is being read until the event is set."""
    go_on = threading.Event()
    yield go_on
    go_on.set()


def test_who_waits_sees_the_place_in_line_and_may_give_up(
    shown: SimpleNamespace, somebody_elses_page: threading.Event
) -> None:
    at = read()
    other = reading.reading_queue().submit("somebody else", {"page": lambda page: somebody_elses_page.wait(120)})
    ran(at.pills(key="sample").set_value("table").run())
    assert "In line: 1 page of others first" in str([bar.proto.text for bar in at.get("progress")])
    ran(at.button(key="ocr/cancel").click().run())
    assert "Cancelled; 1 page is not read" in words_on(at)
    ran(at.button(key="ocr/again").click().run())
    somebody_elses_page.set()
    when_read(at)
    assert other.done and "words**" in words_on(at)


def test_what_was_read_is_not_read_again(shown: SimpleNamespace) -> None:
    at = read()
    pages = reading.reading_queue().stats().pages
    ran(at.segmented_control(key="view").set_value("Stages").run())
    ran(at.segmented_control(key="view").set_value("Text").run())
    assert reading.reading_queue().stats().pages == pages > 0


def test_a_session_keeps_a_bounded_number_of_pages(monkeypatch: pytest.MonkeyPatch, shown: SimpleNamespace) -> None:
    monkeypatch.setattr(reading, "MAX_SAVED", 2)
    at = upload(*((f"{n}.png", png(picture(f"Sheet {n}"))) for n in range(3)))
    assert len(at.session_state["ocr/known"]) == 3, "those on the page stay"
    at.file_uploader[0].set_value([("last.png", png(picture("The last")), "image/png")])
    when_read(ran(at.run()))
    assert shown.text.strip() == "The last" and len(at.session_state["ocr/known"]) <= 3


# The camera


def test_the_camera_is_read_and_a_frozen_frame_is_read_well(
    no_camera: dict[str, Any],
    until: Until,
    shown: SimpleNamespace,
    no_socket: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    presses: list[str] = []
    monkeypatch.setattr(still, "still_button", lambda *key, playing: presses.pop() if presses else None)
    no_camera["playing"] = True
    at = opened("ocr", input="Live")
    live: camera.LiveCamera = no_camera["live"]
    page = picture("Before the camera", size=(640, 480))
    stream = live.streams["reading ppocr"]

    def looks() -> bool:
        live.on_frame(camera.frame_from_rgb(page))
        return stream.results > 0

    until(looks)
    ran(at.run())
    assert "Before the camera" in html_of(at) and at.get("image"), "with its frames"
    presses.append("")  # the browser got no photo
    when_read(ran(at.run()))
    assert shown.text.strip() == "Before the camera"
    ran(at.button(key="ocr/unfreeze").click().run())
    large = base64.b64encode(png(picture("From the photo"))).decode()
    presses.append(f"data:image/png;base64,{large}")
    when_read(ran(at.run()))
    assert shown.text.strip() == "From the photo"
    ran(at.button(key="ocr/unfreeze").click().run())
    assert "Takes a photo" in said(at)


def test_what_the_camera_reads_is_pushed_with_its_frames(
    no_camera: dict[str, Any], until: Until, sent: Callable[[str], dict[str, Any]]
) -> None:
    no_camera["playing"] = True
    at = opened("ocr", input="Live")
    live: camera.LiveCamera = no_camera["live"]
    live.on_frame(camera.frame_from_rgb(picture("Before the camera", size=(640, 480))))
    answer = sent("answer")
    assert answer["text"] == "Before the camera" and answer["size"] == [640, 480] and not answer["note"]
    (line,) = answer["lines"]
    assert 20 < line[0] < 35 and 25 < line[1] < 45 and line[8] is False, "round the words, and sure of them"
    ran(at.run())
    assert "Before the camera" not in html_of(at) and not at.get("image"), "the browser has it"
    assert "reading " in html_of(at)
    ran(at.slider(key="weak").set_value(1.0).run())
    stream, before = live.streams["reading ppocr"], live.streams["reading ppocr"].results

    def looks() -> bool:  # it reads the sharpest picture of a moment, once a second
        live.on_frame(camera.frame_from_rgb(np.full((480, 640, 3), 90, np.uint8)))
        return stream.results > before and not stream.latest().value.boxes

    until(looks)
    empty = sent("answer")
    assert empty["lines"] == [] and "No text in view" in empty["note"]


def test_the_camera_says_when_there_is_nothing_to_read(
    no_camera: dict[str, Any], until: Until, no_socket: None
) -> None:
    no_camera["playing"] = True
    at = opened("ocr", input="Live")
    live: camera.LiveCamera = no_camera["live"]

    def looks() -> bool:
        live.on_frame(camera.frame_from_rgb(np.full((480, 640, 3), 90, np.uint8)))
        return live.streams["reading ppocr"].results > 0

    until(looks)
    ran(at.run())
    assert "No text in view" in words_on(at)


def test_letters_of_another_script_are_said_and_their_network_is_a_press_away(shown: SimpleNamespace) -> None:
    at = upload(("sign.png", png(picture("Привет, как дела сегодня?", "Съешь же ещё этих булок", "Open all day"))))
    (warning,) = at.warning
    assert "2 lines" in warning.value
    assert "Open all day" in shown.text and "?" not in shown.text
    assert shown.reading.score < 0.6
    ran(at.button(key="ocr/script/ppocr-cyrillic").click().run())
    assert at.selectbox(key="engine").value == "ppocr-cyrillic"
    assert [button.key for button in at.button if button.key == "get/ppocr-cyrillic"], "it is offered at once"


def test_a_page_that_is_read_says_nothing_of_scripts(shown: SimpleNamespace) -> None:
    at = upload(("note.png", png(picture("Žluťoučký kůň, Łódź, Ångström", "Total ............ 12.50"))))
    assert not at.warning and shown.reading.score > 0.9
