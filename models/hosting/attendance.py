"""Who is here: the open sessions, each on its page, and whose camera is on.

A session counts from its first script run until `keep` finds it gone. Its number, counted from the server's start, is
all that events and the presenter see of it.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Guest:
    """One session: its number, the page it is on, times of arrival and of its last run (monotonic seconds), and since
    when its camera is on, None while it is off."""

    session: str
    number: int
    page: str
    arrived: float
    seen: float
    camera_since: float | None = None


class Attendance:
    """The open sessions. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._guests: dict[str, Guest] = {}
        self._arrivals = 0
        self.peak = 0  # sessions at a time, since the start

    def seen(self, session: str, page: str) -> tuple[Guest, bool]:
        """A session's script runs on a page. Returns the guest, and whether it came to this page just now."""
        now = self._clock()
        with self._lock:
            known = self._guests.get(session)
            if known is None:
                self._arrivals += 1
                guest = Guest(session, self._arrivals, page, now, now)
            elif known.page == page:
                guest = replace(known, seen=now)
            else:
                guest = replace(known, page=page, seen=now, camera_since=None)
            self._guests[session] = guest
            self.peak = max(self.peak, len(self._guests))
        return guest, known is None or known.page != page

    def camera(self, session: str, on: bool) -> bool:
        """A session's camera is on, or off. Returns whether that is new."""
        with self._lock:
            guest = self._guests.get(session)
            if guest is None or on == (guest.camera_since is not None):
                return False
            self._guests[session] = replace(guest, camera_since=self._clock() if on else None)
        return True

    def number(self, session: str) -> int | None:
        """By which number events name it; None for a session that never ran."""
        guest = self._guests.get(session)
        return guest.number if guest else None

    def keep(self, is_here: Callable[[str], bool]) -> list[Guest]:
        """Forget the sessions that are gone. Returns them."""
        gone = [guest for guest in self.guests() if not is_here(guest.session)]
        with self._lock:
            for guest in gone:
                self._guests.pop(guest.session, None)
        return gone

    def guests(self) -> list[Guest]:
        """All that are here, in the order of arrival."""
        with self._lock:
            return list(self._guests.values())

    def cameras(self) -> list[Guest]:
        """Those whose camera is on, the longest first."""
        on = [(guest.camera_since, guest.number, guest) for guest in self.guests() if guest.camera_since is not None]
        return [guest for *_, guest in sorted(on)]

    def per_page(self) -> dict[str, tuple[int, int]]:
        """Page → (sessions on it, cameras on in it)."""
        guests = self.guests()
        sessions = Counter(guest.page for guest in guests)
        cameras = Counter(guest.page for guest in guests if guest.camera_since is not None)
        return {page: (count, cameras[page]) for page, count in sessions.items()}
