"""Training on a visitor's data: off the page's thread, watched from the page, stopped when asked or forgotten.

`fit(on_step)` is a model's training loop. It calls `on_step(TrainingStep(…))` after every step; when that raises
TrainingStopped, `fit` catches it and returns the model as trained so far.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from models.errors import LimelightError
from models.runtime.turns import Job, Turns

T = TypeVar("T")

HISTORY = 2000
"""Steps kept for the loss curve: more points than a screen has columns."""


class TrainingStopped(Exception):  # not a LimelightError: no visitor sees it
    """Raised by on_step: return the model as trained so far."""


@dataclass(frozen=True)
class TrainingStep:
    """One step of training. `loss` and `validation` are of this step's batch and of held-out data, for text in bits per
    character; `seconds` since training began. `sample` is text the model wrote now, `model` the model as it is now:
    most steps have neither."""

    step: int
    loss: float
    seconds: float
    sample: str | None = None
    validation: float | None = None
    model: Any | None = None


Fit = Callable[[Callable[[TrainingStep], None]], T]
"""A training loop: `fit(on_step)` returns the model."""


class _Curve:
    """Evenly spaced steps, at most `limit`: when full every second one goes, and from then on only every second one
    is taken."""

    def __init__(self, limit: int) -> None:
        self._limit, self._stride, self._seen = limit, 1, 0
        self.steps: list[TrainingStep] = []

    def append(self, step: TrainingStep) -> None:
        if self._seen % self._stride == 0:
            if len(self.steps) == self._limit:
                self.steps = self.steps[::2]
                self._stride *= 2
            if self._seen % self._stride == 0:
                self.steps.append(step)
        self._seen += 1


class Training(Job, Generic[T]):
    """One training of one visitor. Made by `TrainingQueue.submit`.

    It stops, and keeps the model as it is then, after `stop`, after `time_limit_s` of running, and when its visitor has
    left. `duty` is the share of the time that it trains: it pauses after each step, so that the live demos get their
    turns on the same cores.
    """

    _queue: "TrainingQueue"

    def __init__(
        self, queue: "TrainingQueue", visitor: str, fit: Fit[T], time_limit_s: float, forget_s: float, duty: float
    ) -> None:
        if not 0 < duty <= 1:
            raise ValueError(f"duty must lie above 0 and at most at 1, got {duty}")
        super().__init__(queue, visitor, forget_s)
        self.time_limit_s, self.duty = time_limit_s, duty
        self.error: str | None = None
        self.result: T | None = None
        self._fit: Fit[T] | None = fit
        self._curve, self._validated = _Curve(HISTORY // 2), _Curve(HISTORY // 2)
        self._samples: deque[tuple[int, str]] = deque(maxlen=HISTORY)
        self._latest: TrainingStep | None = None
        self._began_at: float | None = None
        self._ended_at = self._resumed_at = 0.0

    @property
    def state(self) -> str:
        """ "waiting", "running", "stopping" (asked to, the step in hand still runs), "done" (there is a `result`) or
        "failed" (there is none, and `error` says why)."""
        with self._wake:
            if self._done:
                return "done" if self.error is None else "failed"
            if self._began_at is None:
                return "waiting"
            return "stopping" if self._cancel.is_set() else "running"

    @property
    def history(self) -> list[TrainingStep]:
        """Steps so far in order, at most HISTORY of them, evenly spaced; without their samples and models. Steps with
        a validation loss are thinned apart from the others, so that few of them survive among many."""
        with self._wake:
            self.touch()
            return sorted(self._curve.steps + self._validated.steps, key=lambda step: step.step)

    @property
    def latest(self) -> TrainingStep | None:
        """The newest step, None before the first."""
        self.touch()
        return self._latest

    @property
    def samples(self) -> list[tuple[int, str]]:
        """What the model wrote on the way: (step, text), the newest HISTORY of them."""
        with self._wake:
            self.touch()
            return list(self._samples)

    @property
    def seconds(self) -> float:
        """Time spent running: 0 while waiting, stands still once ended."""
        with self._wake:
            if self._began_at is None:
                return 0.0
            return (self._ended_at if self._done else time.monotonic()) - self._began_at

    def stop(self) -> None:
        """End after the step in hand and keep the model as it is then. Never waits; a second time nothing happens."""
        self.cancel()

    def _begin_turn(self) -> None:
        self._began_at = self._resumed_at = time.monotonic()

    def _give_up(self, in_hand: bool) -> None:
        if not in_hand:
            self._ended(None, "The training was stopped before it began. Press train to start it again.")

    def _ended(self, result: T | None, error: str | None) -> None:
        self._ended_at = time.monotonic()
        if self._latest:
            self._latest = replace(self._latest, model=None)  # the result is the one to keep
        self.result, self.error, self._fit = result, error, None
        self._finish()

    def _on_step(self, step: TrainingStep) -> None:
        """Called by `fit` on the queue's thread. Raises TrainingStopped when it is time to end."""
        worked_s = time.monotonic() - self._resumed_at
        with self._wake:
            self._latest = step
            if step.sample is not None:
                self._samples.append((step.step, step.sample))
            # a model per step would be a memory leak, a sample per step is saved above
            curve = self._curve if step.validation is None else self._validated
            curve.append(replace(step, sample=None, model=None))
        self._end_if_time()
        self._cancel.wait(worked_s * (1 / self.duty - 1))
        self._end_if_time()
        self._resumed_at = time.monotonic()

    def _end_if_time(self) -> None:
        assert self._began_at is not None
        with self._wake:
            self._queue._forget()
            if time.monotonic() - self._began_at >= self.time_limit_s:
                self._queue._end(self)
        if self._cancel.is_set():
            raise TrainingStopped


class TrainingQueue(Turns[Training[Any]]):
    """One training at a time, one per visitor, first come first served. Thread-safe."""

    name, work = "training", "training"

    def submit(
        self, visitor: str, fit: Fit[T], time_limit_s: float = 60.0, *, forget_s: float = 20.0, duty: float = 0.8
    ) -> Training[T]:
        """A training that starts when its turn comes; its time limit counts from then. The visitor's earlier one is
        stopped; if that still waited, the new one takes its place in line."""
        training = Training(self, visitor, fit, time_limit_s, forget_s, duty)
        with self._wake:
            self._put(training)
        return training

    def _serve(self, training: Training[Any]) -> None:
        assert training._fit is not None
        result: Any = None
        error: str | None = "Something went wrong on the way. Try again, or with other data."
        try:
            result, error = training._fit(training._on_step), None
        except TrainingStopped:
            error = "The training was stopped before there was a model. Train a little longer."
        except LimelightError as words:
            error = str(words)
        except BaseException as bug:  # a panic in a library written in Rust is no Exception
            self._log_once(bug)
        finally:
            with self._wake:
                training._ended(result, error)
