"""The engine, with a model that answers when the test says so. A frame carries a number, and the model reads it."""

import gc
import logging
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import psutil
import pytest

from models.runtime.engine import Engine, Result, Stream

PATIENCE_S = 120
Until = Callable[[Callable[[], object]], None]


def frame(number: int) -> np.ndarray:
    return np.full((2, 2, 3), number, np.uint8)


def number(rgb: np.ndarray) -> int:
    return int(rgb[0, 0, 0])


class Model:
    """Reads a frame's number; each call waits until the test lets it go on. Odd ones out: numbers over 200 raise."""

    def __init__(self, *, patient: bool = True) -> None:
        self.started, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.patient = patient
        self.seen: list[int] = []

    def __call__(self, rgb: np.ndarray) -> int:
        self.seen.append(number(rgb))
        self.started.release()
        if self.patient:
            assert self.go.acquire(timeout=PATIENCE_S)
        if number(rgb) > 200:
            raise ValueError(f"cannot read {'high' if number(rgb) > 220 else 'medium'} numbers")
        return number(rgb)

    def wait_for_call(self) -> None:
        assert self.started.acquire(timeout=PATIENCE_S), "the model was not called"

    def let_all_go(self) -> None:
        self.patient = False
        self.go.release(1000)


@pytest.fixture
def model() -> Iterator[Model]:
    model = Model()
    yield model
    model.let_all_go()


@pytest.fixture
def engine(model: Model) -> Iterator[Engine]:
    engine = Engine(model, name="under test")
    yield engine
    model.let_all_go()
    engine.stop()


def latest(stream: Stream) -> Result:
    result = stream.latest()
    assert result is not None
    return result


def answered(stream: Stream, times: int) -> bool:
    result = stream.latest()
    return result is not None and result.number == times


def worker_of(engine: Engine) -> threading.Thread | None:
    return next((thread for thread in threading.enumerate() if thread.name == f"engine {engine.name}"), None)


