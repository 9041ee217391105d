"""ReadingQueue: pages are read for all visitors by one worker, a page a turn, round robin between visitors.

A document of thirty pages costs its own visitor thirty rounds, and everybody else one page's time a round. One kept
thread also means that no reader runs twice at a time, and that onnxruntime and torch, which make a thread pool for
each thread that calls them, make one.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from models.errors import Cancelled, LimelightError
from models.runtime.aside import Asides, Later, Opening
from models.runtime.background import alive, step_back

log = logging.getLogger(__name__)

T = TypeVar("T")

_Outcome = tuple[Any, str | None, bool]  # result, or words for the visitor, or whether it needs another turn
_WENT_WRONG = "Something went wrong while this page was read. Try again, or with another picture of it."


@dataclass(frozen=True)
class ReadingQueueStats:
    """Visitors who wait for a turn, pages read since the queue was made (failed ones too, given up ones not), and the
    longest time in seconds that a visitor has waited between pages."""

    waiting: int
    pages: int
    longest_wait_s: float


class ReadPage:
    """Handed to the call that reads a page: it tells what it is doing by `stage`, and ends early once `cancel` is set;
    whatever it returns or raises then is dropped."""

    def __init__(self, job: "Job[Any]", key: str) -> None:
        self.key, self.cancel = key, job._cancel
        self._job, self._words, self._began_at = job, "reading", time.monotonic()

    def aside(self, call: Callable[[], T]) -> T:
        """What `call` returns or raises, made beside the line. If it takes long and others wait, this turn ends here,
        and the page is read from its beginning at its next turn, when `aside` goes on with the same call."""
        return self._job._opening.result(self._job._queue._asides, call, self._others_wait)

    def _others_wait(self) -> bool:
        with self._job._wake:
            self._job._queue._forget()
            if self.cancel.is_set():
                raise Cancelled("Cancelled.")  # nobody is left to read it
            return len(self._job._queue._line) > 0

    def stage(self, words: str) -> None:
        """What is being done now, in words for the visitor. Never waits, never raises."""
        with self._job._wake:
            self._words = words
            self._job._queue._forget()  # who left during a long page should not keep others waiting for its end
            self._job._queue._tell(self._job)


class Job(Generic[T]):
    """One visitor's pages, read in order. Made by `ReadingQueue.submit`.

    It is cancelled by itself when nobody has looked for `forget_s`: everything but `done` and `cancel` is a look.
    Once done nothing in it changes any more; a cancelled one has a `count` below all.
    """

    def __init__(self, queue: "ReadingQueue", visitor: str, pages: Mapping[str, Callable[[ReadPage], T]]) -> None:
        self.visitor = visitor
        self._queue, self._wake = queue, queue._wake
        self._pages = deque(pages.items())  # those not begun yet
        self._page: ReadPage | None = None  # the one being read
        self._opening = Opening()  # of its first page
        self._all = len(pages)
        self._results: dict[str, T] = {}
        self._errors: dict[str, str] = {}
        self._cancel = threading.Event()
        self._done = not pages
        self._changes = self._seen = 0
        self._looked_at = self._waits_since = time.monotonic()
        self._watchers = 0

    @property
    def position(self) -> int:
        """How many pages of other visitors come before this one's next page; 0 while a page of its own is being read,
        and when done."""
        with self._wake:
            self._look()
            self._queue._forget()  # who left is not counted
            return self._queue._position(self)

    @property
    def done(self) -> bool:
        """Whether nothing more will come: every page was read or failed, or the job was cancelled."""
        return self._done

    @property
    def results(self) -> dict[str, T]:
        """What the pages' calls returned, by key, of those finished."""
        with self._wake:
            self._look()
            return dict(self._results)

    @property
    def errors(self) -> dict[str, str]:
        """Why pages could not be read, by key, in words for the visitor."""
        with self._wake:
            self._look()
            return dict(self._errors)

    @property
    def stage(self) -> tuple[str, str, float] | None:
        """The page being read: its key, what is being done, and seconds since it began. None while none is."""
        with self._wake:
            self._look()
            if self._done or self._page is None:
                return None
            return self._page.key, self._page._words, time.monotonic() - self._page._began_at

    @property
    def count(self) -> tuple[int, int]:
        """Pages read or failed, and pages in all."""
        with self._wake:
            self._look()
            return len(self._results) + len(self._errors), self._all

    def cancel(self) -> None:
        """End it now and keep what was read. Never waits; a second time nothing happens."""
        with self._wake:
            self._queue._end(self)

    def wait(self, seconds: float) -> None:
        """Return as soon as there is something to see that was not there when the last `wait` returned (a page, a
        stage, another place in line, the end); at once when done; or when time is up."""
        with self._wake:
            seen = self._seen
            self._watchers += 1  # all the while somebody looks
            self._wake.wait_for(lambda: self._done or self._changes != seen, seconds)
            self._watchers -= 1
            self._seen = self._changes
            self._look()

    def _look(self) -> None:
        self._looked_at = time.monotonic()


