"""Training off the page's thread, with hand-made training loops that take a step when the test says so."""

import gc
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError
from itertools import pairwise

import pytest

from models.errors import BadInput
from models.runtime.training import HISTORY, Training, TrainingQueue, TrainingStep, TrainingStopped
from tests.models.runtime.clock import Clock, put_in

PATIENCE_S = 120
FOREVER_S = 1e9
Until = Callable[[Callable[[], object]], None]
OnStep = Callable[[TrainingStep], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return put_in(monkeypatch, "models.runtime.turns", "models.runtime.training", now=100.0)


class Loop:
    """A training loop that takes a step each time the test lets it; its model is the number of steps."""

    def __init__(self) -> None:
        self.go, self.over = threading.Semaphore(0), False
        self.steps = self.asked = 0
        self.began = threading.Event()

    def __call__(self, on_step: OnStep) -> str:
        self.began.set()
        try:
            while True:
                self.asked += 1
                assert self.go.acquire(timeout=PATIENCE_S)
                if self.over:
                    return "the test is over"
                self.steps += 1
                on_step(TrainingStep(self.steps, loss=4 / self.steps, seconds=float(self.steps)))
        except TrainingStopped:
            return f"trained {self.steps} steps"

    def step(self, until: Until) -> None:
        """Take one step, and wait until the loop is back from reporting it."""
        steps = self.steps
        self.go.release()
        until(lambda: self.steps == steps + 1 and self.asked == steps + 2)


@pytest.fixture
def loops() -> Iterator[list[Loop]]:
    loops = [Loop() for _ in range(4)]
    yield loops
    for loop in loops:  # whoever still trains comes to an end
        loop.over = True
        loop.go.release()


def started(loop: Callable[[OnStep], str], time_limit_s: float = FOREVER_S, **options: float) -> Training[str]:
    return TrainingQueue().submit("anna", loop, time_limit_s, **({"duty": 1, "forget_s": FOREVER_S} | options))


def test_stop_ends_after_the_step_in_hand_and_keeps_what_was_trained(loops: list[Loop], until: Until) -> None:
    loop = loops[0]
    training = started(loop)
    for _ in range(3):
        loop.step(until)
    assert (training.state, training.result, training.error) == ("running", None, None)
    training.stop()
    assert training.state == "stopping"
    loop.go.release()  # the step in hand
    until(lambda: training.state == "done")
    assert (training.result, training.error) == ("trained 4 steps", None)
    assert [step.step for step in training.history] == [1, 2, 3, 4]
    training.stop()  # a second time: nothing happens
    assert (training.state, training.result) == ("done", "trained 4 steps")


def test_a_loop_that_comes_to_its_end_is_done(until: Until) -> None:
    training = started(lambda on_step: "all of it")
    until(lambda: training.state == "done")
    assert (training.result, training.latest, training.history) == ("all of it", None, [])


def test_a_training_runs_on_a_thread_of_its_own(until: Until) -> None:
    training = started(lambda on_step: threading.current_thread().name)
    until(lambda: training.state == "done")
    assert training.result != threading.current_thread().name


def test_the_time_limit_ends_it_with_what_was_trained(loops: list[Loop], clock: Clock, until: Until) -> None:
    loop = loops[0]
    training = started(loop, time_limit_s=60)
    clock.now += 59
    loop.step(until)
    assert (training.state, training.seconds) == ("running", 59)
    clock.now += 1
    loop.go.release()
    until(lambda: training.state == "done")
    assert training.result == "trained 2 steps"
    clock.now += 100
    assert training.seconds == 60, "stands still"


def test_a_training_nobody_looks_at_stops_and_keeps_what_was_trained(
    loops: list[Loop], clock: Clock, until: Until
) -> None:
    loop = loops[0]
    training = started(loop, forget_s=20)
    looks: list[Callable[[], object]] = [
        training.touch,
        lambda: training.history,
        lambda: training.latest,
        lambda: training.samples,
        lambda: training.position,
    ]
    for n, look in enumerate(looks):
        look()
        clock.now += 15
        loop.go.release()
        until(lambda n=n: loop.steps == n + 1)
    training.touch()
    loop.step(until)
    assert training.state == "running"
    clock.now += 21
    loop.go.release()
    until(lambda: training.state == "done")
    assert training.result == "trained 7 steps"


def test_words_for_the_visitor_are_shown_and_bugs_are_logged(until: Until, caplog: pytest.LogCaptureFixture) -> None:
    def too_short(on_step: OnStep) -> str:
        raise BadInput("The text has 3 characters. Paste at least 100.")

    def bug(on_step: OnStep) -> str:
        on_step(TrainingStep(1, 4.0, 0.1))
        raise ValueError("tensor of shape (3,)")

    with caplog.at_level(logging.ERROR):
        training = started(too_short)
        until(lambda: training.state == "failed")
        assert (training.error, training.result) == ("The text has 3 characters. Paste at least 100.", None)
        assert not caplog.records
        training = started(bug)
        until(lambda: training.state == "failed")
    assert training.error is not None and "went wrong" in training.error and "tensor" not in training.error
    assert [bool(record.exc_info) for record in caplog.records] == [True]
    assert [step.loss for step in training.history] == [4.0], "the curve until then stays"


def test_a_loop_stopped_before_it_has_a_model_says_so(until: Until) -> None:
    def no_model_yet(on_step: OnStep) -> str:
        while True:
            on_step(TrainingStep(1, 4.0, 0.1))

    training = started(no_model_yet)
    training.stop()
    until(lambda: training.state == "failed")
    assert training.error is not None and "before there was a model" in training.error


@pytest.mark.parametrize("steps", [1, 999, 1000, 1001, 2000, 4003, 20_011])
def test_the_history_is_thinned_evenly(steps: int, until: Until) -> None:
    def fit(on_step: OnStep) -> str:
        for step in range(1, steps + 1):
            on_step(TrainingStep(step, loss=1 / step, seconds=step / 10))
        return "model"

    training = started(fit)
    until(lambda: training.state == "done")
    history = training.history
    assert min(steps, HISTORY // 4) <= len(history) <= HISTORY
    strides = {later.step - earlier.step for earlier, later in pairwise(history)}
    assert len(strides) <= 1
    assert history[0].step == 1 and history[-1].step > steps - max(strides, default=1)
    assert all(step.loss == 1 / step.step for step in history)
    latest = training.latest
    assert latest is not None and latest.step == steps


def test_few_validation_losses_survive_among_many_steps(until: Until) -> None:
    def fit(on_step: OnStep) -> str:
        for step in range(1, 10_001):
            on_step(TrainingStep(step, 2.0, 0.0, validation=step / 10 if step % 250 == 0 else None))
        return "model"

    training = started(fit)
    until(lambda: training.state == "done")
    history = training.history
    assert [step.validation for step in history if step.validation] == [step / 10 for step in range(250, 10_001, 250)]
    assert [step.step for step in history] == sorted(step.step for step in history)
    assert len(history) <= HISTORY


def test_samples_are_kept_with_their_step_and_models_only_with_the_newest(until: Until) -> None:
    shown, go_on = threading.Event(), threading.Event()

    def fit(on_step: OnStep) -> str:
        for step in range(1, 5):
            on_step(
                TrainingStep(step, 2.0, 0.0, sample=f"text {step}" if step % 2 == 0 else None, model=f"model {step}")
            )
        shown.set()
        assert go_on.wait(PATIENCE_S)
        return "the model"

    training = started(fit)
    assert shown.wait(PATIENCE_S)
    assert training.samples == [(2, "text 2"), (4, "text 4")]
    latest = training.latest
    assert latest is not None and (latest.model, latest.sample) == ("model 4", "text 4")
    assert {(step.model, step.sample) for step in training.history} == {(None, None)}
    go_on.set()
    until(lambda: training.state == "done")
    latest = training.latest
    assert latest is not None and latest.model is None, "the result is the one to keep"
    assert training.result == "the model"


def test_a_step_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        TrainingStep(1, 2.0, 0.0).loss = 1.0  # type: ignore[misc]


def test_it_pauses_after_each_step_for_its_share_of_the_time_and_stop_ends_a_pause(clock: Clock, until: Until) -> None:
    second_step = threading.Event()

    def fit(on_step: OnStep) -> str:
        try:
            clock.now += 3600  # an hour of work is followed by an hour's pause at half duty
            on_step(TrainingStep(1, 2.0, 0.0))
            second_step.set()
            on_step(TrainingStep(2, 2.0, 0.0))
        except TrainingStopped:
            pass
        return "model"

    training = started(fit, duty=0.5)
    until(lambda: training.latest)
    assert not second_step.wait(0.2)
    training.stop()
    until(lambda: training.state == "done")
    assert not second_step.is_set() and training.result == "model"


@pytest.mark.parametrize("duty", [0, -1, 1.1])
def test_a_share_of_the_time_lies_between_nothing_and_all_of_it(duty: float) -> None:
    with pytest.raises(ValueError, match="duty"):
        TrainingQueue().submit("anna", lambda on_step: "model", duty=duty)


def submit(queue: TrainingQueue, visitor: str, loop: Loop, limit_s: float = FOREVER_S) -> Training[str]:
    return queue.submit(visitor, loop, limit_s, forget_s=FOREVER_S, duty=1)


def test_trainings_wait_in_line_and_move_up_as_others_end(loops: list[Loop], until: Until) -> None:
    queue = TrainingQueue()
    trainings = [submit(queue, f"visitor {i}", loop) for i, loop in enumerate(loops)]
    until(loops[0].began.is_set)
    assert [training.state for training in trainings] == ["running", "waiting", "waiting", "waiting"]
    assert [training.position for training in trainings] == [0, 1, 2, 3]

    trainings[1].stop()  # leaves the line, never having begun
    assert [training.position for training in trainings] == [0, 0, 1, 2]
    assert (trainings[1].state, trainings[1].result) == ("failed", None)
    assert trainings[1].error is not None and "before it began" in trainings[1].error

    loops[0].step(until)
    trainings[0].stop()
    assert [training.position for training in trainings[2:]] == [1, 2], "the step in hand still runs"
    loops[0].go.release()
    until(lambda: trainings[2].state == "running")
    assert (trainings[0].state, trainings[0].result) == ("done", "trained 2 steps")
    assert [training.position for training in trainings[2:]] == [0, 1]
    assert not loops[1].began.is_set() and not loops[3].began.is_set()


def test_one_that_fails_leaves_its_place_to_the_next(loops: list[Loop], until: Until) -> None:
    queue, fail = TrainingQueue(), threading.Event()

    def fit(on_step: OnStep) -> str:
        assert fail.wait(PATIENCE_S)
        raise BadInput("no")

    failing = queue.submit("anna", fit)
    waiting = submit(queue, "bert", loops[0])
    assert waiting.position == 1
    fail.set()
    until(lambda: waiting.state == "running")
    assert failing.state == "failed"


def test_a_visitor_trains_one_model_and_keeps_a_place_in_line(loops: list[Loop], until: Until) -> None:
    queue = TrainingQueue()
    first = submit(queue, "anna", loops[0])
    again = submit(queue, "anna", loops[1])
    assert (first.state, again.state) == ("stopping", "waiting")
    other = submit(queue, "bert", loops[2])
    once_more = submit(queue, "anna", loops[3])
    assert (again.state, once_more.position, other.position) == ("failed", 1, 2)
    loops[0].go.release()
    until(lambda: once_more.state == "running")
    assert first.result == "trained 1 steps"
    assert other.position == 1 and not loops[1].began.is_set()


def test_the_time_limit_counts_from_the_start_of_running(loops: list[Loop], clock: Clock, until: Until) -> None:
    queue = TrainingQueue()
    first, second = submit(queue, "anna", loops[0]), submit(queue, "bert", loops[1], limit_s=60)
    clock.now += 1000
    assert second.seconds == 0
    first.stop()
    loops[0].go.release()
    until(loops[1].began.is_set)
    clock.now += 50
    loops[1].step(until)
    assert (second.state, second.seconds) == ("running", 50)
    clock.now += 11
    loops[1].go.release()
    until(lambda: second.state == "done")
    assert second.result == "trained 2 steps"


def test_who_leaves_while_in_line_loses_the_place(loops: list[Loop], clock: Clock, until: Until) -> None:
    queue = TrainingQueue()
    running = submit(queue, "anna", loops[0])
    left, also_left, stays = (queue.submit(f"{i}", loops[i], forget_s=20) for i in (1, 2, 3))
    assert stays.position == 3
    clock.now += 15
    assert stays.position == 3
    clock.now += 15
    assert stays.position == 1
    assert left.state == also_left.state == "failed"
    running.stop()
    loops[0].go.release()
    until(loops[3].began.is_set)
    assert not loops[1].began.is_set() and not loops[2].began.is_set()


def test_the_training_loop_is_let_go_of_when_it_has_ended(until: Until) -> None:
    loop = Loop()
    seen = weakref.ref(loop)
    training = started(loop)
    training.stop()
    loop.go.release()
    until(lambda: training.state == "done")
    del loop
    until(lambda: gc.collect() is not None and seen() is None)
    assert training.result == "trained 1 steps"
