"""Real PDFs, made here with fpdf2 or object by object, must be drawn as a reader shows them, and bad ones refused in a
sentence the visitor understands.
"""

import gc
import io
import random
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pypdfium2
import pytest
from fpdf import FPDF
from fpdf.enums import EncryptionMethod
from PIL import Image

from models.errors import BadDocument, LockedDocument
from models.ocr.files.pdf_pages import MAX_PAGE_SIDE, Pdf, is_pdf
from tests.models.ocr.files.assembled_pdf import assembled

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
A4 = (595, 842)


def written(*texts: str, size: tuple[float, float] = A4, change: Callable[[FPDF], object] | None = None) -> bytes:
    """A PDF with a page for each text, which stands 100 points from the left and the top; sizes in points."""
    pdf = FPDF(unit="pt", format=size)
    pdf.set_auto_page_break(False)
    pdf.set_font("helvetica", size=20)
    for text in texts:
        pdf.add_page()
        for row, part in enumerate(text.split("\n")):
            pdf.text(100, 100 + 30 * row, part)
    if change:
        change(pdf)
    return bytes(pdf.output())


def corners() -> bytes:
    """One page of 72 × 36 points: red, green / blue, white."""
    pdf = FPDF(unit="pt", format=(72, 36))
    pdf.add_page()
    for x, y, colour in [(0, 0, RED), (36, 0, GREEN), (0, 18, BLUE)]:
        pdf.set_fill_color(*colour)
        pdf.rect(x, y, 36, 18, style="F")
    return bytes(pdf.output())


def stream(body: bytes, entries: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(body), body)


def one_page(entries: bytes, *more: bytes, catalog: bytes = b"") -> bytes:
    """A PDF whose page is object 3; `more` are the objects from 4 on."""
    page = b"<</Type/Page/Parent 2 0 R%b>>" % entries
    kids = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return assembled(b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog, kids, page, *more)


def packed(*objects: bytes) -> bytes:
    """The same PDF as `assembled` writes, in the compressed form of PDF 1.5: one stream of objects, one of offsets.
    Streams among the objects cannot be packed: they stand for themselves."""
    data, plain = b"%PDF-1.7\n", [b"stream\n" in body for body in objects]
    inside = [(number, body) for number, body in enumerate(objects, 1) if not plain[number - 1]]
    offsets = {}
    for number, body in enumerate(objects, 1):
        if plain[number - 1]:
            offsets[number] = len(data)
            data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    starts = [sum(len(body) + 1 for _, body in inside[:at]) for at in range(len(inside))]
    table = b" ".join(b"%d %d" % (number, start) for (number, _), start in zip(inside, starts, strict=True)) + b" "
    body = zlib.compress(table + b"\n".join(body for _, body in inside))
    holder, index = len(objects) + 1, len(objects) + 2
    kind = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(inside), len(table))
    offsets[holder] = len(data)
    data += b"%d 0 obj\n%b\nendobj\n" % (holder, stream(body, kind))
    places = {number: (2, holder, at) for at, (number, _) in enumerate(inside)}
    places |= {number: (1, offset, 0) for number, offset in offsets.items()}
    places[index] = (1, len(data), 0)
    rows = b"\0" * 6 + b"".join(struct.pack(">BIB", *places[number]) for number in range(1, index + 1))
    entries = b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R" % (index + 1)
    return data + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF" % (index, stream(rows, entries), len(data))


def claims_a_picture(width: int, height: int, kind: bytes, body: bytes = b"") -> bytes:
    picture = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/%b"
    content = stream(b"q 100 0 0 100 0 0 cm /I Do Q")
    resources = b"/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>"
    return one_page(resources, content, stream(body, picture % (width, height, kind)))


def locked(method: EncryptionMethod = EncryptionMethod.AES_256) -> bytes:
    def lock(pdf: FPDF) -> None:
        pdf.set_encryption("the owner's", user_password="Sesam öppna", encryption_method=method)

    return written("secret", change=lock)


def first_page(data: bytes, **options: int) -> np.ndarray:
    with Pdf(data) as pdf:
        return pdf.page(1, **options)


