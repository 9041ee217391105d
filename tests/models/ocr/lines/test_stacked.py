"""Letters one below the other are a word; a list's numbers and lines that lie on their side are not."""

import numpy as np
import pytest

from models.ocr.ppocr import PPOCR
from tests.models.ocr.typeset import Colour, Page, page, wrapped

PROSE = "The harbour office is open from eight to four; after that, ring the bell beside the green door."


def sign(word: str, **how: object) -> Page:
    """Its letters below each other, each in the middle of the column or at its left."""
    return page(list(word), **({"size": 40, "leading": 1.3} | how))  # type: ignore[arg-type]


def texts(model: PPOCR, rgb: np.ndarray) -> list[str]:
    return [box.text for box in model.read(rgb).boxes]


@pytest.mark.parametrize(
    ("word", "face", "size", "leading"),
    [
        ("PARKING", "sans", 68, 1.4),
        ("PARKING", "mono", 32, 1.15),
        ("HOTEL", "serif", 90, 1.6),
        ("BAR", "sans", 60, 1.35),
        ("sushi", "bold", 45, 1.2),
        ("Gypsy", "sans", 40, 1.4),
        ("MENÜ", "bold", 50, 1.3),
        ("TAXI 24", "sans", 60, 1.35),
    ],
)
def test_a_sign_is_read_once_and_whole(model: PPOCR, word: str, face: str, size: int, leading: float) -> None:
    assert texts(model, sign(word, face=face, size=size, leading=leading).rgb) == [word]


@pytest.mark.parametrize(("ink", "paper"), [((255, 255, 255), (0, 60, 140)), ((200, 30, 30), (240, 230, 200))])
def test_a_sign_in_colour(model: PPOCR, ink: Colour, paper: Colour) -> None:
    assert texts(model, sign("CINEMA", ink=ink, paper=paper).rgb) == ["CINEMA"]


def test_a_sign_beside_a_page(model: PPOCR) -> None:
    lines, word = page(wrapped(PROSE, 420), leading=2.1).rgb, sign("EXIT", size=60).rgb
    sheet = np.full((max(len(lines), len(word)), 1600, 3), 255, np.uint8)
    sheet[: len(lines), : lines.shape[1]] = lines
    sheet[: len(word), 1400 : 1400 + word.shape[1]] = word
    found = texts(model, sheet)
    assert found.count("EXIT") == 1 and " ".join(text for text in found if text != "EXIT") == PROSE


def test_its_box_lies_around_the_letters_and_begins_at_the_top(model: PPOCR) -> None:
    given = sign("PARKING", shape=(600, 300), margin=60)
    (box,) = model.read(given.rgb).boxes
    left, top, right, bottom = box.xyxy
    assert left <= given.polygons[..., 0].min() + 5 and right >= given.polygons[..., 0].max() - 5
    assert top <= given.polygons[..., 1].min() + 5 and bottom >= given.polygons[..., 1].max() - 5
    assert box.polygon[0].tolist() == [left, top] and [word.text for word in box.words] == ["PARKING"]


@pytest.mark.parametrize("marks", ["ABCDE", "12345"])
def test_the_marks_of_a_list_stay_with_their_lines(model: PPOCR, marks: str) -> None:
    answers = ["the ferry", "the harbour", "a lighthouse", "two sailors", "no one"]
    found = texts(model, page(list(marks), answers, size=28, gutter=60).rgb)
    assert found == [text for line in zip(marks, answers, strict=True) for text in line]


def test_a_column_of_figures_is_no_word(model: PPOCR) -> None:
    assert texts(model, sign("12345").rgb) == list("12345")


@pytest.mark.parametrize("quarters", [1, 3])
def test_a_line_on_its_side_is_turned(model: PPOCR, quarters: int) -> None:
    reading = model.read(page(["PARKING AHEAD"], size=40).turned(quarters).rgb)
    assert [box.text for box in reading.boxes] == ["PARKING AHEAD"] and reading.turned == 4 - quarters
