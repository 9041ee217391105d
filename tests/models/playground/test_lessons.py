"""Lessons: several learn in turns, each at its pace; they end when told, forgotten or diverged."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from models.playground import lessons
from models.playground.learner import Learner, Snapshot
from models.playground.lessons import Lessons
from models.playground.network import Spec
from models.playground.points import make, split

Until = Callable[[Callable[[], Any]], None]


@pytest.fixture
def line() -> Iterator[Lessons]:
    made = Lessons()
    yield made
    made.stop()


def learner(**more: Any) -> Learner:
    return Learner(Spec(**more), *split(make("circles", count=100, noise=0.1, seed=1), 0.5, 1))


def test_all_learn_and_are_shown_and_none_runs_ahead(line: Lessons, until: Until) -> None:
    shown: dict[str, list[Snapshot]] = {name: [] for name in "abc"}
    begun = {name: line.begin(name, learner(), shown[name].append, epochs_per_s=50) for name in shown}
    until(lambda: min(len(some) for some in shown.values()) >= 4)
    epochs = [lesson.learner.epoch for lesson in begun.values()]
    assert min(epochs) > 0 and max(epochs) < 4 * min(epochs) + 20
    assert all(some[0].epoch <= some[-1].epoch for some in shown.values())
    begun["a"].cancel()
    until(lambda: begun["a"].done)
    at = len(shown["b"])
    until(lambda: len(shown["b"]) > at)


def test_the_pace_is_kept(line: Lessons, until: Until) -> None:
    slow, quick = learner(), learner()
    line.begin("slow", slow, lambda seen: None, epochs_per_s=2)
    line.begin("quick", quick, lambda seen: None, epochs_per_s=60)
    until(lambda: quick.epoch >= 30)
    assert slow.epoch < quick.epoch / 4


def test_a_visitors_next_lesson_takes_the_place_of_the_one_before(line: Lessons, until: Until) -> None:
    first = line.begin("a", learner(), lambda seen: None)
    line.begin("a", learner(), lambda seen: None)
    until(lambda: first.done)


def test_what_diverges_is_shown_and_ends(line: Lessons, until: Until) -> None:
    points = make("curve: sine", count=100, noise=0, seed=1)
    wild = Learner(Spec(hidden=(8,), activation="ReLU", optimiser="SGD", rate=10.0), *split(points, 0.5, 1))
    shown: list[Snapshot] = []
    lesson = line.begin("a", wild, shown.append, epochs_per_s=1000)
    until(lambda: lesson.done)
    assert shown[-1].problem


def test_who_left_is_forgotten(line: Lessons, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "FORGET_S", 0.1)
    gone = line.begin("a", learner(), lambda seen: None, epochs_per_s=1000)
    until(lambda: gone.done)


def test_whoever_looks_does_not_see_half_a_step(line: Lessons, until: Until) -> None:
    own, seen = learner(), threading.Event()
    line.begin("a", own, lambda snapshot: seen.set(), epochs_per_s=1000)
    until(seen.is_set)
    for _ in range(20):
        with own.lock:
            steps = own.step_count
            own.snapshot()
            assert own.step_count == steps
