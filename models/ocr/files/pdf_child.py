"""Draws PDF pages in a process of its own: `python -I pdf_child.py`, started by pdf_pages.py.

The only importer of pypdfium2, and an importer of nothing of ours, so that it starts in a tenth of a second. Whatever a
stranger's document does here (loops for hours, takes all memory, breaks pdfium) ends this process and nothing else: it
has limits of processor time and memory, and can neither write files nor dump its memory.

Requests come on stdin, answers go to stdout, each a line of JSON and then as many bytes as its "bytes" says: no pickle,
because a document that broke pdfium could write any answer. It holds the document that was opened last, and ends by
itself when nothing is asked for IDLE_S or stdin ends.
"""

import io
import json
import math
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from time import process_time
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

try:
    import resource
except ImportError:  # Windows: there the parent's clock is the only limit
    resource = None  # type: ignore[assignment]

MEMORY_BYTES = 2_000_000_000
IDLE_S = 20.0
NICENESS = 15  # others are read meanwhile, at 10: models/runtime/background.py

# Of one picture inside a page. pdfium unpacks most kinds row by row (20 MB of memory for 400 million pixels), but
# JPEG 2000 whole, at 12 bytes a pixel. A0 at 600 dpi, as plans are scanned, has 560 million; A3 has 70 million.
_MAX_PIXELS_BY_ROWS, _MAX_PIXELS_AT_ONCE = 600_000_000, 70_000_000

# A page's lengths are in units of 1/72 inch unless it names another: plans do, PDF 1.7 sections 8.3.2.3 and C.2.
_MAX_USER_UNIT = 75_000.0
_MIN_PAGE_PT = 36.0  # half an inch, longer side: less than that is no page, and its unit a mistake
_HEAD_BYTES = 1_000_000  # of a page that is written to a file of its own: its dictionary lies at the beginning


class Refused(Exception):
    """What the parent puts into words: a word of its table, and what to fill in."""


class Document:
    """An open document. Opening reads where the pages are, not the pages: 1 ms for 1000 of them."""

    def __init__(self, data: bytes, password: str | None) -> None:
        # Not pypdfium2.PdfDocument(data): for a PDF without pages it would report an earlier file's error.
        handle = pdfium.FPDF_LoadMemDocument64(data, len(data), password.encode() if password else None)
        if not handle:
            code = pdfium.FPDF_GetLastError()
            words = {pdfium.FPDF_ERR_PASSWORD: "password", pdfium.FPDF_ERR_SECURITY: "security"}
            raise Refused(words.get(code, "damaged"))
        self._data = data  # pdfium reads from it
        self._document = pypdfium2.PdfDocument(handle)
        if len(self._document) < 1:
            raise Refused("no pages")
        # written out, or in a compressed list of objects
        self._has_user_units = b"/UserUnit" in data or b"/ObjStm" in data
        with suppress(pypdfium2.PdfiumError):  # a form that cannot be read is no reason to refuse the pages
            self._document.init_forms()

    @property
    def pages(self) -> int:
        """How many."""
        return len(self._document)

    def close(self) -> None:
        """Free it."""
        self._document.close()

    def draw(self, number: int, dpi: int, max_pixels: int, max_side: int) -> tuple[dict[str, int], Any]:
        """Page `number`, from 1: its width, height and bytes a row, and the rows, RGB."""
        with self._page(number) as page:
            width, height = page.get_size()
            if not (width > 0 and height > 0):
                raise Refused("no size")
            _check_pictures(page)
            unit = self._user_unit(number, max(width, height))
            scale = _scale(width * unit, height * unit, dpi, max_pixels, max_side) * unit
            with closing(page.render(scale=scale, rev_byteorder=True, limit_image_cache=True)) as bitmap:
                about = {"width": bitmap.width, "height": bitmap.height, "stride": bitmap.stride}
                return about, bitmap.buffer  # its memory is Python's, not pdfium's

    def text(self, number: int) -> str:
        """The text that page `number` holds, as pdfium gives it."""
        with self._page(number) as page, closing(page.get_textpage()) as text_page:
            text: str = text_page.get_text_range() if text_page.count_chars() else ""
            return text

    @contextmanager
    def _page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        try:
            with closing(self._document.get_page(number - 1)) as page:
                yield page
        except (pypdfium2.PdfiumError, MemoryError) as error:
            raise Refused("page damaged") from error

    def _user_unit(self, number: int, side: float) -> float:
        """How many points a unit of page `number` is, whose longer side is `side` units; 1 for what can't be meant."""
        unit = 1.0
        if self._has_user_units:
            with suppress(pypdfium2.PdfiumError, ValueError):
                unit = self._written_user_unit(number)
        return unit if unit <= _MAX_USER_UNIT and unit * side >= _MIN_PAGE_PT else 1.0

    def _written_user_unit(self, number: int) -> float:
        # pdfium neither follows UserUnit nor reports it, but it writes a page to a file of its own as plain text.
        with closing(pypdfium2.PdfDocument.new()) as copy:
            copy.import_pages(self._document, pages=[number - 1])
            copy.save(head := _Head())
            about = _object_of(head.getvalue(), rb"/Kids\s*\[\s*(\d+)")
            unit = re.search(rb"/UserUnit\s*([-+.\d]+)(\s+\d+\s+R)?", about)
            if unit and unit[2]:  # the number is an object of its own, which comes after all others
                copy.save(whole := io.BytesIO())
                unit = re.match(rb"\s*([-+.\d]+)", _object_of(whole.getvalue(), rb"/UserUnit\s*(\d+)"))
            return float(unit[1]) if unit else 1.0


