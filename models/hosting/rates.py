"""How often anybody may try: one table of limits, counted in a moving window in memory (package limits).

Each row may count per key (a session, a room) and all together, so that a new tab is no way around it.
"""

from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


@dataclass(frozen=True)
class Rate:
    """For one key, and for everybody together; None counts nobody."""

    each: str
    together: str | None = None


RATES = {
    "password": Rate("5 per minute", "30 per minute"),
    "room code": Rate("10 per minute", "120 per minute"),
    "upload": Rate("120 per minute"),  # a folder of 50 pictures twice over
}


class Rates:
    """Counts tries by name of the row and key. Thread-safe; a row's memory ends with its window."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits: dict[str, tuple[RateLimitItem, RateLimitItem | None]] = {
            name: (parse(rate.each), parse(rate.together) if rate.together else None) for name, rate in RATES.items()
        }

    def allow(self, name: str, key: str) -> bool:
        """Count one try; False when it is one too many. Raises KeyError for a name that is not in the table."""
        each, together = self._limits[name]
        return self._limiter.hit(each, name, key) and (together is None or self._limiter.hit(together, name))
