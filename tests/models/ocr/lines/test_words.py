"""Crops and words out of letters, by cases small enough to check by hand."""

import numpy as np
import pytest

from models.ocr.lines.recognition import Letters
from models.ocr.lines.words import text_box

LINE = np.array([(100, 50), (200, 50), (200, 70), (100, 70)], np.float32)  # 100 wide, 20 high


def letters(text: str, places: list[float], blanks: list[float] | None = None, score: float = 0.9) -> Letters:
    n = len(text)
    held = blanks or [0.0] * n
    return Letters(text, np.full(n, score, np.float32), np.array(places, np.float32), np.array(held, np.float32))


def crop(*inked: tuple[int, int]) -> np.ndarray:
    """Paper of 20 × 100 with black from column a up to b."""
    rgb = np.full((20, 100, 3), 255, np.uint8)
    for begin, end in inked:
        rgb[5:15, begin:end] = 0
    return rgb


def ends(polygon: np.ndarray) -> tuple[float, float]:
    return float(polygon[0, 0]), float(polygon[1, 0])


def test_words_end_where_their_ink_does() -> None:
    box = text_box(LINE, crop((10, 18), (20, 28), (40, 48)), letters("ab c", [0.14, 0.24, 0.33, 0.44]))
    assert box is not None and box.text == "ab c"
    assert [word.text for word in box.words] == ["ab", "c"]
    assert [ends(word.polygon) for word in box.words] == [(110, 128), (140, 148)]


def test_without_a_gap_they_part_in_the_middle() -> None:
    box = text_box(LINE, crop((10, 50)), letters("a b", [0.2, 0.3, 0.4]))
    assert box is not None and [ends(word.polygon) for word in box.words] == [(110, 130), (130, 150)]


@pytest.mark.parametrize(
    ("held", "gap", "text"),
    [(0.02, 12, "ab cd"), (0.001, 12, "abcd"), (0.02, 6, "abcd")],
    ids=["wide, and the network in two minds", "wide, but the network sure", "narrow"],
)
def test_a_blank_that_was_left_out(held: float, gap: int, text: str) -> None:
    inked = [(10, 18), (20, 28), (28 + gap, 36 + gap), (38 + gap, 46 + gap)]
    places = [(begin + 4) / 100 for begin, _ in inked]
    box = text_box(LINE, crop(*inked), letters("abcd", places, [0, 0, held, 0]))
    assert box is not None and box.text == text


def test_spaced_letters_are_no_words() -> None:
    inked = [(begin, begin + 5) for begin in range(10, 90, 16)]
    places = [(begin + 2) / 100 for begin, _ in inked]
    box = text_box(LINE, crop(*inked), letters("title", places, [0.3] * 5))
    assert box is not None and box.text == "title"


@pytest.mark.parametrize("text", ["", " ", "  "])
def test_no_letters_no_box(text: str) -> None:
    assert text_box(LINE, crop(), letters(text, [0.5] * len(text))) is None


@pytest.mark.parametrize(("read", "text"), [("TOTAL：（5）", "TOTAL:(5)"), ("合计：（5）", "合计：（5）")])
def test_chinese_punctuation_only_beside_chinese(read: str, text: str) -> None:
    places = [(index + 0.5) / len(read) for index in range(len(read))]
    box = text_box(LINE, crop((0, 100)), letters(read, places))
    assert box is not None and box.text == text


def test_hebrew_comes_in_the_order_it_is_read_and_each_word_stays_where_it_stands() -> None:
    shalom, olam = "שלום", "עולם"
    seen = olam[::-1] + " " + shalom[::-1]  # as the network tells it, from left to right
    places = [0.12, 0.16, 0.2, 0.24, 0.34, 0.44, 0.48, 0.52, 0.56]
    box = text_box(LINE, crop((10, 28), (40, 60)), letters(seen, places))
    assert box is not None and box.text == f"{shalom} {olam}"
    assert [(word.text, *ends(word.polygon)) for word in box.words] == [(shalom, 140, 160), (olam, 110, 128)]
