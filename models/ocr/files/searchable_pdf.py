"""Searchable PDF: the pictures, and under them, invisible, the words that were read, each where it stands.

What it costs: one page's picture is packed at a time, so beside the caller's pictures there is never more than one
decoded copy, and that only of a picture of few colours. The packed pictures are held up to three times while the
file is put together: 30 photographed pages of 2000×3000 take 3 s, and 100 MB for a file of 35 MB.
"""

import io
import itertools
import math
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from fpdf import FPDF
from fpdf.bidi import BIDI_BRACKETS, BidiParagraph
from fpdf.enums import TextMode
from PIL import Image

from models.errors import Cancelled
from models.ocr.boxes import TextBox
from models.ocr.files.glyphless_font import ASCENT, DESCENT, EM, advance, glyphless_font
from models.ocr.files.pages import Page, printable, reads_leftwards, words_of

DPI = 200  # what a page is scanned at, and what models/ocr/files/pdf_pages.py renders at
_MAX_PAGE_PT = 14_400  # the most that PDF readers show
_JPEG_QUALITY = 85
_MAX_JPEG_SIDE = 65_500
_MAX_PALETTE = 256

OnPage = Callable[[int], None]


def to_searchable_pdf(
    pages: Iterable[Page], *, on_page: OnPage | None = None, cancel: threading.Event | None = None
) -> bytes:
    """A PDF with the page's picture at 200 dpi under the text that was read (not the visitor's), any script.

    `pages` is gone through once, so that a generator may open each picture when its turn comes. `on_page` is called
    with the number of pages done. Raises Cancelled once `cancel` is set; ValueError if there is no page.
    """
    pdf = FPDF(unit="pt")
    pdf.set_auto_page_break(False)
    pdf.set_creator("Limelight")
    done = 0
    with tempfile.TemporaryDirectory() as folder:  # fpdf2 opens fonts by their path, and reads them until the end
        for done, page in enumerate(pages, 1):
            if cancel is not None and cancel.is_set():
                raise Cancelled("The PDF was cancelled; nothing was saved. Press the button again to make it.")
            if done == 1:
                pdf.set_title(printable(page.name))
            _add(pdf, page, Path(folder) / f"page{done}.ttf")
            if on_page is not None:
                on_page(done)
        if not done:
            raise ValueError("a PDF needs at least one page")
        return bytes(pdf.output())


def _add(pdf: FPDF, page: Page, font: Path) -> None:
    height, width = page.reading.rgb.shape[:2]
    scale = min(72 / DPI, _MAX_PAGE_PT / max(width, height))  # points per pixel
    pdf.add_page(format=(width * scale, height * scale))
    pdf.image(_packed(page.reading.rgb), 0, 0, width * scale, height * scale)
    # A font for each page, since the next page's characters are not known yet: about 2 KB each.
    font.write_bytes(glyphless_font(char for box in page.reading.boxes for word in words_of(box) for char in word.text))
    pdf.add_font(font.stem, fname=font)
    pdf.set_font(font.stem)
    with pdf.local_context(text_mode=TextMode.INVISIBLE):
        for box, following in itertools.zip_longest(page.reading.boxes, page.reading.boxes[1:]):
            words = words_of(box)
            for left, word in zip(reversed(range(len(words))), words, strict=True):
                spaced = left > 0 or (following is not None and _same_row(box, following))
                _write(pdf, word.text, word.polygon.astype(np.float64) * scale, spaced=spaced)


def _same_row(box: TextBox, following: TextBox) -> bool:
    """Whether the next box goes on beside this one, as a table's cells do, rather than on a line of its own."""
    return abs(float(box.polygon[:, 1].mean() - following.polygon[:, 1].mean())) < box.height / 2


def _packed(rgb: np.ndarray) -> io.BytesIO:
    """The picture as a file for fpdf2: a JPEG, or a PNG with a palette, which loses nothing, where that is smaller.
    Pure black and white is stored as a fax would be, which is smaller than either."""
    # Always a file: fpdf2 takes two PIL images of equal bytes for one, though palettes or sides may differ.
    image = Image.fromarray(rgb)
    colours = image.getcolors(_MAX_PALETTE)
    if colours is not None and {colour for _, colour in colours} <= {(0, 0, 0), (255, 255, 255)}:
        return _file(image.convert("1"), "PNG", compress_level=1)
    exact = image if colours is None else _with_palette(rgb, np.array([colour for _, colour in colours], np.uint8))
    if max(image.size) > _MAX_JPEG_SIDE:
        return _file(exact, "PNG", compress_level=1)
    # Colours at full resolution: halved, as JPEG does by default, they smear thin coloured letters.
    jpeg = _file(image, "JPEG", quality=_JPEG_QUALITY, subsampling=0, optimize=True)
    png = jpeg if colours is None else _file(exact, "PNG", compress_level=1)
    return min(jpeg, png, key=lambda file: file.getbuffer().nbytes)


def _file(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file


def _with_palette(rgb: np.ndarray, palette: np.ndarray) -> Image.Image:
    """The same picture as indices into `palette`, uint8 (n, 3), which has all of its colours."""
    keys = palette.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    order = np.argsort(keys)
    indices = np.empty(rgb.shape[:2], np.uint8)
    for row, line in enumerate(rgb):  # row by row, for the keys take four times the room of the indices
        line_keys = line.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
        indices[row] = np.searchsorted(keys[order], line_keys)
    image = Image.fromarray(indices, "P")
    image.putpalette(palette[order].tobytes())
    return image


def _write(pdf: FPDF, text: str, polygon: np.ndarray, *, spaced: bool) -> None:
    """A word, stretched and turned to fill `polygon`, float (4, 2) in points from the page's top left; then a space
    if `spaced`, so that readers need not guess from the gap."""
    top_left, top_right, bottom_right, bottom_left = polygon
    size = max(0.5, float(np.linalg.norm(top_left - bottom_left) + np.linalg.norm(top_right - bottom_right)) / 2)
    right, down = (top_right - top_left + bottom_right - bottom_left) / 2
    natural = sum(advance(char) for char in text) / EM * size
    pdf.set_font_size(size)
    pdf.set_stretching(max(0.1, 100 * math.hypot(right, down) / natural))
    x, y = bottom_left + (top_left - bottom_left) * DESCENT / (ASCENT + DESCENT)
    # PDF readers take letters as they stand from left to right, and put Arabic and Hebrew back in order themselves.
    seen = _as_seen(text) if reads_leftwards(text) else text + " " * spaced
    angle = math.degrees(math.atan2(-down, right))
    if abs(angle) < 0.05:
        pdf.text(x, y, seen)
    else:
        with pdf.rotation(angle, x, y):
            pdf.text(x, y, seen)


def _as_seen(text: str) -> str:
    """Arabic or Hebrew in the order of the eye, from left to right, with brackets turned as the eye sees them."""
    letters = BidiParagraph(text, preserve_bn_chars=True).get_reordered_characters()
    return "".join(
        BIDI_BRACKETS[letter.character]["pair"]
        if letter.embedding_level % 2 and letter.character in BIDI_BRACKETS
        else letter.character
        for letter in letters
    )
