"""One camera's things: found, followed, counted. Runs on the engine's thread, with each of its frames."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from components.detector.choice import Choice
from components.layout import percent
from components.report import Bars, Block, Note, Verdict, to_browser
from models.detector.boxes import Found
from models.detector.counting import Counting
from models.detector.drawing import colour_of
from models.detector.following import UNSURE, Follower

MOST_BARS = 8


class Watcher:
    """`predict` of one stream. The script thread writes `choice`, and the engine's thread reads it."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.counting: Counting | None = None
        self._follow = Follower(choice.wanted.min_score)
        self._began: float | None = None

    def __call__(self, rgb: np.ndarray, at: float | None = None) -> Found:
        """The things in this frame of time `at` in seconds, by default now, with numbers that stay; also counted."""
        choice, at = self.choice, time.monotonic() if at is None else at
        self._began = at if self._began is None else self._began
        limit = choice.wanted.min_score
        found = replace(choice.wanted, min_score=UNSURE * limit).of(choice.find(rgb, live=True))
        self._follow.min_score = limit
        followed = self._follow(found, at)
        if choice.gate is None:
            self.counting = None
        elif self.counting is None or self.counting.gate != choice.gate:
            self.counting = Counting(choice.gate)
        if (counting := self.counting) is not None:
            counting.add(followed, at - self._began)
        return followed

    def message(self, found: Found) -> dict[str, Any]:
        """For the browser's painter."""
        gate = self.choice.gate
        return {
            **found.to_browser(),
            "colours": {name: colour_of(name) for name in found.names},
            "gate": gate and gate.to_browser(),
            "blocks": to_browser(self.report(found)),
        }

    def report(self, found: Found) -> Iterator[Block]:
        """What is said of it beside the picture."""
        yield from report(found)
        if self.counting is not None:
            yield self.counted()

    def counted(self) -> Note:
        """Who has gone through the gate so far; only where there is one."""
        assert self.counting is not None
        first, second = self.counting.gate.words
        rows = [f"{name}: {a} {first}, {b} {second}" for name, (a, b) in self.counting.totals().items()]
        return Note("Counted: " + ("; ".join(rows) or f"nothing has gone {first} or {second} yet") + ".")


def report(found: Found) -> Iterator[Block]:
    """How many there are of each name, and how sure it is of each thing."""
    words = ", ".join(f"{count} × {name}" for name, count in found.counts().items())
    yield Verdict(words or "Nothing found", unsure=not len(found))
    numbers = [f" {number}" for number in found.ids] or [""] * len(found)
    rows = [
        (name + number, float(score), percent(float(score)), False)
        for name, number, score in zip(found.names, numbers, found.scores, strict=True)
    ]
    if rows:
        yield Bars(tuple(rows[:MOST_BARS]), words=True)
    else:
        yield Note("Hold up a cup, a bottle, a book or a phone; or lower the score in the settings.")
