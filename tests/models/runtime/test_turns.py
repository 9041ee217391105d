"""The line that all queues share, with jobs whose turns end when the test says so."""

import os
import sys
import threading
from collections.abc import Callable

import pytest

from models.runtime.background import NICENESS
from models.runtime.turns import Job, Turns
from tests.models.runtime.clock import Clock, put_in

PATIENCE_S = 120
Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return put_in(monkeypatch, "models.runtime.turns")


class Task(Job):
    """Takes `turns` turns, each until `go`."""

    def __init__(self, tasks: "Tasks", visitor: str, turns: int, does: Callable[[], object]) -> None:
        super().__init__(tasks, visitor, forget_s=20)
        self.left, self.does = turns, does
        self.begun, self.go = threading.Event(), threading.Event()

    def _begin_turn(self) -> None:
        self.left -= 1

    def _has_more(self) -> bool:
        return self.left > 0


class Tasks(Turns[Task]):
    name, work = "tasks", "doing a task"

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []

    def submit(self, visitor: str, turns: int = 1, does: Callable[[], object] = bool) -> Task:
        task = Task(self, visitor, turns, does)
        with self._wake:
            return self._put(task)

    def _serve(self, task: Task) -> None:
        task.begun.set()
        assert task.go.wait(PATIENCE_S)
        self.log.append(task.visitor)
        task.does()


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


def go(*tasks: Task) -> None:
    for task in tasks:
        task.go.set()


def test_first_come_first_served_and_who_needs_more_turns_goes_to_the_end(tasks: Tasks, until: Until) -> None:
    first, second, third = tasks.submit("anna", turns=3), tasks.submit("bo"), tasks.submit("cy", turns=2)
    assert [task.position for task in (first, second, third)] == [0, 1, 2], "anna's turn has come"
    go(first, second, third)
    until(lambda: first.done and second.done and third.done)
    assert tasks.log == ["anna", "bo", "cy", "anna", "cy", "anna"]
    assert [task.position for task in (first, second, third)] == [0, 0, 0]


def test_a_second_job_takes_the_place_of_the_visitors_first(tasks: Tasks, until: Until) -> None:
    door, old, other = tasks.submit("door"), tasks.submit("anna"), tasks.submit("bo")
    new = tasks.submit("anna")
    assert old.done and (new.position, other.position) == (1, 2)
    go(door, new, other)
    until(lambda: other.done)
    assert tasks.log == ["door", "anna", "bo"]


def test_cancelling_one_that_waits_moves_the_others_up(tasks: Tasks, until: Until) -> None:
    door, left, stays = tasks.submit("door"), tasks.submit("anna"), tasks.submit("bo")
    left.cancel()
    left.cancel()
    assert left.done and stays.position == 1
    go(door, stays)
    until(lambda: stays.done)
    assert tasks.log == ["door", "bo"] and not left.begun.is_set()


def test_who_left_is_forgotten_in_line_or_in_hand_and_who_asks_is_not(clock: Clock, until: Until) -> None:
    tasks = Tasks()
    door, left, here = tasks.submit("door"), tasks.submit("anna"), tasks.submit("bo")
    for _ in range(3):
        clock.now += 15
        assert here.position >= 1
    assert left.done and here.position == 1
    assert door._cancel.is_set(), "the one in hand is asked to end as well"
    go(door, here)
    until(lambda: here.done)
    assert not left.begun.is_set()


def test_who_waits_for_something_is_not_forgotten(clock: Clock, until: Until) -> None:
    tasks = Tasks()
    door, here = tasks.submit("door"), tasks.submit("anna")
    waiter = threading.Thread(target=here._wait_for, args=(lambda: here.done, PATIENCE_S), daemon=True)
    waiter.start()
    until(lambda: here._watchers)
    clock.now += 100
    go(door, here)
    waiter.join(PATIENCE_S)
    assert not waiter.is_alive() and tasks.log == ["door", "anna"]


def test_the_longest_wait_counts_those_who_still_wait(clock: Clock, until: Until) -> None:
    tasks = Tasks()
    door, waits = tasks.submit("door"), tasks.submit("anna")
    clock.now += 5
    assert tasks._longest_wait(tasks._line) == 5
    go(door, waits)
    until(lambda: waits.done)
    clock.now += 100
    assert tasks._longest_wait(tasks._line) == 5


def test_stop_cancels_all_and_ends_the_worker(tasks: Tasks) -> None:
    door, waits = tasks.submit("door"), tasks.submit("anna")
    assert door.begun.wait(PATIENCE_S)
    worker = tasks._worker
    tasks.stop()
    assert waits.done and door.done
    go(door)
    assert worker is not None
    worker.join(PATIENCE_S)
    assert not worker.is_alive() and not waits.begun.is_set()


class Panic(BaseException):
    """As a library written in Rust raises it: no Exception."""


def panic() -> None:
    raise Panic


def test_the_worker_survives_whatever_is_raised(tasks: Tasks, until: Until, caplog: pytest.LogCaptureFixture) -> None:
    bad = [tasks.submit(f"{n}", does=panic) for n in range(3)]
    after = tasks.submit("anna")
    worker = tasks._worker
    go(*bad, after)
    until(lambda: after.done)
    assert tasks._worker is worker and all(task.done for task in bad)
    assert len(caplog.records) == 1, "an error of the same kind is logged once"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_worker_is_replaced(tasks: Tasks, until: Until) -> None:
    tasks._log_once = panic  # type: ignore[assignment]  # nothing catches that
    bad, waits = tasks.submit("anna", does=panic), tasks.submit("bo")
    worker = tasks._worker
    go(bad, waits)
    assert worker is not None
    worker.join(PATIENCE_S)
    assert bad.done and not worker.is_alive()
    after = tasks.submit("cy")
    go(after)
    until(lambda: waits.done and after.done)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads have a niceness of their own on Linux only")
def test_the_worker_steps_back_for_pages(tasks: Tasks, until: Until) -> None:
    niceness: list[int] = []
    task = tasks.submit(
        "anna", does=lambda: niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    )
    go(task)
    until(lambda: task.done)
    assert niceness == [min(19, NICENESS)]
