"""The generation queue, with hand-made models: what they write, and how long they say it took, is up to the test."""

import dataclasses
import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise

import pytest

from models.errors import BadInput
from models.textgen.queue import Column, Generation, GenerationQueue, Write

PATIENCE_S = 120
FOREVER_S = 1e6
Until = Callable[[Callable[[], object]], None]


class Clock:
    """Stands where the queue looks for the time, which passes only when a model or a test says so."""

    def __init__(self) -> None:
        self._lock, self.now = threading.Lock(), 0.0
        self.readers: list[int | None] = []  # threads, a time for each reading

    def monotonic(self) -> float:
        self.readers.append(threading.current_thread().ident)
        return self.now

    def sleep(self, seconds: float) -> None:
        time.sleep(0)  # nobody else needs the interpreter

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("models.runtime.turns", "models.textgen.queue"):
        monkeypatch.setattr(f"{module}.time", clock)
    return clock


class Author:
    """A model that writes `pieces` in turn until `closed`; before piece number `hold` it waits for `go`."""

    def __init__(self, pieces: list[str] | None = None, hold: int | None = None) -> None:
        self.pieces, self.hold = pieces, hold
        self.held, self.go, self.closed = threading.Event(), threading.Event(), threading.Event()
        self.calls = 0

    def __call__(self) -> Iterator[str]:
        self.calls += 1
        self.written = self._write()  # held, so that nobody but the queue closes it
        return self.written

    def _write(self) -> Iterator[str]:
        n = 0
        try:
            while self.pieces is None or n < len(self.pieces):
                if n == self.hold:
                    self.held.set()
                    assert self.go.wait(PATIENCE_S)
                yield self.pieces[n] if self.pieces else "x"
                n += 1
        finally:
            self.closed.set()

    def wait_until_held(self) -> None:
        assert self.held.wait(PATIENCE_S), "nobody asked for that piece"


class Room:
    """Models that write until a given hour, each token taking its time, all let in at the same moment."""

    def __init__(self, clock: Clock, closes_at: float, places: int = 9) -> None:
        self.clock, self.closes_at = clock, closes_at
        self.log: list[str] = []
        self.queue = GenerationQueue(running=places, slice_s=0.02, forget_s=FOREVER_S)
        self._door = Author([], hold=0)
        self._door.pieces = ["."]
        self._doorman = self.queue.submit("door", {"door": self._door})
        self._door.wait_until_held()

    def author(self, name: str, token_s: float, prompt_s: float = 0.0) -> Write:
        def write() -> Iterator[str]:
            self.clock.pass_by(prompt_s)
            while self.clock.now < self.closes_at:
                self.clock.pass_by(token_s)
                self.log.append(name)
                yield "x"

        return write

    def open(self, until: Until, *generations: Generation) -> None:
        self._door.go.set()
        until(lambda: all(generation.done for generation in generations))


@pytest.fixture
def queue() -> GenerationQueue:
    return GenerationQueue(running=2, forget_s=FOREVER_S)


def column(generation: Generation, name: str = "model") -> Column:
    return generation.columns[name]


def test_texts_come_out_exact_and_in_order_however_turns_are_cut(clock: Clock, until: Until) -> None:
    queue = GenerationQueue(running=3, slice_s=0.0)  # a turn is over after one token
    texts = {f"visitor {i}": [f"{i}.{n}, " if n % 7 else "" for n in range(300)] + ["é🙂", "\0"] for i in range(5)}
    generations = {
        visitor: queue.submit(visitor, {"whole": lambda p=pieces: iter(p), "half": lambda p=pieces: iter(p[:150])})
        for visitor, pieces in texts.items()
    }
    until(lambda: all(generation.done for generation in generations.values()))
    for visitor, pieces in texts.items():
        whole, half = column(generations[visitor], "whole"), column(generations[visitor], "half")
        assert (whole.text, whole.tokens, whole.done, whole.error) == ("".join(pieces), 302, True, None)
        assert (half.text, half.tokens) == ("".join(pieces[:150]), 150)
    assert queue.stats().tokens == 5 * 452


