"""Training on what a visitor gives: on a thread of its own, watched from the page, stopped when asked or forgotten.

`fit(on_step)` is a model's training loop. It calls `on_step(TrainingStep(…))` after every step; when that raises
TrainingStopped, `fit` catches it and returns the model as trained so far.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from models.errors import LimelightError
from models.runtime.background import step_back

log = logging.getLogger(__name__)

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


class Training(Generic[T]):
    """One training of one visitor; `start` it, or let a TrainingQueue do so.

    It stops, and keeps the model as it is then, after `stop`, after `time_limit_s` of running, and when nobody has
    looked for `forget_s`: `history`, `latest`, `samples`, `position` and `touch` are looks. `duty` is the share of
    the time that it trains: it pauses after each step, so that the live demos get their turns on the same cores.
    """

    def __init__(
        self,
        fit: Callable[[Callable[[TrainingStep], None]], T],
        time_limit_s: float = 60.0,
        *,
        forget_s: float = 20.0,
        duty: float = 0.8,
    ) -> None:
        if not 0 < duty <= 1:
            raise ValueError(f"duty must lie above 0 and at most at 1, got {duty}")
        self.time_limit_s, self.forget_s, self.duty = time_limit_s, forget_s, duty
        self.error: str | None = None
        self.result: T | None = None
        self._fit: Callable[[Callable[[TrainingStep], None]], T] | None = fit
        self._queue: TrainingQueue | None = None
        self._lock = threading.Lock()  # guards everything below
        self._state = "waiting"
        self._curve, self._validated = _Curve(HISTORY // 2), _Curve(HISTORY // 2)
        self._samples: deque[tuple[int, str]] = deque(maxlen=HISTORY)
        self._latest: TrainingStep | None = None
        self._looked_at = time.monotonic()
        self._began_at = self._ended_at = self._resumed_at = 0.0
        self._stop_asked = threading.Event()

    @property
    def state(self) -> str:
        """ "waiting", "running", "stopping" (asked to, the step in hand still runs), "done" (there is a `result`) or
        "failed" (there is none, and `error` says why)."""
        with self._lock:
            return "stopping" if self._state == "running" and self._stop_asked.is_set() else self._state

    @property
    def position(self) -> int:
        """Place in line, 1 is next; 0 once running."""
        self.touch()
        return self._queue._position(self) if self._queue else 0

    @property
    def history(self) -> list[TrainingStep]:
        """Steps so far in order, at most HISTORY of them, evenly spaced; without their samples and models. Steps with
        a validation loss are thinned apart from the others, so that few of them survive among many."""
        self.touch()
        with self._lock:
            return sorted(self._curve.steps + self._validated.steps, key=lambda step: step.step)

    @property
    def latest(self) -> TrainingStep | None:
        """The newest step, None before the first."""
        self.touch()
        return self._latest

    @property
    def samples(self) -> list[tuple[int, str]]:
        """What the model wrote on the way: (step, text), the newest HISTORY of them."""
        self.touch()
        with self._lock:
            return list(self._samples)

    @property
    def seconds(self) -> float:
        """Time spent running: 0 while waiting, stands still once ended."""
        with self._lock:
            if self._state == "waiting":
                return 0.0
            return (time.monotonic() if self._state == "running" else self._ended_at) - self._began_at

    def touch(self) -> None:
        """Somebody still looks."""
        self._looked_at = time.monotonic()

    def start(self) -> None:
        """Begin, once; nothing happens when it has begun or was stopped before it could."""
        with self._lock:
            if self._state != "waiting":
                return
            self._state = "running"
            self._began_at = self._resumed_at = time.monotonic()
        threading.Thread(target=self._run, name="training", daemon=True).start()

    def stop(self) -> None:
        """End after the step in hand and keep the model as it is then. Never waits; a second time nothing happens."""
        with self._lock:
            self._stop_asked.set()
            waited = self._state == "waiting"
            if waited:
                self._fail("The training was stopped before it began. Press train to start it again.")
        if waited and self._queue:
            self._queue._leave(self)

    def _forgotten(self) -> bool:
        return time.monotonic() - self._looked_at > self.forget_s

    def _fail(self, error: str) -> None:
        self._state, self.error, self._fit = "failed", error, None

    def _on_step(self, step: TrainingStep) -> None:
        """Called by `fit` on the training's thread. Raises TrainingStopped when it is time to end."""
        worked_s = time.monotonic() - self._resumed_at
        with self._lock:
            self._latest = step
            if step.sample is not None:
                self._samples.append((step.step, step.sample))
            # a model per step would be a memory leak, a sample per step is kept above
            curve = self._curve if step.validation is None else self._validated
            curve.append(replace(step, sample=None, model=None))
        self._end_if_time()
        self._stop_asked.wait(worked_s * (1 / self.duty - 1))
        self._end_if_time()
        self._resumed_at = time.monotonic()

    def _end_if_time(self) -> None:
        over = time.monotonic() - self._began_at >= self.time_limit_s
        if over or self._forgotten():
            self._stop_asked.set()
        if self._stop_asked.is_set():
            raise TrainingStopped

    def _run(self) -> None:
        step_back()
        assert self._fit is not None
        result: T | None = None
        error: str | None = None
        try:
            result = self._fit(self._on_step)
        except TrainingStopped:
            error = "The training was stopped before there was a model. Train a little longer."
        except LimelightError as words:
            error = str(words)
        except BaseException:  # a panic in a library written in Rust is no Exception
            log.exception("training failed")
            error = "Something went wrong on the way. Try again, or with other data."
        with self._lock:
            self._ended_at = time.monotonic()
            if self._latest:
                self._latest = replace(self._latest, model=None)  # the result is the one to keep
            self._state, self.result, self._fit = "done", result, None
            if error is not None:
                self._fail(error)
        if self._queue:
            self._queue._leave(self)


