"""Lines from right to left, as in the Unicode standard's own examples: capitals stand for Arabic letters."""

import random
import re

import pytest

from models.ocr.layout.right_to_left import words_as_read

ARABIC = {chr(ord("A") + i): letter for i, letter in enumerate("ابتثجحخدذرزسشصضطظعغفقكلمنه")}
LINES = {  # as it is read: as it stands in the picture, from left to right
    "ABC": "CBA",
    "ABC DEF": "FED CBA",
    "ABC 25 DEF": "FED 25 CBA",
    "ABC 10:30": "10:30 CBA",
    "ABC: 1,250.00 D.E": "E.D 1,250.00 :CBA",
    "ABC 12/05/2020": "12/05/2020 CBA",
    "ABC 5%": "%5 CBA",
    "1. ABC": "CBA .1",
    "ABC (DEF) G": "G (FED) CBA",
    "«ABC» DEF": "FED «CBA»",
    "ABC test@example.com DE": "ED test@example.com CBA",
    "ABCDEFGHI windows 11 JKL": "LKJ windows 11 IHGFEDCBA",
    "hello ABC world": "hello CBA world",
    "AٌB": "BٌA",  # the vowel stays with the letter it stands after, as one reads
    "ABC ٢٠٢٤": "٢٠٢٤ CBA",
}


def arabic(text: str) -> str:
    return "".join(ARABIC.get(letter, letter) for letter in text)


def words_in(line: str) -> list[tuple[int, int]]:
    """(first, last) letter of each."""
    return [(match.start(), match.end() - 1) for match in re.finditer(r"\S+", line)]


@pytest.mark.parametrize("written", LINES)
def test_words_come_in_the_order_of_reading_and_each_knows_which_it_was(written: str) -> None:
    seen = arabic(LINES[written])
    words = words_in(seen)
    ordered = words_as_read(seen, words)
    assert " ".join(text for _, text in ordered) == arabic(written)
    for number, text in ordered:
        first, last = words[number]
        assert sorted(text) == sorted(seen[first : last + 1])


@pytest.mark.parametrize(
    "line", ["", " ", "Hello (world) 42 %", "Γειά σου", "Привет, мир", "日本語 1:30", "हिन्दी में", "한국어", "ℵ = 1 (x)"]
)
def test_any_other_line_stays_as_it_is(line: str) -> None:
    assert words_as_read(line, words_in(line)) == list(enumerate(line.split()))


def test_whatever_stands_in_a_line_no_letter_is_lost_or_read_twice() -> None:
    rng = random.Random(6)
    letters = arabic("ABCDEF") + "abc019 :.,%-٣ٌ"
    for _ in range(500):
        seen = "".join(rng.choices(letters, k=rng.randint(1, 12)))
        ordered = words_as_read(seen, words_in(seen))
        assert sorted(number for number, _ in ordered) == list(range(len(seen.split())))
        assert sorted("".join(text for _, text in ordered)) == sorted("".join(seen.split()))
