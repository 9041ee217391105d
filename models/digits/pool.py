"""What a room draws: the digits of those who share theirs, in memory, for as long as the server runs."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass

import numpy as np

MOST_EACH, MOST_PEOPLE = 60, 100
ENOUGH = 60  # drawings to train on


@dataclass(frozen=True, eq=False)
class Drawing:
    """A digit as the network sees it, float32 (28, 28) in 0..1, which one was meant, and what the network said."""

    seen: np.ndarray
    meant: int
    said: int


class DigitPool:
    """The newest MOST_EACH drawings of each of the first MOST_PEOPLE. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, deque[Drawing]] = {}

    def add(self, visitor: str, *drawings: Drawing) -> bool:
        """Put these in; False where there are too many people already."""
        with self._lock:
            if visitor not in self._of and len(self._of) >= MOST_PEOPLE:
                return False
            self._of.setdefault(visitor, deque(maxlen=MOST_EACH)).extend(drawings)
            return True

    def take_out(self, visitor: str) -> None:
        """All that this visitor has put in."""
        with self._lock:
            self._of.pop(visitor, None)

    def people(self) -> int:
        """How many have put something in."""
        with self._lock:
            return sum(bool(drawings) for drawings in self._of.values())

    def drawings(self) -> list[Drawing]:
        """All that are in it."""
        with self._lock:
            return [drawing for drawings in self._of.values() for drawing in drawings]


def right_of(drawings: list[Drawing]) -> dict[int, tuple[int, int]]:
    """For each digit that was meant: how many were read right, and how many there are."""
    found: dict[int, list[bool]] = defaultdict(list)
    for drawing in drawings:
        found[drawing.meant].append(drawing.meant == drawing.said)
    return {digit: (sum(found[digit]), len(found[digit])) for digit in sorted(found)}