def test_a_generation_without_models_is_done(queue: GenerationQueue, until: Until) -> None:
    generation = queue.submit("anna", {})
    until(lambda: generation.done)
    assert generation.columns == {}


def test_eight_endless_visitors_all_get_the_same(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=40)
    visitors = [room.queue.submit(f"{i}", {"model": room.author(f"{i}", 0.001)}) for i in range(8)]
    room.open(until, *visitors)
    tokens = [column(visitor).tokens for visitor in visitors]
    assert sum(tokens) == pytest.approx(40_000, abs=10)
    assert max(tokens) - min(tokens) <= 42, "two turns of 20 tokens and the one that crosses their end"


def test_turns_go_round_even_when_some_are_a_little_longer_than_others(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=40)
    names = [f"{i}" for i in range(8)]
    visitors = [
        room.queue.submit(name, {"model": room.author(name, 0.001 + i * 0.00003)}) for i, name in enumerate(names)
    ]
    room.open(until, *visitors)
    turns = [name for name, _ in groupby(room.log)]
    gaps = [b - a for name in names for a, b in pairwise(n for n, turn in enumerate(turns) if turn == name)]
    assert sum(gap > 8 for gap in gaps) < len(gaps) / 20, "who had more time than others sits out a round at times"
    assert max(gaps) < 16


def test_turns_are_fair_in_time_so_a_slow_model_costs_only_its_own_visitor(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=60)
    slow = room.queue.submit("slow", {"model": room.author("slow", 0.5)})
    fast = [room.queue.submit(f"{i}", {"model": room.author(f"{i}", 0.005)}) for i in range(2)]
    room.open(until, slow, *fast)
    assert column(slow).tokens * 0.5 == pytest.approx(20, abs=1)
    for visitor in fast:
        assert column(visitor).tokens * 0.005 == pytest.approx(20, abs=1)


def test_who_reads_one_very_long_prompt_is_not_kept_out_for_as_long_again(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=120)
    long = room.queue.submit("long", {"model": room.author("long", 0.01, prompt_s=100)})
    other = room.queue.submit("other", {"model": room.author("other", 0.01)})
    room.open(until, long, other)
    assert column(long).tokens * 0.01 == pytest.approx(9.5, abs=0.2)
    assert column(other).tokens * 0.01 == pytest.approx(10.5, abs=0.2)


def test_the_columns_of_a_visitor_advance_together_and_share_the_time(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=12)
    three = {
        "slow": room.author("slow", 0.1),
        "medium": room.author("medium", 0.004),
        "fast": room.author("fast", 0.001),
    }
    visitor = room.queue.submit("visitor", three)
    room.open(until, visitor)
    assert set(room.log[:3]) == set(three), "each writes its first token before any goes on"
    for name in three:
        assert column(visitor, name).seconds == pytest.approx(4, abs=0.2)
    quarter = len(room.log) // 4
    for start in range(0, 4 * quarter, quarter):
        assert set(room.log[start : start + quarter]) == set(three)


def test_columns_alternate_within_a_turn(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=5)
    visitor = room.queue.submit("visitor", {name: room.author(name, 0.001) for name in "ab"})
    other = room.queue.submit("other", {"other": room.author("other", 0.001)})
    room.open(until, visitor, other)
    turns = [set(turn) for others, turn in groupby(room.log, key=lambda name: name == "other") if not others]
    assert len(turns) > 100
    assert all(turn == {"a", "b"} for turn in turns[:-1])  # the room closes within the last


def test_a_visitor_with_more_columns_gets_no_more_time(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=20)
    one = room.queue.submit("one", {"model": room.author("one", 0.001)})
    four = room.queue.submit("four", {name: room.author(name, 0.001) for name in "abcd"})
    room.open(until, one, four)
    assert column(one).tokens == pytest.approx(10_000, abs=50)
    assert [column(four, name).tokens for name in "abcd"] == pytest.approx([2500] * 4, abs=20)