def _check_pictures(page: pypdfium2.PdfPage) -> None:
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        with suppress(pypdfium2.PdfiumError, UnicodeError):  # a broken picture is left out of the page by pdfium
            width, height = picture.get_px_size()
            max_pixels = _MAX_PIXELS_AT_ONCE if "JPXDecode" in picture.get_filters() else _MAX_PIXELS_BY_ROWS
            if width * height > max_pixels:
                raise Refused("picture", width, height, max_pixels / 1e6)


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


def _scale(width: float, height: float, dpi: int, max_pixels: int, max_side: int) -> float:
    """Pixels per point for a page of width × height points; pypdfium2 rounds the sides up to whole pixels."""
    # (width s + 1) (height s + 1) = max_pixels, solved for s in the form that does not lose digits on thin pages
    around, area = width + height, width * height
    by_pixels = 2 * (max_pixels - 1) / (around + math.sqrt(around**2 + 4 * area * (max_pixels - 1)))
    scale = min(dpi / 72, by_pixels, max_side / max(width, height))
    return scale * (1 - 1e-6)  # or a page of 512 pixels, given in single precision, would be drawn with 513


class Child:
    """Answers requests, one after the other."""

    def __init__(self) -> None:
        self._document: Document | None = None

    def answer(self, request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], Any]:
        """What to send back: the fields, and bytes."""
        ask = request["ask"]
        try:
            if ask == "open":
                if self._document is not None:
                    self._document.close()
                    self._document = None
                self._document = Document(data, request["password"])
                return {"pages": self._document.pages}, b""
            assert self._document is not None
            if ask == "text":
                return {}, self._document.text(request["number"]).encode("utf-8", "surrogatepass")
            return self._document.draw(**{key: request[key] for key in ("number", "dpi", "max_pixels", "max_side")})
        except Refused as refused:
            return {"refused": list(refused.args)}, b""


def _limit(kind: str, soft: int) -> None:
    if resource is not None and hasattr(resource, kind):
        with suppress(ValueError, OSError):  # macOS knows some of them and refuses to set them
            hard = resource.getrlimit(getattr(resource, kind))[1]
            resource.setrlimit(getattr(resource, kind), (soft, hard))


def main() -> None:
    """Answer until stdin ends or nothing was asked for IDLE_S."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what pdfium may print is no answer
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    _limit("RLIMIT_AS", MEMORY_BYTES)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_FSIZE", 0)
    child = Child()
    while True:
        idle = threading.Timer(IDLE_S, os._exit, [0])
        idle.daemon = True
        idle.start()
        line = requests.readline()
        idle.cancel()
        if not line:
            return
        request = json.loads(line)
        data = requests.read(request["bytes"])
        _limit("RLIMIT_CPU", math.ceil(process_time()) + request["cpu_s"])
        fields, body = child.answer(request, data)
        answers.write(json.dumps({**fields, "bytes": len(body)}).encode() + b"\n")
        answers.write(body)
        answers.flush()


if __name__ == "__main__":
    main()
