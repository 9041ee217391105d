"""How often anybody may try: one table of limits, counted in a moving window in memory (package limits).

Each row may count per key (a session, a room) and all together, so that a new tab is no way around it. Keys that have
not failed have a reserve of their own: whoever uses up what all have together shuts out others who guess, but not one
who knows the word.
"""

from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


@dataclass(frozen=True)
class Rate:
    """For one key, for everybody together, and beyond that for keys that have not failed; None counts nobody."""

    each: str
    together: str | None = None
    reserve: str | None = None


RATES = {
    "password": Rate("5 per minute", "30 per minute", "60 per minute"),
    "room code": Rate("10 per minute", "120 per minute", "240 per minute"),
    "live": Rate("60 per minute"),  # websockets of one session: a browser tries every second or less often
    "upload": Rate("120 per minute"),  # a folder of 50 pictures twice over
    # what is written down of tries that failed: the log is not emptied of the rest by somebody who guesses
    "log wrong": Rate("10 per minute"),
    "log refused": Rate("1 per minute"),
}
FAILED = parse("1 per hour")  # so long a key is one that has failed


class Rates:
    """Counts tries by name of the row and key. Thread-safe; a row's memory ends with its window."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits: dict[str, tuple[RateLimitItem | None, ...]] = {
            name: tuple(parse(rate) if rate else None for rate in (rate.each, rate.together, rate.reserve))
            for name, rate in RATES.items()
        }

    def allow(self, name: str, key: str) -> bool:
        """Count one try; False when it is one too many. Raises KeyError for a name that is not in the table."""
        each, together, reserve = self._limits[name]
        if not self._hit(each, name, key):
            return False
        return self._hit(together, name) or (
            reserve is not None
            and self._limiter.test(FAILED, "failed", name, key)
            and self._hit(reserve, "reserve", name)
        )

    def failed(self, name: str, key: str) -> None:
        """The try was a wrong one: for an hour the reserve is not for this key."""
        self._limiter.hit(FAILED, "failed", name, key)

    def _hit(self, limit: RateLimitItem | None, *names: str) -> bool:
        return limit is None or self._limiter.hit(limit, *names)
