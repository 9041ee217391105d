"""A font whose letters are all empty: the invisible text under the picture in a searchable PDF.

Any script can be searched and copied with it, and no font file is needed, since nothing of it is ever drawn.
The idea is that of Tesseract's PDF output; here it has exactly the characters that a page uses.
"""

import unicodedata
from collections.abc import Iterable
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fpdf.fonts import CORE_FONTS_CHARWIDTHS

EM = 1000
ASCENT, DESCENT = 780, 220  # of EM, above and below the baseline: of most Latin type

_LATIN = CORE_FONTS_CHARWIDTHS["helvetica"]
_DEFAULT_WIDTH = 556
_ACCENT_WIDTH = 5  # pdfium leaves characters of no width at all out of some of its answers


def advance(char: str) -> int:
    """About how wide `char` is in thousandths of the font's size: Helvetica's widths for Latin letters, 1000 for
    Chinese and its neighbours, next to nothing for accents that stand on another letter."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return _ACCENT_WIDTH
    return _LATIN.get(char) or (EM if unicodedata.east_asian_width(char) in "WF" else _DEFAULT_WIDTH)


def glyphless_font(characters: Iterable[str]) -> bytes:
    """A TrueType file with an empty glyph, `advance` wide, for each of the characters and the space."""
    glyphs = {ord(char): f"u{ord(char):04X}" for char in sorted({*characters, " "})}
    names = [".notdef", *glyphs.values()]
    font = FontBuilder(EM, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap(glyphs)
    widths = {".notdef": _DEFAULT_WIDTH, **{name: advance(chr(code)) for code, name in glyphs.items()}}
    font.setupGlyf({name: _blank(width) for name, width in widths.items()})
    font.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    font.setupHorizontalHeader(ascent=ASCENT, descent=-DESCENT)
    font.setupNameTable({"familyName": "Glyphless", "styleName": "Regular", "psName": "Glyphless"})
    font.setupOS2(sTypoAscender=ASCENT, sTypoDescender=-DESCENT, usWinAscent=ASCENT, usWinDescent=DESCENT)
    font.setupPost()
    file = BytesIO()
    font.save(file)
    return file.getvalue()


def _blank(width: int) -> Glyph:
    """A line from corner to corner and back: it encloses nothing, and still gives PDF readers the letter's size.
    pdfium loses letters without a size where they are turned by 90°, and spaces everywhere."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, -DESCENT))
    pen.lineTo((width, ASCENT))
    pen.closePath()
    return pen.glyph()