def test_a_newcomer_has_the_next_turn_and_no_claim_on_the_time_before_it_came(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=20)
    newcomers: list[Generation] = []

    def host() -> Iterator[str]:
        for piece in room.author("host", 0.001)():
            if clock.now > 10 and not newcomers:
                newcomers.append(room.queue.submit("newcomer", {"model": room.author("newcomer", 0.001)}))
            yield piece

    others = [room.queue.submit(f"{i}", {"model": room.author(f"{i}", 0.001)}) for i in range(3)]
    hosting = room.queue.submit("host", {"model": host})
    room.open(until, hosting, *others)
    until(lambda: newcomers[0].done)
    came = room.log.index("newcomer")
    assert room.log[came - 1] == "host", "nobody had a turn in between"
    assert column(newcomers[0]).tokens == pytest.approx(2000, abs=50)


def test_a_first_token_is_seen_at_once_and_wait_returns_with_it(queue: GenerationQueue) -> None:
    quick, slow = Author(hold=None), Author(hold=0)
    generation = queue.submit("anna", {"quick": quick, "slow": slow})
    generation.wait(PATIENCE_S * 100)
    assert column(generation, "quick").text == "x", "alone, and before the slow one has begun"
    assert column(generation, "slow").tokens == 0 and not generation.done
    generation.cancel()
    slow.go.set()


def test_wait_gives_up_when_time_is_up(queue: GenerationQueue) -> None:
    author = Author(hold=0)
    generation = queue.submit("anna", {"model": author})
    author.wait_until_held()
    generation.wait(0.01)
    assert column(generation).tokens == 0
    generation.cancel()
    author.go.set()


def test_wait_returns_at_once_for_one_in_line_and_one_that_was_cancelled() -> None:
    queue, author = GenerationQueue(running=1), Author(hold=0)
    running = queue.submit("anna", {"model": author})
    author.wait_until_held()
    waiting = queue.submit("bert", {"model": Author()})
    waiting.wait(PATIENCE_S * 100)
    assert waiting.position == 1
    waiting.cancel()
    running.cancel()
    running.wait(PATIENCE_S * 100)
    author.go.set()


def test_cancelling_ends_the_wait_of_another_thread(queue: GenerationQueue, clock: Clock, until: Until) -> None:
    author = Author(hold=0)
    generation = queue.submit("anna", {"model": author})
    author.wait_until_held()
    thread = threading.Thread(target=generation.wait, args=(FOREVER_S,), daemon=True)
    thread.start()
    until(lambda: thread.ident in clock.readers)
    generation.cancel()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    author.go.set()


def test_a_ninth_visitor_waits_and_moves_up_as_others_end(until: Until) -> None:
    queue, first = GenerationQueue(forget_s=FOREVER_S), Author(["x"], hold=0)
    running = [queue.submit("0", {"model": first})]
    first.wait_until_held()
    running += [queue.submit(f"{i}", {"model": Author()}) for i in range(1, 8)]
    authors = [Author(["a", "b"]), Author(), Author()]
    waiting = [queue.submit(f"waits {i}", {"model": author}) for i, author in enumerate(authors)]
    assert [generation.position for generation in running] == [0] * 8
    assert [generation.position for generation in waiting] == [1, 2, 3]
    assert (queue.stats().running, queue.stats().waiting) == (8, 3)
    assert [author.calls for author in authors] == [0, 0, 0]

    running[3].cancel()  # a place is free at once, though the worker is in the middle of something
    assert [generation.position for generation in waiting] == [0, 1, 2]
    waiting[1].cancel()
    assert [generation.position for generation in waiting] == [0, 0, 1]
    first.go.set()  # the first ends by itself and leaves its place to the last
    until(lambda: running[0].done and waiting[0].done)
    assert column(waiting[0]).text == "ab"
    until(lambda: column(waiting[2]).tokens)
    assert authors[1].calls == 0, "cancelled in line, never begun"
    for generation in [*running, *waiting]:
        generation.cancel()
    assert (queue.stats().running, queue.stats().waiting) == (0, 0)


