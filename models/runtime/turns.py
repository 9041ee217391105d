"""Turns: the line of visitors who wait for a worker that all of them share.

The line, its one worker thread, and who is forgotten are the same for everybody who waits. Who comes next and what is
done in a turn is a policy: pages (`models/ocr/reading_queue.py`), texts (`models/textgen/queue.py`), trainings
(`models/runtime/training.py`), samples (`models/teachable/intake.py`), video files (`models/pictures/films.py`).

One thread means that a model never runs twice at a time, and that onnxruntime and torch, which make a thread pool for
each thread that calls them, make one.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar

from models.runtime.background import LogOnce, alive, step_back

log = logging.getLogger(__name__)

J = TypeVar("J", bound="Job")


class Job:
    """What one visitor waits for. Made by a queue's `submit`.

    It is cancelled by itself when nobody has asked about it for `forget_s` seconds: to a server, leaving the page looks
    like silence. Any question counts but `done`. Once done nothing in it changes any more.
    """

    def __init__(self, queue: "Turns[Any]", visitor: str, forget_s: float) -> None:
        self.visitor, self.forget_s = visitor, forget_s
        self._queue, self._wake = queue, queue._wake
        self._cancel = threading.Event()
        self._done = False
        self._watchers = 0
        self._touched_at = self._waits_since = time.monotonic()

    @property
    def done(self) -> bool:
        """Whether nothing more will come: it has come to its end, or was cancelled."""
        return self._done

    @property
    def position(self) -> int:
        """How many turns of others come before its own, 1 is next; 0 once its turn has come, and when done."""
        with self._wake:
            self.touch()
            self._queue._forget()  # who left is not counted
            return self._queue._position(self)

    def touch(self) -> None:
        """Somebody is still there."""
        self._touched_at = time.monotonic()

    def cancel(self) -> None:
        """End it and keep what there is. Never waits; a second time nothing happens."""
        with self._wake:
            self._queue._end(self)

    def _wait_for(self, condition: Callable[[], bool], seconds: float) -> None:
        with self._wake:
            self.touch()
            self._watchers += 1  # all the while somebody is there
            self._wake.wait_for(condition, seconds)
            self._watchers -= 1
            self.touch()

    # What follows is called with the lock held, and is the policy's.

    def _is_left(self, now: float) -> bool:
        return not self._watchers and now - self._touched_at > self.forget_s

    def _has_more(self) -> bool:
        """Whether it needs a turn after the one in hand."""
        return False

    def _begin_turn(self) -> None:
        """Its turn has come."""

    def _give_up(self, in_hand: bool) -> None:
        """It was cancelled. `in_hand`: in its turn; then it may go on until it sees that `_cancel` is set."""
        self._finish()

    def _finish(self) -> None:
        self._done = True


class Turns(Generic[J]):
    """A line and its worker. Thread-safe. A policy says what is done in a turn by `_serve`."""

    name: ClassVar[str]  # of the thread
    work: ClassVar[str]  # what fails, in the log
    pause_s: ClassVar[float] = 0.0  # between turns

    def __init__(self) -> None:
        self._wake = threading.Condition()  # guards everything below, and what the jobs publish
        self._line: deque[J] = deque()
        self._turn: J | None = None  # the job in hand; it may have been cancelled meanwhile
        self._worker: threading.Thread | None = None
        self._stopped = False
        self._longest_wait_s = 0.0
        self._log_once = LogOnce(log, self.work)

    def stop(self) -> None:
        """Cancel every job, and end the worker after the turn in hand. It can't be used afterwards."""
        with self._wake:
            self._stopped = True
            for job in self._jobs():
                self._end(job)
            self._wake.notify_all()

    def _serve(self, job: J) -> None:
        """One turn, on the worker's thread, without the lock."""
        raise NotImplementedError

    # What follows is called with the lock held.

    def _next(self) -> J | None:
        """Whose turn comes, taken out of the line."""
        return self._line.popleft() if self._line else None

    def _jobs(self) -> list[J]:
        """All in line and in hand."""
        return [*self._line, *([self._turn] if self._turn is not None else [])]

    def _position(self, job: J) -> int:
        return self._line.index(job) + 1 if job in self._line else 0

    def _changed(self, job: J) -> None:
        """Wake who waits for something of this job, or for a place in line."""
        self._wake.notify_all()

    def _put(self, job: J) -> J:
        """Into the line: at the place of the visitor's earlier job, which is cancelled, or as the last."""
        self._forget()
        earlier = [other for other in self._jobs() if other.visitor == job.visitor]
        place = next((place for place, other in enumerate(self._line) if other in earlier), len(self._line))
        if not job._done and not self._stopped:
            self._line.insert(place, job)
        for other in earlier:
            self._end(other)
        self._start()
        return job

    def _end(self, job: J) -> None:
        if job._done or job._cancel.is_set():
            return
        job._cancel.set()
        if job in self._line:
            self._line.remove(job)
        job._give_up(in_hand=job is self._turn)
        self._changed(job)

    def _forget(self) -> None:
        """Cancel those whose visitor left."""
        now = time.monotonic()
        for job in self._jobs():
            if job._is_left(now):
                self._end(job)

    def _longest_wait(self, ready: Iterable[J]) -> float:
        """Seconds that a job has waited for a turn at most, those that are still `ready` for one included."""
        now = time.monotonic()
        return max([self._longest_wait_s, *(now - job._waits_since for job in ready if job is not self._turn)])

    def _start(self) -> None:
        """Give the worker its next turn, if none is in hand."""
        if self._turn is None:
            self._forget()
        if self._turn is None and (job := self._next()) is not None:
            if not job._done:
                self._longest_wait_s = max(self._longest_wait_s, time.monotonic() - job._waits_since)
            self._turn = job
            job._begin_turn()
            self._changed(job)
        # kept for good: torch gives each thread that calls it a thread pool of its own
        self._worker = alive(self._worker, self._work, self.name)

    def _end_turn(self, job: J) -> None:
        self._turn = None
        if not job._done:
            if job._has_more():
                job._waits_since = time.monotonic()
                self._line.append(job)
            else:
                job._finish()
        self._changed(job)

    # On the worker.

    def _work(self) -> None:
        step_back()
        while self._take_turn():  # a call, so that nothing of the last turn is kept alive by sleeping before the next
            if self.pause_s:
                time.sleep(self.pause_s)

    def _take_turn(self) -> bool:
        """Sleep until there is a turn, and take it; False when there will be no more."""
        with self._wake:
            while (job := self._turn) is None:
                if self._stopped:
                    return False
                self._wake.wait()
        try:
            self._serve(job)
        except BaseException as bug:  # a panic in a library written in Rust is no Exception
            self._log_once(bug)
        finally:  # also where this thread ends
            with self._wake:
                self._end_turn(job)
                self._start()
        return True