class TrainingQueue:
    """At most `running` trainings at a time in this process, one per visitor, first come first served. Thread-safe."""

    def __init__(self, running: int = 1) -> None:
        if running < 1:
            raise ValueError(f"running must be at least 1, got {running}")
        self._places = running
        self._lock = threading.RLock()  # guards everything below; taken before a training's own lock, never after
        self._running: list[tuple[str, Training[Any]]] = []
        self._waiting: list[tuple[str, Training[Any]]] = []

    def submit(
        self,
        visitor: str,
        fit: Callable[[Callable[[TrainingStep], None]], T],
        time_limit_s: float = 60.0,
        *,
        forget_s: float = 20.0,
        duty: float = 0.8,
    ) -> Training[T]:
        """A training that starts when its turn comes; its time limit counts from then. The visitor's earlier one is
        stopped; if that still waited, the new one takes its place in line."""
        training = Training(fit, time_limit_s, forget_s=forget_s, duty=duty)
        training._queue = self
        with self._lock:
            earlier = [other for owner, other in [*self._running, *self._waiting] if owner == visitor]
            owners = [owner for owner, _ in self._waiting]
            self._waiting.insert(owners.index(visitor) if visitor in owners else len(owners), (visitor, training))
            for other in earlier:
                other.stop()
            self._admit()
        return training

    def _admit(self) -> None:
        """Stop those in line whose visitor left, start the next while there are places; called with the lock held."""
        for _, training in list(self._waiting):
            if training._forgotten():
                training.stop()
        while self._waiting and len(self._running) < self._places:
            self._running.append(self._waiting.pop(0))
            self._running[-1][1].start()

    def _leave(self, training: Training[Any]) -> None:
        with self._lock:
            self._running = [(v, t) for v, t in self._running if t is not training]
            self._waiting = [(v, t) for v, t in self._waiting if t is not training]
            self._admit()

    def _position(self, training: Training[Any]) -> int:
        with self._lock:
            self._admit()
            return next((i for i, (_, t) in enumerate(self._waiting, 1) if t is training), 0)
