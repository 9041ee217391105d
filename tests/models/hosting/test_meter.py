"""The meter: a sample of the real process, and of its engines."""

import numpy as np

from models.hosting.meter import Meter
from models.runtime.engine import Engine


def busy(seconds: float) -> None:
    import time

    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_sample_measures_this_process_and_the_engines() -> None:
    meter = Meter()
    engine = Engine(lambda rgb: busy(0.01), name="slow")
    meter.engines["slow"] = engine
    with engine.open() as stream:
        while stream.results < 3:
            stream.offer(np.zeros((2, 2, 3), np.uint8))
            busy(0.005)
        sample = meter.sample(sessions=5, cameras=1, in_line=0, level=0)
        assert meter.per_engine()["slow"].streams == 1
    assert sample.inferences_per_s > 0 and sample.age_p95_s >= sample.age_p50_s >= 0.01
    assert 0 < sample.cpu <= 1 and sample.rss > 10_000_000
    assert sample.received_per_s >= 0 and meter.newest is sample
    engine.stop()


def test_the_worst_engine_counts_and_one_without_results_does_not() -> None:
    class Numbers:
        def __init__(self, age: float | None) -> None:
            self.streams, self.inferences_per_s, self.age_p50_s, self.age_p95_s = 1, 2.0, age, age

        def stats(self) -> "Numbers":
            return self

    meter = Meter()
    meter.engines |= {"a": Numbers(0.1), "b": Numbers(None), "c": Numbers(0.7)}
    sample = meter.sample(sessions=0, cameras=0, in_line=0, level=0)
    assert sample.age_p95_s == 0.7 and sample.inferences_per_s == 6


def test_history_is_bounded() -> None:
    meter = Meter(keep=3)
    for sessions in range(5):
        meter.sample(sessions=sessions, cameras=0, in_line=0, level=0)
    assert [sample.sessions for sample in meter.history] == [2, 3, 4]
