"""Costly openings of a visitor's files, beside the line in which everybody waits: one that takes long holds up its own
visitor only."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from models.runtime.background import begin, step_back

T = TypeVar("T")

BUDGET_S = 0.3
"""What of a turn goes to waiting for an opening while others wait for theirs."""

POLL_S = 0.05


class Later(Exception):
    """The turn is over and the opening is not: take another turn, with the same Opening."""


class Asides:
    """At most `places` openings at a time, each on a thread of its own: each may hold a large picture."""

    def __init__(self, places: int = 3) -> None:
        self._places = threading.BoundedSemaphore(places)

    def start(self, call: Callable[[], T]) -> "Future[T] | None":
        """The call, begun; None while there is no place."""
        if not self._places.acquire(blocking=False):
            return None

        def run() -> T:
            step_back()
            try:
                return call()
            finally:
                self._places.release()

        return begin(run, "opening")


class Opening:
    """One visitor's opening, which may take several turns."""

    def __init__(self) -> None:
        self._outcome: Future[Any] | None = None

    def result(self, asides: Asides, call: Callable[[], T], others_wait: Callable[[], bool]) -> T:
        """What `call` returns or raises; it is begun once, by the first turn that finds a place. Raises Later after
        BUDGET_S, as soon as others wait, and at once what `others_wait` raises."""
        until = time.monotonic() + BUDGET_S
        while True:
            if self._outcome is None:
                self._outcome = asides.start(call)
            if self._outcome is None:
                time.sleep(POLL_S)
            elif wait([self._outcome], POLL_S).done:
                outcome, self._outcome = self._outcome, None
                result: T = outcome.result()
                return result
            if others_wait() and time.monotonic() > until:
                raise Later