def test_a_visitor_has_one_generation(queue: GenerationQueue, until: Until) -> None:
    authors = [Author() for _ in range(5)]
    generations = []
    for author in authors:
        generations.append(queue.submit("anna", {"model": author}))
        until(lambda: column(generations[-1]).tokens)
    assert [generation.done for generation in generations] == [True] * 4 + [False]
    until(lambda: all(author.closed.is_set() for author in authors[:4]))
    assert not authors[4].closed.is_set()
    assert queue.stats().running == 1
    generations[-1].cancel()


def test_who_presses_again_goes_to_the_end_of_the_line_but_keeps_a_place_in_it() -> None:
    queue, author = GenerationQueue(running=1), Author(hold=0)
    queue.submit("anna", {"model": author})
    author.wait_until_held()
    bert, carl = queue.submit("bert", {"model": Author()}), queue.submit("carl", {"model": Author(hold=0)})
    bert_again = queue.submit("bert", {"model": Author(hold=0)})
    assert (bert.done, bert_again.position, carl.position) == (True, 1, 2)
    anna_again = queue.submit("anna", {"model": Author(hold=0)})
    assert (bert_again.position, carl.position, anna_again.position) == (0, 1, 2)
    for generation in (anna_again, carl, bert_again):
        generation.cancel()
    author.go.set()


def test_cancel_closes_the_generator_and_keeps_what_was_written(queue: GenerationQueue, until: Until) -> None:
    author, other = Author(), Author()
    generation = queue.submit("anna", {"model": author, "other": other})
    until(lambda: column(generation).tokens > 3 and column(generation, "other").tokens > 3)
    generation.cancel()
    last = generation.columns
    assert generation.done and last["model"].done and last["model"].error is None
    until(lambda: author.closed.is_set() and other.closed.is_set())
    generation.cancel()  # a second time: nothing happens
    assert generation.columns == last
    assert set(last["model"].text) == {"x"}


def test_cancel_does_not_wait_for_the_token_in_hand_which_is_not_seen_any_more(
    queue: GenerationQueue, until: Until
) -> None:
    author = Author(["a", "b", "c"], hold=1)
    generation = queue.submit("anna", {"model": author})
    author.wait_until_held()
    generation.cancel()
    assert generation.done and column(generation).text == "a"
    author.go.set()
    assert author.closed.wait(PATIENCE_S)
    after = queue.submit("bert", {"model": Author(["z"])})
    until(lambda: after.done)
    assert (column(generation).text, column(after).text) == ("a", "z")


def test_cancel_ends_the_turn_in_hand(queue: GenerationQueue, clock: Clock, until: Until) -> None:
    asked, closed = [], threading.Event()

    def write() -> Iterator[str]:
        try:
            for n in range(1000):  # all in one turn: the clock stands still
                asked.append(n)
                if n == 5:
                    generation.cancel()
                yield "x"
        finally:
            closed.set()

    door = Author(["."], hold=0)
    queue.submit("door", {"door": door})
    door.wait_until_held()
    generation = queue.submit("anna", {"model": write})
    door.go.set()
    until(closed.is_set)
    assert asked == [0, 1, 2, 3, 4, 5]


def test_a_model_that_has_ended_is_let_go_of_while_the_others_go_on(queue: GenerationQueue, until: Until) -> None:
    class Pieces:
        def __init__(self) -> None:
            iterators.append(weakref.ref(self))

        def __iter__(self) -> Iterator[str]:
            return self

        def __next__(self) -> str:
            raise StopIteration

    iterators: list[weakref.ref[Pieces]] = []
    generation = queue.submit("anna", {"short": lambda: iter(Pieces()), "endless": Author()})
    until(lambda: column(generation, "short").done)
    until(lambda: iterators[0]() is None)
    assert not generation.done
    generation.cancel()


def test_what_ended_or_was_cancelled_is_let_go_of_while_the_worker_sleeps(queue: GenerationQueue, until: Until) -> None:
    def submit(visitor: str, author: Author) -> tuple[Generation, weakref.ref[Author]]:
        return queue.submit(visitor, {"model": author}), weakref.ref(author)

    ended, ended_author = submit("anna", Author(["a"]))
    endless, endless_author = submit("bert", Author())
    until(lambda: ended.done and column(endless).tokens)
    endless.cancel()
    until(lambda: gc.collect() is not None and ended_author() is None and endless_author() is None)
    assert column(ended).text == "a"


