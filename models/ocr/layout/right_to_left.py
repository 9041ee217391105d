"""Lines written from right to left: from the letters as they stand in a picture to the order of reading."""

import unicodedata
from collections.abc import Sequence

RIGHT_TO_LEFT = {"R", "AL"}
NUMBER_CLASSES = {"EN", "AN"}
MIRROR = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


def words_as_read(seen: str, words: Sequence[tuple[int, int]]) -> list[tuple[int, str]]:
    """(which of the words, its text) in the order of reading. `seen` is a whole line of letters as they stand in the
    picture from left to right, which is how a network reports them: a word alone does not show which way it is read.
    `words` are the (first, last) letter of each."""
    levels = _levels(seen)
    place = {letter: at for at, letter in enumerate(_order(levels))}
    letters = [sorted(range(first, last + 1), key=place.__getitem__) for first, last in words]
    order = sorted(range(len(words)), key=lambda word: place[letters[word][0]])
    return [(word, "".join(_letter(seen, levels, i) for i in letters[word])) for word in order]


def _letter(seen: str, levels: list[int], i: int) -> str:
    return seen[i].translate(MIRROR) if levels[i] % 2 else seen[i]


def _order(levels: list[int]) -> list[int]:
    """Rule L2 of the Unicode bidirectional algorithm, UAX #9. It is its own inverse."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end + 1
    return order


def _levels(seen: str) -> list[int]:
    """How deep each letter is nested, odd from right to left. UAX #9 finds that from the order of reading; this goes
    the other way, where the line's own direction is not known: it is that of most words."""
    classes = [unicodedata.bidirectional(letter) for letter in seen]
    if not RIGHT_TO_LEFT & set(classes):
        return [0] * len(seen)
    words = [{unicodedata.bidirectional(letter) for letter in word} for word in seen.split()]
    base = int(sum(bool(RIGHT_TO_LEFT & word) for word in words) >= sum("L" in word for word in words))
    kinds = [
        "R" if c in RIGHT_TO_LEFT else "N" if c in NUMBER_CLASSES else c if c in ("L", "NSM") else "" for c in classes
    ]
    for i in range(1, len(seen) - 1):
        if classes[i] == "CS" and kinds[i - 1] == kinds[i + 1] == "N":  # 10:30 and 1,5 are one number
            kinds[i] = "N"
    before = "R" if base else "L"
    for i, kind in enumerate(kinds):
        if kind == "NSM":  # marks of vowels are written with the letters from right to left
            kinds[i] = "R"
        elif kind == "N" and before == "L":  # as in "Windows 11"
            kinds[i] = "L"
        before = kinds[i] if kinds[i] in ("L", "R") else before
    return [_level(kind, kinds, i, base) for i, kind in enumerate(kinds)]


def _level(kind: str, kinds: list[str], i: int, base: int) -> int:
    if not kind:  # a space, a sign: belongs to its neighbours where they agree
        left = next((k for k in reversed(kinds[:i]) if k), "")
        right = next((k for k in kinds[i:] if k), "")
        sides = {"R" if k == "N" else k for k in (left, right)}
        kind = sides.pop() if len(sides) == 1 else "R" if base else "L"
    return {"R": 1, "N": 2, "L": 2 * base}[kind]
