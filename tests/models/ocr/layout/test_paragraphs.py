import pytest

from models.ocr.layout.arrange import arrange, arrange_best
from tests.models.ocr.layout.laid_out import HEBREW, LETTER, PITCH, box, column, columns_page, shuffled, tilted, wrapped

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

    def test_across_columns(self, width: int, angle: float) -> None:
        lines = wrapped(" ".join(SENTENCES), width)
        # A capital at the top of a column could as well begin a paragraph.
        half = next(k for k in range((len(lines) + 1) // 2, len(lines)) if lines[k][0].islower())
        page = column(lines[:half]) + column(lines[half:], x=40 + (width + 3) * LETTER)
        assert arrange(tilted(page, angle), "Paragraphs").text == " ".join(SENTENCES)


# Widths at which no paragraph's last line is full, so that it shows where the paragraph ends.
SHORT = [w for w in range(24, 60) if max(len(wrapped(text, w)[-1]) for text in SENTENCES) < w - 14]


@pytest.mark.parametrize("width", SHORT)
def test_paragraphs_parted_by_short_last_lines(width: int) -> None:
    lines = [line for text in SENTENCES for line in wrapped(text, width)]
    assert paragraphs(lines) == "\n\n".join(SENTENCES)


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


def test_text_read_from_the_right_is_judged_at_its_left_end() -> None:
    lines = wrapped(HEBREW, 34)
    page = [box(line, 600 - LETTER * len(line), 40 + PITCH * k) for k, line in enumerate(lines)]
    assert arrange_best(shuffled(page)).text == HEBREW
