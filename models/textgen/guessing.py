"""Shannon's guessing game (1951): who needs how many guesses for the next letter, people or models.

rank(letter_probs(model, "my kingdom for a "), "h")  # 1: the model's first guess is right
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from models.textgen.language_model import LanguageModel

LETTERS = "abcdefghijklmnopqrstuvwxyz "
"""What can be guessed: 26 letters and the space, as in Shannon's paper."""

UNSURE = 0.01  # of the whole, dealt out to all letters alike
MIN_SHARE = 0.01  # of a way to cut the half word into tokens, beside the likeliest: less is not followed


def letter_probs(model: LanguageModel, before: str) -> dict[str, float]:
    """What the model expects after `before`, by letter, upper case counted as lower; sums to 1. A model of longer
    tokens is asked which words go on from the half one at the end, in whatever tokens they may be cut. No letter has
    less than UNSURE of an equal share: one who knows no such word has to guess on."""
    found = dict.fromkeys(LETTERS, 0.0)
    by_letter = max(map(len, model.pieces)) == 1
    word = len(before) if by_letter else max(before.rfind(" "), 0)
    _add(found, model, model.encode(before[:word]) if word else [], before[word:], 1.0)
    total = sum(found.values())
    sure = 1 - UNSURE if total else 0.0
    return {letter: sure * prob / (total or 1) + (1 - sure) / len(LETTERS) for letter, prob in found.items()}


def _add(found: dict[str, float], model: LanguageModel, tokens: list[int], rest: str, weight: float) -> None:
    """Give each letter that may follow `rest` its part of `weight`, after `tokens`."""
    goes_on: list[tuple[int, str, float]] = []
    for token, (piece, prob) in enumerate(zip(model.pieces, model.read(tokens).probs(), strict=False)):
        if piece.startswith(rest) and (letter := piece[len(rest) : len(rest) + 1].lower()) in found:
            found[letter] += weight * float(prob)
        elif piece and rest.startswith(piece):
            goes_on.append((token, rest[len(piece) :], weight * float(prob)))
    least = MIN_SHARE * max(sum(found.values()), *(share for *_, share in goes_on), 1e-12) if goes_on else 0.0
    for token, left, share in goes_on:
        if share >= least:
            _add(found, model, [*tokens, token], left, share)


def rank(probs: Mapping[str, float], letter: str) -> int:
    """At which guess the letter comes when the likeliest is guessed first, from 1; of equals the one first in LETTERS.
    Raises ValueError for what is none of LETTERS."""
    if len(letter) != 1 or letter not in LETTERS:
        raise ValueError(f"{letter!r} is none of the letters that are guessed")
    return sorted(probs, key=lambda other: (-probs[other], LETTERS.index(other))).index(letter) + 1


def guess_bits(guesses: Sequence[int]) -> float:
    """Shannon's upper bound of the bits per letter, from the number of guesses that each letter took: the entropy of
    these numbers. 0 for none."""
    counts = Counter(guesses)
    return sum(-count / len(guesses) * math.log2(count / len(guesses)) for count in counts.values())
