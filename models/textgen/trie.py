"""A trie of n-grams as a few flat arrays: one level for each length, and probabilities written out where they fit."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.errors import BadInput

DENSE_VALUES = 1 << 20  # contexts as short as fit into so many probabilities have theirs written out (8 MiB)


class Level:
    """All n-grams of one length: one level of the trie, sorted by the parent's number and then by symbol.

    `symbols` (n,) are their last tokens, `counts` (n,) how often each was seen; the children of parent i, an n-gram
    one shorter, are first[i]:first[i + 1], and `totals` (parents,) are the sums of their counts.
    """

    def __init__(self, symbols: np.ndarray, counts: np.ndarray, children: np.ndarray) -> None:
        self.symbols, self.counts = smallest(symbols), smallest(counts)
        self.first = smallest(np.concatenate([[0], np.cumsum(children, dtype=np.int64)]))
        ends = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])[self.first]
        self.totals = smallest(np.diff(ends))
        # single items are read several times faster through these, and as Python's own numbers
        self.symbols_view, self.counts_view = self.symbols.data, self.counts.data
        self.first_view, self.totals_view = self.first.data, self.totals.data

    @property
    def children(self) -> np.ndarray:
        """How many n-grams continue each parent: integer (parents,)."""
        return np.diff(self.first.astype(np.int64))

    @property
    def nbytes(self) -> int:
        """Memory of the arrays in bytes."""
        return self.symbols.nbytes + self.counts.nbytes + self.first.nbytes + self.totals.nbytes

    def child(self, parent: int, symbol: int) -> int:
        """The number of the parent's continuation by `symbol`, -1 if it was never seen."""
        stop = self.first_view[parent + 1]
        at = bisect_left(self.symbols_view, symbol, self.first_view[parent], stop)
        return at if at < stop and self.symbols_view[at] == symbol else -1

    def find(self, parents: np.ndarray, symbols: np.ndarray) -> np.ndarray:
        """`child` of many: int64 (m,). Parent -1 has none."""
        if not len(self.symbols):
            return np.full(len(parents), -1)
        # parent -1 starts at the last n-gram's end and stops at 0
        low, stop = self.first[parents].astype(np.int64), self.first[parents + 1].astype(np.int64)
        high, last = stop, len(self.symbols) - 1
        for _ in range(int((high - low).max(initial=0)).bit_length()):
            middle = (low + high) >> 1
            right = self.symbols[np.minimum(middle, last)] < symbols
            low, high = np.where(right, middle + 1, low), np.where(right, high, middle)
        return np.where((low < stop) & (self.symbols[np.minimum(low, last)] == symbols), low, -1)


def smallest(values: np.ndarray) -> np.ndarray:
    """As uint8, uint16, uint32 or uint64, whichever is the first to hold them all."""
    return np.ascontiguousarray(values, np.min_scalar_type(int(values.max(initial=0))))


def dense_rows(levels: Sequence[Level], size: int) -> list[np.ndarray]:
    """For contexts of length 0, 1, … the probabilities of all tokens: float64 (contexts, V), while they are few.

    Raises BadInput where an n-gram's own last tokens are no n-gram, as in a damaged file.
    """
    root = np.zeros((1, size))
    total, distinct = levels[0].totals_view[0], len(levels[0].symbols)
    root[0, 0] = distinct / (total + distinct)
    root[0, levels[0].symbols] = levels[0].counts / (total + distinct)
    dense, shorter = [root], np.zeros(distinct, np.int64)  # each context's number once its first token is dropped
    for below, level in pairwise(levels):
        children = level.children
        if len(children) * size > DENSE_VALUES:
            break
        weight = np.maximum(level.totals + children, 1)[:, None]
        rows = dense[-1][shorter] * np.where(children > 0, children, 1)[:, None] / weight
        parents = np.repeat(np.arange(len(children)), children)
        rows[parents, level.symbols] += level.counts / weight[parents, 0]
        dense.append(rows)
        shorter = below.find(shorter[parents], level.symbols)
        require_sound(bool((shorter >= 0).all()), "an n-gram's own last tokens are missing")
    return dense


def require_sound(right: bool, problem: str) -> None:
    """Raises BadInput with the problem unless all is right with what a file said."""
    if not right:
        raise BadInput(f"The n-gram file is damaged: {problem}. Save the model again, or choose another file.")
