"""Who crosses a line, or goes into a zone and out of it."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from models.detector.boxes import Found
from models.runtime.csv_cells import csv_text

FORGET_S = 5.0  # after which somebody with the same number would be somebody else
MOST_CROSSINGS = 10_000


@dataclass(frozen=True)
class Gate:
    """In 0..1 of the picture's sides, as the camera sees it: the line from (left, top) to (right, bottom), or the zone
    between these corners. `mirrored`: who looks on sees left and right the other way round."""

    is_zone: bool
    left: float
    top: float
    right: float
    bottom: float
    mirrored: bool = False

    def __post_init__(self) -> None:
        if not all(0 <= n <= 1 for n in (self.left, self.top, self.right, self.bottom)):
            raise ValueError(f"expected corners in 0..1, got {self}")
        if self.is_zone and not (self.left < self.right and self.top < self.bottom):
            raise ValueError(f"expected a zone with a width and a height, got {self}")
        if (self.left, self.top) == (self.right, self.bottom):
            raise ValueError("expected a line between two places")

    def side(self, x: float, y: float) -> int:
        """1 in the zone or right of the line, as one looks along it, else 0."""
        if self.is_zone:
            return int(self.left <= x <= self.right and self.top <= y <= self.bottom)
        return int((self.right - self.left) * (y - self.top) - (self.bottom - self.top) * (x - self.left) < 0)

    def turned(self) -> "Gate":
        """The same for who sees a mirrored picture."""
        sides = (1 - self.right, 1 - self.left) if self.is_zone else (1 - self.left, 1 - self.right)
        return replace(self, left=sides[0], right=sides[1], mirrored=not self.mirrored)

    @property
    def words(self) -> tuple[str, str]:
        """What the two ways through it are called: to side 1, and to side 0."""
        if self.is_zone:
            return "in", "out"
        if abs(self.bottom - self.top) <= abs(self.right - self.left):
            return "up", "down"
        return ("left", "right") if self.mirrored else ("right", "left")

    def to_browser(self) -> dict[str, object]:
        """For the painter `detections`."""
        return {"zone": self.is_zone, "corners": [self.left, self.top, self.right, self.bottom]}


@dataclass(frozen=True)
class Crossing:
    """Somebody went through: when, in seconds of the stream, who, and which of the gate's `words`."""

    at: float
    id: int
    name: str
    way: str


class Counting:
    """Of one stream: the middle of each followed box is looked at."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.crossings: list[Crossing] = []
        self._sides: dict[int, tuple[int, float]] = {}  # of each number, and when it was seen last

    def add(self, found: Found, at: float) -> None:
        """The things of the frame of time `at`, with their ids."""
        self._sides = {number: (side, then) for number, (side, then) in self._sides.items() if at - then <= FORGET_S}
        middles = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2 / np.array(found.size_wh)
        for (x, y), number, name in zip(middles, found.ids.tolist(), found.names, strict=True):
            side = self.gate.side(float(x), float(y))
            before, _ = self._sides.get(number, (side, at))
            if side != before and len(self.crossings) < MOST_CROSSINGS:
                self.crossings.append(Crossing(at, number, name, self.gate.words[1 - side]))
            self._sides[number] = side, at

    def totals(self) -> dict[str, tuple[int, int]]:
        """By name, how many went the one way and the other, in the order of the gate's `words`."""
        counted = Counter((crossing.name, crossing.way) for crossing in list(self.crossings))
        first, second = self.gate.words
        names = dict.fromkeys(name for name, _ in counted)
        return {name: (counted[name, first], counted[name, second]) for name in names}

    def csv(self) -> str:
        """A row per crossing: seconds, number, name, way."""
        rows = ((f"{one.at:.2f}", one.id, one.name, one.way) for one in list(self.crossings))
        return csv_text([("seconds", "number", "name", "way"), *rows])