def assert_corners(rgb: np.ndarray, *quarters: tuple[int, int, int]) -> None:
    """The colours of the top left, top right, bottom left and bottom right quarter."""
    height, width = rgb.shape[:2]
    for index, colour in enumerate(quarters):
        y, x = height * (1 + 2 * (index // 2)) // 4, width * (1 + 2 * (index % 2)) // 4
        assert tuple(rgb[y, x]) == colour, (y, x)


class TestPage:
    def test_is_drawn_as_rgb_in_the_size_it_has_at_the_dpi(self) -> None:
        rgb = first_page(corners())
        assert rgb.dtype == np.uint8 and rgb.shape == (100, 200, 3) and rgb.flags.c_contiguous
        assert_corners(rgb, RED, GREEN, BLUE, WHITE)
        assert first_page(corners(), dpi=72).shape == (36, 72, 3)

    @pytest.mark.parametrize(
        ("turn", "quarters"),
        [(90, (BLUE, RED, WHITE, GREEN)), (180, (WHITE, BLUE, GREEN, RED)), (270, (GREEN, WHITE, RED, BLUE))],
    )
    def test_the_pages_rotation_is_followed(self, turn: int, quarters: tuple[tuple[int, int, int], ...]) -> None:
        file = io.BytesIO()
        with pypdfium2.PdfDocument(corners()) as document:
            document[0].set_rotation(turn)
            document.save(file)
        rgb = first_page(file.getvalue())
        assert rgb.shape == ((200, 100, 3) if turn % 180 else (100, 200, 3))
        assert_corners(rgb, *quarters)

    def test_only_the_crop_box_is_shown(self) -> None:
        data = one_page(
            b"/MediaBox[0 0 100 100]/CropBox[50 50 100 100]/Contents 4 0 R", stream(b"1 0 0 rg 50 50 50 50 re f")
        )
        rgb = first_page(data, dpi=72)
        assert rgb.shape == (50, 50, 3) and (rgb == RED).all()

    def test_notes_are_drawn(self) -> None:
        red = stream(b"1 0 0 rg 0 0 50 50 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 50 50]")
        note = b"<</Type/Annot/Subtype/Square/Rect[0 50 50 100]/F 4/AP<</N 5 0 R>>>>"
        rgb = first_page(one_page(b"/MediaBox[0 0 100 100]/Annots[4 0 R]", note, red))
        assert_corners(rgb, RED, WHITE, WHITE, WHITE)

    def test_filled_in_forms_are_drawn(self) -> None:
        red = stream(b"1 0 0 rg 0 0 50 50 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 50 50]")
        field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(me)/Rect[0 50 50 100]/F 4/P 3 0 R/AP<</N 5 0 R>>>>"
        catalog = b"/AcroForm<</Fields[4 0 R]>>"
        rgb = first_page(one_page(b"/MediaBox[0 0 100 100]/Annots[4 0 R]", field, red, catalog=catalog))
        assert tuple(rgb[20, 20]) != WHITE and tuple(rgb[-20, -20]) == WHITE

    def test_pages_are_counted_from_1(self) -> None:
        with Pdf(written("first", "second", "third")) as pdf:
            assert pdf.pages == 3
            assert [pdf.text(number) for number in (1, 2, 3)] == ["first", "second", "third"]
            for number in (0, 4, -1):
                with pytest.raises(IndexError, match="1 to 3"):
                    pdf.page(number)

    def test_the_picture_is_the_callers_and_outlives_the_document(self) -> None:
        rgb = first_page(corners())
        gc.collect()
        assert_corners(rgb, RED, GREEN, BLUE, WHITE)
        rgb[:] = 7


class TestLimits:
    @pytest.mark.parametrize("size", [(56_693, 842), (842, 56_693), (14_400, 14_400), (30, 14_400)])
    def test_a_huge_page_is_drawn_smaller(self, size: tuple[int, int]) -> None:
        height, width, _ = first_page(written("huge", size=size)).shape
        assert max(height, width) <= MAX_PAGE_SIDE and height * width <= 20_000_000
        assert height * width > 19_900_000 or max(height, width) == MAX_PAGE_SIDE, "and no smaller than it must be"
        assert width / height == pytest.approx(size[0] / size[1], rel=0.01)

    def test_max_pixels_is_never_passed(self) -> None:
        rng = random.Random(0)
        for _ in range(40):
            size = (10 ** rng.uniform(0.5, 4), 10 ** rng.uniform(0.5, 4))
            most = rng.randrange(1, 5000)
            height, width, _ = first_page(written("x", size=size), max_pixels=most).shape
            assert 1 <= height * width <= most, (size, most)

    @pytest.mark.parametrize("box", [b"0 0 0 0", b"0 0 0 100", b"0 0 1e30 1e30", b"0 0 nan inf", b"0 0 1e5 1e-6"])
    def test_an_impossible_size_is_shown_as_a_letter_sheet_as_browsers_do(self, box: bytes) -> None:
        assert first_page(one_page(b"/MediaBox[%b]" % box), dpi=72).shape == (792, 612, 3)

    def test_300_pages_open_without_drawing_them(self) -> None:
        data = written(*(f"page {number}" for number in range(1, 301)))
        before = psutil.Process().memory_info().rss
        with Pdf(data) as pdf:
            assert pdf.pages == 300
            assert pdf.text(300) == "page 300" and pdf.page(300, dpi=72).min() < 50
            assert psutil.Process().memory_info().rss - before < 30e6

    @pytest.mark.parametrize(("side", "kind"), [(40_000, b"FlateDecode"), (10_000, b"JPXDecode")])
    def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(self, side: int, kind: bytes) -> None:
        with Pdf(claims_a_picture(side, side, kind), name="bomb.pdf") as pdf:
            with pytest.raises(BadDocument, match=rf"Page 1 of bomb\.pdf has a picture of {side} × {side} pixels"):
                pdf.page(1)

    def test_a_plan_of_a0_at_400_dpi_is_let_in(self) -> None:
        plan = zlib.compress(bytes(13_244 * 200))  # the rest of it is missing, which no reader minds
        assert first_page(claims_a_picture(13_244, 18_724, b"FlateDecode", plan)).min() == 0

    def test_a_broken_picture_leaves_the_rest_of_the_page(self) -> None:
        assert (first_page(claims_a_picture(0, 0, b"Nonsense")) == 255).all()


class TestText:
    def test_letters_and_lines(self) -> None:
        with Pdf(written("Grüße från Malmö\nsecond line <&>")) as pdf:
            assert pdf.text(1) == "Grüße från Malmö\nsecond line <&>"

    def test_a_hyphen_at_the_end_of_a_line_stays(self) -> None:
        with Pdf(written("the exam-\nple is-\nlong")) as pdf:
            assert pdf.text(1) == "the exam-\nple is-\nlong"

    def test_a_scan_has_none(self) -> None:
        def scan(pdf: FPDF) -> None:
            pdf.image(Image.new("RGB", (50, 50), RED), 0, 0, 500, 500)

        with Pdf(written("", change=scan)) as pdf:
            assert pdf.text(1) == "" and tuple(pdf.page(1)[100, 100]) == RED


class TestPasswords:
    @pytest.mark.parametrize("method", [EncryptionMethod.RC4, EncryptionMethod.AES_128, EncryptionMethod.AES_256])
    @pytest.mark.parametrize("password", ["Sesam öppna", "the owner's"])
    def test_the_right_one_opens(self, method: EncryptionMethod, password: str) -> None:
        with Pdf(locked(method), password=password) as pdf:
            assert pdf.text(1) == "secret" and pdf.page(1).min() < 50

    def test_without_one_is_asked_for_it(self) -> None:
        for password in (None, ""):
            with pytest.raises(LockedDocument, match=r"^a\.pdf is locked with a password\. Type the password"):
                Pdf(locked(), name="a.pdf", password=password)

    def test_a_wrong_one_is_told(self) -> None:
        with pytest.raises(LockedDocument, match=r"^a\.pdf was not opened by this password\. Type it again"):
            Pdf(locked(), name="a.pdf", password="sesam öppna")

    def test_one_that_is_not_needed_is_ignored(self) -> None:
        with Pdf(written("open"), password="x") as pdf:
            assert pdf.text(1) == "open"


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return file.getvalue()


WHOLE = written("a", "b", "c")
NO_PAGES = assembled(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")
BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "text": (b"Dear all,\n", "is not a PDF"),
    "picture": (png(), "is not a PDF"),
    "only a header": (b"%PDF-1.7\n", "damaged or cut short"),
    "noise": (b"%PDF-1.7\n" + bytes(range(256)) * 20, "damaged or cut short"),
    "a third": (WHOLE[: len(WHOLE) // 3], "damaged or cut short"),
    "nine tenths": (WHOLE[: len(WHOLE) * 9 // 10], "damaged or cut short"),
    "no pages": (NO_PAGES, "is a PDF without pages"),
    "no page tree": (assembled(b"<</Type/Catalog>>"), "is a PDF without pages"),
}


class TestBadFiles:
    @pytest.mark.parametrize("case", BAD_FILES)
    def test_is_refused_in_a_sentence_that_names_the_file(self, case: str) -> None:
        data, expected = BAD_FILES[case]
        with pytest.raises(BadDocument, match=rf"^tax return\.pdf .*{expected}") as caught:
            Pdf(data, name="tax return.pdf")
        message = str(caught.value)
        assert message.endswith(".") and message.count(". ") >= 1, "what is wrong, then what to do"
        for jargon in ("Error", "Exception", "PDFium", "Traceback", "0x", "\n"):
            assert jargon not in message

    def test_one_files_fault_is_not_told_of_the_next(self) -> None:
        with pytest.raises(BadDocument, match="password"):
            Pdf(locked())
        with pytest.raises(BadDocument, match="without pages"):
            Pdf(NO_PAGES)

    def test_over_max_bytes(self) -> None:
        with pytest.raises(BadDocument, match=r"big\.pdf is 2\.0 MB, and at most 1\.5 MB"):
            Pdf(b"%PDF-1.7" + bytes(2_000_000), name="big.pdf", max_bytes=1_500_000)

    def test_a_page_that_is_missing_is_told_and_the_others_are_shown(self) -> None:
        kids = b"<</Type/Pages/Kids[3 0 R 9 0 R 4 0 R]/Count 3>>"
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>"
        with Pdf(assembled(b"<</Type/Catalog/Pages 2 0 R>>", kids, page, page), name="a.pdf") as pdf:
            for read in (pdf.page, pdf.text):
                with pytest.raises(BadDocument, match=r"^Page 2 of a\.pdf is damaged"):
                    read(2)
            assert pdf.page(1).shape == pdf.page(3).shape == (200, 200, 3)

    def test_a_page_of_no_size_is_told(self) -> None:
        data = one_page(b"/MediaBox[0 0 100 100]/CropBox[200 200 300 300]")
        with pytest.raises(BadDocument, match=r"^Page 1 of document has a size of 0"):
            first_page(data)

    def test_a_long_name_with_line_breaks_is_kept_readable(self) -> None:
        with pytest.raises(BadDocument) as caught:
            Pdf(b"", name="my\nscan " + "very " * 500 + "long.pdf")
        name = str(caught.value).split(" is empty")[0]
        assert name.startswith("my scan very") and name.endswith("very long.pdf") and len(name) <= 80

    def test_damaged_files_open_or_are_refused_and_nothing_else(self) -> None:
        rng, refused = random.Random(1), 0
        whole = written("some", "pages", change=lambda pdf: pdf.image(Image.effect_noise((40, 40), 90), 0, 0, 50, 50))
        for _ in range(200):
            data = bytearray(whole[: rng.randrange(9, len(whole))] if rng.random() < 0.2 else whole)
            for _ in range(rng.randrange(12)):
                data[rng.randrange(8, len(data))] = rng.randrange(256)
            try:
                with Pdf(bytes(data)) as pdf:
                    for number in range(1, min(pdf.pages, 5) + 1):
                        pdf.text(number)
                        assert pdf.page(number, dpi=30, max_pixels=100_000).size
            except BadDocument:
                refused += 1
        assert 10 < refused < 190


class TestIsPdf:
    def test_by_its_beginning(self) -> None:
        assert is_pdf(written("x")) and is_pdf(b"\xef\xbb\xbf\r\n%PDF-1.4")
        assert not is_pdf(b"") and not is_pdf(png()) and not is_pdf(b"x" * 2000 + b"%PDF-1.4")

    def test_what_stands_before_a_pdf_does_no_harm(self) -> None:
        with Pdf(b"From: a mail\r\n\r\n" + written("x")) as pdf:
            assert pdf.text(1) == "x"


class TestThreads:
    def test_several_draw_one_document_at_once(self) -> None:
        data = written(*(f"page {number}" for number in range(1, 9)))
        with Pdf(data) as pdf:
            alone = {number: pdf.page(number, dpi=50) for number in range(1, 9)}

            def draw(numbers: list[int]) -> None:
                for number in numbers * 3:
                    assert (pdf.page(number, dpi=50) == alone[number]).all() and pdf.text(number) == f"page {number}"

            numbers = list(range(1, 9))
            with ThreadPoolExecutor(3) as pool:
                list(pool.map(draw, (numbers, numbers[::-1], numbers)))

    def test_documents_are_opened_forgotten_and_drawn_at_once(self) -> None:
        data = written("x", "y")

        def work(_: int) -> None:
            for _ in range(40):
                pdf = Pdf(data)
                assert pdf.page(2, dpi=20).shape == first_page(data, dpi=20).shape
                del pdf  # not closed

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))


class TestClose:
    def test_a_closed_document_says_so(self) -> None:
        pdf = Pdf(written("x"), name="a.pdf")
        pdf.close()
        pdf.close()
        for read in (pdf.page, pdf.text):
            with pytest.raises(ValueError, match=r"a\.pdf is closed"):
                read(1)


class TestUserUnit:
    """A page of 59.5 × 84.2 units of 10 points is A4."""

    @staticmethod
    def pages(*entries: bytes, after: bytes = b"null") -> list[bytes]:
        """The objects of a PDF with a page for each of these entries, a black square on each; `after` is the last."""
        count = len(entries)
        kids = b" ".join(b"%d 0 R" % number for number in range(4, 4 + count))
        body = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 59.5 84.2]/Contents 3 0 R%b>>"
        tree = b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count)
        square = stream(b"10 10 20 20 re f")
        return [b"<</Type/Catalog/Pages 2 0 R>>", tree, square, *(body % entry for entry in entries), after]

    @pytest.mark.parametrize("made", [assembled, packed])
    def test_each_page_is_drawn_in_its_own_unit(self, made: Callable[..., bytes]) -> None:
        data = made(*self.pages(b"", b"/UserUnit 10", b"/Rotate 90/UserUnit 5.0", b"/UserUnit 8 0 R", after=b"2.5"))
        with Pdf(data) as pdf:
            sizes = [pdf.page(number).shape[:2] for number in range(1, 5)]
            assert sizes == [(234, 166), (2339, 1653), (827, 1170), (585, 414)]
            page = pdf.page(2)
        assert (page[1600:2050, 290:820] == 0).all() and (page[:1480] == 255).all(), "drawn larger, not only its paper"

    def test_behind_a_password(self) -> None:
        plain = written("A", size=(59.5, 84.2))
        with_unit = plain.replace(b"/Type /Page\n", b"/Type /Page /UserUnit 10\n")
        assert with_unit != plain
        document = pypdfium2.PdfDocument(with_unit)
        assert document.get_page_size(0) == pytest.approx((59.5, 84.2), abs=0.1), "pdfium does not follow it by itself"
        locked_pdf = locked()
        assert b"/Type /Page\n" in locked_pdf
        with Pdf(locked_pdf.replace(b"/Type /Page\n", b"/Type /Page /UserUnit 2\n"), password="Sesam öppna") as pdf:
            assert pdf.page(1, dpi=36).shape[:2] == A4[::-1]

    def test_a_page_too_large_for_its_pixels_is_drawn_smaller(self) -> None:
        with Pdf(assembled(*self.pages(b"/UserUnit 70000"))) as pdf:
            height, width = pdf.page(1, max_pixels=1_000_000).shape[:2]
        assert height * width <= 1_000_000 and width / height == pytest.approx(59.5 / 84.2, abs=0.01) and height > 1100

    @pytest.mark.parametrize(
        "unit", [b"0", b"-10", b"1e9", b"999999999999", b"0.0001", b"/Big", b"(10)", b"", b"99 0 R"]
    )
    def test_what_cannot_be_meant_is_left_out(self, unit: bytes) -> None:
        with Pdf(assembled(*self.pages(b"/UserUnit " + unit))) as pdf:
            assert pdf.page(1).shape[:2] == (234, 166)

    def test_words_in_a_page_are_no_unit(self) -> None:
        with Pdf(written("<</Type/Page /UserUnit 10>> endobj")) as pdf:
            assert pdf.page(1, dpi=72).shape[:2] == A4[::-1]