def test_one_that_nobody_looks_at_is_cancelled_running_or_waiting(clock: Clock, until: Until) -> None:
    queue = GenerationQueue(running=2, forget_s=1000)

    def write() -> Iterator[str]:
        while True:
            clock.pass_by(1e-6)
            yield "x"

    left, stays, waits, waits_too = (queue.submit(name, {"model": write}) for name in ("a", "b", "c", "d"))
    for _ in range(3):
        clock.pass_by(300)
        stays.touch()
        assert waits.position == 1 and waits_too.position == 2
    assert not left.done
    clock.pass_by(200)  # 1100 s since anybody looked at `left`, 200 s for the others
    until(lambda: left.done)
    assert column(left).done
    assert waits.position == 0 and waits_too.position == 1 and not stays.done
    until(lambda: column(waits).tokens)
    clock.pass_by(600)
    for generation in (stays, waits):
        generation.touch()
    clock.pass_by(600)  # 1200 s since anybody looked at the one in line
    until(lambda: waits_too.done)
    assert not stays.done and not waits.done
    stays.cancel()
    waits.cancel()


def test_every_kind_of_look_counts(clock: Clock, until: Until) -> None:
    queue = GenerationQueue(forget_s=FOREVER_S)

    def write() -> Iterator[str]:
        while True:
            clock.pass_by(0.01)  # a turn is over after two or three tokens
            yield "x"

    generation = queue.submit("anna", {"model": write})
    until(lambda: queue.stats().tokens)
    looks: list[Callable[[], object]] = [
        generation.touch,
        lambda: generation.columns,
        lambda: generation.position,
        lambda: generation.wait(1),
    ]
    clock.pass_by(0.6 * FOREVER_S)
    for look in looks:
        look()
        clock.pass_by(0.6 * FOREVER_S)
        tokens = queue.stats().tokens
        until(lambda tokens=tokens: generation.done or queue.stats().tokens > tokens + 20)
        assert not generation.done
    generation.touch()
    clock.pass_by(0.6 * FOREVER_S)
    assert not generation.done, "looking whether it is done is none"
    clock.pass_by(0.6 * FOREVER_S)
    until(lambda: generation.done)


def test_forgetting_closes_the_generator(clock: Clock, until: Until) -> None:
    queue, closed = GenerationQueue(forget_s=1000), threading.Event()

    def write() -> Iterator[str]:
        try:
            while True:
                clock.pass_by(1e-6)
                yield "x"
        finally:
            closed.set()

    generation = queue.submit("anna", {"model": write})
    until(lambda: column(generation).tokens)
    clock.pass_by(1001)
    until(closed.is_set)
    assert generation.done and column(generation).tokens > 0
    assert queue.stats().running == 0


def test_who_waits_for_first_tokens_is_not_forgotten_meanwhile(clock: Clock, until: Until) -> None:
    queue, busy = GenerationQueue(forget_s=4), Author(["x"], hold=0)
    queue.submit("anna", {"model": busy})
    busy.wait_until_held()
    generation = queue.submit("bert", {"model": Author(["y"])})
    clock.readers.clear()
    thread = threading.Thread(target=generation.wait, args=(1000,))
    thread.start()
    until(lambda: thread.ident in clock.readers)
    queue.stats()  # has the lock, so the other thread has let go of it: it waits
    clock.pass_by(100)
    busy.go.set()
    thread.join(PATIENCE_S)
    until(lambda: generation.done)
    assert column(generation).text == "y"


