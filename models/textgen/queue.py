"""GenerationQueue: several visitors generate at once with shared models, and everybody gets the same time.

One worker thread gives turns of about `slice_s`, round robin among those generations that have not had a slice more
than others, and within a turn to the column that has had the least time: fair in seconds, not in tokens, so a slow
model costs its own visitor and nobody else (deficit round robin, Shreedhar and Varghese 1996). One thread also means
that a model's `stream` never runs twice at the same time, and that iterators are made, advanced and closed in one
place.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from models.errors import LimelightError
from models.runtime.background import alive, step_back

log = logging.getLogger(__name__)

Write = Callable[[], Iterator[str]]
"""Makes the iterator of a continuation, such as `lambda: model.stream(prompt)`. Called on the queue's thread."""

MOST_CHARGED_S = 1.0
"""A turn is charged at most this, or who reads one very long prompt would pause for as long again per visitor."""

PAUSE_S = 0.001
"""Between turns. The iterators may be pure Python, and a thread that answers a browser gets the interpreter lock far
sooner while we sleep than by asking for it: a small script run took 1 ms instead of 6 (p95), at no loss of tokens."""


@dataclass(frozen=True)
class Column:
    """What one model has written so far; never changes, a later look gives a later one.

    `seconds` were spent inside this model, its prompt included, so tokens / seconds is the model's own speed;
    `first_token_s` counts from the press. `error` is in words for the visitor; what was written before it stays.
    """

    text: str = ""
    tokens: int = 0
    seconds: float = 0.0
    first_token_s: float | None = None
    done: bool = False
    error: str | None = None


@dataclass(frozen=True)
class QueueStats:
    """Generations now running and waiting, tokens since the queue was made, and the longest time in seconds that a
    running generation has waited for a turn."""

    running: int
    waiting: int
    tokens: int
    longest_wait_s: float


