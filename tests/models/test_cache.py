"""The shared model cache, with tiny models that load as the test says, and downloads from a server on this machine."""

import gc
import hashlib
import logging
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from models.cache import ModelCache
from models.catalog import ModelEntry
from models.errors import BadInput, DownloadCancelled, MissingWeights, ModelFailed, Offline
from models.runtime.report import Report
from models.runtime.weights import WeightsFile

PATIENCE_S = 120
CONTENT = bytes(range(256)) * 4000
Until = Callable[[Callable[[], object]], None]


class Model:
    """A loaded model of a known size."""

    def __init__(self, nbytes: int = 40) -> None:
        self.nbytes = nbytes


class Shelf:
    """The catalogue and the module that its rows' loaders live in. Each model loads as `loaders[name]` says."""

    def __init__(self) -> None:
        self.module = ModuleType("shelf_of_fake_models")
        self.catalog: dict[str, ModelEntry] = {}
        self.calls: list[str] = []

    def add(self, name: str, load: Callable[..., Any] = lambda path, report: Model(), **row: Any) -> None:
        def loader(path: Path | None, report: Report) -> Any:
            self.calls.append(name)
            return load(path, report)

        setattr(self.module, name, loader)
        about = {"title": f"Model {name}", "task": "test", "licence": "none", "origin": "here", "note": "small"}
        self.catalog[name] = ModelEntry(
            name=name, loader=f"{self.module.__name__}:{name}", memory_bytes=40, **about, **row
        )

    def cache(self, budget: int = 1000, folder: Path | None = None) -> ModelCache:
        return ModelCache(budget, folder=folder or Path("nowhere"), catalog=self.catalog)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf = Shelf()
    monkeypatch.setitem(sys.modules, shelf.module.__name__, shelf.module)
    for name in ("a", "b", "c"):
        shelf.add(name)
    return shelf


class Blocked:
    """A loader that says when it has begun, and goes on when the test opens the gate."""

    def __init__(self, outcome: Any = None) -> None:
        self.begun, self.gate = threading.Event(), threading.Event()
        self.outcome = outcome

    def __call__(self, path: Path | None, report: Report) -> Any:
        report("Half way", 0.5)
        self.begun.set()
        assert self.gate.wait(PATIENCE_S)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return Model()


def test_twenty_threads_that_ask_at_once_load_a_model_once_and_get_the_same_object(shelf: Shelf) -> None:
    slow, start = Blocked(), threading.Barrier(20)
    shelf.add("slow", slow)
    cache = shelf.cache()

    def ask() -> Model:
        start.wait(PATIENCE_S)
        return cache.get("slow")

    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(ask) for _ in range(20)]
        assert slow.begun.wait(PATIENCE_S)
        slow.gate.set()
        models = {id(answer.result(PATIENCE_S)) for answer in answers}
    assert len(models) == 1
    assert shelf.calls == ["slow"]
    assert cache.stats()["slow"].loads == 1
    assert cache.stats()["slow"].uses == 20


def test_other_models_are_served_while_one_loads(shelf: Shelf) -> None:
    slow = Blocked()
    shelf.add("slow", slow)
    cache = shelf.cache()
    ready = cache.get("a")
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(cache.get, "slow")
        try:
            assert slow.begun.wait(PATIENCE_S)
            assert pool.submit(cache.get, "a").result(PATIENCE_S) is ready
            assert isinstance(pool.submit(cache.get, "b").result(PATIENCE_S), Model), "even one that has to load"
            assert not waiting.done()
        finally:
            slow.gate.set()


def test_a_load_tells_its_stage_fraction_and_seconds_until_it_ends(shelf: Shelf, until: Until) -> None:
    slow = Blocked()
    shelf.add("slow", slow)
    cache = shelf.cache()
    assert cache.status("slow") is None
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cache.get, "slow")
        try:
            assert slow.begun.wait(PATIENCE_S)
            status = cache.status("slow")
            assert status is not None
            assert (status.stage, status.fraction) == ("Half way", 0.5)
            later = cache.status("slow")
            assert later is not None and later.seconds > status.seconds >= 0
            assert cache.stats()["slow"].state == "loading"
            assert not cache.is_ready("slow")
        finally:
            slow.gate.set()
        waiting.result(PATIENCE_S)
    assert cache.status("slow") is None
    assert cache.is_ready("slow")


