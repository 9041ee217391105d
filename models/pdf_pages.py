"""PDF files from visitors: bytes in, pages as pictures out, or a BadDocument that says what to do.

The only importer of pypdfium2. pdfium is not thread-safe, not even between documents, so one lock for the whole
process is held around every call: pages of all visitors are drawn one after the other.

Bounds on a stranger's bytes: the file's size, the pixels and the sides of a drawn page, and the pixels of each picture
in it. There is none on time, nor on a page's drawing commands once unpacked (pdfium's own is 1 GB; 200 MB of them take
1.5 s and 370 MB of memory): a page of a million strokes is drawn to its end. JavaScript in forms is not run: this
pdfium is built without it.
"""

import io
import math
import re
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from types import TracebackType
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from models.errors import BadDocument, LockedDocument

MAX_SIDE = 30_000  # pixels

# Reentrant: the garbage collector may close a forgotten document in the middle of another one's turn.
_PDFIUM = threading.RLock()
# Of one picture inside a page. pdfium unpacks most kinds row by row (20 MB of memory for 400 million pixels), but
# JPEG 2000 whole, at 12 bytes a pixel. A0 at 600 dpi, as plans are scanned, has 560 million; A3 has 70 million.
_MOST_PIXELS_BY_ROWS, _MOST_PIXELS_AT_ONCE = 600_000_000, 70_000_000

# A page's lengths are in units of 1/72 inch unless it names another: plans do, PDF 1.7 sections 8.3.2.3 and C.2.
_MAX_USER_UNIT = 75_000.0
_LEAST_PAGE_PT = 36.0  # half an inch, longer side: less than that is no page, and its unit a mistake
_HEAD_BYTES = 1_000_000  # of a page that is written to a file of its own: its dictionary lies at the beginning

_AGAIN = "Download or export it again."


def is_pdf(data: bytes) -> bool:
    """Whether the bytes begin like a PDF; as in Acrobat and pdfium, up to 1 KB of something else may stand before."""
    return b"%PDF-" in data[:1024]