class ReadingQueue:
    """Reads one page at a time, for each visitor in turn; a newcomer comes last. Thread-safe.

    `forget_s` is how long a job goes on that nobody looks at: to a server, leaving the page looks like silence.
    """

    def __init__(self, forget_s: float = 20.0) -> None:
        self.forget_s = forget_s
        self._wake = threading.Condition()  # guards everything below, and what the jobs publish
        self._line: deque[Job[Any]] = deque()  # who waits for a turn: one job a visitor, each with pages left
        self._turn: Job[Any] | None = None  # whose page is being read; may have been cancelled meanwhile
        self._worker: threading.Thread | None = None
        self._asides = Asides()
        self._stopped = False
        self._pages = 0
        self._longest_wait_s = 0.0
        self._logged: set[tuple[type[BaseException], str]] = set()

    def submit(self, visitor: str, pages: Mapping[str, Callable[[ReadPage], T]]) -> Job[T]:
        """A new job that reads `pages` in order: a name for each, and the call that reads it, which runs on the
        queue's thread. The visitor's earlier job is cancelled; if it waited, the new one takes its place in line.

        What a call raises goes to the job's `errors`: a LimelightError as it reads, anything else as a general
        sentence (and to the log). The other pages are read all the same.
        """
        job = Job(self, visitor, pages)
        with self._wake:
            self._forget()
            places = [place for place, other in enumerate(self._line) if other.visitor == visitor]
            earlier = [other for other in (*self._line, self._turn) if other is not None and other.visitor == visitor]
            if pages:
                self._line.insert(places[0] if places else len(self._line), job)
            for other in earlier:
                self._end(other)
            self._worker = alive(self._worker, self._work, "reading queue")
            self._wake.notify_all()
        return job

    def stop(self) -> None:
        """Give up every job and end the worker after the page in hand. The queue can't be used afterwards."""
        with self._wake:
            self._stopped = True
            for job in (*self._line, self._turn):
                if job is not None:
                    self._end(job)
            self._wake.notify_all()

    def stats(self) -> ReadingQueueStats:
        """Numbers of this moment and since the queue was made."""
        now = time.monotonic()
        with self._wake:
            self._forget()
            longest = max([self._longest_wait_s, *(now - job._waits_since for job in self._line)])
            return ReadingQueueStats(len(self._line), self._pages, longest)

    def _position(self, job: Job[Any]) -> int:
        if job not in self._line:
            return 0
        return self._line.index(job) + (self._turn is not None and self._turn.visitor != job.visitor)

    def _forget(self) -> None:
        """End those that nobody looks at; called with the lock held."""
        now = time.monotonic()
        for job in (*self._line, self._turn):
            if job is not None and not job._watchers and now - job._looked_at > self.forget_s:
                self._end(job)

    def _end(self, job: Job[Any]) -> None:
        """Give a job up, whatever it was doing; called with the lock held."""
        if job._done:
            return
        job._done = True
        job._cancel.set()
        job._pages.clear()  # with the pictures they close over
        if job in self._line:
            self._line.remove(job)
        self._tell(job, *self._line)

    def _tell(self, *jobs: Job[Any]) -> None:
        """Wake who waits for a change of these; called with the lock held."""
        for job in jobs:
            job._changes += 1
        self._wake.notify_all()

    def _work(self) -> None:
        step_back()
        while not self._stopped:
            self._take_turn()  # a call, so that nothing of the last page is kept alive by sleeping before the next

    def _take_turn(self) -> None:
        """On the worker: sleep until somebody waits, and read one page of who waits first."""
        with self._wake:
            self._forget()
            while not self._line:
                if self._stopped:
                    return
                self._wake.wait()
                self._forget()
            self._turn = job = self._line.popleft()
            self._longest_wait_s = max(self._longest_wait_s, time.monotonic() - job._waits_since)
            key, read = job._pages.popleft()
            job._page = page = ReadPage(job, key)
            self._tell(job, *self._line)
        outcome: _Outcome = None, _WENT_WRONG, False
        try:
            outcome = self._read(read, page)
        finally:  # also where this thread ends
            self._end_turn(job, (key, read), *outcome)

    def _end_turn(self, job: Job[Any], page: tuple[str, Any], result: Any, error: str | None, later: bool) -> None:
        """Keep what came of a job's page; it then waits for its next turn, if it has pages left."""
        with self._wake:
            self._turn = job._page = None
            if job._done:  # cancelled meanwhile: what was there to see stays
                self._tell(*self._line)
                return
            if later:
                job._pages.appendleft(page)
            elif error is None:
                job._results[page[0]] = result
            else:
                job._errors[page[0]] = error
            self._pages += not later
            if job._pages:
                job._waits_since = time.monotonic()
                self._line.append(job)
            else:
                job._done = True
            self._tell(job, *self._line)

    def _read(self, read: Callable[[ReadPage], Any], page: ReadPage) -> _Outcome:
        try:
            return read(page), None, False
        except Later:
            return None, None, True
        except LimelightError as words:
            return None, str(words), False
        except BaseException as bug:  # a panic in a library written in Rust is no Exception
            self._log_once(bug)
            return None, _WENT_WRONG, False

    def _log_once(self, bug: BaseException) -> None:
        kind = (type(bug), str(bug)[:80])
        if kind not in self._logged and len(self._logged) < 100:
            self._logged.add(kind)
            log.error("reading a page failed; further errors like it are not logged", exc_info=bug)
