"""ReadingQueue: pages are read for all visitors by one worker, a page a turn, round robin between visitors.

A document of thirty pages costs its own visitor thirty rounds, and everybody else one page's time a round.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from models.errors import Cancelled, LimelightError
from models.runtime.aside import Asides, Later, Opening
from models.runtime.turns import Job, Turns

T = TypeVar("T")

_WENT_WRONG = "Something went wrong while this page was read. Try again, or with another picture of it."


@dataclass(frozen=True)
class ReadingQueueStats:
    """Visitors who wait for a turn, pages read since the queue was made (failed ones too, cancelled ones not), and the
    longest time in seconds that a visitor has waited between pages."""

    waiting: int
    pages: int
    longest_wait_s: float


class ReadPage:
    """Passed to the call that reads a page: it reports what it is doing by `stage`, and ends early once `cancel` is
    set; whatever it returns or raises then is dropped."""

    def __init__(self, job: "ReadingJob[Any]", key: str) -> None:
        self.key, self.cancel = key, job._cancel
        self._job, self._words, self._began_at = job, "reading", time.monotonic()

    def aside(self, call: Callable[[], T]) -> T:
        """What `call` returns or raises, made beside the line. If it takes long and others wait, this turn ends here,
        and the page is read from its beginning at its next turn, when `aside` goes on with the same call."""
        return self._job._opening.result(self._job._queue._asides, call, self._others_wait)

    def _others_wait(self) -> bool:
        queue = self._job._queue
        with queue._wake:
            queue._forget()
            if self.cancel.is_set():
                raise Cancelled("Cancelled.")  # nobody is left to read it
            return len(queue._line) > 0

    def stage(self, words: str) -> None:
        """What is being done now, in words for the visitor. Never waits, never raises."""
        with self._job._wake:
            self._words = words
            self._job._queue._forget()  # who left during a long page should not keep others waiting for its end
            self._job._changes += 1
            self._job._wake.notify_all()


class ReadingJob(Job, Generic[T]):
    """One visitor's pages, read in order. Made by `ReadingQueue.submit`. A cancelled one has a `count` below all."""

    _queue: "ReadingQueue"

    def __init__(self, queue: "ReadingQueue", visitor: str, pages: Mapping[str, Callable[[ReadPage], T]]) -> None:
        super().__init__(queue, visitor, queue.forget_s)
        self._pages = deque(pages.items())  # those not begun yet
        self._page: ReadPage | None = None  # the one being read, and the call that reads it
        self._read: Callable[[ReadPage], T] | None = None
        self._opening = Opening()  # of its first page
        self._all = len(pages)
        self._results: dict[str, T] = {}
        self._errors: dict[str, str] = {}
        self._done = not pages
        self._changes = self._seen = 0

    @property
    def results(self) -> dict[str, T]:
        """What the pages' calls returned, by key, of those finished."""
        with self._wake:
            self.touch()
            return dict(self._results)

    @property
    def errors(self) -> dict[str, str]:
        """Why pages could not be read, by key, in words for the visitor."""
        with self._wake:
            self.touch()
            return dict(self._errors)

    @property
    def stage(self) -> tuple[str, str, float] | None:
        """The page being read: its key, what is being done, and seconds since it began. None while none is."""
        with self._wake:
            self.touch()
            if self._done or self._page is None:
                return None
            return self._page.key, self._page._words, time.monotonic() - self._page._began_at

    @property
    def count(self) -> tuple[int, int]:
        """Pages read or failed, and pages in all."""
        with self._wake:
            self.touch()
            return len(self._results) + len(self._errors), self._all

    def wait(self, seconds: float) -> None:
        """Return as soon as there is something to see that was not there when the last `wait` returned (a page, a
        stage, another place in line, the end); at once when done; or when time is up."""
        seen = self._seen
        self._wait_for(lambda: self._done or self._changes != seen, seconds)
        self._seen = self._changes

    def _has_more(self) -> bool:
        return bool(self._pages)

    def _begin_turn(self) -> None:
        key, self._read = self._pages.popleft()
        self._page = ReadPage(self, key)

    def _give_up(self, in_hand: bool) -> None:
        self._pages.clear()  # with the pictures they close over
        self._finish()

    def _end_page(self, result: T, error: str | None, *, later: bool) -> None:
        page, read, self._page, self._read = self._page, self._read, None, None
        if self._done or page is None or read is None:
            return  # cancelled meanwhile: what was there to see stays
        if later:
            self._pages.appendleft((page.key, read))
            return
        if error is None:
            self._results[page.key] = result
        else:
            self._errors[page.key] = error
        self._queue._pages += 1


class ReadingQueue(Turns[ReadingJob[Any]]):
    """Reads one page at a time, for each visitor in turn; a newcomer comes last. Thread-safe."""

    name, work = "reading queue", "reading a page"

    def __init__(self, forget_s: float = 20.0) -> None:
        super().__init__()
        self.forget_s = forget_s
        self._asides = Asides()
        self._pages = 0

    def submit(self, visitor: str, pages: Mapping[str, Callable[[ReadPage], T]]) -> ReadingJob[T]:
        """A new job that reads `pages` in order: a name for each, and the call that reads it, which runs on the
        queue's thread. The visitor's earlier job is cancelled; if it waited, the new one takes its place in line.

        What a call raises goes to the job's `errors`: a LimelightError as it reads, anything else as a general
        sentence (and to the log). The other pages are read all the same.
        """
        job = ReadingJob(self, visitor, pages)
        with self._wake:
            self._put(job)
        return job

    def stats(self) -> ReadingQueueStats:
        """Numbers of this moment and since the queue was made."""
        with self._wake:
            self._forget()
            return ReadingQueueStats(len(self._line), self._pages, self._longest_wait(self._line))

    def _position(self, job: ReadingJob[Any]) -> int:
        own = self._turn is not None and self._turn.visitor == job.visitor
        return super()._position(job) - own if job in self._line else 0

    def _changed(self, job: ReadingJob[Any]) -> None:
        for other in (job, *self._line):
            other._changes += 1
        super()._changed(job)

    def _serve(self, job: ReadingJob[Any]) -> None:
        result: Any = None
        error: str | None = _WENT_WRONG
        later = False
        try:
            assert job._page is not None and job._read is not None
            result, error = job._read(job._page), None
        except Later:
            later = True
        except LimelightError as words:
            error = str(words)
        except BaseException as bug:  # a panic in a library written in Rust is no Exception
            self._log_once(bug)
        finally:  # also where this thread ends
            with self._wake:
                job._end_page(result, error, later=later)
