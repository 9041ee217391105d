"""A line is read letter by letter, however long it is and whatever else is in its batch."""

import numpy as np
import pytest

from models.errors import Cancelled
from models.ocr.lines import networks, recognition
from models.ocr.lines.recognition import MAX_STRETCH, Letters, LineReader
from tests.models.ocr.typeset import page


def read(reader: LineReader, *lines: np.ndarray) -> list[Letters]:
    return reader.read([(line.shape[1], line.shape[0]) for line in lines], lambda index: lines[index])


def line(text: str, size: int = 32) -> np.ndarray:
    return page([text], size=size, margin=size // 4).rgb


def test_lines_come_back_in_the_order_given(reader: LineReader) -> None:
    texts = ["a longer line of words", "short", "one of middling length", "x = 1"]
    assert [letters.text for letters in read(reader, *map(line, texts))] == texts


def test_a_line_of_many_stretches_is_read_whole(reader: LineReader) -> None:
    text = " ".join(f"number {count}," for count in range(60))
    picture = line(text)
    assert picture.shape[1] * 48 / picture.shape[0] > 3 * MAX_STRETCH
    (letters,) = read(reader, picture)
    assert letters.text == text


def test_short_lines_are_hardly_padded_and_many_go_in_batches(
    reader: LineReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes: list[tuple[int, ...]] = []

    def run(stage: object, batch: np.ndarray) -> np.ndarray:
        shapes.append(batch.shape)
        return networks.run(stage, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(recognition, "run", run)
    prices = [line(f"{euros}.{euros + 10}") for euros in range(1, 41)]
    assert [letters.text for letters in read(reader, *prices)] == [f"{euros}.{euros + 10}" for euros in range(1, 41)]
    pixels = [lines * width for lines, _, _, width in shapes]
    assert sum(pixels) < 1.2 * sum(48 * one.shape[1] / one.shape[0] for one in prices)
    assert 1 < len(shapes) < 20 and max(pixels) < 2000


def test_each_letter_has_its_place_and_score(reader: LineReader) -> None:
    (letters,) = read(reader, line("filit MOWMA"))
    assert letters.text == "filit MOWMA"
    assert len(letters.scores) == len(letters.places) == len(letters.blanks) == 11
    assert (np.diff(letters.places) > 0).all() and letters.places[0] >= 0 and letters.places[-1] <= 1
    assert letters.places[4] < 0.4  # five thin letters take less than five wide ones
    assert letters.score == pytest.approx(letters.scores.mean())
    assert ((letters.scores >= 0) & (letters.scores <= 1)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (48, 40_000)])
def test_any_shape(reader: LineReader, shape: tuple[int, int]) -> None:
    (letters,) = read(reader, np.full((*shape, 3), 255, np.uint8))
    assert letters.text == "" and letters.score == 0


def test_what_check_raises_ends_the_reading(reader: LineReader) -> None:
    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        reader.read([(100, 20)], lambda _: np.zeros((20, 100, 3), np.uint8), check)
