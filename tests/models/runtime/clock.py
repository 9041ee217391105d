"""A clock that stands where a queue looks for the time: it passes only when a test says so."""

import pytest


class Clock:
    """Seconds, as `time.monotonic` gives them."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now


def put_in(monkeypatch: pytest.MonkeyPatch, *modules: str, now: float = 0.0) -> Clock:
    """The clock, in place of the modules' `time`."""
    clock = Clock(now)
    for module in modules:
        monkeypatch.setattr(f"{module}.time", clock)
    return clock
