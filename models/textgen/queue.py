"""GenerationQueue: several visitors generate at once with shared models, and everybody gets the same time.

Turns take about `slice_s`. The next one goes, round robin, to one of those generations that have not had a slice more
than others, and within a turn to the column that has had the least time: fair in seconds, not in tokens, so a slow
model costs its own visitor and nobody else (deficit round robin, Shreedhar and Varghese 1996). One thread makes,
advances and closes all iterators.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from models.errors import LimelightError
from models.runtime.turns import Job, Turns

Write = Callable[[], Iterator[str]]
"""Makes the iterator of a continuation, such as `lambda: model.stream(prompt)`. Called on the queue's thread."""

MAX_CHARGED_S = 1.0
"""A turn is charged at most this, or who reads one very long prompt would pause for as long again per visitor."""

PAUSE_S = 0.001
"""Between turns. The iterators may be pure Python, and a thread that answers a browser gets the interpreter lock far
sooner while we sleep than by asking for it: a small script run took 1 ms instead of 6 (p95), at no loss of tokens."""


@dataclass(frozen=True)
class Column:
    """What one model has written so far; never changes, a later question gives a later one.

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
            close()


class Generation(Job):
    """One visitor's generation: a column of text for each model. Made by `GenerationQueue.submit`."""

    _queue: "GenerationQueue"

    def __init__(self, queue: "GenerationQueue", visitor: str, writes: Mapping[str, Write]) -> None:
        super().__init__(queue, visitor, queue.forget_s)
        self._writers = {name: _Writer(write) for name, write in writes.items()}
        self._columns = {name: Column() for name in writes}
        self._submitted_at = self._touched_at
        self._charged_s = 0.0
        self._last_turn = -1  # its number; who never had one comes first

    @property
    def columns(self) -> dict[str, Column]:
        """What each model has written so far, by name."""
        with self._wake:
            self.touch()
            return dict(self._columns)

    def wait(self, seconds: float) -> None:
        """Return as soon as a column has its first token or is done, at once while in line; or when time is up."""
        self._wait_for(lambda: self._done or self._has_begun() or self in self._queue._line, seconds)

    def _has_begun(self) -> bool:
        return any(column.tokens or column.done for column in self._columns.values())

    def _unfinished(self) -> list[str]:
        return [name for name, column in self._columns.items() if not column.done]

    def _begin_turn(self) -> None:
        self._queue._turns += 1
        self._last_turn = self._queue._turns

    def _give_up(self, in_hand: bool) -> None:
        self._columns = {name: replace(column, done=True) for name, column in self._columns.items()}
        self._finish()


class GenerationQueue(Turns[Generation]):
    """Takes turns among at most `running` generations, one per visitor; further ones wait in order of arrival.

    Thread-safe. `slice_s` is the length of a turn in seconds (at least one token), `forget_s` how long a generation
    goes on that nobody asks about.
    """

    name, work, pause_s = "generation queue", "writing a text", PAUSE_S

    def __init__(self, running: int = 8, slice_s: float = 0.02, forget_s: float = 4.0) -> None:
        if running < 1:
            raise ValueError(f"running must be at least 1, got {running}")
        super().__init__()
        self.slice_s, self.forget_s = slice_s, forget_s
        self._places = running
        self._running: list[Generation] = []
        self._closing: list[Generation] = []  # ended, but their iterators are still open: the worker closes them
        self._turns = self._tokens = 0

    def submit(self, visitor: str, writes: Mapping[str, Write]) -> Generation:
        """A new generation with a column for each of `writes`. The visitor's earlier one is cancelled; if that still
        waited, the new one takes its place in line."""
        with self._wake:
            return self._put(Generation(self, visitor, writes))

    def stats(self) -> QueueStats:
        """Numbers of this moment and since the queue was made."""
        with self._wake:
            return QueueStats(len(self._running), len(self._line), self._tokens, self._longest_wait(self._running))

    def _jobs(self) -> list[Generation]:
        return [*self._line, *self._running]

    def _next(self) -> Generation | None:
        """One that has to be closed; or who has gone without a turn for longest, of those that have not had more time
        than others."""
        if self._closing:
            return self._closing.pop()
        least_s = min((generation._charged_s for generation in self._running), default=0.0)
        fair = (generation for generation in self._running if generation._charged_s <= least_s + self.slice_s)
        return min(fair, key=lambda generation: generation._last_turn, default=None)

    def _start(self) -> None:
        self._admit()
        super()._start()

    def _admit(self) -> None:
        """Let those who wait run while there are places."""
        while self._line and len(self._running) < self._places:
            generation = self._line.popleft()
            # level with who had least: a newcomer's turn is next, and it owes nothing for the time before it came
            generation._charged_s = min((g._charged_s for g in self._running), default=0.0)
            generation._waits_since = time.monotonic()
            self._running.append(generation)

    def _end(self, generation: Generation) -> None:
        if generation in self._running:
            self._running.remove(generation)
            self._closing.append(generation)
        elif generation in self._line:
            generation._writers.clear()  # the worker has not met it
        super()._end(generation)
        self._start()

    def _end_turn(self, generation: Generation) -> None:
        self._turn = None
        generation._waits_since = time.monotonic()
        if not generation._unfinished():
            self._end(generation)

    def _serve(self, generation: Generation) -> None:
        """Write for `slice_s`, in equal slices for its columns."""
        if generation.done:
            for writer in generation._writers.values():
                self._close(writer)
            generation._writers.clear()  # what they close over: the model, the prompt
            return
        began = now = time.monotonic()
        until = began + self.slice_s
        while names := generation._unfinished():
            name = min(names, key=lambda name: generation._writers[name].charged_s)
            self._write(generation, name, until=min(until, now + self.slice_s / len(names)))
            now = time.monotonic()
            if now >= until:
                break
        generation._charged_s += min(now - began, MAX_CHARGED_S)

    def _close(self, writer: _Writer) -> None:
        try:
            writer.close()
        except BaseException as bug:  # as in _write
            self._log_once(bug)

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
        except BaseException as bug:  # a panic in Rust, where tokenizers are written, is no Exception
            self._log_once(bug)
            done, error = True, f"Something in {name} went wrong while it wrote. Try again, or choose another model."
        now = time.monotonic()
        writer.charged_s += min(now - began, MAX_CHARGED_S)
        if done:
            self._close(writer)
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