def test_a_failed_load_says_why_is_logged_and_the_next_call_tries_again(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes: list[Any] = [ValueError("the file is cut short"), Model()]

    def flaky(path: Path | None, report: Report) -> Model:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    shelf.add("flaky", flaky)
    cache = shelf.cache()
    with caplog.at_level(logging.ERROR), pytest.raises(ModelFailed, match=r"Model flaky .*the file is cut short"):
        cache.get("flaky")
    assert "flaky" in caplog.text
    failed = cache.stats()["flaky"]
    assert (failed.state, failed.loads, failed.bytes) == ("failed", 0, 0)
    assert "the file is cut short" in str(failed.error)

    assert isinstance(cache.get("flaky"), Model)
    ready = cache.stats()["flaky"]
    assert (ready.state, ready.loads, ready.error) == ("ready", 1, None)


def test_everybody_who_waits_for_a_load_learns_that_it_failed(shelf: Shelf, until: Until) -> None:
    slow = Blocked(outcome=ValueError("no"))
    shelf.add("slow", slow)
    cache = shelf.cache()
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(cache.get, "slow") for _ in range(3)]
        until(lambda: cache.stats()["slow"].uses == 3)
        slow.gate.set()
        assert all(isinstance(answer.exception(PATIENCE_S), ModelFailed) for answer in waiting)
    assert shelf.calls == ["slow"]


@pytest.mark.parametrize("error", [MissingWeights("nobody has it"), Offline("no network")])
def test_errors_written_for_visitors_pass_as_they_are(shelf: Shelf, error: Exception) -> None:
    def load(path: Path | None, report: Report) -> Any:
        raise error

    shelf.add("gone", load)
    with pytest.raises(type(error)) as raised:
        shelf.cache().get("gone")
    assert raised.value is error


def test_a_loader_that_cannot_be_imported_is_a_model_that_failed(shelf: Shelf) -> None:
    shelf.add("a")
    delattr(shelf.module, "a")
    with pytest.raises(ModelFailed, match="Model a did not load"):
        shelf.cache().get("a")


def test_a_model_that_cannot_be_kept_is_an_error_and_nobody_hangs(shelf: Shelf) -> None:
    shelf.add("number", lambda path, report: 42)  # an int has no weak references
    answer: Future[Any] = Future()

    def ask() -> None:
        try:
            answer.set_result(shelf.cache().get("number"))
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    assert isinstance(answer.exception(PATIENCE_S), ModelFailed)


def test_an_unknown_name_is_a_key_error_and_leaves_no_trace(shelf: Shelf) -> None:
    cache = shelf.cache()
    for ask in (cache.get, cache.needs_download, lambda name: cache.lease(name).__enter__()):
        with pytest.raises(KeyError, match="nonesuch"):
            ask("nonesuch")
    assert cache.status("nonesuch") is None
    assert not cache.is_ready("nonesuch")
    assert not cache.evict("nonesuch")
    assert set(cache.stats()) == {"a", "b", "c"}


def states(cache: ModelCache) -> dict[str, str]:
    return {name: row.state for name, row in cache.stats().items()}


def test_over_budget_the_least_recently_used_goes(shelf: Shelf) -> None:
    cache = shelf.cache(budget=100)
    for name in ("a", "b", "a", "c"):  # 40 bytes each: two fit
        cache.get(name)
    assert states(cache) == {"a": "ready", "b": "not loaded", "c": "ready"}
    assert sum(row.bytes for row in cache.stats().values()) == 80


def test_an_evicted_model_that_nobody_holds_is_freed(shelf: Shelf, until: Until) -> None:
    cache = shelf.cache(budget=50)
    gone = weakref.ref(cache.get("a"))
    cache.get("b")
    until(lambda: gc.collect() is not None and gone() is None)


