"""N-gram models: count what followed the last tokens, and trust longer contexts the more they were seen.

Interpolated Witten-Bell smoothing (Witten and Bell 1991, "The zero-frequency problem", their method C, as in PPM): with
N the times that a context was seen and T its number of distinct continuations, p = (count + T * p_shorter) / (N + T).
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from models.errors import BadInput
from models.textgen.language_model import UNICODE_BITS, LanguageModel, Reader, Surprise
from models.textgen.prompt_end import continued
from models.textgen.trie import Level, dense_rows, require_sound, smallest

MAX_ORDER = {"characters": 8, "words": 4}
UNKNOWN = "\ufffd"  # the piece of token 0
END_OF_WORD = "\n\n"  # two, so that a spelling of order 3 starts afresh; no piece but "\n" itself has one inside
MAX_ADDED_SINGLY = 16  # so many items are added up faster one by one than by numpy

_WORD = re.compile(r" ?\w+(?:['’]\w+)*| ?[^\w\s]|\s")
_PIECE = {"characters": re.compile(r".", re.DOTALL), "words": _WORD}


def words_of(text: str) -> list[str]:
    """The text cut into words with inner apostrophes and single marks, each with the space before it, and other
    single white space. Joined they are the text again."""
    return _WORD.findall(text)


class NGram(LanguageModel):
    """A language model of order n: the next token given the n - 1 before it. Order 1 looks at none.

    Tokens are characters (code points) or words (`words_of`). Token 0 is the unknown token: what was never seen has
    the probability T / (N + T) where nothing is remembered, and it is never written. An unknown character then costs
    UNICODE_BITS more; an unknown word is spelled by a character model of order 3 of the known words.
    """

    def __init__(
        self, unit: str, name: str, vocabulary: Sequence[str], levels: Sequence[Level], last: Sequence[int]
    ) -> None:
        """From counts; see `fit`. Token i + 1 is vocabulary[i]; levels[k] holds the n-grams of k + 1 tokens and
        last[k] is the number of the one that the text ended with, for all lengths but the longest."""
        self.unit, self.name, self._last = unit, name, tuple(last)
        self.pieces = (UNKNOWN, *vocabulary)
        self._ids = {piece: token for token, piece in enumerate(vocabulary, start=1)}
        self._levels = tuple(levels)
        self._dense = dense_rows(self._levels, len(self.pieces))
        spellings = "".join(word + END_OF_WORD for word in vocabulary) if unit == "words" else ""
        self._speller = NGram.fit(END_OF_WORD + spellings, order=3, name=f"{name}, spelling") if spellings else None

    @classmethod
    def fit(
        cls,
        text: str,
        unit: str = "characters",
        order: int = 6,
        name: str = "n-gram",
        on_step: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Count the n-grams of a text. `on_step(length, order)` is called after those of each length.

        Raises BadInput for an empty text, another unit, or an order outside 1..8 (characters) or 1..4 (words).
        """
        _check_order(unit, order)
        if not text:
            raise BadInput("There is no text to learn from. Paste or upload some first.")
        pieces = _cut(text, unit)
        vocabulary = sorted(set(pieces))
        ids = {piece: token for token, piece in enumerate(vocabulary, start=1)}
        tokens = np.fromiter(map(ids.__getitem__, pieces), np.int64, len(pieces))
        grams = np.zeros(len(tokens), np.int64)  # of the n-gram that starts at each position, its number in its level
        parents, levels = 1, []
        last: list[int] = []
        for length in range(1, order + 1):
            # a text shorter than the order leaves the last levels empty
            keys = grams[: max(0, len(tokens) - length + 1)] * (len(ids) + 1) + tokens[length - 1 :]
            unique, grams, counts = np.unique(keys, return_inverse=True, return_counts=True)
            parent, symbols = np.divmod(unique, len(ids) + 1)
            levels.append(Level(symbols, counts, np.bincount(parent, minlength=parents)))
            parents = len(unique)
            last += grams[-1:].tolist()
            if on_step:
                on_step(length, order)
        return cls(unit, name, vocabulary, levels, last[: order - 1])

    @property
    def order(self) -> int:
        """How many tokens its longest n-grams have."""
        return len(self._levels)

    @property
    def nbytes(self) -> int:
        """Memory of counts, probabilities written out and vocabulary in bytes."""
        tables = sum(level.nbytes for level in self._levels) + sum(rows.nbytes for rows in self._dense)
        return tables + sum(map(sys.getsizeof, self.pieces)) + (self._speller.nbytes if self._speller else 0)

    def counts(self) -> dict[str, int]:
        """How often each piece stood in the text it learnt from."""
        return dict(zip(self.pieces[1:], self._levels[0].counts.tolist(), strict=True))

    def at_order(self, order: int) -> "NGram":
        """The same model looking at fewer tokens, sharing all memory. Raises BadInput outside 1..order."""
        if not 1 <= order <= self.order:
            raise BadInput(f"This model's order can be 1 to {self.order}, not {order}. Fit another for more.")
        other = object.__new__(type(self))
        kept = {"_levels": self._levels[:order], "_dense": self._dense[:order], "_last": self._last[: order - 1]}
        other.__dict__.update(self.__dict__, **kept)
        return other

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, by id; 0 for what was never seen."""
        return [self._ids.get(piece, 0) for piece in _cut(text, self.unit)]

    def unknown(self, text: str) -> list[str]:
        """The characters, or words without the space before them, that it never saw."""
        return list(dict.fromkeys(p.strip() or p for p in _cut(text, self.unit) if p not in self._ids))

    def read(self, tokens: Sequence[int]) -> "NGramReader":
        """A reader that has read the last order - 1 of these tokens."""
        reader = NGramReader(self._levels, self._dense)
        for token in tokens[max(0, len(tokens) - self.order + 1) :]:
            reader.push(token)
        return reader

    def continue_from(self, prompt: str) -> tuple[Reader, str]:
        """As `LanguageModel.continue_from`; the space that ends a prompt is the next word's."""
        return continued(self, prompt) if self.unit == "words" else super().continue_from(prompt)

    def has_seen_pair(self, text: str, piece: str) -> bool:
        """Whether the piece ever followed the last token of the text; False where no pairs are counted."""
        last, token = self.encode(text)[-1:], self._ids.get(piece, 0)
        if not last or len(self._levels) < 2:
            return False
        node = self._levels[0].child(0, last[0])
        return node >= 0 and self._levels[1].child(node, token) >= 0

    def surprise(self, text: str) -> list[Surprise]:
        """Bits of each token, the first ones after the few that there are before them."""
        pieces = _cut(text, self.unit)
        tokens = np.array(self.encode(text), np.int64)
        bits = -np.log2(self._probs_of(tokens))
        unknown = np.flatnonzero(tokens == 0)
        bits[unknown] += self._naming_bits([pieces[at] for at in unknown.tolist()])
        return [Surprise(piece, cost) for piece, cost in zip(pieces, bits.tolist(), strict=True)]

    def _probs_of(self, tokens: np.ndarray) -> np.ndarray:
        """The probability of each token given those before it: float64 (n,), all positions at once."""
        probs = self._dense[0][0, tokens]
        nodes = self._levels[0].find(np.zeros_like(tokens), tokens)
        for level in self._levels[1:]:
            contexts = np.concatenate([[-1], nodes[:-1]])[: len(nodes)]
            nodes = level.find(contexts, tokens)
            seen = np.flatnonzero(contexts >= 0)
            contexts, found = contexts[seen], nodes[seen]
            distinct = level.children[contexts]
            weight = level.totals[contexts].astype(np.float64) + distinct
            counts = np.zeros(len(found))
            counts[found >= 0] = level.counts[found[found >= 0]]
            mixed = distinct * probs[seen] + counts
            probs[seen] = np.divide(mixed, weight, out=probs[seen], where=weight > 0)
        return probs

    def _naming_bits(self, unknown: list[str]) -> np.ndarray | float:
        """What saying which piece it was costs, for each unknown piece, in bits."""
        if self._speller is None or not unknown:
            return UNICODE_BITS
        spelled = [piece + END_OF_WORD for piece in unknown]
        letters = self._speller.surprise(END_OF_WORD + "".join(spelled))[len(END_OF_WORD) :]
        starts = np.cumsum([0, *map(len, spelled[:-1])])
        return np.add.reduceat([letter.bits for letter in letters], starts)

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Arrays and JSON-able metadata from which `from_state` makes the model again.

        `counts` (n,) are those of the longest n-grams; shorter ones add up from them, once `last` (order - 1 or the
        text's length) says which of each length ended the text. For each length k from 2, `symbols{k}` and
        `children{k}` are as in `Level`. All unsigned, as small as their values allow.
        """
        arrays = {"counts": self._levels[-1].counts, "last": smallest(np.array(self._last, np.int64))}
        for length, level in enumerate(self._levels[1:], start=2):
            arrays[f"symbols{length}"], arrays[f"children{length}"] = level.symbols, smallest(level.children)
        vocabulary = list(self.pieces[1:])
        meta = {"kind": "ngram", "unit": self.unit, "order": self.order, "name": self.name, "vocabulary": vocabulary}
        return arrays, meta

    @classmethod
    def from_state(cls, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> Self:
        """The model of a `state`, which may come from a stranger's file. Raises BadInput if it cannot be one."""
        if not isinstance(meta, Mapping) or meta.get("kind") != "ngram":
            raise BadInput("This is not the file of an n-gram model. Choose one that was saved here.")
        values: list[Any] = [meta.get(key) for key in ("unit", "order", "name", "vocabulary")]
        unit, order, name, vocabulary = values
        _check_order(unit, order)
        require_sound(isinstance(name, str), "name is not a text")
        require_sound(isinstance(vocabulary, list) and len(vocabulary) > 0, "vocabulary is not a list")
        right = all(isinstance(piece, str) and _PIECE[unit].fullmatch(piece) for piece in vocabulary)
        require_sound(right, f"vocabulary does not hold {unit}")
        require_sound(len(set(vocabulary)) == len(vocabulary), "vocabulary says something twice")
        # the n-grams of length 1 are all tokens once: not in the file
        shapes = [(np.arange(1, len(vocabulary) + 1), np.array([len(vocabulary)]))]
        for length in range(2, order + 1):
            shapes.append(_read_shape(arrays, length, len(shapes[-1][0]), len(vocabulary)))
        counts, last = _read(arrays, "counts").astype(np.int64), _read(arrays, "last").tolist()
        require_sound(len(counts) == len(shapes[-1][0]), "counts has a wrong length")
        require_sound(len(last) < order and (len(last) == order - 1 or not len(counts)), "last has a wrong length")
        require_sound(all(at < len(part) for at, (part, _) in zip(last, shapes, strict=False)), "last is out of range")
        levels: list[Level] = []
        for length in range(order, 0, -1):
            require_sound(counts.min(initial=1) >= 1, f"something of length {length} was never seen")
            levels.insert(0, Level(shapes[length - 1][0], counts, shapes[length - 1][1]))
            counts = levels[0].totals.astype(np.int64)
            if 0 <= length - 2 < len(last):
                counts[last[length - 2]] += 1  # nothing followed it at the text's end
        return cls(unit, name, vocabulary, levels, last)


class NGramReader(Reader):
    """An n-gram model's memory of the last tokens: for each context length its node in the trie, while there is one."""

    def __init__(self, levels: Sequence[Level], dense: Sequence[np.ndarray]) -> None:
        self._levels, self._dense = levels, dense
        self._contexts = levels[:-1]
        self._nodes = [0]

    def push(self, token: int) -> None:
        """Read one token more."""
        nodes = [0]
        for level, parent in zip(self._contexts, self._nodes, strict=False):
            node = level.child(parent, token)
            if node < 0:  # then no longer context was seen either
                break
            nodes.append(node)
        self._nodes = nodes

    def probs(self) -> np.ndarray:
        """Of each possible next token: float64 (V,), sum 1, nothing for the unknown one."""
        nodes = self._nodes
        depth = min(len(nodes), len(self._dense)) - 1
        row = self._dense[depth][nodes[depth]]
        share, longer = 1.0, []  # of the whole, what each length of context has a say in
        for length in range(len(nodes) - 1, depth, -1):
            level, node = self._levels[length], nodes[length]
            start, stop = level.first_view[node], level.first_view[node + 1]
            if start < stop:  # only the text's end has no continuation
                each = share / (level.totals_view[node] + stop - start)
                longer.append((level, start, stop, each))
                share = each * (stop - start)
        known = 1 - share * row.item(0)
        probs: np.ndarray = row * (share / known)
        probs[0] = 0
        items = probs.data
        for level, start, stop, each in longer:
            each /= known
            if stop - start < MAX_ADDED_SINGLY:
                for at in range(start, stop):
                    items[level.symbols_view[at]] += level.counts_view[at] * each
            else:
                probs[level.symbols[start:stop]] += level.counts[start:stop] * each
        return probs


def _cut(text: str, unit: str) -> Sequence[str]:
    return text if unit == "characters" else words_of(text)


def _read(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    array: Any = arrays.get(name)
    require_sound(isinstance(array, np.ndarray), f"{name} is missing")
    require_sound(array.ndim == 1 and array.dtype in (np.uint8, np.uint16, np.uint32), f"{name} has a wrong type")
    return array


def _read_shape(
    arrays: Mapping[str, np.ndarray], length: int, parents: int, vocabulary: int
) -> tuple[np.ndarray, np.ndarray]:
    """The symbols and children of one level."""
    symbols, children = _read(arrays, f"symbols{length}"), _read(arrays, f"children{length}")
    right = len(children) == parents and int(children.sum(dtype=np.uint64)) == len(symbols)
    require_sound(right, f"children{length} and symbols{length} differ")
    require_sound(
        symbols.min(initial=1) >= 1 and symbols.max(initial=1) <= vocabulary, f"symbols{length} is out of range"
    )
    keys = np.repeat(np.arange(parents), children) * (vocabulary + 1) + symbols
    require_sound(bool((np.diff(keys) > 0).all()), f"symbols{length} is not sorted")
    return symbols, children


def _check_order(unit: Any, order: Any) -> None:
    highest = MAX_ORDER.get(unit) if isinstance(unit, str) else None
    if highest is None:
        raise BadInput(f"The unit of an n-gram must be one of {', '.join(MAX_ORDER)}, not {unit!r}.")
    if type(order) is not int or not 1 <= order <= highest:
        raise BadInput(f"The order for {unit} must lie in 1..{highest}, not {order!r}.")
