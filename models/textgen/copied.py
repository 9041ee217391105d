"""The longest run that an output copied from the training text, found without the text: by one byte per character."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from models.errors import BadInput

WINDOW = 8  # characters in one hash
MIN_RUN = 14  # characters: 7 hashes in a row
HEADING = re.compile(r"^[^\n:]{1,40}:$\n?", re.MULTILINE)  # of a speech in a play
SEED = 4  # hashes in a row that are looked up before anything is searched for


@dataclass(frozen=True)
class CopiedRun:
    """output[start:end] stands in the training text too; offsets in characters, both 0 if nothing was copied."""

    start: int = 0
    end: int = 0

    @property
    def length(self) -> int:
        """Characters copied."""
        return self.end - self.start


class CopyIndex:
    """For each position of a text an 8-bit hash of the WINDOW characters that start there: uint8 (n - WINDOW + 1,).

    A run of L characters is L - 7 hashes in a row, which match by chance with 2^-8(L - 7). For 2 000 characters
    against 1.1 million, 2^31 pairs of positions, that leaves 2^-25 for MIN_RUN = 14; for 11 it would be 1 in 2. At
    either end a run can come out one character too long, 1 time in 256 for each place in the text where it stands.
    """

    def __init__(self, hashes: np.ndarray) -> None:
        self._bytes = hashes.tobytes()
        self._hashes = np.frombuffer(self._bytes, np.uint8)
        self._seeds = np.unique(_seeds(hashes))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The index of any text. One shorter than MIN_RUN has nothing to copy."""
        return cls(_hash(text))

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return len(self._bytes) + self._seeds.nbytes

    def longest_run(self, output: str) -> CopiedRun:
        """The first of the longest runs of at least MIN_RUN characters that the output shares with the text."""
        hashes = _hash(output)
        streaks = self._streaks(hashes)
        sought = hashes.tobytes()
        start, longest, at = 0, MIN_RUN - WINDOW, 0  # in hashes
        while at < len(streaks):
            if streaks[at] + SEED - 1 <= longest:  # no start before the streak's end can do better
                at += streaks[at] + 1
                continue
            found = self._bytes.find(sought[at : at + longest + 1])
            while found >= 0:
                start, longest = at, _common(hashes[at:], self._hashes[found:])
                more = at + longest < len(sought)
                found = self._bytes.find(sought[at : at + longest + 1], found + 1) if more else -1
            at += 1
        return CopiedRun(start, start + longest + WINDOW - 1) if longest > MIN_RUN - WINDOW else CopiedRun()

    def longest_spoken_run(self, output: str) -> CopiedRun:
        """The same within one speech: a speaker's name and colon on a line of its own ends a run and is part of none.
        Such headings stand in the text a hundred times, so everybody copies them."""
        begins = [0, *(heading.end() for heading in HEADING.finditer(output))]
        ends = [*(heading.start() for heading in HEADING.finditer(output)), len(output)]
        longest = CopiedRun()
        for begin, end in zip(begins, ends, strict=True):
            run = self.longest_run(output[begin:end])
            if run.length > longest.length:
                longest = CopiedRun(begin + run.start, begin + run.end)
        return longest

    def _streaks(self, hashes: np.ndarray) -> list[int]:
        """For each position, how many in a row from there on have their next SEED hashes somewhere in the text."""
        seeds = _seeds(hashes)
        if not len(seeds) or not len(self._seeds):
            return []
        nearest = np.minimum(np.searchsorted(self._seeds, seeds), len(self._seeds) - 1)
        misses = np.flatnonzero(np.append(self._seeds[nearest] != seeds, True))
        positions = np.arange(len(seeds))
        return (misses[np.searchsorted(misses, positions)] - positions).tolist()

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Arrays and JSON-able metadata from which `from_state` makes the index again."""
        return {"hashes": self._hashes}, {"kind": "copied", "window": WINDOW}

    @classmethod
    def from_state(cls, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> Self:
        """The index of a `state`, which may come from a stranger's file. Raises BadInput if it cannot be one."""
        hashes: Any = arrays.get("hashes")
        right = isinstance(meta, Mapping) and meta.get("kind") == "copied" and meta.get("window") == WINDOW
        if not right or not isinstance(hashes, np.ndarray) or hashes.ndim != 1 or hashes.dtype != np.uint8:
            raise BadInput("This is not an index of copied runs. Choose a file that was saved here.")
        return cls(hashes)


def _hash(text: str) -> np.ndarray:
    """uint8 (characters - WINDOW + 1,): a polynomial of the code points modulo 2^64, mixed as in splitmix64."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    count = max(0, len(codes) - WINDOW + 1)
    hashes = np.zeros(count, np.uint64)
    for offset in range(WINDOW):
        hashes *= np.uint64(0x9E3779B97F4A7C15)
        hashes += codes[offset : offset + count]
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes ^= hashes >> np.uint64(shift)
        hashes *= np.uint64(factor)
    return (hashes >> np.uint64(56)).astype(np.uint8)


def _common(one: np.ndarray, other: np.ndarray) -> int:
    """How many items both begin with."""
    shorter = min(len(one), len(other))
    return int(np.append(one[:shorter] != other[:shorter], True).argmax())


def _seeds(hashes: np.ndarray) -> np.ndarray:
    """SEED hashes in a row as one number: uint32 (m - SEED + 1,)."""
    count = max(0, len(hashes) - SEED + 1)
    seeds = np.zeros(count, np.uint32)
    for offset in range(SEED):
        seeds = (seeds << np.uint32(8)) | hashes[offset : offset + count]
    return seeds