def test_a_leased_model_stays_however_tight_it_gets(shelf: Shelf) -> None:
    cache = shelf.cache(budget=50)
    with cache.lease("a") as leased:
        cache.get("b")
        cache.get("c")
        assert states(cache) == {"a": "in use", "b": "not loaded", "c": "ready"}
        assert not cache.evict("a")
        assert cache.get("a") is leased
    assert states(cache)["a"] == "ready"
    assert cache.evict("a")


def test_a_model_that_has_grown_since_it_was_loaded_counts_with_what_it_takes_now(shelf: Shelf) -> None:
    cache = shelf.cache(budget=100)
    cache.get("a").nbytes = 90
    assert cache.stats()["a"].bytes == 90
    cache.get("b")
    assert states(cache) == {"a": "not loaded", "b": "ready", "c": "not loaded"}
    assert cache.stats()["a"].bytes == 0


def test_one_model_over_the_whole_budget_is_served_alone(shelf: Shelf) -> None:
    shelf.add("huge", lambda path, report: Model(5000))
    cache = shelf.cache(budget=100)
    cache.get("a")
    assert cache.get("huge") is cache.get("huge")
    assert states(cache) == {"a": "not loaded", "b": "not loaded", "c": "not loaded", "huge": "ready"}
    assert cache.stats()["huge"].bytes == 5000


def test_an_evicted_model_that_somebody_holds_is_taken_back_instead_of_loaded_twice(shelf: Shelf) -> None:
    cache = shelf.cache()
    held = cache.get("a")
    assert cache.evict("a")
    assert states(cache)["a"] == "not loaded"
    assert cache.is_ready("a"), "get would return at once"
    assert cache.get("a") is held
    assert shelf.calls == ["a"]


def test_a_model_taken_back_counts_against_the_budget_again(shelf: Shelf) -> None:
    cache = shelf.cache(budget=50)
    held = cache.get("a")
    cache.get("b")
    assert states(cache)["a"] == "not loaded"
    assert cache.get("a") is held
    assert sum(row.bytes for row in cache.stats().values()) <= 50


def test_an_evicted_model_that_nobody_holds_loads_again(shelf: Shelf, until: Until) -> None:
    cache = shelf.cache()
    cache.get("a")
    assert cache.evict("a")
    until(lambda: not cache.is_ready("a"))  # the thread that loaded it may need a moment to let go
    assert not cache.evict("a"), "it is not here any more"
    cache.get("a")
    assert shelf.calls == ["a", "a"]
    assert cache.stats()["a"].loads == 2


def test_a_model_that_does_not_tell_its_size_counts_as_the_catalogue_says(shelf: Shelf) -> None:
    shelf.add("mute", lambda path, report: ModuleType("mute"))
    cache = shelf.cache()
    cache.get("mute")
    assert cache.stats()["mute"].bytes == 40


def test_the_stats_name_every_model_of_the_catalogue_and_how_long_it_took(shelf: Shelf) -> None:
    cache = shelf.cache()
    assert states(cache) == dict.fromkeys("abc", "not loaded")
    cache.get("a")
    seconds = cache.stats()["a"].load_seconds
    assert seconds is not None and seconds > 0
    assert cache.stats()["b"].load_seconds is None


def test_a_load_that_fails_inside_a_lease_gives_the_lease_back(shelf: Shelf) -> None:
    outcomes: list[Any] = [ValueError("no"), Model()]

    def flaky(path: Path | None, report: Report) -> Any:
        if isinstance(outcome := outcomes.pop(0), Exception):
            raise outcome
        return outcome

    shelf.add("flaky", flaky)
    cache = shelf.cache()
    with pytest.raises(ModelFailed), cache.lease("flaky"):
        pytest.fail("there is no model to lease")
    cache.get("flaky")
    assert states(cache)["flaky"] == "ready"
    assert cache.evict("flaky")


