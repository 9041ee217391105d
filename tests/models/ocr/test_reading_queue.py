"""The reading queue, with pages that are read when the test says so."""

import dataclasses
import gc
import logging
import threading
import weakref
from collections.abc import Callable

import pytest

from models.errors import BadImage
from models.ocr.reading_queue import ReadingJob, ReadingQueue, ReadPage
from tests.models.runtime.clock import Clock, put_in

PATIENCE_S = 120
FOREVER_S = 1e6
Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return put_in(monkeypatch, "models.runtime.turns", "models.ocr.reading_queue")


class Held:
    """A page that is being read until `go`; it gives back its own name."""

    def __init__(self, name: str = "held") -> None:
        self.name = name
        self.begun, self.go = threading.Event(), threading.Event()
        self.page: ReadPage | None = None

    def __call__(self, page: ReadPage) -> str:
        self.page = page
        self.begun.set()
        assert self.go.wait(PATIENCE_S)
        return self.name

    def wait_until_begun(self) -> ReadPage:
        assert self.begun.wait(PATIENCE_S), "nobody read that page"
        assert self.page is not None
        return self.page


@pytest.fixture
def queue() -> ReadingQueue:
    return ReadingQueue(forget_s=FOREVER_S)


def hold(queue: ReadingQueue, visitor: str = "door") -> Held:
    """Keep the worker busy until `go`, so that a test can say who stands in line."""
    held = Held()
    queue.submit(visitor, {"held": held})
    held.wait_until_begun()
    return held


def written(log: list[str], *names: str) -> dict[str, Callable[[ReadPage], None]]:
    return {name: lambda _page, name=name: log.append(name) for name in names}  # type: ignore[misc]


def test_every_page_is_read_in_order_on_the_one_worker(queue: ReadingQueue, until: Until) -> None:
    readers: list[int | None] = []

    def read(page: ReadPage) -> str:
        readers.append(threading.current_thread().ident)
        return page.key.upper()

    jobs = [queue.submit(f"{i}", {f"page {n}": read for n in range(5)}) for i in range(4)]
    until(lambda: all(job.done for job in jobs))
    for job in jobs:
        assert list(job.results.items()) == [(f"page {n}", f"PAGE {n}") for n in range(5)]
        assert (job.errors, job.count, job.stage, job.position) == ({}, (5, 5), None, 0)
    assert len(set(readers)) == 1 and readers[0] != threading.main_thread().ident
    assert queue.stats().pages == 20 and queue.stats().waiting == 0


def test_a_long_document_lets_others_in_after_each_page(queue: ReadingQueue, until: Until) -> None:
    log: list[str] = []
    door = hold(queue)
    jobs = [
        queue.submit("anna", written(log, *(f"a{n}" for n in range(30)))),
        queue.submit("bo", written(log, "b0", "b1")),
        queue.submit("cem", written(log, "c0")),
    ]
    door.go.set()
    until(lambda: all(job.done for job in jobs))
    assert log == ["a0", "b0", "c0", "a1", "b1", *(f"a{n}" for n in range(2, 30))]


def test_the_position_counts_pages_of_others_until_its_own(queue: ReadingQueue, until: Until) -> None:
    first, second = Held("a0"), Held("b0")
    anna = queue.submit("anna", {"0": first, "1": lambda _: "a1"})
    first.wait_until_begun()
    bo = queue.submit("bo", {"0": second})
    cem = queue.submit("cem", {"0": lambda _: "c0"})
    assert [job.position for job in (anna, bo, cem)] == [0, 1, 2], "anna's page is being read"
    assert queue.stats().waiting == 2
    first.go.set()
    second.wait_until_begun()
    assert [job.position for job in (anna, bo, cem)] == [2, 0, 1], "anna's second page comes after a page of each"
    second.go.set()
    until(lambda: anna.done and cem.done)
    assert [job.position for job in (anna, bo, cem)] == [0, 0, 0]


def test_what_is_being_done_and_for_how_long(clock: Clock, queue: ReadingQueue, until: Until) -> None:
    held = Held()
    job = queue.submit("anna", {"page 7": held})
    page = held.wait_until_begun()
    clock.now += 2
    assert job.stage == ("page 7", "reading", 2.0)
    page.stage("finding lines")
    clock.now += 1
    assert job.stage == ("page 7", "finding lines", 3.0) and job.count == (0, 1)
    held.go.set()
    until(lambda: job.done)
    page.stage("too late")
    assert job.stage is None and job.count == (1, 1)


