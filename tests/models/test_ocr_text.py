import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from models.ocr_text import MODES, arrange, arrange_best, suitability
from models.text_boxes import TextBox, Word
from tests.models.laid_out import LETTER, PITCH, box, column, table, tilted, wrapped
from tests.models.test_ocr_order import CELLS, COLUMNS, PROSE, columns_page, shuffled

RECEIPT = [
    box("CORNER SHOP", 150, 40),
    box("Main Road 7, 12345 Västerås", 90, 68),
    *table([["Bread, whole grain", "3.20"], ["Milk 1 l", "1.15"], ["Cheese", "7.80 €"]], [40, 500], 124, align="lr"),
    *table([["TOTAL EUR", "12.15"]], [40, 500], 236, align="lr"),
    box("Thank you, come again!", 100, 292),
]
PROGRAM = [
    "def mean(values):",
    "    total = 0",
    "    for value in values:",
    "        if value is not None:",
    "            total += value",
    "",
    "    return total / len(values)",
    "",
    "",
    'print(mean([1, 2, 3]), "åäö €")',
]
BRACES = [
    "int main(void) {",
    "  int sum = 0;",
    "  for (int i = 0; i < 9; i++) {",
    "    sum += i;",
    "  }",
    '  printf("%d\\n", sum);',
    "  return 0;",
    "}",
]
LETTER_PAGE = column(wrapped(PROSE, 60))
PAGES: dict[str, list[TextBox]] = {
    **COLUMNS,
    "a letter": LETTER_PAGE,
    "a letter, tilted": tilted(LETTER_PAGE, 2),
    "a receipt": RECEIPT,
    "a table": table(CELLS, [40, 340, 460], align="lrr"),
    "a program": column(PROGRAM),
    "a line": [box("Nobody spoke for a while", 40, 40)],
    "a heap": [box(f"heap {k} of 30", 40 + k, 40 + k % 3) for k in range(30)],
    "twice the same": [box("one", 40, 40), box("one", 40, 40), box("one", 40, 68)],
    "no area": [box("flat", 40, 40, height=0), box("point", 40, 40, height=0, letter=1e-9)],
    "no words told": column(wrapped(PROSE, 40)[:5]) + [box("and so on", 40, 400, words=False)],
    "nothing": [],
}


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


class TestCode:
    @pytest.mark.parametrize("program", [PROGRAM, BRACES], ids=["python", "c"])
    @pytest.mark.parametrize("angle", [-1, 0, 2])
    def test_keeps_indents_and_blank_lines(self, program: list[str], angle: float) -> None:
        page = tilted(column(program, x=333), angle)
        assert arrange(shuffled(page), "Code").text == "\n".join(program)

    @pytest.mark.parametrize("seed", range(5))
    def test_small_slips_of_the_edges_do_not_matter(self, seed: int) -> None:
        rng = random.Random(seed)
        page = []
        for one in column(PROGRAM, x=300):
            left, top, *_ = one.xyxy
            page.append(box(one.text, left + rng.uniform(-3, 3), top + rng.uniform(-3, 3)))
        assert arrange(page, "Code").text == "\n".join(PROGRAM)

    def test_what_a_detector_adds_at_the_ends_does_not_widen_the_letters(self) -> None:
        page = []
        for one in column(PROGRAM):
            left, top, right, bottom = one.xyxy
            corners = [[left - 8, top], [right + 8, top], [right + 8, bottom], [left - 8, bottom]]
            page.append(TextBox(np.array(corners, np.float32), one.text, 1.0))
        assert arrange(page, "Code").text == "\n".join(PROGRAM)

    def test_a_comment_far_to_the_right_keeps_its_column(self) -> None:
        page = [box("x = 1", 40, 40), box("# one", 40 + 12 * LETTER, 40), box("y = 22", 40, 68)]
        assert arrange(page, "Code").text == "x = 1       # one\ny = 22"

    def test_mends_nothing(self) -> None:
        assert arrange(column(["total = first-", "second"]), "Code").text == "total = first-\nsecond"


