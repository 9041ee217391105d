from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from models.ocr.files.glyphless_font import ASCENT, DESCENT, EM, advance, glyphless_font

TEXT = "Grüße €漢العربية😀"


def test_it_has_a_glyph_for_each_character_and_no_other_but_the_space() -> None:
    font = TTFont(BytesIO(glyphless_font("cab€😀")))
    assert set(font.getBestCmap()) == {ord(char) for char in " abc€😀"}
    assert set(TTFont(BytesIO(glyphless_font(""))).getBestCmap()) == {ord(" ")}


def test_its_glyphs_enclose_nothing_and_still_have_the_size_of_a_letter() -> None:
    font = TTFont(BytesIO(glyphless_font(TEXT)))
    for code, name in font.getBestCmap().items():
        glyph = font["glyf"][name]
        assert glyph.numberOfContours == 1 and len(glyph.coordinates) == 2
        assert (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) == (0, -DESCENT, advance(chr(code)), ASCENT)
        assert font["hmtx"][name] == (advance(chr(code)), 0)


def test_letters_are_as_wide_as_they_usually_are() -> None:
    assert advance("i") < advance("n") < advance("m") < EM
    assert advance("é") == advance("e")
    assert advance("漢") == advance("😀") == advance("Ａ") == EM
    assert 0 < advance("\u0301") < advance("i") / 10


@pytest.mark.parametrize("text", ["a" * 100, TEXT])
def test_it_is_small_and_the_same_each_time(text: str) -> None:
    assert glyphless_font(text) == glyphless_font(reversed(text))
    assert len(glyphless_font(text)) < 3000
