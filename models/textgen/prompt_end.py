"""A prompt that ends in a space, for models whose tokens bring the space before them (" be"): that space is the next
token's, so the model reads the words before it, and only a token that begins with it may come."""

import re
from typing import TYPE_CHECKING

import numpy as np

from models.textgen.language_model import Reader

if TYPE_CHECKING:
    from models.textgen.ngram import NGram

# A line break is a token like any other: after it a line begins.
_BLANKS = re.compile(r"[^\S\n]*\Z")
_BEFORE_BREAK = re.compile(r"[^\S\n]+(?=\n+[^\S\n]*\Z)")


class FirstOfSome(Reader):
    """A reader whose first token is one of those that `allowed`, bool (V,), names; after it, the reader itself."""

    def __init__(self, reader: Reader, allowed: np.ndarray) -> None:
        self._reader, self._allowed = reader, allowed
        self._first = True

    def push(self, token: int) -> None:
        """Read one token more."""
        self._reader.push(token)
        self._first = False

    def probs(self) -> np.ndarray:
        """Of each possible next token: float64 (V,), sum 1; the first time nothing for those not allowed."""
        probs = self._reader.probs()
        if not self._first:
            return probs
        some = probs * self._allowed
        total = some.sum()
        return some / total if total > 0 else probs


def continued(model: "NGram", prompt: str) -> tuple[Reader, str]:
    """A reader of the prompt, and what of the next token's text stands at its end already.

    Blanks that the model has seen at such a place, as a program's indentation, are read as they are. Of others, one or
    several, it is as if there were one.
    """
    before_break = _BEFORE_BREAK.search(prompt)
    if before_break and not model.has_seen_pair(prompt[: before_break.start()], before_break[0][0]):
        prompt = prompt[: before_break.start()] + prompt[before_break.end() :]
    words = prompt[: len(prompt) - len(_BLANKS.search(prompt)[0])]  # type: ignore[index]  # it matches everywhere
    blanks, begins_line = prompt[len(words) :], words.endswith("\n")
    if not blanks:
        return model.read(model.encode(prompt)), ""
    if (len(blanks) > 1 or begins_line) and model.has_seen_pair(words, blanks[0]):
        if not blanks.endswith(" "):
            return model.read(model.encode(prompt)), ""
        words, begins_line = prompt[:-1], False
    reader = model.read(model.encode(words))
    if begins_line:
        return FirstOfSome(reader, np.array([not piece[0].isspace() for piece in model.pieces])), ""
    spaced = np.array([piece[0] == " " and len(piece) > 1 for piece in model.pieces])
    return (FirstOfSome(reader, spaced), " ") if spaced.any() else (reader, "")
