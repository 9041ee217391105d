"""The presenter's sign-ins that hold now, and the token by which a browser comes back to one after a reload.

A token is random, known to one browser and this process only, and looked up by its hash. A sign-in is over after HOURS,
when somebody signs out, or when for ABSENT_S no tab of it was open: a browser that was closed stays closed.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

HOURS = 8
ABSENT_S = 15 * 60


@dataclass(eq=False)
class SignIn:
    """What the right password gives, until its hours are over or it is ended. Asked from any thread."""

    token: str = field(repr=False, default_factory=lambda: secrets.token_hex(32))
    clock: Callable[[], float] = field(repr=False, default=time.time)
    sessions: set[str] = field(repr=False, default_factory=set)  # tabs that have it

    def __post_init__(self) -> None:
        self._until = self.clock() + 3600 * HOURS
        self.seen = self.clock()

    def holds(self) -> bool:
        """Whether it still gives anything."""
        return self.clock() < self._until

    def end(self) -> None:
        """Now, for every tab that has it."""
        self._until = 0.0


class SignIns:
    """Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._by_hash: dict[str, SignIn] = {}

    def open(self, session: str) -> SignIn:
        """A new one, which this tab has."""
        new = SignIn(clock=self._clock, sessions={session})
        with self._lock:
            self._by_hash[_hash(new.token)] = new
        return new

    def back(self, token: str, session: str) -> SignIn | None:
        """The one of that token, which this tab then has too; None where it is over, or never was."""
        with self._lock:
            found = self._by_hash.get(_hash(token))
            if found is None or not found.holds():
                return None
            found.sessions.add(session)
            return found

    def any(self) -> bool:
        """Whether there is one to come back to."""
        return bool(self._by_hash)

    def sweep(self, is_here: Callable[[str], bool]) -> None:
        """End those of which no tab was open for a while, and forget what is over. Somebody calls it now and then."""
        with self._lock:
            for key, one in list(self._by_hash.items()):
                one.sessions = {session for session in one.sessions if is_here(session)}
                if one.sessions:
                    one.seen = self._clock()
                elif self._clock() - one.seen > ABSENT_S:
                    one.end()
                if not one.holds():
                    del self._by_hash[key]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
