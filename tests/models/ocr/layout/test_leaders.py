import pytest

from models.ocr.layout.arrange import MODES, arrange, arrange_best
from tests.models.ocr.layout.laid_out import box, column

TITLES = [("1 Introduction", "3"), ("2 Methods", "9"), ("3 Results", "21"), ("4 Discussion of them", "40")]
PAGES = {
    "dots in one box": [box(title.ljust(40, ".") + page, 40, 40 + 28 * k) for k, (title, page) in enumerate(TITLES)],
    "dots with blanks": [
        box(f"{title} {'. ' * (16 - len(title) // 2)}{page}", 40, 40 + 28 * k) for k, (title, page) in enumerate(TITLES)
    ],
    "what a reader leaves of them": [
        one
        for k, (title, page) in enumerate(TITLES)
        for one in (
            box(title + [" . .", " .", "..", ""][k], 40, 40 + 28 * k),
            box([".", "..", "...", ". ."][k] + page, 400, 40 + 28 * k),
        )
    ],
    "no words told": [
        box(title.ljust(40, "·") + page, 40, 40 + 28 * k, words=False) for k, (title, page) in enumerate(TITLES)
    ],
}


@pytest.mark.parametrize("case", PAGES)
class TestContents:
    def test_title_and_page_are_cells(self, case: str) -> None:
        arranged = arrange_best(PAGES[case])
        assert arranged.rows == tuple(TITLES)

    @pytest.mark.parametrize("mode", MODES)
    def test_every_mode_drops_the_dots_and_knows_the_boxes(self, case: str, mode: str) -> None:
        arranged = arrange(PAGES[case], mode)
        assert arranged.text.split() == [word for row in TITLES for cell in row for word in cell.split()]
        for piece in arranged.pieces:
            assert piece.box is None or piece.text in PAGES[case][piece.box].text


@pytest.mark.parametrize(
    "lines",
    [
        ["She thought... and thought", "until it was.... 9 or so"],
        ["Name ............", "Place ............"],
        ["The engineers spoke . . .", "and left again . . ."],
    ],
)
def test_dots_that_lead_nowhere_stay(lines: list[str]) -> None:
    assert arrange(column(lines), "As it is").text == "\n".join(lines)
