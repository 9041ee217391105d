"""What takes long to open holds up its own visitor only."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from models.errors import BadImage, Cancelled
from models.ocr.reading_queue import ReadingQueue, ReadPage
from models.pictures.images import to_jpeg
from models.runtime.aside import Asides
from models.teachable.intake import Arrival, Intake
from models.teachable.kinds import Kind
from models.teachable.project import Project

PATIENCE_S = 120
Until = Callable[[Callable[[], object]], None]


class Costly:
    """An opening that takes until `go`."""

    def __init__(self) -> None:
        self.calls, self.go = 0, threading.Event()

    def __call__(self) -> str:
        self.calls += 1
        assert self.go.wait(PATIENCE_S)
        return "opened"


def test_others_read_while_a_costly_page_is_opened(until: Until) -> None:
    queue, costly = ReadingQueue(forget_s=1e6), Costly()
    slow = queue.submit("anna", {"1": lambda page: page.aside(costly), "2": lambda page: page.aside(lambda: "two")})
    others = [queue.submit(visitor, {"1": lambda page: page.aside(lambda: "quick")}) for visitor in ("bo", "cy")]
    until(lambda: all(job.done for job in others))
    assert [job.results for job in others] == [{"1": "quick"}] * 2 and not slow.results
    costly.go.set()
    until(lambda: slow.done)
    assert slow.results == {"1": "opened", "2": "two"} and costly.calls == 1
    assert queue.stats().pages == 4


def test_giving_up_a_costly_page_frees_the_line_at_once(until: Until) -> None:
    queue, costly, ended = ReadingQueue(forget_s=1e6), Costly(), threading.Event()

    def read(page: ReadPage) -> str:
        try:
            return page.aside(costly)
        except Cancelled:
            ended.set()
            raise

    slow = queue.submit("anna", {"1": read})
    until(lambda: costly.calls)
    slow.cancel()
    assert ended.wait(PATIENCE_S)
    after = queue.submit("bo", {"1": lambda _: "read"})
    until(lambda: after.done)
    assert after.results == {"1": "read"}
    costly.go.set()


def test_what_an_opening_raises_is_told(until: Until) -> None:
    def refuse() -> None:
        raise BadImage("Too costly. Save it anew.")

    job = ReadingQueue(forget_s=1e6).submit("anna", {"1": lambda page: page.aside(refuse)})
    until(lambda: job.done)
    assert job.errors == {"1": "Too costly. Save it anew."}


def test_no_more_at_a_time_than_there_are_places(until: Until) -> None:
    asides, costly = Asides(2), [Costly(), Costly()]
    outcomes = [asides.start(call) for call in costly]
    assert asides.start(Costly()) is None
    costly[0].go.set()
    until(lambda: outcomes[0] is not None and outcomes[0].done())
    assert (another := asides.start(lambda: 1)) is not None and another.result() == 1
    costly[1].go.set()


@pytest.fixture
def intake() -> Intake:
    def look(kind: Kind, rgb: np.ndarray) -> np.ndarray:
        return np.full(kind.size, rgb.mean(), np.float32)

    return Intake(look)


def slow_to_open(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> Costly:
    """What has to be let go before the intake opens a file called "slow"."""
    costly, quick = Costly(), intake._open

    def open_it(item: Arrival) -> np.ndarray:
        if item.name == "slow":
            costly()
        return quick(item)

    monkeypatch.setattr(intake, "_open", open_it)
    return costly


def test_others_give_samples_while_a_costly_picture_is_opened(
    intake: Intake, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    costly = slow_to_open(intake, monkeypatch)
    picture = to_jpeg(np.full((40, 40, 3), 90, np.uint8))
    anna, bo = Project.fresh(), Project.fresh()
    for project, names in ((anna, ["slow", "next"]), (bo, ["a", "b"])):
        intake.add(project, [Arrival(project.classes[0].id, name, picture) for name in names])
    until(lambda: not intake.waiting(bo))
    assert len(bo.classes[0].samples) == 2 and not anna.classes[0].samples
    costly.go.set()
    until(lambda: not intake.waiting(anna))
    assert len(anna.classes[0].samples) == 2 and costly.calls == 1


def test_a_cancelled_file_does_not_come_back(intake: Intake, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    costly = slow_to_open(intake, monkeypatch)
    picture = to_jpeg(np.full((40, 40, 3), 90, np.uint8))
    anna, bo = Project.fresh(), Project.fresh()
    intake.add(anna, [Arrival(anna.classes[0].id, "slow", picture)])
    until(lambda: costly.calls)
    intake.cancel(anna)
    intake.add(bo, [Arrival(bo.classes[0].id, "a", picture)])
    until(lambda: not intake.waiting(bo) and not intake.waiting(anna))
    assert bo.classes[0].samples and not anna.classes[0].samples
    costly.go.set()
