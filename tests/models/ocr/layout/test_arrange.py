import random
from collections import Counter

import numpy as np
import pytest

from models.ocr.boxes import TextBox, Word
from models.ocr.layout.arrange import MODES, arrange, arrange_best
from tests.models.ocr.layout.laid_out import PAGES, PITCH, RECEIPT, box, column, columns_page, shuffled


class TestEveryMode:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("case", PAGES)
    def test_keeps_every_word_once_and_knows_its_box(self, case: str, mode: str) -> None:
        boxes = shuffled(PAGES[case], 3)
        arranged = arrange(boxes, mode)
        said = Counter[tuple[int, str]]()
        for piece in arranged.pieces:
            assert 0 <= piece.score <= 1 and piece.text
            if piece.box is None:
                assert not piece.text.strip() and piece.score == 1
            else:
                said.update((piece.box, word) for word in piece.text.split())
        assert said == Counter((i, word) for i, one in enumerate(boxes) for word in one.text.split())
        assert arranged.mode == mode

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("case", PAGES)
    def test_does_not_depend_on_the_order_given(self, case: str, mode: str) -> None:
        boxes = PAGES[case]
        assert {arrange(shuffled(boxes, seed), mode).text for seed in range(4)} == {arrange(boxes, mode).text}

    @pytest.mark.parametrize("mode", MODES)
    def test_marks_words_with_their_own_score(self, mode: str) -> None:
        weak = box("a weak word", 40, 40)
        words = (weak.words[0], Word("weak", 0.2, weak.words[1].polygon), weak.words[2])
        pieces = arrange([TextBox(weak.polygon, weak.text, 0.8, words)], mode).pieces
        assert [(piece.text, piece.box, piece.score) for piece in pieces if piece.box is not None] == [
            ("a", 0, 0.9),
            ("weak", 0, 0.2),
            ("word", 0, 0.9),
        ]

    @pytest.mark.parametrize("mode", MODES)
    def test_takes_the_boxes_score_where_no_words_are_told(self, mode: str) -> None:
        pieces = arrange([box("two words", 40, 40, words=False)], mode).pieces
        assert [(piece.text, piece.score) for piece in pieces] == [("two words", 0.95)]

    @pytest.mark.parametrize("mode", MODES)
    def test_words_that_are_not_the_texts_own_are_not_believed(self, mode: str) -> None:
        good = box("two words", 40, 40)
        odd = TextBox(good.polygon, "quite other", 0.7, good.words)
        assert arrange([odd], mode).text == "quite other"

    @pytest.mark.parametrize("mode", MODES)
    def test_says_nothing_about_nothing(self, mode: str) -> None:
        blank = TextBox(np.zeros((4, 2), np.float32), "  ", 0.5)
        assert arrange([], mode).text == arrange([blank], mode).text == ""
        assert not arrange([], mode).rows

    def test_there_are_no_other_modes(self) -> None:
        with pytest.raises(KeyError):
            arrange([], "Poem")
        assert MODES == ("As it is", "Paragraphs", "One line", "Table", "Code")


class TestAsItIs:
    def test_a_receipt_keeps_its_lines_and_its_wide_gaps(self) -> None:
        assert arrange(shuffled(RECEIPT), "As it is").text == (
            "CORNER SHOP\nMain Road 7, 12345 Västerås\n\n"
            "Bread, whole grain    3.20\nMilk 1 l    1.15\nCheese    7.80 €\n\n"
            "TOTAL EUR    12.15\n\nThank you, come again!"
        )

    def test_boxes_as_close_as_words_get_one_space(self) -> None:
        assert arrange([box("TAX AMT", 40, 40), box("(Z)", 118, 41)], "As it is").text == "TAX AMT (Z)"

    def test_columns_are_blocks(self) -> None:
        page = columns_page([4, 4])
        rows = [one.text for one in page]
        assert arrange(shuffled(page), "As it is").text == "\n".join(rows[:4]) + "\n\n" + "\n".join(rows[4:])

    def test_lines_set_wide_apart_are_no_blocks(self) -> None:
        page = column(["one", "two", "three", "four"], pitch=60)
        assert arrange(page, "As it is").text == "one\ntwo\nthree\nfour"


class TestOneLine:
    def test_joins_all_and_mends_hyphens(self) -> None:
        page = column(["The engi-", "neers spoke", "", "of the e-", "mail."])
        assert arrange(page, "One line").text == "The engineers spoke of the e-mail."


class TestScripts:
    def test_chinese_paragraphs(self) -> None:
        rows = ["　图书馆每天早上九点开门，晚上八点关", "门。读者可以借十本书，期限为一个月，", "逾期每天罚款一角。"]
        page = [box(row.strip(), 40 + 20 * (not k), 40 + PITCH * k, letter=20) for k, row in enumerate(rows)]
        assert arrange_best(page).text == "".join(row.strip() for row in rows)
        assert arrange_best(page).mode == "Paragraphs"


def test_thousands_of_boxes_keep_every_word() -> None:
    rng = random.Random(1)
    page = [box(f"w{k}", rng.uniform(0, 4000), rng.uniform(0, 4000)) for k in range(2000)]
    for mode in MODES:
        assert Counter(arrange(page, mode).text.split()) == Counter(one.text for one in page)
