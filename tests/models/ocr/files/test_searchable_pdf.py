"""Searchable PDFs are read back with pdfium: what is found in them, where it stands and how the page looks."""

import io
import math
import threading
import unicodedata
from contextlib import closing

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.errors import Cancelled
from models.ocr.boxes import Reading, TextBox, Word
from models.ocr.files.pages import Page
from models.ocr.files.pdf_pages import Pdf
from models.ocr.files.searchable_pdf import to_searchable_pdf
from tests.models.ocr.files.read_pages import line, reading, rectangle, word


def text_of(*boxes: TextBox) -> str:
    with Pdf(to_searchable_pdf([Page("x", reading(*boxes))])) as pdf:
        return pdf.text(1)


def letters(data: bytes) -> tuple[str, np.ndarray]:
    """The first page's visible characters, and the rectangle of each as left, top, right, bottom in pixels at 200 dpi:
    (n, 4). One of two UTF-16 units counts as a character of its own."""
    with (
        pypdfium2.PdfDocument(data) as document,
        closing(document[0]) as page,
        closing(page.get_textpage()) as text,
    ):
        height = page.get_height()
        found = [
            (chr(pypdfium2.raw.FPDFText_GetUnicode(text, index)), text.get_charbox(index))
            for index in range(text.count_chars())
        ]
    seen = [(char, (x0, height - y1, x1, height - y0)) for char, (x0, y0, x1, y1) in found if not char.isspace()]
    return "".join(char for char, _ in seen), np.array([box for _, box in seen]) * 200 / 72


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB; above 35 the eye hardly sees a difference."""
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float("inf") if error == 0 else 10 * math.log10(255**2 / error)


def drawn(lines: list[str], size: int = 28) -> tuple[np.ndarray, tuple[TextBox, ...]]:
    """A picture of these lines, and boxes around the ink of their words."""
    shape = (40 + 60 * len(lines), 900)
    rgb, font = np.full((*shape, 3), 255, np.uint8), ImageFont.load_default(size)
    boxes = []
    for row, text in enumerate(lines):
        words, x = [], 30
        for part in text.split():
            image = Image.new("L", shape[::-1], 255)
            ImageDraw.Draw(image).text((x, 20 + 60 * row), part, 0, font)
            rgb = np.minimum(rgb, np.asarray(image)[:, :, None])
            ys, xs = np.nonzero(np.asarray(image) < 160)
            left, top, right, bottom = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
            words.append(Word(part, 0.9, rectangle(left, top, right - left, bottom - top)))
            x = int(right) + size // 3
        boxes.append(line(*words))
    return rgb, tuple(boxes)


class TestText:
    def test_words_come_back_in_their_lines_and_order(self) -> None:
        boxes = [
            line(word("Grüße", 50, 100, 110), word("från", 170, 100, 70), word("Malmö!", 250, 100, 100)),
            line(word("Total:", 50, 150, 100), word("€1.234,50", 600, 150, 150)),
            line(word("a", 50, 200, 12), word("<b>&\"'(\\)", 70, 200, 200)),
        ]
        assert text_of(*boxes).split("\n") == [box.text for box in boxes]

    def test_the_order_is_the_readings_even_where_the_eye_would_choose_another(self) -> None:
        columns = [("one", 50, 100), ("two", 50, 150), ("three", 400, 100), ("four", 400, 150)]
        assert text_of(*(line(word(text, x, y, 80)) for text, x, y in columns)) == "one\ntwo\nthree\nfour"

    @pytest.mark.parametrize(
        "words",
        [
            ["漢字かな交じり文", "中文"],
            ["한국어", "단어"],
            ["Привет,", "мир"],
            ["Ελληνικά", "γράμματα"],
            ["ไทย", "ภาษาไทย"],
            ["नमस्ते", "दुनिया"],
            ["😀👍🏽", "👨\u200d👩\u200d👧", "a"],
            ["e\u0301te\u0301", "été"],
            ["𝒳²", "½", "№"],
        ],
        ids=lambda words: words[0],
    )
    def test_any_script(self, words: list[str]) -> None:
        assert text_of(line(*(word(text, 50 + 200 * i, 100, 180) for i, text in enumerate(words)))) == " ".join(words)

    @pytest.mark.parametrize("words", [["العربية", "مرحبا"], ["בִּשְׁלוֹם", "(שלום)"], ["سنة", "2024", "كتاب"]])
    def test_scripts_that_run_to_the_left(self, words: list[str]) -> None:
        boxes = line(*(word(text, 600 - 200 * i, 100, 180) for i, text in enumerate(words)))
        assert unicodedata.normalize("NFC", text_of(boxes)) == unicodedata.normalize("NFC", " ".join(words))

    def test_words_that_almost_touch_stay_two(self) -> None:
        assert text_of(line(word("not", 50, 100, 60), word("one", 110.5, 100, 60), word("w", 169, 100, 20))) == (
            "not one w"
        )

    def test_cells_of_a_table_that_almost_touch_stay_two(self) -> None:
        row = [line(word(text, 50 + 61 * i, 100 + i, 60)) for i, text in enumerate(["5", "ctr", "left"])]
        assert text_of(*row, line(word("below", 50, 140, 60))) == "5 ctr left\nbelow"

    @pytest.mark.parametrize("angle", [-90, -30, -5, 3, 30, 90])
    def test_a_turned_line(self, angle: float) -> None:
        box = TextBox(rectangle(400, 300, 250, 30, angle), "turned by some", 0.5)
        assert text_of(box) == "turned by some"

    @pytest.mark.parametrize("boxes", [(), (TextBox(rectangle(0, 0, 10, 10), " \0\x1b", 0.5),)])
    def test_an_empty_reading_is_a_picture_without_text(self, boxes: tuple[TextBox, ...]) -> None:
        assert text_of(*boxes) == ""

    def test_what_a_pdf_cannot_hold_is_left_out(self) -> None:
        assert text_of(line(word("a\0b\ud83dc\x1b", 50, 100, 80))) == "abc"

    def test_flat_and_outside_boxes_do_no_harm(self) -> None:
        flat = TextBox(np.zeros((4, 2), np.float32), "flat", 0.5)
        assert "seen" in text_of(flat, line(word("out", 5000, 5000, 80)), line(word("seen", 50, 100, 80)))


class TestPlaces:
    def test_letters_lie_on_the_ink_of_their_words(self) -> None:
        rgb, boxes = drawn(["Grüße från Malmö", "illi MMMM wi. (1.234,50)", "x"])
        data = to_searchable_pdf([Page("x", Reading(rgb, boxes))])
        with Pdf(data) as pdf:
            ink = pdf.page(1).min(axis=2) < 160
        text, places = letters(data)
        words = [part for box in boxes for part in box.words]
        assert text == "".join(part.text for part in words)
        start = 0
        for part in words:
            mine = places[start : start + len(part.text)]
            start += len(part.text)
            left, top, right, bottom = mine[:, 0].min(), mine[:, 1].min(), mine[:, 2].max(), mine[:, 3].max()
            corners = [*part.polygon.min(axis=0), *part.polygon.max(axis=0)]
            assert np.abs(np.array([left, top, right, bottom]) - corners).max() < 1, part.text
            ys, xs = np.nonzero(ink[round(top) - 5 : round(bottom) + 5, round(left) - 5 : round(right) + 5])
            around = [left - 5 + xs.min(), top - 5 + ys.min(), left - 4 + xs.max(), top - 4 + ys.max()]
            assert np.abs(np.array(around) - [left, top, right, bottom]).max() < 3, part.text
            assert (np.diff(mine[:, 0]) > 0).all(), "letters of a word stand from left to right"

    def test_a_letter_is_found_where_it_is_drawn(self) -> None:
        rgb, boxes = drawn(["Willimantic"])
        text, places = letters(to_searchable_pdf([Page("x", Reading(rgb, boxes))]))
        font, x = ImageFont.load_default(28), 30.0
        for index in range(len(text)):
            middle = x + (font.getlength(text[:index]) + font.getlength(text[: index + 1])) / 2
            assert abs(places[index, [0, 2]].mean() - middle) < 5, "of letters 7 to 26 px wide"

    @pytest.mark.parametrize("angle", [-90, -40, 10, 90, 180])
    def test_turned_letters_follow_the_line(self, angle: float) -> None:
        corner, direction = np.array([400, 300]), np.radians(angle)
        box = TextBox(rectangle(*corner, 200, 30, angle), "mmmmm", 0.5)
        _, places = letters(to_searchable_pdf([Page("x", reading(box))]))
        right = np.array([math.cos(direction), math.sin(direction)])
        down = np.array([-right[1], right[0]])
        centres = (places[:, :2] + places[:, 2:]) / 2
        expected = [corner + (20 + 40 * index) * right + 15 * down for index in range(5)]
        # pdfium lists what runs to the left from its end.
        assert np.abs(centres[np.argsort((centres - corner) @ right)] - expected).max() < 1


class TestPicture:
    def test_a_photo_looks_the_same(self) -> None:
        from skimage import data

        rgb = data.astronaut()
        with Pdf(to_searchable_pdf([Page("x", Reading(rgb, ()))])) as pdf:
            page = pdf.page(1)
        assert page.shape == rgb.shape and psnr(page, rgb) > 35

    def test_coloured_print_keeps_its_colour(self) -> None:
        image = Image.fromarray(np.random.default_rng(0).integers(235, 256, (200, 400, 3), np.uint8))
        ImageDraw.Draw(image).text((20, 80), "thin red print", (220, 0, 0), ImageFont.load_default(14))
        rgb = np.asarray(image)
        with Pdf(to_searchable_pdf([Page("x", Reading(rgb, ()))])) as pdf:
            page = pdf.page(1)
        red = (rgb[:, :, 1] < 60) & (rgb[:, :, 0] > 200)
        assert red.sum() > 50 and np.abs(page[red].astype(int) - rgb[red]).mean() < 15

    @pytest.mark.parametrize("colours", [1, 2, 17, 256])
    def test_few_colours_are_kept_exactly(self, colours: int) -> None:
        rng = np.random.default_rng(colours)
        palette = np.unique(rng.integers(0, 256, (colours, 3), np.uint8), axis=0)
        rgb = palette[np.kron(rng.integers(0, len(palette), (24, 40)), np.ones((7, 5), int))]
        with Pdf(to_searchable_pdf([Page("x", Reading(rgb, ()))])) as pdf:
            assert (pdf.page(1) == rgb).all()

    def test_black_and_white_is_kept_exactly_and_small(self) -> None:
        rgb = np.where(drawn(["black and white", "as a fax"])[0] > 128, 255, 0).astype(np.uint8)
        data = to_searchable_pdf([Page("x", Reading(rgb, ()))])
        with Pdf(data) as pdf:
            assert (pdf.page(1) == rgb).all()
        png = io.BytesIO()
        Image.fromarray(rgb).save(png, "PNG")
        assert len(data) < png.tell() + 3000

    def test_the_words_are_not_seen(self) -> None:
        rgb = np.full((300, 400, 3), (200, 220, 240), np.uint8)
        box = line(word("unseen", 50, 100, 300, 60), word("🙈", 350, 100, 50, 60, angle=20))
        with Pdf(to_searchable_pdf([Page("x", Reading(rgb, (box,)))])) as pdf:
            assert (pdf.page(1) == rgb).all()

    def test_a_strip_is_made_to_fit_what_readers_show(self) -> None:
        rgb = np.full((70_000, 20, 3), 255, np.uint8)
        rgb[69_000:] = (0, 128, 255)
        data = to_searchable_pdf([Page("x", Reading(rgb, (TextBox(rectangle(0, 69_500, 20, 20), "end", 0.5),)))])
        with pypdfium2.PdfDocument(data) as document:
            assert document[0].get_height() == pytest.approx(14_400, abs=0.1)
        with Pdf(data) as pdf:
            assert pdf.text(1) == "end" and tuple(pdf.page(1)[-9, 2]) == (0, 128, 255)


class TestPages:
    def test_each_page_has_its_own_size_picture_and_words(self) -> None:
        sizes = [(300, 400), (500, 200), (300, 400)]
        pages = [
            Page(f"{n}.png", reading(line(word(f"page{n}漢"[: 5 + n], 20, 20, 150)), width=w, height=h))
            for n, (w, h) in enumerate(sizes)
        ]
        heard: list[int] = []
        with Pdf(to_searchable_pdf(iter(pages), on_page=heard.append)) as pdf:
            assert heard == [1, 2, 3] and pdf.pages == 3
            assert [pdf.text(n) for n in (1, 2, 3)] == ["page0", "page1漢", "page2漢"]
            assert [pdf.page(n).shape[1::-1] for n in (1, 2, 3)] == sizes

    def test_plain_pages_are_not_mixed_up(self) -> None:
        plain = [((255, 255, 255), 30, 40), ((255, 255, 255), 40, 30), ((0, 0, 255), 40, 30), ((0, 0, 0), 40, 30)]
        pictures = [np.full((height, width, 3), colour, np.uint8) for colour, width, height in plain]
        with Pdf(to_searchable_pdf(Page("x", Reading(rgb, ())) for rgb in pictures)) as pdf:
            for number, rgb in enumerate(pictures, 1):
                page = pdf.page(number)
                assert page.shape == rgb.shape and (page == rgb).all(), plain[number - 1]

    def test_a_generators_pages_are_taken_one_by_one(self) -> None:
        events: list[str] = []

        def opened() -> "list[Page]":
            for n in range(3):
                events.append(f"open {n}")
                yield Page("x", reading(width=50, height=50))

        to_searchable_pdf(opened(), on_page=lambda done: events.append(f"done {done}"))  # type: ignore[arg-type]
        assert events == ["open 0", "done 1", "open 1", "done 2", "open 2", "done 3"]

    def test_the_title_is_the_first_pages_name(self) -> None:
        data = to_searchable_pdf([Page("kvitto <1> (åäö) 漢\0\n.png", reading()), Page("b", reading())])
        with pypdfium2.PdfDocument(data) as document:
            assert document.get_metadata_value("Title") == "kvitto <1> (åäö) 漢 .png"

    def test_cancel_ends_it_before_the_next_page(self) -> None:
        cancel, heard = threading.Event(), []

        def on_page(done: int) -> None:
            heard.append(done)
            if done == 2:
                cancel.set()

        with pytest.raises(Cancelled, match="cancelled"):
            to_searchable_pdf([Page("x", reading())] * 5, on_page=on_page, cancel=cancel)
        assert heard == [1, 2]

    def test_no_pages_is_a_mistake_of_ours(self) -> None:
        with pytest.raises(ValueError, match="at least one page"):
            to_searchable_pdf([])
