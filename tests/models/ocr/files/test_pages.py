"""Text and JSON files of what was read, from readings made by hand."""

import json
import unicodedata

import numpy as np
import pytest

from models.ocr.boxes import Code, Reading, TextBox, Word
from models.ocr.files.pages import Page, printable, reads_leftwards, to_json, to_text, words_of
from models.ocr.layout.pieces import Arranged, Piece
from tests.models.ocr.files.read_pages import line, reading, rectangle, word

HELLO = line(word("Hello,", 10, 20, 100), word("wörld", 120, 20, 90, score=0.5))
BYE = TextBox(rectangle(10, 60, 80, 30), "bye", 0.75)
TWO_LINES = reading(HELLO, BYE)


class TestToText:
    def test_the_boxes_are_lines(self) -> None:
        assert to_text([Page("a.png", TWO_LINES)]) == "Hello, wörld\nbye\n"

    def test_the_arranged_text_comes_before_the_boxes_and_the_visitors_before_both(self) -> None:
        arranged = Arranged("paragraphs", [Piece("Hello, wörld", 0, 0.7), Piece(" "), Piece("bye", 1, 0.75)])
        assert to_text([Page("a.png", TWO_LINES, arranged=arranged)]) == "Hello, wörld bye\n"
        assert to_text([Page("a.png", TWO_LINES, "mine", arranged)]) == "mine\n"
        assert to_text([Page("a.png", TWO_LINES, "", arranged)]) == "\n", "all was deleted by the visitor"

    def test_pages_can_be_told_apart_whatever_they_say(self) -> None:
        texts = ["one\ntwo\n\n", "", "a\fb", "<>&\"'\0\t漢字 العربية 😀"]
        parts = to_text(Page("x", reading(), text) for text in texts).split("\f")
        assert parts == ["one\ntwo\n", "\n", "a\nb\n", "<>&\"'\0\t漢字 العربية 😀\n"]

    def test_it_can_always_be_written_as_utf_8(self) -> None:
        assert to_text([Page("x", reading(), "half \ud83d of one")]).encode() == b"half ? of one\n"

    def test_no_pages(self) -> None:
        assert to_text([]) == ""


class TestToJson:
    def test_everything_comes_back(self) -> None:
        code = Code("QR code", 'https://example.org/?a=1&b="2"', rectangle(400, 300, 50, 50))
        whole = Reading(
            np.zeros((600, 800, 3), np.uint8), (HELLO, BYE), (code,), 3, "PP-OCRv6", None, {"detect": 0.12345}
        )
        arranged = Arranged("table", [Piece("Hello")], [["Hello,", "wörld"], ["bye", ""]])
        data = json.loads(to_json([Page("a<b>.png", whole, None, arranged), Page("2", reading())]))
        assert (data["format"], data["version"], len(data["pages"])) == ("limelight-ocr", 1, 2)
        first, second = data["pages"]
        assert first == {
            "name": "a<b>.png",
            "width": 800,
            "height": 600,
            "turned": 3,
            "engine": "PP-OCRv6",
            "score": round((0.9 * 12 + 0.75 * 3) / 15, 3),
            "seconds": {"detect": 0.123},
            "text": "Hello",
            "arranged": "table",
            "rows": [["Hello,", "wörld"], ["bye", ""]],
            "boxes": [
                {
                    "text": "Hello, wörld",
                    "score": 0.9,
                    "polygon": [[10, 20], [210, 20], [210, 50], [10, 50]],
                    "words": [
                        {"text": "Hello,", "score": 0.9, "polygon": [[10, 20], [110, 20], [110, 50], [10, 50]]},
                        {"text": "wörld", "score": 0.5, "polygon": [[120, 20], [210, 20], [210, 50], [120, 50]]},
                    ],
                },
                {"text": "bye", "score": 0.75, "polygon": [[10, 60], [90, 60], [90, 90], [10, 90]], "words": []},
            ],
            "codes": [
                {
                    "kind": "QR code",
                    "text": 'https://example.org/?a=1&b="2"',
                    "polygon": [[400, 300], [450, 300], [450, 350], [400, 350]],
                }
            ],
        }
        assert (second["text"], second["boxes"], second["score"], second["rows"]) == ("", [], 0, None)

    def test_numbers_are_rounded(self) -> None:
        box = TextBox(rectangle(1 / 3, 2 / 3, 100, 10, angle=7), "x", 0.123456)
        (page,) = json.loads(to_json([Page("x", reading(box))]))["pages"]
        assert page["boxes"][0]["score"] == 0.123
        assert np.abs(np.array(page["boxes"][0]["polygon"]) - box.polygon).max() <= 0.0501
        assert all(round(value, 1) == value for point in page["boxes"][0]["polygon"] for value in point)

    def test_any_text_comes_back_and_can_be_written_as_utf_8(self) -> None:
        texts = ["<>&\"'", "tab\t null\0 bell\a", "åäö € 漢字 العربية 😀", "\u2028"]
        data = json.loads(to_json(Page(text, reading(), text) for text in texts).encode())
        assert [page["text"] for page in data["pages"]] == [page["name"] for page in data["pages"]] == texts
        assert b'"text": "half ? of one"' in to_json([Page("x", reading(), "half \ud83d of one")]).encode()