class _Writer:
    """A column's iterator and the time it was charged. Touched by the worker alone."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._pieces: Iterator[str] | None = None
        self.charged_s = 0.0

    def step(self) -> str:
        """The next piece; the first call reads the prompt. Raises StopIteration at the end of the text."""
        if self._pieces is None:
            self._pieces = iter(self._write())
        return next(self._pieces)

    def close(self) -> None:
        close = getattr(self._pieces, "close", None)  # a generator has one, a plain iterator need not
        self._pieces = None
        if close is not None:
            try:
                close()
            except BaseException:  # as below
                log.exception("closing a generation failed")


class Generation:
    """One visitor's generation: a column of text for each model. Made by `GenerationQueue.submit`.

    It is cancelled by itself when nobody has looked for `forget_s`: `columns`, `position`, `wait` and `touch` are
    looks. Once done nothing in it changes any more.
    """

    def __init__(self, queue: "GenerationQueue", visitor: str, writes: Mapping[str, Write]) -> None:
        self.visitor = visitor
        self._queue, self._wake = queue, queue._wake
        self._writers = {name: _Writer(write) for name, write in writes.items()}
        self._columns = {name: Column() for name in writes}
        self._submitted_at = self._looked_at = self._waits_since = time.monotonic()
        self._watchers = 0
        self._charged_s = 0.0
        self._turn = -1  # number of its last turn; who never had one comes first
        self._done = False

    @property
    def position(self) -> int:
        """Place in line, 1 is next; 0 while running or done."""
        with self._wake:
            self._looked_at = time.monotonic()
            return self._queue._waiting.index(self) + 1 if self in self._queue._waiting else 0

    @property
    def columns(self) -> dict[str, Column]:
        """What each model has written so far, by name."""
        with self._wake:
            self._looked_at = time.monotonic()
            return dict(self._columns)

    @property
    def done(self) -> bool:
        """Whether nothing more will come: every column has ended, or the generation was cancelled."""
        return self._done

    def touch(self) -> None:
        """Somebody still looks."""
        self._looked_at = time.monotonic()

    def cancel(self) -> None:
        """End it now and keep what was written. Never waits; a second time nothing happens."""
        with self._wake:
            self._queue._end(self)

    def wait(self, seconds: float) -> None:
        """Return as soon as a column has its first token or is done, at once while in line; or when time is up."""
        with self._wake:
            deadline = time.monotonic() + seconds
            self._watchers += 1  # all the while somebody looks
            while not self._has_begun() and self not in self._queue._waiting:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._wake.wait(left)
            self._watchers -= 1
            self._looked_at = time.monotonic()

    def _has_begun(self) -> bool:
        return any(column.tokens or column.done for column in self._columns.values())

    def _unfinished(self) -> list[str]:
        return [name for name, column in self._columns.items() if not column.done]


class GenerationQueue:
    """Takes turns among at most `running` generations, one per visitor; further ones wait in order of arrival.

    Thread-safe. `slice_s` is the length of a turn in seconds (at least one token), `forget_s` how long a generation
    goes on that nobody looks at: to a server, leaving the page looks like silence.
    """

    def __init__(self, running: int = 8, slice_s: float = 0.02, forget_s: float = 4.0) -> None:
        if running < 1:
            raise ValueError(f"running must be at least 1, got {running}")
        self.slice_s, self.forget_s = slice_s, forget_s
        self._places = running
        self._wake = threading.Condition()  # guards everything below, and what the generations publish
        self._running: list[Generation] = []
        self._waiting: deque[Generation] = deque()
        self._closing: list[Generation] = []  # ended, but their iterators are still open: the worker closes them
        self._turn: Generation | None = None  # whose turn it is
        self._worker: threading.Thread | None = None
        self._stopped = False
        self._turns = self._tokens = 0
        self._longest_wait_s = 0.0

    def submit(self, visitor: str, writes: Mapping[str, Write]) -> Generation:
        """A new generation with a column for each of `writes`. The visitor's earlier one is cancelled; if that still
        waited, the new one takes its place in line."""
        generation = Generation(self, visitor, writes)
        with self._wake:
            for place, other in enumerate(self._waiting):
                if other.visitor == visitor:
                    self._waiting[place] = generation
                    self._end(other)
                    break
            else:
                self._waiting.append(generation)
                for other in [g for g in self._running if g.visitor == visitor]:
                    self._end(other)
            self._admit()
            # kept for good: torch gives each thread that calls it a thread pool of its own
            self._worker = alive(self._worker, self._work, "generation queue")
            self._wake.notify_all()
        return generation

    def stop(self) -> None:
        """End every generation, and the worker after the turn in hand. The queue can't be used afterwards."""
        with self._wake:
            self._stopped = True
            for generation in [*self._waiting, *self._running]:
                self._end(generation)
            self._wake.notify_all()

    def stats(self) -> QueueStats:
        """Numbers of this moment and since the queue was made."""
        now = time.monotonic()
        with self._wake:
            longest = max([self._longest_wait_s, *(now - g._waits_since for g in self._running if g is not self._turn)])
            return QueueStats(len(self._running), len(self._waiting), self._tokens, longest)

    def _admit(self) -> None:
        """Let those who wait run while there are places; called with the lock held."""
        while self._waiting and len(self._running) < self._places:
            generation = self._waiting.popleft()
            # level with who had least: a newcomer's turn is next, and it owes nothing for the time before it came
            generation._charged_s = min((g._charged_s for g in self._running), default=0.0)
            generation._waits_since = time.monotonic()
            self._running.append(generation)

    def _end(self, generation: Generation) -> None:
        """Take a generation out, whatever it was doing; called with the lock held."""
        if generation._done:
            return
        generation._done = True
        generation._columns = {name: replace(column, done=True) for name, column in generation._columns.items()}
        if generation in self._running:
            self._running.remove(generation)
            self._closing.append(generation)
        else:
            if generation in self._waiting:
                self._waiting.remove(generation)
            generation._writers.clear()  # the worker has not met it
        self._admit()
        self._wake.notify_all()

    def _work(self) -> None:
        step_back()
        while not self._stopped or self._closing:
            self._take_turn()  # a call, so that nothing of the last turn is kept alive by sleeping in the next
            time.sleep(PAUSE_S)

    def _take_turn(self) -> None:
        """On the worker: sleep until there is something to do, close what has ended, and give one turn."""
        with self._wake:
            while not self._running and not self._closing:
                if self._stopped:
                    return
                self._wake.wait()
            began = time.monotonic()
            for generation in [*self._running, *self._waiting]:
                if not generation._watchers and began - generation._looked_at > self.forget_s:
                    self._end(generation)
            closing, self._closing = self._closing, []
            self._turn = turn = self._next()
            if turn is not None:
                self._longest_wait_s = max(self._longest_wait_s, began - turn._waits_since)
                self._turns += 1
                turn._turn = self._turns
        for generation in closing:
            for writer in generation._writers.values():
                writer.close()
            generation._writers.clear()  # what they close over: the model, the prompt
        if turn is not None:
            self._advance(turn)

    def _next(self) -> Generation | None:
        """Who has gone without a turn for longest, of those that have not had more time than others."""
        least_s = min((generation._charged_s for generation in self._running), default=0.0)
        fair = (generation for generation in self._running if generation._charged_s <= least_s + self.slice_s)
        return min(fair, key=lambda generation: generation._turn, default=None)

    def _advance(self, generation: Generation) -> None:
        """Give a turn of `slice_s` to a generation, in equal slices to its columns."""
        began = now = time.monotonic()
        until = began + self.slice_s
        while names := generation._unfinished():
            name = min(names, key=lambda name: generation._writers[name].charged_s)
            self._write(generation, name, until=min(until, now + self.slice_s / len(names)))
            now = time.monotonic()
            if now >= until:
                break
        with self._wake:
            generation._charged_s += min(now - began, MOST_CHARGED_S)
            generation._waits_since = now
            self._turn = None
            if not generation._unfinished():
                self._end(generation)

    def _write(self, generation: Generation, name: str, until: float) -> None:
        """Let one column write: at least a token, its first one alone so that it is seen at once."""
        writer, column = generation._writers[name], generation._columns[name]
        pieces: list[str] = []
        done, error = False, None
        began = now = time.monotonic()
        try:
            while not pieces or (now < until and column.tokens and not generation._done):
                pieces.append(writer.step())
                now = time.monotonic()
        except StopIteration:
            done = True
        except LimelightError as words:
            done, error = True, str(words)
        except BaseException:  # a panic in Rust, where tokenizers are written, is no Exception
            log.exception("%s failed while it wrote", name)
            done, error = True, f"Something in {name} went wrong while it wrote. Try again, or choose another model."
        now = time.monotonic()
        writer.charged_s += min(now - began, MOST_CHARGED_S)
        if done:
            writer.close()
        with self._wake:
            self._tokens += len(pieces)
            if generation._done:
                return  # cancelled meanwhile: what was seen last stays
            first_s = column.first_token_s
            if pieces and first_s is None:
                first_s = now - generation._submitted_at
            generation._columns[name] = Column(
                column.text + "".join(pieces),
                column.tokens + len(pieces),
                column.seconds + now - began,
                first_s,
                done,
                error,
            )
            if done or not column.tokens:
                self._wake.notify_all()  # somebody may wait for first tokens
