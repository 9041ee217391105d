"""Networks of all visitors learn in turns on one thread, each at its own pace; ten times a second they are shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.runtime.turns import Job, Turns

if TYPE_CHECKING:  # torch is heavy
    from models.playground.learner import Learner, Snapshot

SLICE_S = 0.02  # of one turn
SHOW_EVERY_S = 0.1
NAP_S = 0.02  # while nobody is due
FORGET_S = 30.0


class Lesson(Job):
    """One learner that goes on until it is cancelled, diverges or is forgotten. `epochs_per_s` may be changed
    meanwhile; `show` gets what is known now, on the line's thread, and must be quick."""

    def __init__(
        self, queue: Lessons, visitor: str, learner: Learner, show: Callable[[Snapshot], None], epochs_per_s: float
    ) -> None:
        super().__init__(queue, visitor, FORGET_S)
        self.learner, self.show = learner, show
        self.epochs_per_s = epochs_per_s
        self.due = self._shown_at = time.monotonic()
        self._epoch = learner.epoch

    def _has_more(self) -> bool:
        return not self.learner.problem

    def go_on(self) -> None:
        """One turn."""
        with self.learner.lock:
            self.learner.run(SLICE_S, most_epochs=1)
            now = time.monotonic()
            if self.learner.epoch != self._epoch:
                self._epoch = self.learner.epoch
                # who is late does not catch up in a rush
                self.due = max(self.due + 1 / self.epochs_per_s, now - 1 / self.epochs_per_s)
            if now - self._shown_at >= SHOW_EVERY_S or self.learner.problem:
                self._shown_at = now
                self.show(self.learner.snapshot())


class Lessons(Turns[Lesson]):
    """Thread-safe. A visitor has one lesson: a further one takes its place."""

    name, work = "playground", "training a small network"

    def begin(
        self, visitor: str, learner: Learner, show: Callable[[Snapshot], None], *, epochs_per_s: float = 10.0
    ) -> Lesson:
        """Let this learner go on from now on."""
        with self._wake:
            return self._put(Lesson(self, visitor, learner, show, epochs_per_s))

    def _next(self) -> Lesson | None:
        if not self._line:
            return None
        first = min(self._line, key=lambda lesson: lesson.due)
        self._line.remove(first)
        return first

    def _serve(self, lesson: Lesson) -> None:
        wait = lesson.due - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, NAP_S))
        else:
            lesson.go_on()
