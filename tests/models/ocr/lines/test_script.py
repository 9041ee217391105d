"""Scripts are told by their letters where Tesseract is installed; what is read anyway, or too little, is of none."""

import numpy as np
import pytest

from models.ocr import tesseract
from models.ocr.lines.crop import crop_line
from models.ocr.lines.script import script_of
from tests.models.ocr.typeset import Colour, page

needs_tesseract = pytest.mark.skipif(not tesseract.available(), reason="Tesseract is not installed")

LINES = {
    "Cyrillic": ["Съешь же ещё этих мягких французских булок", "Москва, Тверская улица, дом 5", "да выпей чаю"],
    "Arabic": ["مرحبا كيف حالك اليوم", "نص حكيم له سر قاطع وذو شأن عظيم"],
    "Hebrew": ["דג סקרן שט בים מאוכזב", "ולפתע מצא חברה"],
}


def strips(lines: list[str], size: int = 28, ink: Colour = (0, 0, 0), paper: Colour = (255, 255, 255)) -> list:
    given = page(lines, size=size, ink=ink, paper=paper)
    return [crop_line(given.rgb, polygon) for polygon in given.polygons]


@needs_tesseract
@pytest.mark.parametrize("script", LINES)
@pytest.mark.parametrize("size", [16, 40])
def test_a_script_is_told(script: str, size: int) -> None:
    assert script_of(strips(LINES[script], size)) == script


@needs_tesseract
def test_light_letters_on_dark_too() -> None:
    assert script_of(strips(LINES["Cyrillic"], ink=(255, 255, 255), paper=(0, 60, 140))) == "Cyrillic"


@pytest.mark.parametrize("lines", [["An ordinary line of English", "and one more of them"], ["...", "---"]])
def test_latin_letters_and_none_are_no_other_script(lines: list[str]) -> None:
    assert script_of(strips(lines)) is None


def test_nothing_is_told_of_bare_paper_and_where_tesseract_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert script_of([np.full((30, 300, 3), 255, np.uint8)]) is None
    monkeypatch.setattr(tesseract, "available", lambda: False)
    assert script_of(strips(LINES["Cyrillic"])) is None
