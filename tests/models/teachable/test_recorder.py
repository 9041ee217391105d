"""Recorder: samples at the rate that was asked for, in the class that was asked for."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from models.teachable import recorder as recorder_module
from models.teachable.kinds import opened
from models.teachable.project import Project
from models.teachable.recorder import Recorder
from models.teachable.samples import Sample


class Clock:
    """Time that goes by when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(recorder_module.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(recorder_module, "time", type("time", (), {"monotonic": staticmethod(time.monotonic)}))
    return Clock(monkeypatch)


@pytest.fixture
def project() -> Project:
    return Project.fresh()


def picture(level: int) -> np.ndarray:
    return np.full((48, 64, 3), level, np.uint8)


def film(recorder: Recorder, clock: Clock, seconds: float, fps: float = 30, level: int = 0) -> None:
    for _ in range(round(seconds * fps)):
        recorder.offer(picture(level))
        clock.now += 1 / fps


@pytest.mark.parametrize(("rate", "fps"), [(5, 30), (10, 15), (10, 30), (15, 15), (8, 30)])
def test_takes_the_rate_that_was_asked_for(clock: Clock, project: Project, rate: float, fps: float) -> None:
    heard: list[Sample] = []
    recorder = Recorder(project, heard.append)
    recorder.start(project.classes[0].id, rate=rate)
    film(recorder, clock, 10, fps)
    assert len(project.classes[0].samples) == pytest.approx(10 * rate, abs=1)
    assert tuple(heard) == project.classes[0].samples


def test_takes_nothing_before_and_after(clock: Clock, project: Project) -> None:
    recorder = Recorder(project, lambda sample: None)
    film(recorder, clock, 1)
    recorder.start(project.classes[0].id)
    film(recorder, clock, 1)
    recorder.stop()
    film(recorder, clock, 1)
    assert len(project.samples) == 10 and recorder.now is None


def test_each_recording_has_a_name_of_its_own(clock: Clock, project: Project) -> None:
    recorder = Recorder(project, lambda sample: None)
    for one in (project.classes[0], project.classes[0], project.classes[1]):
        recorder.start(one.id, rate=10, seconds=1)
        film(recorder, clock, 2)
    names = [[sample.recording for sample in one.samples] for one in project.classes]
    assert names[0] == [names[0][0]] * 10 + [names[0][10]] * 10 and len({*names[0], *names[1], ""}) == 4


def test_counts_down_then_records_for_so_long(clock: Clock, project: Project) -> None:
    recorder = Recorder(project, lambda sample: None)
    recorder.start(project.classes[0].id, rate=10, seconds=2, delay_s=3)
    film(recorder, clock, 2.5)
    assert not project.samples and recorder.now is not None
    assert recorder.now.countdown_s == pytest.approx(0.5) and recorder.now.left_s == pytest.approx(2)
    film(recorder, clock, 1.5)
    assert recorder.now.countdown_s == 0 and recorder.now.left_s == pytest.approx(1) and recorder.now.taken == 10
    film(recorder, clock, 3)
    assert len(project.samples) == 20 and recorder.now is None


def test_a_gap_in_the_pictures_is_not_caught_up_with(clock: Clock, project: Project) -> None:
    recorder = Recorder(project, lambda sample: None)
    recorder.start(project.classes[0].id, rate=10)
    film(recorder, clock, 1)
    clock.now += 5
    film(recorder, clock, 1)
    assert 20 <= len(project.samples) <= 22


def test_switching_classes_in_the_middle_puts_every_picture_where_it_belongs(
    project: Project, until: Callable[[Callable[[], object]], None]
) -> None:
    """Frames come on another thread, as fast as they can, while classes are switched: no sample in the wrong one."""
    first, second = (one.id for one in project.classes)
    wrong: list[str] = []
    lock, current = threading.Lock(), [first]
    recorder = Recorder(project, lambda sample: None)
    over = threading.Event()

    def frames() -> None:
        while not over.is_set():
            with lock:  # the picture shows which class is recorded while it is taken
                recorder.offer(picture(50 if current[0] == first else 200))

    thread = threading.Thread(target=frames)
    recorder.start(first, rate=60)
    thread.start()
    for class_id in (second, first) * 5:
        before = len(project.samples)
        until(lambda before=before: len(project.samples) > before)
        with lock:
            recorder.start(class_id, rate=60)
            current[0] = class_id
    over.set()
    thread.join()
    for one, level in zip(project.classes, (50, 200), strict=True):
        assert len(one.samples) > 3
        wrong += [s.key for s in one.samples if abs(int(opened(s.jpeg)[100, 100, 0]) - level) > 20]
    assert not wrong


def test_a_full_class_ends_the_recording_and_says_why(
    clock: Clock, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.teachable.classes.MAX_SAMPLES", 5)
    recorder = Recorder(project, lambda sample: None)
    recorder.start(project.classes[0].id)
    film(recorder, clock, 2)
    assert len(project.samples) == 5 and recorder.now is None and "full" in str(recorder.error)


def test_a_class_deleted_meanwhile_ends_it(clock: Clock, project: Project) -> None:
    recorder = Recorder(project, lambda sample: None)
    recorder.start(project.classes[0].id)
    film(recorder, clock, 0.5)
    project.delete_class(project.classes[0].id)
    film(recorder, clock, 0.5)
    assert recorder.now is None and "gone" in str(recorder.error) and not project.samples


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": 61}, {"seconds": 0}, {"delay_s": -1}])
def test_wrong_numbers_are_value_errors(project: Project, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Recorder(project, lambda sample: None).start(project.classes[0].id, **wrong)


def test_each_sample_is_told_once_it_is_in_its_class(clock: Clock, project: Project) -> None:
    recorder, counts = Recorder(project, lambda sample: None), []
    recorder.on_taken = lambda: counts.append(len(project.classes[0].samples))
    recorder.start(project.classes[0].id, rate=10)
    film(recorder, clock, 0.5)
    assert counts == list(range(1, len(project.classes[0].samples) + 1)) and len(counts) >= 5
