"""Lines in a script that the network has never seen are counted, told apart where that can be, and lower the score."""

import cv2
import numpy as np
import pytest

from models.ocr import tesseract
from models.ocr.boxes import Unread
from models.ocr.languages import networks_for
from models.ocr.ppocr import PPOCR
from tests.models.ocr.typeset import page, wrapped

RUSSIAN = ["Привет, как дела сегодня?", "Съешь же ещё этих мягких булок", "да выпей чаю"]
GREEK = ["Καλημέρα, τι κάνεις σήμερα;", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία"]
ENGLISH = ["Hello, how are you?", "Łódź, Ångström, señor"]


@pytest.mark.parametrize("size", [16, 28, 50])
def test_a_page_of_russian_is_not_read_and_not_sure(model: PPOCR, size: int) -> None:
    reading = model.read(page(RUSSIAN, size=size).rgb)
    assert reading.boxes == () and reading.score == 0
    assert reading.unread is not None and len(reading.unread.polygons) == 3 and reading.unread.share > 0.99
    assert reading.unread.scripts == (("Cyrillic",) if tesseract.available() else ())


def test_the_comma_of_an_unread_line_is_no_text(model: PPOCR) -> None:
    reading = model.read(page([RUSSIAN[0], *ENGLISH], size=26).rgb)
    assert [box.text for box in reading.boxes] == ENGLISH
    assert reading.unread is not None and len(reading.unread.polygons) == 1
    assert 0.2 < reading.unread.share < 0.6 and reading.score < 0.8


def test_greek_is_told_by_the_letters_that_formulas_use(model: PPOCR) -> None:
    reading = model.read(page([*GREEK, *ENGLISH], size=26).rgb)
    assert reading.unread is not None and "Greek" in reading.unread.scripts and reading.score < 0.7


def test_what_is_read_of_a_line_with_figures_is_kept_as_doubtful(model: PPOCR) -> None:
    reading = model.read(page(["Спасибо за вашу покупку 125.00", "Всего доброго и до свидания"], size=28).rgb)
    assert reading.unread is not None and len(reading.unread.polygons) == 2
    assert [box.text for box in reading.boxes if "125.00" in box.text]
    assert max(box.score for box in reading.boxes) < 0.5


@pytest.mark.parametrize("text", ["مرحبا كيف حالك اليوم يا صديقي", "דג סקרן שט בים מאוכזב ולפתע"])
def test_right_to_left_scripts_too(model: PPOCR, text: str) -> None:
    reading = model.read(page([text, text], size=32).rgb)
    assert reading.unread is not None and reading.score < 0.5


@pytest.mark.parametrize(
    "lines",
    [
        ENGLISH,
        ["Name: ____________________", "Total ........................ 12.50", "Chapter 1 . . . . . . . . . 7"],
        ["W  I  D  E   S  P  A  C  E", "— — — — — —", "=========================="],
        ["area = πr², Δx → 0, α + β = γ", "where r is the radius"],
        ["1", "7"],
    ],
)
def test_rules_leaders_formulas_and_wide_type_are_not_another_script(model: PPOCR, lines: list[str]) -> None:
    assert model.read(page(lines, size=26).rgb).unread is None


def test_a_blurred_page_is_of_no_script(model: PPOCR) -> None:
    blurred = cv2.GaussianBlur(
        page(wrapped("The quick brown fox jumps over the lazy dog", 500), size=28).rgb, (0, 0), 6
    )
    reading = model.read(blurred)
    assert reading.unread is None or reading.unread.scripts == ()


def test_a_script_leads_to_its_networks() -> None:
    assert [network.name for network in networks_for("Cyrillic")] == ["ppocr-cyrillic", "ppocr-east-slavic"]
    assert [network.name for network in networks_for("Thai")] == ["ppocr-thai"] and networks_for("Hebrew") == []


@pytest.mark.parametrize(("shape", "share"), [((0, 4, 2), 0.5), ((1, 4, 3), 0.5), ((1, 4, 2), 1.5)])
def test_what_is_unread_is_checked(shape: tuple[int, ...], share: float) -> None:
    with pytest.raises(ValueError, match="must"):
        Unread(np.zeros(shape, np.float32), share)
