from itertools import pairwise

import pytest

from models.ocr_text import arrange, arrange_best
from tests.models.laid_out import LETTER, PITCH, box, column, tilted, wrapped
from tests.models.test_ocr_order import PROSE, columns_page, shuffled

FIRST, SECOND, THIRD = PROSE[:210].rsplit(". ", 1)[0] + ".", PROSE[78:330], PROSE[-104:]
SENTENCES = [
    "The committee met in the old town hall to hear what the engineers had found at the bridge.",
    "Nobody spoke for a while, because the drawings showed a crack that ran down to the river.",
    "It took until midnight to agree that a ferry was to carry people across until the spring.",
]


def paragraphs(lines: list[str], angle: float = 0) -> str:
    return arrange(shuffled(tilted(column(lines), angle)), "Paragraphs").text


@pytest.mark.parametrize("width", [24, 31, 40, 52])
@pytest.mark.parametrize("angle", [-2, 0, 2])
class TestParagraphs:
    def test_parted_by_gaps(self, width: int, angle: float) -> None:
        lines = [line for text in SENTENCES for line in [*wrapped(text, width), ""]]
        assert paragraphs(lines, angle) == "\n\n".join(SENTENCES)

    def test_parted_by_indents(self, width: int, angle: float) -> None:
        lines = [line for text in SENTENCES for line in wrapped("___" + text, width)]
        lines = ["   " + line[3:] if line.startswith("___") else line for line in lines]
        assert paragraphs(lines, angle) == "\n\n".join(SENTENCES)

    def test_parted_by_short_last_lines(self, width: int, angle: float) -> None:
        lines = [line for text in SENTENCES for line in wrapped(text, width)]
        ends = [wrapped(text, width)[-1] for text in SENTENCES]
        if max(map(len, ends)) > width - 14:
            pytest.skip("a last line fills its width here, so nothing shows where the paragraph ends")
        assert paragraphs(lines, angle) == "\n\n".join(SENTENCES)

    def test_across_columns(self, width: int, angle: float) -> None:
        lines = wrapped(" ".join(SENTENCES), width)
        half = (len(lines) + 1) // 2
        page = column(lines[:half]) + column(lines[half:], x=40 + (width + 3) * LETTER)
        if not lines[half][0].islower():
            pytest.skip("a capital begins the second column, which could as well begin a paragraph")
        assert arrange(tilted(page, angle), "Paragraphs").text == " ".join(SENTENCES)


class TestLineEnds:
    def test_a_heading_stays_apart_though_close(self) -> None:
        page = [box("The bridge is closed", 40, 40, height=30), *column(wrapped(SENTENCES[0], 40), y=74)]
        assert arrange(page, "Paragraphs").text == "The bridge is closed\n\n" + SENTENCES[0]

    def test_an_address_keeps_its_lines(self) -> None:
        assert paragraphs(["Anna Berg", "Storgatan 7", "123 45 Västerås"]) == "Anna Berg\nStorgatan 7\n123 45 Västerås"

    def test_a_form_keeps_its_lines(self) -> None:
        page = [box("Name", 40, 40), box("Anna Berg", 300, 40), box("Place", 40, 68), box("Västerås.", 300, 68)]
        assert arrange(page, "Paragraphs").text == "Name Anna Berg\nPlace Västerås."

    def test_columns_end_paragraphs_that_end(self) -> None:
        text = arrange(columns_page([6, 6], heading="A Bridge Is Closed"), "Paragraphs").text
        assert text.startswith("A Bridge Is Closed\n\nThe committee met")


LISTS = {
    "bullets": ["• bread", "• milk", "• cheese"],
    "numbers": ["1. Take the bread.", "2. Cut it.", "3. Put cheese on it."],
    "letters": ["a) bread", "b) milk", "c) cheese"],
    "dashes": ["- bread", "- milk and", "- cheese"],
    "brackets": ["(1) bread", "(2) milk", "(3) cheese"],
}


class TestLists:
    @pytest.mark.parametrize("case", LISTS)
    def test_items_stay_items(self, case: str) -> None:
        assert paragraphs(LISTS[case]) == "\n".join(LISTS[case])

    @pytest.mark.parametrize("mark", ["•", "-", "*", "2.", "b)"])
    def test_an_item_goes_on_under_its_text(self, mark: str) -> None:
        lines = [
            "What the committee found at the bridge:",
            f"{mark} the drawings showed a crack that",
            "  ran from the tower to the river",
            f"{mark} the ferry was to carry people",
            "  across until the flood had passed",
        ]
        assert paragraphs(lines) == (
            "What the committee found at the bridge:\n"
            f"{mark} the drawings showed a crack that ran from the tower to the river\n"
            f"{mark} the ferry was to carry people across until the flood had passed"
        )

    def test_a_number_that_begins_a_line_of_prose_is_no_item(self) -> None:
        lines = ["The committee had last met in the year", "1987. Nobody spoke for a while, and then", "they left."]
        assert paragraphs(lines) == " ".join(lines)


HYPHENS = [
    (("The engi-", "neers spoke"), "The engineers spoke"),
    (("the “engi-", "neers” spoke"), "the “engineers” spoke"),
    (("soft hy\u00ad", "phens too"), "soft hyphens too"),
    (("typeset hy\u2010", "phens too"), "typeset hyphens too"),
    (("über Stra-", "ßen und"), "über Straßen und"),
    (("by e-", "mail or"), "by e-mail or"),
    (("with COVID-", "19 and"), "with COVID-19 and"),
    (("with Anne-", "Marie and"), "with Anne-Marie and"),
    (("a self-", "made man"), "a self-made man"),
    (("the four-year-", "old boy"), "the four-year-old boy"),
    (("Vor- und Nach-", "teile"), "Vor- und Nachteile"),
    (("die Vor-", "und Nachteile"), "die Vor- und Nachteile"),
    (("before – ", "after"), "before – after"),
    (("the theme—", "children"), "the theme—children"),
    (("a range of 5 -", "maybe 6"), "a range of 5 - maybe 6"),
    (("a tight-", "rope and a tight-rope"), "a tight-rope and a tight-rope"),
]


@pytest.mark.parametrize("mode", ["Paragraphs", "One line"])
@pytest.mark.parametrize(("lines", "expected"), HYPHENS, ids=[expected for _, expected in HYPHENS])
def test_hyphens_at_line_ends(lines: tuple[str, str], expected: str, mode: str) -> None:
    page = [box(line.strip(), 40, 40 + PITCH * k) for k, line in enumerate(lines)]
    assert arrange(page, mode).text == expected


def test_a_range_of_numbers_gets_no_space() -> None:
    assert arrange([box("pages 12-", 40, 40), box("14 of", 40, 68)], "One line").text == "pages 12-14 of"


def test_both_halves_of_a_mended_word_know_their_boxes() -> None:
    pieces = arrange([box("The engi-", 40, 40), box("neers spoke", 40, 68)], "Paragraphs").pieces
    halves = [(a.text + b.text, a.box, b.box) for a, b in pairwise(pieces) if a.box is not None and b.box is not None]
    assert halves == [("engineers", 0, 1)]


def test_text_read_from_the_right_is_judged_at_its_left_end() -> None:
    words = "הוועדה נפגשה בבית העירייה הישן כדי לשמוע מה מצאו המהנדסים ואיש לא דיבר זמן רב כי השרטוטים הראו סדק גדול"
    lines = wrapped(words, 34)
    page = [box(line, 600 - LETTER * len(line), 40 + PITCH * k) for k, line in enumerate(lines)]
    assert arrange_best(shuffled(page)).text == words
