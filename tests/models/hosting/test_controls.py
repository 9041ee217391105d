"""The presenter's controls: set together or not at all, heard by who listens."""

import pytest

from models.errors import BadInput
from models.hosting.controls import MAX_BANNER, ControlBoard


def test_what_changes_is_told_and_what_does_not_is_not() -> None:
    heard = []
    board = ControlBoard(heard.append)
    board.change(paused=True, max_fps=5)
    board.change(paused=True)
    assert heard == [{"paused": True, "max_fps": 5}]
    assert board.now.paused and board.now.max_fps == 5 and not board.now.banner


def test_every_sending_counts_even_to_the_same_place() -> None:
    board = ControlBoard()
    assert board.send("pose").sending == 1
    assert board.send("pose").sending == 2, "who has left since follows again"
    assert board.send("").sent_to == ""


@pytest.mark.parametrize(
    "wrong", [{"banner": "x" * (MAX_BANNER + 1)}, {"max_size": "1×1"}, {"max_cameras": -1}, {"max_fps": 61}], ids=str
)
def test_a_value_that_cannot_be_leaves_everything_as_it_was(wrong: dict[str, object]) -> None:
    heard = []
    board = ControlBoard(heard.append)
    with pytest.raises(BadInput):
        board.change(paused=True, **wrong)
    assert not board.now.paused and not heard
