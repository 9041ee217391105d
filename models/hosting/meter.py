"""What the server does, a sample a second, and the last quarter of an hour of it: for the presenter's charts, the
governor and the metrics."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import psutil


class EngineLike(Protocol):
    """What is asked of an engine: `models.runtime.engine.Engine`, which the first page has no need to import."""

    max_rate: float

    def stats(self, window_s: float = 5.0) -> "EngineNumbers":
        """Numbers over the last seconds."""


class EngineNumbers(Protocol):
    """The fields of `models.runtime.engine.EngineStats` that are shown."""

    streams: int
    inferences_per_s: float
    age_p50_s: float | None
    age_p95_s: float | None


@dataclass(frozen=True)
class Sample:
    """One second. `at` is unix time; ages in seconds, of the worst engine; `cpu` is this process's share of all cores
    and `machine_cpu` everybody's, 0..1; memory in bytes; network of the machine in bytes per second; `loop_lag_s` how
    late the event loop was that carries the video."""

    at: float
    sessions: int
    cameras: int
    in_line: int
    inferences_per_s: float
    age_p50_s: float | None
    age_p95_s: float | None
    cpu: float
    machine_cpu: float
    rss: int
    machine_memory: float
    received_per_s: float
    sent_per_s: float
    loop_lag_s: float | None
    level: int


class Meter:
    """Takes samples of this process and its engines; keeps the newest `keep`. One thread samples, anyone reads."""

    def __init__(self, keep: int = 900, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.history: deque[Sample] = deque(maxlen=keep)
        self.engines: dict[str, EngineLike] = {}
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first call has nothing to compare with
        psutil.cpu_percent()
        self._network = psutil.net_io_counters()
        self._network_at = clock()

    @property
    def newest(self) -> Sample | None:
        """The last second, None before the first."""
        return self.history[-1] if self.history else None

    def sample(
        self, *, sessions: int, cameras: int, in_line: int, level: int, loop_lag_s: float | None = None
    ) -> Sample:
        """Measure now, over the time since the last sample, and keep it."""
        stats = [engine.stats() for engine in list(self.engines.values())]
        received, sent = self._per_second()
        sample = Sample(
            at=self._clock(),
            sessions=sessions,
            cameras=cameras,
            in_line=in_line,
            inferences_per_s=sum(one.inferences_per_s for one in stats),
            age_p50_s=_worst(one.age_p50_s for one in stats),
            age_p95_s=_worst(one.age_p95_s for one in stats),
            cpu=self._process.cpu_percent() / 100 / (psutil.cpu_count() or 1),
            machine_cpu=psutil.cpu_percent() / 100,
            rss=self._process.memory_info().rss,
            machine_memory=psutil.virtual_memory().percent / 100,
            received_per_s=received,
            sent_per_s=sent,
            loop_lag_s=loop_lag_s,
            level=level,
        )
        self.history.append(sample)
        return sample

    def per_engine(self) -> Mapping[str, EngineNumbers]:
        """Model → its engine's numbers over the last seconds."""
        return {name: engine.stats() for name, engine in list(self.engines.items())}

    def _per_second(self) -> tuple[float, float]:
        now, counters, before = self._clock(), psutil.net_io_counters(), self._network
        seconds = max(now - self._network_at, 1e-3)
        self._network, self._network_at = counters, now
        if counters is None or before is None:  # a machine without any network interface
            return 0.0, 0.0
        return (counters.bytes_recv - before.bytes_recv) / seconds, (counters.bytes_sent - before.bytes_sent) / seconds


def _worst(ages: Iterable[float | None]) -> float | None:
    return max((age for age in ages if age is not None), default=None)