def test_a_second_job_ends_the_visitors_first_and_keeps_what_was_read(queue: ReadingQueue, until: Until) -> None:
    slow = Held("late")
    first = queue.submit("anna", {"0": lambda _: "quick", "1": slow, "2": lambda _: "never"})
    page = slow.wait_until_begun()
    second = queue.submit("anna", {"0": lambda _: "new"})
    assert first.done and page.cancel.is_set() and first.stage is None
    assert second.position == 0, "nobody else's page comes before"
    slow.go.set()
    until(lambda: second.done)
    assert second.results == {"0": "new"}
    assert first.results == {"0": "quick"} and first.count == (1, 3), "what came after the end is dropped"
    assert queue.stats().pages == 2


def test_an_error_in_words_is_kept_as_it_reads_and_the_other_pages_are_read(
    queue: ReadingQueue, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_page: ReadPage) -> str:
        raise BadImage("Page 2 is empty. Pick another.")

    job = queue.submit("anna", {"1": lambda _: "one", "2": refuse, "3": lambda _: "three"})
    until(lambda: job.done)
    assert job.results == {"1": "one", "3": "three"} and job.errors == {"2": "Page 2 is empty. Pick another."}
    assert job.count == (3, 3) and not caplog.records


def test_a_bug_becomes_a_general_sentence_and_is_logged_once(
    queue: ReadingQueue, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_page: ReadPage) -> str:
        raise IndexError("index 7 is out of bounds")

    with caplog.at_level(logging.ERROR):
        jobs = [queue.submit(visitor, {"1": fail, "2": fail}) for visitor in ("anna", "bo")]
        until(lambda: all(job.done for job in jobs))
    assert "index 7" in caplog.text and len(caplog.records) == 1
    for job in jobs:
        assert set(job.errors) == {"1", "2"} and "index" not in job.errors["1"] and "Try again" in job.errors["1"]


def test_a_page_that_tells_its_stage_learns_that_nobody_looks(clock: Clock) -> None:
    queue = ReadingQueue(forget_s=20)
    held = Held()
    job = queue.submit("anna", {"0": held})
    page = held.wait_until_begun()
    page.stage("finding lines")
    assert not page.cancel.is_set()
    clock.now += 21
    page.stage("reading letters")
    assert page.cancel.is_set() and job.done
    held.go.set()


def waiting_thread(job: ReadingJob[str], returned: threading.Event) -> threading.Thread:
    def wait() -> None:
        job.wait(PATIENCE_S)
        returned.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_wait_returns_when_there_is_something_new(queue: ReadingQueue, until: Until) -> None:
    held = Held()
    job = queue.submit("anna", {"0": held, "1": lambda _: "second"})
    page = held.wait_until_begun()
    job.wait(PATIENCE_S)  # it has begun, which the next wait need not hear of again
    returned = threading.Event()
    thread = waiting_thread(job, returned)
    until(lambda: job._watchers)
    assert not returned.is_set()
    page.stage("finding lines")
    thread.join(PATIENCE_S)
    assert returned.is_set()
    held.go.set()
    while not job.done:
        job.wait(PATIENCE_S)
    assert job.count == (2, 2)
    job.wait(FOREVER_S)  # done: at once


def test_no_pages_is_done_and_ends_the_earlier_job(queue: ReadingQueue) -> None:
    door = hold(queue)
    waiting = queue.submit("anna", {"0": lambda _: 1})
    nothing = queue.submit("anna", {})
    assert nothing.done and nothing.count == (0, 0) and waiting.done and queue.stats().waiting == 0
    nothing.wait(PATIENCE_S)
    door.go.set()


def test_the_longest_wait_counts_those_who_still_wait(clock: Clock, queue: ReadingQueue, until: Until) -> None:
    door = hold(queue)
    job = queue.submit("anna", {"0": lambda _: 1})
    clock.now += 5
    assert queue.stats().longest_wait_s == 5
    door.go.set()
    until(lambda: job.done)
    clock.now += 100
    assert queue.stats().longest_wait_s == 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        queue.stats().pages = 7  # type: ignore[misc]


def test_pictures_go_as_soon_as_their_page_is_read_or_given_up(queue: ReadingQueue, until: Until) -> None:
    class Picture:
        pass

    def reader(held: Held) -> tuple[Callable[[ReadPage], str], "weakref.ref[Picture]"]:
        picture = Picture()

        def read(page: ReadPage, picture: Picture = picture) -> str:
            return held(page)

        return read, weakref.ref(picture)

    first, second = Held("0"), Held("1")
    (read0, picture0), (read1, picture1), (read2, picture2) = reader(first), reader(second), reader(Held())
    job = queue.submit("anna", {"0": read0, "1": read1, "2": read2})
    del read0, read1, read2
    first.wait_until_begun()
    first.go.set()
    second.wait_until_begun()
    gc.collect()
    assert picture0() is None and picture1() is not None and picture2() is not None
    job.cancel()
    gc.collect()
    assert picture2() is None
    second.go.set()
    until(lambda: picture1() is None)
    assert job.results == {"0": "0"}
