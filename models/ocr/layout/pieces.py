"""A text made of what was read, of which each piece still knows where in the picture it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A stretch of text. `box` is the index in the reading's boxes that it comes from, None for what was put between
    (spaces, line ends, tabs); `score` in 0..1 of its word or box, 1 for what was put between."""

    text: str
    box: int | None = None
    score: float = 1.0


@dataclass(frozen=True)
class Arranged:
    """The boxes arranged by one rule: `mode` is the rule's name, `pieces` the text in order. `rows` is the table as
    cells of text, rows of equal length, where the rule makes one; else empty."""

    mode: str
    pieces: Sequence[Piece]
    rows: Sequence[Sequence[str]] = ()

    @property
    def text(self) -> str:
        """The pieces joined, nothing between them."""
        return joined(self.pieces)


def joined(pieces: Iterable[Piece]) -> str:
    """The text of the pieces."""
    return "".join(piece.text for piece in pieces)
