import random

import numpy as np
import pytest

from models.ocr.boxes import TextBox
from models.ocr.layout.arrange import arrange
from tests.models.ocr.layout.laid_out import BRACES, LETTER, PROGRAM, box, column, shuffled, tilted


@pytest.mark.parametrize("program", [PROGRAM, BRACES], ids=["python", "c"])
@pytest.mark.parametrize("angle", [-1, 0, 2])
def test_keeps_indents_and_blank_lines(program: list[str], angle: float) -> None:
    page = tilted(column(program, x=333), angle)
    assert arrange(shuffled(page), "Code").text == "\n".join(program)


@pytest.mark.parametrize("seed", range(5))
def test_small_slips_of_the_edges_do_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    page = []
    for one in column(PROGRAM, x=300):
        left, top, *_ = one.xyxy
        page.append(box(one.text, left + rng.uniform(-3, 3), top + rng.uniform(-3, 3)))
    assert arrange(page, "Code").text == "\n".join(PROGRAM)


def test_what_a_detector_adds_at_the_ends_does_not_widen_the_letters() -> None:
    page = []
    for one in column(PROGRAM):
        left, top, right, bottom = one.xyxy
        corners = [[left - 8, top], [right + 8, top], [right + 8, bottom], [left - 8, bottom]]
        page.append(TextBox(np.array(corners, np.float32), one.text, 1.0))
    assert arrange(page, "Code").text == "\n".join(PROGRAM)


def test_a_comment_far_to_the_right_keeps_its_column() -> None:
    page = [box("x = 1", 40, 40), box("# one", 40 + 12 * LETTER, 40), box("y = 22", 40, 68)]
    assert arrange(page, "Code").text == "x = 1       # one\ny = 22"


def test_mends_nothing() -> None:
    assert arrange(column(["total = first-", "second"]), "Code").text == "total = first-\nsecond"