def test_an_error_stays_in_its_column_and_the_others_go_on(
    queue: GenerationQueue, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    def bad_input() -> Iterator[str]:
        yield "as far as "
        raise BadInput("The prompt is in runes. Write letters.")

    def bug() -> Iterator[str]:
        yield "so "
        raise ValueError("tensor of shape (3,)")

    def does_not_begin() -> Iterator[str]:
        raise KeyError("weights")

    def unhappy_end() -> Iterator[str]:
        try:
            yield "fine"
            yield "never"
        finally:
            raise OSError("cannot close")

    with caplog.at_level(logging.ERROR):
        writes = {"bad": bad_input, "bug": bug, "early": does_not_begin, "good": Author(["g"] * 100)}
        generation = queue.submit("anna", writes)
        until(lambda: generation.done)
    bad, bugged, early, good = generation.columns.values()
    assert (bad.text, bad.error) == ("as far as ", "The prompt is in runes. Write letters.")
    assert bugged.text == "so " and bugged.error is not None and early.error is not None
    assert "went wrong" in bugged.error and "bug" in bugged.error and "tensor" not in bugged.error
    assert (early.text, early.first_token_s, early.done) == ("", None, True)
    assert (good.text, good.error) == ("g" * 100, None)
    assert len(caplog.records) == 2, "the two bugs; a visitor's mistake is no news"
    assert all(record.exc_info for record in caplog.records)

    held = Author(["x"], hold=0)
    ending = queue.submit("bert", {"model": unhappy_end, "other": held})
    held.wait_until_held()
    ending.cancel()
    held.go.set()
    after = queue.submit("carl", {"model": Author(["still here"])})
    until(lambda: after.done)
    assert column(after).text == "still here"


def test_a_column_tells_when_its_first_token_came_and_how_long_its_own_model_took(clock: Clock, until: Until) -> None:
    queue, door = GenerationQueue(running=1), Author(["."], hold=0)

    def write() -> Iterator[str]:
        clock.pass_by(0.5)  # the prompt
        for piece in "abc":
            clock.pass_by(0.25)
            yield piece

    queue.submit("door", {"door": door})
    door.wait_until_held()
    generation = queue.submit("anna", {"model": write})
    clock.pass_by(2)
    door.go.set()
    until(lambda: generation.done)
    assert column(generation) == Column("abc", 3, seconds=1.25, first_token_s=2.75, done=True, error=None)


def test_snapshots_never_change(queue: GenerationQueue, until: Until) -> None:
    author = Author(["a", "b"], hold=1)
    generation = queue.submit("anna", {"model": author})
    author.wait_until_held()
    generation.wait(PATIENCE_S)
    early = generation.columns
    with pytest.raises(dataclasses.FrozenInstanceError):
        early["model"].text = "mine"  # type: ignore[misc]
    author.go.set()
    until(lambda: generation.done)
    assert (early["model"].text, early["model"].done) == ("a", False)
    early.clear()
    assert column(generation).text == "ab"


def test_the_stats_tell_the_longest_time_that_somebody_running_had_no_turn(clock: Clock, until: Until) -> None:
    room = Room(clock, closes_at=10)
    assert room.queue.stats().longest_wait_s == 0
    fast = room.queue.submit("fast", {"model": room.author("fast", 0.001)})
    slow = room.queue.submit("slow", {"model": room.author("slow", 3)})
    room.open(until, fast, slow)
    assert room.queue.stats().longest_wait_s == pytest.approx(3, abs=0.1)
    clock.pass_by(100)
    assert room.queue.stats().longest_wait_s < 4, "nobody waits any more"

    held = Author(["x"], hold=0)
    room.queue.submit("held", {"model": held})
    held.wait_until_held()
    kept = room.queue.submit("kept waiting", {"model": Author(["x"])})
    clock.pass_by(7)
    assert room.queue.stats().longest_wait_s == 7, "still kept waiting"
    held.go.set()
    until(lambda: kept.done)
    assert room.queue.stats().longest_wait_s == 7


def test_an_idle_worker_sleeps(queue: GenerationQueue, clock: Clock, until: Until) -> None:
    generation = queue.submit("anna", {"model": Author(["x"])})
    until(lambda: generation.done)
    readings = len(clock.readers)
    time.sleep(0.3)
    assert len(clock.readers) <= readings + 1, "every turn begins by reading the time"


def test_room_for_less_than_one_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        GenerationQueue(running=0)
