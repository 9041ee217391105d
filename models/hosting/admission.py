"""Admission: who may turn a camera on, and the line of those who wait for a place.

Without a limit everybody may, as fast as cameras can be taken in: a room that presses Start together is let in a few at
a time, since what a camera costs shows only once it is on. Who waits keeps a place in line by asking for it every few
seconds (the page does); whose turn it is has the place kept for a while.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

STARTS, STARTS_S = 6, 3.0  # so many cameras may start, or be called up, within so many seconds
HELD_S = 30.0  # how long a free place is kept for the first in line
ASKED_S = 12.0  # who has not asked for so long has left the line


@dataclass(eq=False)
class _Waiting:
    since: float
    asked: float
    held_until: float | None = None  # its turn: the place is kept


class Admission:
    """`capacity()` is how many cameras may be on now, None for no limit. Thread-safe."""

    def __init__(self, capacity: Callable[[], int | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity, self._clock = capacity, clock
        self._lock = threading.Lock()
        self._on: dict[str, float] = {}  # session → since when, in the order of their starts
        self._line: dict[str, _Waiting] = {}
        self._starts: list[float] = []

    def may_start(self, session: str) -> bool:
        """Whether this session's page should offer its camera: it is on, its place is kept, or there is room."""
        with self._lock:
            self._tidy()
            if session in self._on:
                return True
            if (waiting := self._line.get(session)) is not None:
                return waiting.held_until is not None
            return not self._line and self._room() > 0

    def start(self, session: str) -> bool:
        """The camera goes on; False where there is no place for it, and then the session stands in line."""
        with self._lock:
            self._tidy()
            now = self._clock()
            if session in self._on:
                return True
            waiting = self._line.get(session)
            its_turn = waiting is not None and waiting.held_until is not None
            if its_turn or (not self._line and self._room() > 0 and not self._rush()):
                self._line.pop(session, None)
                self._on[session] = now
                if not its_turn:  # being called up was counted
                    self._starts.append(now)
                return True
            self._line.setdefault(session, _Waiting(now, now)).asked = now
            return False

    def stop(self, session: str) -> None:
        """The camera is off, or the session has left."""
        with self._lock:
            self._on.pop(session, None)

    def leave(self, session: str) -> None:
        """Whoever is gone has neither a camera nor a place in line."""
        with self._lock:
            self._on.pop(session, None)
            self._line.pop(session, None)

    def ask(self, session: str) -> int:
        """Stand in line, or go on standing there. Returns the place from 1; 0: it is this session's turn."""
        with self._lock:
            now = self._clock()
            if session in self._on:
                return 0
            if (waiting := self._line.get(session)) is not None:
                waiting.asked = now
            self._tidy()
            waiting = self._line.setdefault(session, _Waiting(now, now))  # who let the turn pass stands last again
            if waiting.held_until is None:
                self._tidy()
            ahead = [w for w in self._line.values() if w.held_until is None]
            return 0 if waiting.held_until is not None else 1 + ahead.index(waiting)

    def is_called(self, session: str) -> bool:
        """Whether a place is kept for it: it is its turn."""
        with self._lock:
            waiting = self._line.get(session)
            return waiting is not None and waiting.held_until is not None

    def surplus(self) -> list[str]:
        """Sessions whose camera is one too many since the capacity shrank, the newest first. They are put at the head
        of the line."""
        with self._lock:
            capacity = self._capacity()
            if capacity is None or len(self._on) <= capacity:
                return []
            now = self._clock()
            many = list(self._on)[capacity:][::-1]
            for session in many:
                del self._on[session]
            # the one who was on longest stands first
            self._line = {session: _Waiting(now, now) for session in reversed(many)} | self._line
            return many

    def counts(self) -> tuple[int, int]:
        """(cameras on, sessions in line)."""
        with self._lock:
            self._tidy()
            return len(self._on), len(self._line)

    def _room(self) -> int:
        """Free places that are not kept for anyone; negative when there are too many."""
        capacity = self._capacity()
        held = sum(waiting.held_until is not None for waiting in self._line.values())
        return 1_000_000 if capacity is None else capacity - len(self._on) - held

    def _tidy(self) -> None:
        """Forget who left the line or let the turn pass, and call up the next."""
        now = self._clock()
        for session, waiting in list(self._line.items()):
            passed = waiting.held_until is not None and now > waiting.held_until
            if passed or now - waiting.asked > ASKED_S:
                del self._line[session]
        for waiting in self._line.values():
            if self._room() <= 0 or self._rush():
                break
            if waiting.held_until is None:
                waiting.held_until = now + HELD_S
                self._starts.append(now)

    def _rush(self) -> bool:
        """Whether as many have started within the last seconds as can be taken in."""
        now = self._clock()
        self._starts = [at for at in self._starts if now - at < STARTS_S]
        return len(self._starts) >= STARTS