def test_an_error_inside_a_lease_gives_the_lease_back(shelf: Shelf) -> None:
    cache = shelf.cache()
    with pytest.raises(ZeroDivisionError), cache.lease("a"):
        raise ZeroDivisionError
    assert cache.evict("a")


# Downloads: models.runtime.weights is the real one, the server stalls half way until the test opens its gate.


class Site(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gate, self.stalled = threading.Event(), threading.Event()
        self.requests = 0


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.requests += 1
        asked = self.headers.get("Range", "bytes=0-")
        begin = int(asked.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if "Range" in self.headers else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        half = max(begin, len(CONTENT) // 2)
        try:
            self.wfile.write(CONTENT[begin:half])
            self.wfile.flush()
            self.server.stalled.set()
            self.server.gate.wait(PATIENCE_S)
            self.wfile.write(CONTENT[half:])
        except OSError:
            pass  # the client has left, as the test wanted

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    yield site
    site.gate.set()
    site.shutdown()
    site.server_close()


@pytest.fixture
def remote(shelf: Shelf, site: Site, tmp_path: Path) -> ModelCache:
    file = WeightsFile(
        f"http://127.0.0.1:{site.server_port}/m.bin", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), "m.bin"
    )

    def load(path: Path, report: Report) -> Model:
        return Model(len(path.read_bytes()))

    shelf.add("remote", load, file=file, download_mb=1)
    return shelf.cache(budget=10**9, folder=tmp_path)


def test_a_download_tells_how_far_it_is_and_the_loader_gets_the_file(
    remote: ModelCache, site: Site, until: Until
) -> None:
    assert remote.needs_download("remote")
    assert not remote.needs_download("a")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(remote.get, "remote")
        until(lambda: (s := remote.status("remote")) and s.fraction == 0.5)
        status = remote.status("remote")
        assert status is not None and status.stage == "Downloading 1 of 1 MB"
        site.gate.set()
        assert waiting.result(PATIENCE_S).nbytes == len(CONTENT)
    assert not remote.needs_download("remote")


def test_one_who_cancels_leaves_and_the_others_get_their_model(remote: ModelCache, site: Site, until: Until) -> None:
    with ThreadPoolExecutor(2) as pool:
        leave = threading.Event()
        leaver, stayer = pool.submit(remote.get, "remote", cancel=leave), pool.submit(remote.get, "remote")
        assert site.stalled.wait(PATIENCE_S)
        until(lambda: remote.stats()["remote"].uses == 2)
        leave.set()
        with pytest.raises(DownloadCancelled):
            leaver.result(PATIENCE_S)
        assert not stayer.done()
        site.gate.set()
        assert isinstance(stayer.result(PATIENCE_S), Model)
    assert site.requests == 1


def test_the_last_one_who_cancels_stops_the_download_and_the_next_goes_on_from_there(
    remote: ModelCache, site: Site, until: Until, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        events = [threading.Event(), threading.Event()]
        waiting = [pool.submit(remote.get, "remote", cancel=event) for event in events]
        assert site.stalled.wait(PATIENCE_S)
        until(lambda: remote.stats()["remote"].uses == 2)
        until(lambda: (s := remote.status("remote")) and s.fraction == 0.5)
        for event, answer in zip(events, waiting, strict=True):
            event.set()
            with pytest.raises(DownloadCancelled, match="press again"):
                answer.result(PATIENCE_S)
    until(lambda: remote.status("remote") is None)
    site.gate.set()
    until(lambda: not any(thread.name == "fetch m.bin" for thread in threading.enumerate()))
    assert not (tmp_path / "m.bin").exists()
    assert remote.needs_download("remote")

    assert remote.get("remote").nbytes == len(CONTENT)
    assert site.requests == 2


def test_who_asks_just_after_the_last_one_cancelled_still_gets_the_model(
    remote: ModelCache, site: Site, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cancelled load needs a moment to end; a visitor who asks in that moment has cancelled nothing."""
    cancelled, go_on = threading.Event(), threading.Event()
    fetch = WeightsFile.fetch

    def fetch_that_ends_slowly(*args: Any, **options: Any) -> Path:
        try:
            return fetch(*args, **options)
        except DownloadCancelled:
            cancelled.set()
            assert go_on.wait(PATIENCE_S)
            raise

    monkeypatch.setattr(WeightsFile, "fetch", fetch_that_ends_slowly)
    with ThreadPoolExecutor(2) as pool:
        leave = threading.Event()
        leaver: Future[Any] = pool.submit(remote.get, "remote", cancel=leave)
        assert site.stalled.wait(PATIENCE_S)
        leave.set()
        assert cancelled.wait(PATIENCE_S)
        newcomer = pool.submit(remote.get, "remote", cancel=threading.Event())
        until(lambda: remote.stats()["remote"].uses >= 2)
        site.gate.set()
        go_on.set()
        assert isinstance(leaver.exception(PATIENCE_S), DownloadCancelled)
        assert isinstance(newcomer.result(PATIENCE_S), Model)


# Models that are not in the catalogue


def added(shelf: Shelf, name: str, load: Callable[..., Any] = lambda path, report: Model()) -> ModelEntry:
    """A row for a model that the catalogue does not have."""
    shelf.add(name, load)
    return shelf.catalog.pop(name)


def test_a_model_that_was_added_is_served_like_the_others(shelf: Shelf) -> None:
    cache = shelf.cache()
    entry = added(shelf, "guest")
    cache.add(entry)
    assert not cache.needs_download("guest")
    assert isinstance(cache.get("guest"), Model)
    assert cache.entry("guest") is entry and cache.entry("a") is shelf.catalog["a"]
    assert list(cache.stats()) == ["a", "b", "c", "guest"]
    assert states(cache)["guest"] == "ready"
    assert "guest" not in shelf.catalog
    with pytest.raises(KeyError):
        shelf.cache().get("guest")


def test_adding_again_changes_nothing(shelf: Shelf) -> None:
    cache = shelf.cache()
    entry, other = added(shelf, "guest"), added(shelf, "guest")
    cache.add(entry)
    model = cache.get("guest")
    cache.add(other)
    assert cache.entry("guest") is entry and cache.get("guest") is model
    ours = shelf.catalog["a"]
    cache.add(replace(ours, title="an impostor"))
    assert cache.entry("a") is ours and len(cache.stats()) == 4


def test_many_threads_add_at_once_and_all_are_there(shelf: Shelf) -> None:
    cache, start = shelf.cache(), threading.Barrier(16)
    entries = [added(shelf, f"guest{i % 8}") for i in range(16)]

    def add(entry: ModelEntry) -> None:
        start.wait(PATIENCE_S)
        cache.add(entry)
        cache.stats()

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(add, entry) for entry in entries]:
            done.result(PATIENCE_S)
    assert len(cache.stats()) == 3 + 8


def test_the_first_guest_that_nobody_uses_makes_room_for_one_more(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.cache.MAX_ADDED", 4)
    cache = shelf.cache(budget=10**9)
    for i in range(4):
        cache.add(added(shelf, f"guest{i}"))
    held = cache.get("guest0")
    cache.add(added(shelf, "late"))
    assert len(cache.stats()) == 3 + 4
    assert {"guest0", "late"} <= set(cache.stats()) and "guest1" not in cache.stats()
    assert cache.get("guest0") is held
    with pytest.raises(KeyError):
        cache.get("guest1")


def test_when_all_guests_are_in_use_another_one_is_refused(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.cache.MAX_ADDED", 4)
    cache = shelf.cache(budget=10**9)
    for i in range(4):
        cache.add(added(shelf, f"guest{i}"))
    held = [cache.get(f"guest{i}") for i in range(4)]
    with pytest.raises(BadInput, match="late was not added"):
        cache.add(added(shelf, "late"))
    assert "late" not in cache.stats()
    assert cache.evict("guest3")
    with pytest.raises(BadInput):
        cache.add(added(shelf, "late"))  # the test still holds it: it would be loaded twice
    assert len(held) == 4