class Clock:
    """Stands where the engine looks for the time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("models.runtime.engine.time", clock)
    return clock


def test_of_the_frames_that_wait_only_the_newest_is_looked_at(engine: Engine, model: Model, until: Until) -> None:
    stream = engine.open()
    assert stream.latest() is None
    stream.offer(frame(1))
    model.wait_for_call()
    for n in (2, 3, 4, 5, 6):
        stream.offer(frame(n))
    model.let_all_go()
    until(lambda: answered(stream, 2))
    assert latest(stream).value == 6
    assert model.seen == [1, 6]


def test_a_stream_that_offers_all_the_time_does_not_take_the_turns_of_the_others(engine: Engine, model: Model) -> None:
    streams = [engine.open() for _ in range(3)]
    greedy, *others = streams
    greedy.offer(frame(0))
    model.wait_for_call()
    for _ in range(12):
        for i, other in enumerate(others, 1):
            other.offer(frame(i))
        for _ in range(5):
            greedy.offer(frame(0))
        model.go.release()
        model.wait_for_call()
    turns = model.seen[1:]
    assert len(turns) == 12
    assert all(set(turns[i : i + 3]) == {0, 1, 2} for i in range(10)), turns


def test_a_result_is_given_to_the_stream_that_offered_the_frame(engine: Engine, model: Model, until: Until) -> None:
    model.let_all_go()
    streams = [engine.open() for _ in range(5)]
    for n, stream in enumerate(streams):
        stream.offer(frame(n))
    until(lambda: all(stream.latest() for stream in streams))
    assert [latest(stream).value for stream in streams] == [0, 1, 2, 3, 4]


def test_offer_and_latest_return_while_the_model_is_stuck(engine: Engine, model: Model) -> None:
    stream, other = engine.open(), engine.open()
    stream.offer(frame(1))
    model.wait_for_call()

    def go_on() -> None:
        for n in range(100):
            stream.offer(frame(n))
            other.offer(frame(n))
            stream.latest()
            engine.stats()
            engine.open().close()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert not thread.is_alive(), "something waits for the model"
    assert stream.latest() is None


def alive(frames: Sequence[weakref.ref[np.ndarray]]) -> int:
    gc.collect()
    return sum(frame() is not None for frame in frames)


def test_a_stream_holds_one_waiting_frame_and_the_one_in_hand(engine: Engine, model: Model, until: Until) -> None:
    stream, frames = engine.open(), []
    for n in range(20):
        rgb = frame(n)
        frames.append(weakref.ref(rgb))
        stream.offer(rgb)
        if n == 0:
            model.wait_for_call()
    del rgb
    assert alive(frames) == 2


def test_a_finished_frame_is_let_go_while_the_engine_waits_for_the_next(until: Until) -> None:
    engine = Engine(number, silence_s=3600)
    stream = engine.open()
    rgb = frame(1)
    frames = [weakref.ref(rgb)]
    stream.offer(rgb)
    del rgb
    until(lambda: answered(stream, 1))
    until(lambda: alive(frames) == 0)
    engine.stop()


def test_an_error_stays_with_its_stream_which_recovers_with_its_next_frame(
    engine: Engine, model: Model, until: Until
) -> None:
    model.let_all_go()
    bad, good = engine.open(), engine.open()
    bad.offer(frame(210))
    good.offer(frame(1))
    until(lambda: bad.latest() and good.latest())
    assert (latest(bad).value, latest(bad).error) == (None, "cannot read medium numbers")
    assert (latest(good).value, latest(good).error) == (1, None)
    bad.offer(frame(2))
    until(lambda: answered(bad, 2))
    assert (latest(bad).value, latest(bad).error) == (2, None)


def test_an_error_without_words_is_named_by_its_kind(until: Until) -> None:
    def predict(rgb: np.ndarray) -> None:
        raise MemoryError

    engine = Engine(predict)
    with engine.open() as stream:
        stream.offer(frame(1))
        until(lambda: answered(stream, 1))
        assert latest(stream).error == "MemoryError"
    engine.stop()


def test_each_kind_of_error_is_logged_once_with_its_traceback(
    engine: Engine, model: Model, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    model.let_all_go()
    with caplog.at_level(logging.ERROR), engine.open() as stream:
        for i, n in enumerate((210, 211, 230, 212, 231), 1):
            stream.offer(frame(n))
            until(lambda i=i: answered(stream, i))
    assert len(caplog.records) == 2
    assert all("under test" in record.message and record.exc_info for record in caplog.records)


def test_closing_drops_the_waiting_frame_and_later_ones_and_keeps_the_last_result(
    engine: Engine, model: Model, until: Until
) -> None:
    witness = engine.open()
    with engine.open() as stream:
        stream.offer(frame(1))
        model.wait_for_call()
        stream.offer(frame(2))
    stream.offer(frame(3))
    witness.offer(frame(9))
    model.let_all_go()
    until(lambda: answered(witness, 1))
    assert model.seen == [1, 9]
    assert latest(stream).value == 1
    assert engine.stats().streams == 1
    stream.close()  # a second time: nothing happens


def test_a_stream_that_offers_nothing_is_dropped_with_its_frame_and_comes_back(
    model: Model, clock: Clock, until: Until
) -> None:
    engine = Engine(model, silence_s=10)
    silent, lively = engine.open(), engine.open()
    lively.offer(frame(1))
    model.wait_for_call()
    silent.offer(frame(2))
    clock.now += 9
    lively.offer(frame(3))
    assert engine.stats().streams == 2
    clock.now += 2  # 11 s since silent's frame, 2 s since lively's
    assert engine.stats().streams == 1
    model.let_all_go()
    until(lambda: answered(lively, 2))
    assert model.seen == [1, 3]

    silent.offer(frame(4))
    assert engine.stats().streams == 2
    until(lambda: answered(silent, 1))
    assert latest(silent).value == 4
    engine.stop()


def test_the_worker_ends_with_the_last_stream_and_starts_again_with_the_next(
    engine: Engine, model: Model, until: Until
) -> None:
    model.let_all_go()
    assert worker_of(engine) is None, "no stream, no thread"
    for n in (1, 2):
        with engine.open() as stream:
            stream.offer(frame(n))
            until(lambda: answered(stream, 1))
            assert worker_of(engine) is not None
        until(lambda: worker_of(engine) is None)


def test_the_worker_ends_when_all_streams_fell_silent_and_one_that_wakes_starts_it(until: Until) -> None:
    engine = Engine(number, name="silence", silence_s=0.05)
    stream = engine.open()
    for n in (1, 2):
        stream.offer(frame(n))
        until(lambda n=n: answered(stream, n))
        until(lambda: worker_of(engine) is None)
        assert engine.stats().streams == 0
    engine.stop()


def test_stop_finishes_the_frame_in_hand_drops_the_rest_and_is_for_good(model: Model, until: Until) -> None:
    engine = Engine(model, name="stopping")
    stream, other = engine.open(), engine.open()
    stream.offer(frame(1))
    model.wait_for_call()
    other.offer(frame(2))
    stopping = threading.Thread(target=engine.stop, args=(PATIENCE_S,))
    stopping.start()
    until(lambda: engine.stats().streams == 0)
    model.let_all_go()
    stopping.join(PATIENCE_S)
    assert worker_of(engine) is None
    assert latest(stream).value == 1
    assert other.latest() is None
    with pytest.raises(RuntimeError, match="stopping is stopped"):
        engine.open()
    other.offer(frame(3))
    assert worker_of(engine) is None
    assert model.seen == [1]
    engine.stop()  # a second time: nothing happens


class Batches:
    """Reads the numbers of many frames at once, when the test says so."""

    def __init__(self) -> None:
        self.started, self.go = threading.Semaphore(0), threading.Event()
        self.sizes: list[int] = []

    def __call__(self, frames: Sequence[np.ndarray]) -> list[int]:
        self.sizes.append(len(frames))
        self.started.release()
        assert self.go.wait(PATIENCE_S)
        return [number(rgb) for rgb in frames]


def unused(rgb: np.ndarray) -> Any:
    raise AssertionError("frames go through predict_batch")


def test_waiting_frames_go_through_predict_batch_together_up_to_max_batch(until: Until) -> None:
    batches = Batches()
    engine = Engine(unused, predict_batch=batches, max_batch=3)
    streams = [engine.open() for _ in range(6)]
    streams[0].offer(frame(0))
    assert batches.started.acquire(timeout=PATIENCE_S)
    for n, stream in enumerate(streams[1:], 1):
        stream.offer(frame(n))
    batches.go.set()
    until(lambda: all(stream.latest() for stream in streams))
    assert batches.sizes == [1, 3, 2]
    assert [latest(stream).value for stream in streams] == [0, 1, 2, 3, 4, 5]
    engine.stop()


def test_a_batch_that_fails_or_answers_too_little_is_an_error_and_the_engine_goes_on(until: Until) -> None:
    answers: list[Any] = [[], ValueError("out of memory"), [7]]

    def predict_batch(frames: Sequence[np.ndarray]) -> list[int]:
        if isinstance(answer := answers.pop(0), Exception):
            raise answer
        return answer

    engine = Engine(unused, predict_batch=predict_batch)
    stream = engine.open()
    errors = []
    for n in (1, 2, 3):
        stream.offer(frame(n))
        until(lambda n=n: answered(stream, n))
        errors.append(latest(stream).error)
    assert errors == ["expected 1 results for a batch of 1, got 0", "out of memory", None]
    assert latest(stream).value == 7
    engine.stop()


def test_a_stream_with_a_predict_of_its_own_uses_it_and_stays_out_of_batches(until: Until) -> None:
    batches = Batches()
    engine = Engine(unused, predict_batch=batches)
    plain, own = engine.open(), engine.open(predict=lambda rgb: f"own {number(rgb)}")
    plain.offer(frame(1))
    assert batches.started.acquire(timeout=PATIENCE_S)
    plain.offer(frame(3))
    own.offer(frame(2))
    batches.go.set()
    until(lambda: answered(own, 1) and answered(plain, 2))
    assert latest(own).value == "own 2"
    assert batches.sizes == [1, 1]
    engine.stop()


def test_max_rate_bounds_the_frames_of_a_stream_that_the_model_sees(model: Model, clock: Clock, until: Until) -> None:
    model.let_all_go()
    engine = Engine(model)
    slow, fast = engine.open(max_rate=2), engine.open()
    for step in range(11):  # ten frames a second for one second
        slow.offer(frame(step))
        fast.offer(frame(100 + step))
        until(lambda step=step: answered(fast, step + 1))
        clock.now += 0.1
    until(lambda: answered(slow, 3))
    assert [n for n in model.seen if n < 100] == [0, 5, 10]
    engine.stop()


def test_a_result_tells_when_its_frame_came_how_long_it_took_and_grows_old(
    engine: Engine, model: Model, clock: Clock, until: Until
) -> None:
    first, second = engine.open(), engine.open()
    first.offer(frame(1))
    model.wait_for_call()
    clock.now += 1
    second.offer(frame(2))
    clock.now += 2
    model.go.release()
    model.wait_for_call()  # the second frame is in hand
    clock.now += 0.5
    model.go.release()
    until(lambda: answered(second, 1))
    assert (latest(first).wait_s, latest(first).infer_s) == (0, 3)
    assert (latest(second).wait_s, latest(second).infer_s) == (2, 0.5)
    assert latest(second).age_s == 2.5
    clock.now += 10
    assert latest(second).age_s == 12.5


def test_the_stats_count_streams_frames_and_results_and_tell_the_age_of_results(
    engine: Engine, model: Model, clock: Clock, until: Until
) -> None:
    idle = engine.stats()
    assert (idle.streams, idle.inferences_per_s, idle.age_p50_s, idle.age_p95_s) == (0, 0, None, None)
    busy, _ = engine.open(), engine.open()
    for n in range(1, 5):
        busy.offer(frame(n))
        model.wait_for_call()
        busy.offer(frame(100))  # replaced by the next
        clock.now += n / 10
        model.go.release()
        model.wait_for_call()
        model.go.release()
        until(lambda n=n: answered(busy, 2 * n))
    stats = engine.stats(window_s=4.0)
    assert stats.streams == 2
    assert [(s["frames"], s["results"]) for s in stats.per_stream] == [(8, 8), (0, 0)]
    assert len({s["id"] for s in stats.per_stream}) == 2
    assert stats.inferences_per_s == 2
    assert stats.age_p50_s == pytest.approx(0.2)
    assert stats.age_p95_s == pytest.approx(0.4)
    clock.now += 3.5
    assert engine.stats(window_s=4.0).inferences_per_s < 2, "what is past the window does not count"
    clock.now += 4
    assert engine.stats(window_s=4.0).age_p50_s is None


def test_frames_that_were_replaced_count_as_frames_and_not_as_results(
    engine: Engine, model: Model, until: Until
) -> None:
    stream = engine.open()
    stream.offer(frame(1))
    model.wait_for_call()
    for n in range(2, 10):
        stream.offer(frame(n))
    model.let_all_go()
    until(lambda: answered(stream, 2))
    assert engine.stats().per_stream == ({"id": stream.id, "frames": 9, "results": 2},)


def test_numbers_can_be_read_while_results_come(until: Until) -> None:
    engine, over, usual = Engine(lambda rgb: time.sleep(1e-4)), threading.Event(), sys.getswitchinterval()
    stream = engine.open()

    def offer() -> None:
        while not over.is_set():
            stream.offer(frame(1))

    offering = threading.Thread(target=offer)
    sys.setswitchinterval(1e-5)
    try:
        offering.start()
        until(lambda: stream.results > 300)  # there is enough to read that a result comes meanwhile
        for _ in range(300):
            assert engine.stats(window_s=1e9).age_p50_s is not None
    finally:
        sys.setswitchinterval(usual)
        over.set()
        offering.join()
        engine.stop()


def test_a_subscriber_gets_each_result_on_the_engines_thread_with_the_frames_size(until: Until) -> None:
    engine, got, names = Engine(number), [], []

    def note(result: Result) -> None:
        got.append(result)
        names.append(threading.current_thread().name)

    stream, other = engine.open(), engine.open()
    stream.subscribe("note", note)
    for n in (1, 2, 3):
        stream.offer(np.full((4, 6, 3), n, np.uint8))
        other.offer(frame(9))
        until(lambda n=n: answered(stream, n) and len(got) == n)
    assert [(result.value, result.number, result.size_wh) for result in got] == [(n, n, (6, 4)) for n in (1, 2, 3)]
    assert latest(stream) is got[-1] and set(names) == {"engine engine"}
    engine.stop()


def test_a_subscriber_takes_the_place_of_the_one_of_its_name_and_can_leave(until: Until) -> None:
    engine, old, new, other = Engine(number), [], [], []
    stream = engine.open()
    stream.subscribe("a", lambda result: old.append(result.value))
    stream.subscribe("a", lambda result: new.append(result.value))
    stream.subscribe("b", lambda result: other.append(result.value))
    stream.offer(frame(1))
    until(lambda: other == [1])
    stream.unsubscribe("a")
    stream.unsubscribe("nobody")
    stream.offer(frame(2))
    until(lambda: other == [1, 2])
    assert (old, new) == ([], [1])
    engine.stop()


def test_a_subscriber_that_fails_harms_nobody_and_is_logged_once(
    until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    engine, got = Engine(number, name="hurt"), []
    stream = engine.open()
    stream.subscribe("bad", lambda result: 1 // 0)
    stream.subscribe("good", lambda result: got.append(result.value))
    with caplog.at_level(logging.ERROR):
        for n in (1, 2, 3):
            stream.offer(frame(n))
            until(lambda n=n: got[-1:] == [n])
    assert len(caplog.records) == 1 and "a subscriber failed" in caplog.text and "ZeroDivisionError" in caplog.text
    engine.stop()


def test_an_error_reaches_the_subscriber_and_a_closed_stream_reaches_nobody(
    engine: Engine, model: Model, until: Until
) -> None:
    got: list[str | None] = []
    stream = engine.open()
    stream.subscribe("note", lambda result: got.append(result.error))
    stream.offer(frame(210))
    model.wait_for_call()
    model.go.release()
    until(lambda: got == ["cannot read medium numbers"])
    stream.offer(frame(1))
    model.wait_for_call()
    stream.close()
    model.go.release()
    until(lambda: answered(stream, 2))
    assert len(got) == 1


def test_an_idle_worker_burns_no_processor_time(until: Until) -> None:
    workers: list[int] = []

    def predict(rgb: np.ndarray) -> int:
        workers.append(threading.get_native_id())
        return 1

    engine = Engine(predict)
    with engine.open() as stream:
        stream.offer(frame(1))
        until(lambda: answered(stream, 1))

        def burnt() -> float:
            return next(t.user_time + t.system_time for t in psutil.Process().threads() if t.id == workers[0])

        before = burnt()
        time.sleep(0.7)  # a busy loop burns most of this, even on a machine with much else to do
        assert burnt() - before < 0.1
    engine.stop()


def test_a_batch_of_less_than_one_frame_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        Engine(number, max_batch=0)
