"""Intake: everything that arrives gets its features, in turns, and what can't is told."""

import gc
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.pictures.images import to_jpeg
from models.teachable.intake import MAX_NAMED, Arrival, Intake
from models.teachable.kinds import Kind, sample_jpeg
from models.teachable.project import Project

Until = Callable[[Callable[[], object]], None]


def picture(level: int = 100) -> np.ndarray:
    return np.full((40, 40, 3), level, np.uint8)


def look(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
    """Features that are the picture's brightness; nothing is seen in a black one."""
    return np.full(kind.size, rgb.mean(), np.float32) if rgb.mean() > 10 else None


@pytest.fixture
def project() -> Project:
    return Project.fresh()


def done(intake: Intake, *projects: Project) -> Callable[[], bool]:
    return lambda: not any(intake.waiting(project) for project in projects)


def test_a_recorded_sample_gets_its_features(project: Project, until: Until) -> None:
    intake = Intake(look)
    samples = [project.add(project.classes[0].id, sample_jpeg(project.kind, picture(level))) for level in (60, 200)]
    intake.add(project, samples)
    until(done(intake, project))
    assert [round(float(s.features[0])) for s in samples if s.features is not None] == [60, 200]


def test_a_sample_that_several_projects_share_is_looked_at_once(until: Until) -> None:
    looked_at, all_wait = [], threading.Event()

    def counted(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
        all_wait.wait(60)
        looked_at.append(rgb)
        return look(kind, rgb)

    made = Project.fresh()
    samples = tuple(made.add(made.classes[0].id, sample_jpeg(made.kind, picture(level))) for level in (60, 200))
    classes = [replace(made.classes[0], samples=samples)]
    projects = [Project.restored("pictures", "Room", classes) for _ in range(3)]
    intake = Intake(counted)
    for project in projects:
        intake.add_missing(project)
    all_wait.set()
    until(done(intake, *projects))
    assert len(looked_at) == 2 and all(sample.features is not None for sample in samples)
    until(lambda: all(project.changes > 1 for project in projects))  # each page hears of it


def test_files_become_samples_in_their_order_and_bad_ones_are_named(project: Project, until: Until) -> None:
    intake = Intake(look, max_bytes=100_000)
    one = project.classes[1].id
    files = {"a.jpg": to_jpeg(picture(50)), "note.txt": b"hello", "big.jpg": b"\xff\xd8\xff" * 50_000}
    intake.add(project, [Arrival(one, name, data, "upload-1") for name, data in files.items()])
    intake.add(project, [Arrival("gone", "b.jpg", to_jpeg(picture())), Arrival(one, "c.jpg", to_jpeg(picture(90)))])
    until(done(intake, project))
    levels = [round(float(s.features[0])) for s in project.classes[1].samples if s.features is not None]
    assert levels == [50, 90] and not project.classes[0].samples
    assert [s.recording for s in project.classes[1].samples] == ["upload-1", ""]
    told = intake.take_left_out(project)
    assert len(told) == 3 and "note.txt" in told[0] and "big.jpg" in told[1] and "gone" in told[2]
    assert not intake.take_left_out(project), "told once"


def test_many_bad_files_are_told_in_few_words(project: Project, until: Until) -> None:
    intake = Intake(look)
    intake.add(project, [Arrival(project.classes[0].id, f"{n}.jpg", b"no") for n in range(40)])
    until(done(intake, project))
    told = intake.take_left_out(project)
    assert len(told) == MAX_NAMED + 1 and "35 more" in told[-1]


def test_a_picture_without_what_is_looked_for_goes_again(until: Until) -> None:
    project, intake = Project.fresh("body"), Intake(look)
    seen, dark = (project.add(project.classes[0].id, sample_jpeg(project.kind, picture(level))) for level in (100, 0))
    intake.add(project, [dark, seen])
    intake.add(project, [Arrival(project.classes[0].id, "night.jpg", to_jpeg(picture(0)))])
    until(done(intake, project))
    assert project.classes[0].samples == (seen,) and project.refused == 2
    assert intake.take_left_out(project) == ["In night.jpg a body was not found."]


def test_projects_take_turns(until: Until) -> None:
    begin, order = threading.Event(), []

    def slowly(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
        begin.wait(120)
        order.append(round(float(rgb.mean()), -1))
        return look(kind, rgb)

    intake, large, small = Intake(slowly), Project.fresh(), Project.fresh()
    for project, level, count in ((large, 50, 12), (small, 200, 3)):
        jpeg = sample_jpeg(project.kind, picture(level))
        intake.add(project, [project.add(project.classes[0].id, jpeg) for _ in range(count)])
    assert intake.waiting(large) == 12 and intake.waiting(small) == 3
    begin.set()
    until(done(intake, large, small))
    assert 200 not in order[7:], "three pictures wait for about three of the other project's, not for twelve"


def test_a_failing_model_leaves_a_picture_out_and_the_rest_goes_on(
    project: Project, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    def fails_once(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
        if rgb.mean() < 80:
            raise RuntimeError("bang")
        return look(kind, rgb)

    intake = Intake(fails_once)
    samples = [project.add(project.classes[0].id, sample_jpeg(project.kind, picture(level))) for level in (50, 60, 200)]
    intake.add(project, samples)
    until(done(intake, project))
    assert project.classes[0].samples == (samples[2],)
    assert "went wrong" in intake.take_left_out(project)[0]
    assert len([record for record in caplog.records if "further errors" in record.message]) == 1


def test_cancelling_drops_files_and_keeps_what_was_recorded(project: Project, until: Until) -> None:
    begin = threading.Event()

    def waits(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
        begin.wait(120)
        return look(kind, rgb)

    intake = Intake(waits)
    recorded = project.add(project.classes[0].id, sample_jpeg(project.kind, picture()))
    intake.add(project, [Arrival(project.classes[0].id, f"{n}.jpg", to_jpeg(picture())) for n in range(9)])
    intake.add(project, [recorded])
    assert intake.waiting(project) == 10 and intake.files_waiting(project) in (8, 9)
    intake.cancel(project)
    assert intake.files_waiting(project) == 0
    begin.set()
    until(done(intake, project))
    assert recorded.features is not None and len(project.samples) <= 2


def test_a_project_that_nobody_has_any_more_costs_nothing(until: Until) -> None:
    begin, looked = threading.Event(), []

    def waits(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
        begin.wait(120)
        looked.append(rgb)
        return look(kind, rgb)

    intake, other = Intake(waits), Project.fresh()
    jpeg = sample_jpeg(other.kind, picture())
    intake.add(other, [other.add(other.classes[0].id, jpeg)])
    gone = Project.fresh()
    intake.add(gone, [gone.add(gone.classes[0].id, jpeg) for _ in range(50)])
    del gone
    gc.collect()
    begin.set()
    until(done(intake, other))
    assert len(looked) <= 2