class Pdf:
    """An open PDF of `pages` pages. Any thread may use it, several at once too. A context manager, or `close` it.

    Opening reads where the pages are, not the pages: 1 ms for 1000 of them. What it holds is the file's bytes.
    """

    def __init__(
        self, data: bytes, *, name: str = "document", password: str | None = None, max_bytes: int = 100_000_000
    ) -> None:
        """Raises BadDocument, naming the file by `name`, if it is not a PDF, broken, empty or over `max_bytes`;
        LockedDocument if it is locked with another password than `password`."""
        name = " ".join(name.split())
        self.name = name if len(name) <= 80 else f"{name[:50]}…{name[-29:]}"  # the end holds the extension
        if not data:
            raise BadDocument(f"{self.name} is empty (0 bytes). Pick it again, or export it again.")
        if not is_pdf(data):
            raise BadDocument(f"{self.name} is not a PDF. Pick a PDF, or a picture such as JPEG or PNG.")
        if len(data) > max_bytes:
            raise BadDocument(
                f"{self.name} is {len(data) / 1e6:.1f} MB, and at most {max_bytes / 1e6:.1f} MB can be opened here. "
                "Save only the pages you need as a PDF of their own."
            )
        # written out, or in a compressed list of objects
        self._has_user_units = b"/UserUnit" in data or b"/ObjStm" in data
        with _PDFIUM:
            self._document = self._opened(data, password)
            self.pages = len(self._document)
        # pypdfium2 would close a forgotten document without our lock. This holds on to it, and to the bytes that
        # pdfium reads from, and closes it with the lock.
        self._close = weakref.finalize(self, _closed, self._document, data)

    def _opened(self, data: bytes, password: str | None) -> pypdfium2.PdfDocument:
        # Not pypdfium2.PdfDocument(data): for a PDF without pages it would tell an earlier file's error.
        handle = pdfium.FPDF_LoadMemDocument64(data, len(data), password.encode() if password else None)
        if not handle:
            code = pdfium.FPDF_GetLastError()
            refusal = LockedDocument if code == pdfium.FPDF_ERR_PASSWORD else BadDocument
            raise refusal(self._refusal(code, password))
        document = pypdfium2.PdfDocument(handle)
        if len(document) < 1:
            document.close()
            raise BadDocument(f"{self.name} is a PDF without pages. {_AGAIN}")
        with suppress(pypdfium2.PdfiumError):  # a form that cannot be read is no reason to refuse the pages
            document.init_forms()
        return document

    def _refusal(self, code: int, password: str | None) -> str:
        if code == pdfium.FPDF_ERR_PASSWORD and password:
            return f"{self.name} was not opened by this password. Type it again; capital letters count."
        if code == pdfium.FPDF_ERR_PASSWORD:
            return f"{self.name} is locked with a password. Type the password, or save the PDF without one."
        if code == pdfium.FPDF_ERR_SECURITY:
            return f"{self.name} is locked in a way that cannot be opened here. Print it to a new PDF and use that."
        return f"{self.name} starts like a PDF, but is damaged or cut short. {_AGAIN}"

    def page(self, number: int, *, dpi: int = 200, max_pixels: int = 20_000_000) -> np.ndarray:
        """Page `number`, from 1, as a reader shows it, with notes and filled-in forms: RGB uint8 (H, W, 3), contiguous.

        Its size is as the page means it, in its UserUnit. A page of more than `max_pixels`, or with a side over
        MAX_SIDE, is drawn at fewer dpi. Raises BadDocument if the page is broken or has no size, IndexError if there
        is none of that number.
        """
        with self._page(number) as page:
            width, height = page.get_size()
            if not (width > 0 and height > 0):
                raise BadDocument(f"Page {number} of {self.name} has a size of 0: there is nothing to see on it.")
            self._check_pictures(number, page)
            unit = self._user_unit(number, max(width, height))
            scale = _scale(width * unit, height * unit, dpi, max_pixels) * unit
            with closing(page.render(scale=scale, rev_byteorder=True, limit_image_cache=True)) as bitmap:
                rgb: np.ndarray = bitmap.to_numpy()  # holds the memory, which is Python's, not pdfium's
                return rgb

    def text(self, number: int) -> str:
        """The text that page `number`, from 1, already holds, in the file's order, with line breaks; "" for a scan.
        Raises as `page`."""
        with self._page(number) as page, closing(page.get_textpage()) as text_page:
            text: str = text_page.get_text_range() if text_page.count_chars() else ""
        # pdfium writes a hyphen that ends a line as one of these, and leaves the line break out.
        for hyphen in ("\x02", "\ufffe"):
            text = text.replace(hyphen, "-\n")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip("\n")

    def close(self) -> None:
        """Frees the document; may be called twice."""
        self._close()

    def __enter__(self) -> "Pdf":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        if not 1 <= number <= self.pages:
            raise IndexError(f"page must be 1 to {self.pages}, got {number}")
        with _PDFIUM:
            if not self._close.alive:
                raise ValueError(f"{self.name} is closed")
            try:
                with closing(self._document.get_page(number - 1)) as page:
                    yield page
            except (pypdfium2.PdfiumError, MemoryError) as error:
                raise BadDocument(f"Page {number} of {self.name} is damaged or cut short. {_AGAIN}") from error

    def _user_unit(self, number: int, side: float) -> float:
        """How many points a unit of page `number` is, whose longer side is `side` units; 1 for what can't be meant."""
        unit = 1.0
        if self._has_user_units:
            with suppress(pypdfium2.PdfiumError, ValueError):
                unit = self._said_user_unit(number)
        return unit if unit <= _MAX_USER_UNIT and unit * side >= _LEAST_PAGE_PT else 1.0

    def _said_user_unit(self, number: int) -> float:
        # pdfium neither follows UserUnit nor tells it. But it writes a page to a file of its own as plain text.
        with closing(pypdfium2.PdfDocument.new()) as copy:
            copy.import_pages(self._document, pages=[number - 1])
            copy.save(head := _Head())
            about = _object_of(head.getvalue(), rb"/Kids\s*\[\s*(\d+)")
            said = re.search(rb"/UserUnit\s*([-+.\d]+)(\s+\d+\s+R)?", about)
            if said and said[2]:  # the number is an object of its own, which comes after all others
                copy.save(whole := io.BytesIO())
                said = re.match(rb"\s*([-+.\d]+)", _object_of(whole.getvalue(), rb"/UserUnit\s*(\d+)"))
            return float(said[1]) if said else 1.0

    def _check_pictures(self, number: int, page: pypdfium2.PdfPage) -> None:
        for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
            with suppress(pypdfium2.PdfiumError, UnicodeError):  # a broken picture is left out of the page by pdfium
                width, height = picture.get_px_size()
                most = _MOST_PIXELS_AT_ONCE if "JPXDecode" in picture.get_filters() else _MOST_PIXELS_BY_ROWS
                if width * height > most:
                    raise BadDocument(
                        f"Page {number} of {self.name} has a picture of {width} × {height} pixels, and at most "
                        f"{most / 1e6:g} million can be opened here. Print it to a new PDF and use that."
                    )


class _Head(io.BytesIO):
    """Takes a whole file and keeps its beginning."""

    def write(self, block: Any) -> int:
        """Says that it took all of the block."""
        if self.tell() < _HEAD_BYTES:
            super().write(block)
        return memoryview(block).nbytes


def _object_of(data: bytes, reference: bytes) -> bytes:
    """The body of the object whose number the pattern finds, b"" for none."""
    number = re.search(reference, data)
    body = number and re.search(rb"[\r\n]%b 0 obj\s(.*?)\sendobj" % number[1], data, re.DOTALL)
    return body[1] if body else b""


def _scale(width: float, height: float, dpi: int, max_pixels: int) -> float:
    """Pixels per point for a page of width × height points; pypdfium2 rounds the sides up to whole pixels."""
    # (width s + 1) (height s + 1) = max_pixels, solved for s in the form that does not lose digits on thin pages
    around, area = width + height, width * height
    by_pixels = 2 * (max_pixels - 1) / (around + math.sqrt(around**2 + 4 * area * (max_pixels - 1)))
    scale = min(dpi / 72, by_pixels, MAX_SIDE / max(width, height))
    return scale * (1 - 1e-6)  # or a page of 512 pixels, told in single precision, would be drawn with 513


def _closed(document: pypdfium2.PdfDocument, _bytes: bytes) -> None:
    with _PDFIUM:
        document.close()
