"""What happened on this server: one line per event in the log, and the newest ones at hand for the presenter.

An event says what happened and where, never to whom: no addresses, names, texts or pictures. Sessions appear by the
number that they got on arrival.
"""

import json
import logging
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime

log = logging.getLogger("limelight.events")

Fact = str | int | float | bool | None


@dataclass(frozen=True)
class Event:
    """Something that happened: unix time in seconds, what in a few words, and facts about it."""

    at: float
    kind: str
    facts: dict[str, Fact]

    def as_json(self) -> str:
        """One line, the time as UTC in ISO 8601."""
        when = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"at": when, "event": self.kind, **self.facts}, ensure_ascii=False)


class Events:
    """The newest `keep` events, and how many there were of each kind since the start. Thread-safe."""

    def __init__(self, keep: int = 2000) -> None:
        self._lock = threading.Lock()
        self._newest: deque[Event] = deque(maxlen=keep)
        self._counts: Counter[str] = Counter()

    def record(self, kind: str, **facts: Fact) -> None:
        """Note it, and log it as one line; a logger set up for JSON finds the facts in the record's `facts`."""
        event = Event(time.time(), kind, facts)
        with self._lock:
            self._newest.append(event)
            self._counts[kind] += 1
        log.info(event.as_json(), extra={"event": kind, "facts": facts})

    def newest(self, count: int | None = None) -> list[Event]:
        """The newest first."""
        with self._lock:
            events = list(self._newest)[::-1]
        return events[:count]

    def counts(self) -> dict[str, int]:
        """Kind of event → how many since the start."""
        with self._lock:
            return dict(self._counts)

    def as_jsonl(self) -> str:
        """What is kept, oldest first, a JSON object a line: the download."""
        return "".join(f"{event.as_json()}\n" for event in self.newest()[::-1])
