import pytest

from models.ocr.layout.arrange import arrange, arrange_best
from tests.models.ocr.layout.laid_out import HEIGHT, PITCH, PROSE, box, column, wrapped

OWN = {
    "verse": [
        "The river sleeps beneath the snow,",
        "it dreams of boats and open seas,",
        "and where the quiet reeds still grow",
        "it hums old songs to naked trees.",
        "",
        "Then April taps against the ice,",
        "and all the water wakes at once.",
    ],
    "verse with capitals": [
        "I took the road that no one took,",
        "I left my hat, I left my book,",
        "I left the key beneath the stone",
        "And in the end I came back home.",
    ],
    "a list of sentences without an end": [
        "Switch the machine off and unplug it",
        "Open the lid and take out the filter",
        "Rinse the filter under warm water",
        "Let it dry and put it back in place",
    ],
    "an address": ["Anna Berg-Lindqvist", "c/o Maria Novak", "Harbour Lane 1042", "72211 Västerås"],
}


@pytest.mark.parametrize("case", OWN)
def test_lines_of_their_own_stay_lines(case: str) -> None:
    text = arrange_best(column(OWN[case])).text
    assert text == "\n".join(OWN[case])


GERMAN = (
    "Die Bibliothek öffnet jeden Morgen um neun Uhr und schließt am Abend um acht. Wer einen Ausweis besitzt, darf bis "
    "zu zehn Bücher für einen Monat leihen. Für jede Woche Verspätung wird eine kleine Gebühr berechnet, die am "
    "Schalter zu zahlen ist."
)


@pytest.mark.parametrize("text", [PROSE, GERMAN], ids=["English", "German"])
@pytest.mark.parametrize("width", [18, 25, 33, 47, 60])
class TestRunningText:
    def test_ragged(self, text: str, width: int) -> None:
        assert arrange_best(column(wrapped(text, width))).text == text

    def test_justified(self, text: str, width: int) -> None:
        lines = wrapped(text, width)
        letters = [10 * width / len(line) for line in lines[:-1]]
        page = [
            box(line, 40, 40 + PITCH * k, height=HEIGHT, letter=letter)
            for k, (line, letter) in enumerate(zip(lines, [*letters, 10], strict=True))
        ]
        assert arrange_best(page).text == text


def test_the_speakers_of_a_dialogue_get_paragraphs() -> None:
    said = ['"Nobody spoke for a while," said the mayor."', '"It took until midnight to agree on it all."']
    lines = ["It was late in the old town hall, and they sat", "in the back rows.", *(f"   {line}" for line in said)]
    text = arrange(column(lines), "Paragraphs").text
    assert [line for line in text.split("\n") if line] == [" ".join(lines[:2]), *said]


def test_verse_in_a_page_of_prose_keeps_its_lines() -> None:
    poem = OWN["verse with capitals"]
    lines = [*wrapped(PROSE, 50), "", *poem, "", *wrapped(PROSE, 50)]
    assert arrange_best(column(lines)).text == "\n\n".join([PROSE, "\n".join(poem), PROSE])