class TestWordsOf:
    def test_the_engines_words_are_kept(self) -> None:
        assert words_of(HELLO) == HELLO.words

    def test_a_line_without_words_is_cut_at_its_spaces(self) -> None:
        # Helvetica's widths, in thousandths: n 556, space 278, so that the line has 4 × 556 + 2 × 278 = 2780.
        box = TextBox(rectangle(100, 50, 278, 30), "nn n n", 0.5)
        assert [(part.text, part.score) for part in words_of(box)] == [("nn", 0.5), ("n", 0.5), ("n", 0.5)]
        expected = [rectangle(100, 50, 111.2, 30), rectangle(239, 50, 55.6, 30), rectangle(322.4, 50, 55.6, 30)]
        for part, polygon in zip(words_of(box), expected, strict=True):
            assert np.allclose(part.polygon, polygon, atol=0.01)

    def test_the_parts_of_a_turned_line_are_turned(self) -> None:
        box = TextBox(rectangle(100, 50, 139, 30, angle=30), "nn n", 0.5)
        _, last = words_of(box)
        direction = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
        start = box.polygon[0] + direction * 139 * 1390 / 1946
        assert np.allclose(last.polygon, rectangle(*start, 139 * 556 / 1946, 30, angle=30), atol=0.01)

    def test_arabic_begins_at_the_right(self) -> None:
        first, second = words_of(TextBox(rectangle(0, 0, 300, 30), "مرحبا بكم", 0.5))
        assert first.text == "مرحبا" and second.text == "بكم"
        assert first.polygon[:, 0].max() == 300 and second.polygon[:, 0].min() == 0
        assert second.polygon[:, 0].max() < first.polygon[:, 0].min()

    @pytest.mark.parametrize("text", ["", "   ", "\0\a"])
    def test_nothing_has_no_words(self, text: str) -> None:
        assert words_of(TextBox(rectangle(0, 0, 100, 10), text, 1.0)) == ()
        assert words_of(TextBox(rectangle(0, 0, 100, 10), text, 1.0, (Word(text, 1.0, rectangle(0, 0, 9, 9)),))) == ()


def test_printable_drops_what_xml_forbids_and_nothing_else() -> None:
    assert printable("a\0b\x1bc\x7fd\x9fe\ud83df\ufffeg\U0010ffffh") == "abcdefgh"
    assert printable("tab\tline\nend\r.") == "tab line end ."
    kept = "<>&\"' åäö€ 漢字 العربية 😀 👨\u200d👩 \u00ad \ufffd"
    assert printable(kept) == kept
    # XML 1.0's own rule: #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]
    for code in [*range(0x3000), *range(0xD700, 0xE100), *range(0xFF00, 0x10100)]:
        allowed = 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
        assert allowed or printable(chr(code)) in ("", " ")
        assert printable(chr(code)) == chr(code) or not allowed or unicodedata.category(chr(code)) == "Cc"


def test_the_first_letter_with_a_direction_decides() -> None:
    assert reads_leftwards("العربية") and reads_leftwards("(שלום") and reads_leftwards("12 م abc")
    assert not reads_leftwards("abc العربية") and not reads_leftwards("123") and not reads_leftwards("")