class TestAuto:
    @pytest.mark.parametrize(
        ("case", "mode"),
        [
            ("a letter", "Paragraphs"),
            ("a letter, tilted", "Paragraphs"),
            ("two, heading and footer", "Paragraphs"),
            ("two", "Paragraphs"),
            ("three of unequal lengths", "Paragraphs"),
            ("a receipt", "As it is"),
            ("a table", "Table"),
            ("a program", "Code"),
            ("a line", "One line"),
            ("nothing", "As it is"),
        ],
    )
    def test_takes_what_fits(self, case: str, mode: str) -> None:
        page = PAGES[case]
        assert arrange_best(page).mode == mode
        assert arrange_best(page) == arrange(page, mode)

    @pytest.mark.parametrize(
        ("rows", "mode"),
        [
            (BRACES, "Code"),
            (['<ul class="menu">', "  <li>Home</li>", "  <li>News</li>", "</ul>"], "Code"),
            (["{", '  "name": "limelight",', '  "private": true', "}"], "Code"),
            (["$ git status", "$ git commit -m 'Fix'", "$ git push origin main"], "As it is"),
            (["Anna Berg", "Storgatan 7", "123 45 Västerås", "Sweden"], "As it is"),
            (["Arial", "Times New Roman", "Georgia", "Segoe", "Rockwell Condensed", "Courier New"], "As it is"),
            (["Name: Anna Berg", "Date: 19 March 2024", "Place: Västerås", "Phone: 021-123 45"], "As it is"),
            (["OPEN", "DAILY"], "As it is"),
        ],
    )
    def test_lines(self, rows: Sequence[str], mode: str) -> None:
        assert arrange_best(column(rows)).mode == mode

    @pytest.mark.parametrize("case", PAGES)
    def test_every_mode_has_a_share_of_one(self, case: str) -> None:
        found = suitability(shuffled(PAGES[case]))
        assert tuple(found) == MODES and all(0 <= share <= 1 for share in found.values())

    def test_one_line_found_in_parts_is_one_line(self) -> None:
        assert arrange_best([box("Nobody", 40, 40), box("spoke", 120, 41)]).text == "Nobody spoke"


class TestScripts:
    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            (
                ["图书馆每天早上九点开门，晚上八点关", "门。读者可以借十本书。"],
                "图书馆每天早上九点开门，晚上八点关门。读者可以借十本书。",
            ),
            (["東京タワーは", "高い。"], "東京タワーは高い。"),
            (["ห้องสมุดเปิด", "ทุกวัน"], "ห้องสมุดเปิดทุกวัน"),
            (["도서관은 매일", "아홉 시에"], "도서관은 매일 아홉 시에"),
            (["使用 Python", "编写程序"], "使用 Python 编写程序"),
        ],
    )
    def test_spaces_only_where_the_script_has_them(self, rows: list[str], expected: str) -> None:
        page = [box(row, 40, 40 + PITCH * k, letter=20) for k, row in enumerate(rows)]
        assert arrange(page, "One line").text == expected

    def test_chinese_paragraphs(self) -> None:
        rows = ["　图书馆每天早上九点开门，晚上八点关", "门。读者可以借十本书，期限为一个月，", "逾期每天罚款一角。"]
        page = [box(row.strip(), 40 + 20 * (not k), 40 + PITCH * k, letter=20) for k, row in enumerate(rows)]
        assert arrange_best(page).text == "".join(row.strip() for row in rows)
        assert arrange_best(page).mode == "Paragraphs"

    def test_a_line_in_parts_is_read_from_the_right_where_letters_are(self) -> None:
        page = [box("שלום", 300, 40), box("עולם", 250, 40)]
        assert arrange(page, "As it is").text == "שלום עולם"
        assert arrange([box("hello", 250, 40), box("world", 305, 40)], "As it is").text == "hello world"


def test_thousands_of_boxes_keep_every_word() -> None:
    rng = random.Random(1)
    page = [box(f"w{k}", rng.uniform(0, 4000), rng.uniform(0, 4000)) for k in range(2000)]
    for mode in MODES:
        assert Counter(arrange(page, mode).text.split()) == Counter(one.text for one in page)
