"""ModelCache: one copy of each model for the whole process, loaded once however many ask, least recently used out.

A load runs on a thread of its own, so a visitor who leaves does not break it for the others, and models that are
already here stay available meanwhile. Nobody's reference is ever invalidated: evicting a model only lets go of it,
and a model that somebody still holds is taken back instead of being loaded a second time.
"""

import gc
import logging
import threading
import time
import weakref
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, TimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from models.catalog import CATALOG, ModelEntry
from models.errors import BadInput, DownloadCancelled, LimelightError, ModelFailed
from models.runtime.downloads import Progress
from models.runtime.folders import cache_folder

log = logging.getLogger(__name__)

MAX_ADDED = 32
"""Models beside the catalogue's that a cache knows at a time."""


@dataclass(frozen=True)
class LoadStatus:
    """Where a load is: its stage, fraction done in 0..1 or None when unknown, and seconds since it began."""

    stage: str
    fraction: float | None
    seconds: float


@dataclass(frozen=True)
class ModelStats:
    """One row of `ModelCache.stats()`; `state` is "not loaded", "loading", "ready", "in use" or "failed"."""

    state: str
    bytes: int = 0
    load_seconds: float | None = None
    loads: int = 0
    uses: int = 0
    error: str | None = None


class _Load:
    """A load under way: its future, how far it is, and how many callers wait for it."""

    def __init__(self) -> None:
        self.future: Future[Any] = Future()
        self.began = time.monotonic()
        self.stage, self.fraction = "Starting", None  # type: str, float | None
        self.waiting = 0
        self.cancel = threading.Event()

    def report(self, stage: str, fraction: float | None = None) -> None:
        self.stage, self.fraction = stage, fraction


class _Slot:
    """What the cache knows of one model. Guarded by the cache's lock."""

    def __init__(self) -> None:
        self.model: Any = None
        self.alive: Callable[[], Any] = lambda: None  # a weak reference that outlives eviction
        self.load: _Load | None = None
        self.estimate = self.loads = self.uses = self.leases = 0
        self.load_seconds: float | None = None
        self.last_used = 0.0
        self.error: str | None = None

    @property
    def bytes(self) -> int:
        """Bytes of the loaded model, as it says now: some grow when they are first used for more. 0 without one."""
        return 0 if self.model is None else int(getattr(self.model, "nbytes", self.estimate))

    def is_idle(self) -> bool:
        """Whether nothing would be lost by forgetting it."""
        return self.model is None and self.load is None and not self.leases and self.alive() is None


class ModelCache:
    """Thread-safe cache of loaded models by catalogue name.

    `budget_bytes` bounds the bytes of the models kept, by their own `nbytes`; a single model over the budget is still
    served, alone. `folder` is where downloaded weights live (default: the platform's user cache folder).
    """

    def __init__(
        self, budget_bytes: int, *, folder: Path | None = None, catalog: Mapping[str, ModelEntry] = CATALOG
    ) -> None:
        self.budget_bytes = budget_bytes
        self.folder = folder or cache_folder()
        self._added: dict[str, ModelEntry] = {}
        self._catalog = ChainMap(self._added, cast(dict[str, ModelEntry], catalog))  # writes stay in the first
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot] = {}

    def add(self, entry: ModelEntry) -> None:
        """Serve a model that is not in the catalogue, under its name. Does nothing where the name is known already.

        Beyond MAX_ADDED the one added first that nobody uses is forgotten. Raises BadInput when all are in use.
        """
        with self._lock:
            if entry.name in self._catalog:
                return
            if len(self._added) >= MAX_ADDED:
                idle = next((n for n in self._added if (s := self._slots.get(n)) is None or s.is_idle()), None)
                if idle is None:
                    raise BadInput(
                        f"{MAX_ADDED} models that people added are in use, which is all that are kept at a time, so "
                        f"{entry.title} was not added. Choose one of them, or try again later."
                    )
                del self._added[idle]
                self._slots.pop(idle, None)
            self._added[entry.name] = entry

    def entry(self, name: str) -> ModelEntry:
        """The row of a model, of the catalogue or added. Raises KeyError."""
        return self._catalog[name]

    def get(self, name: str, *, cancel: threading.Event | None = None) -> Any:
        """The loaded model; blocks while it loads. Setting `cancel` makes this caller leave, and the last one to
        leave stops a download.

        Raises MissingWeights (a download failed or was cancelled), ModelFailed (loading raised), KeyError (no such
        name in the catalogue or added). A failure is not kept: the next call tries again.
        """
        entry = self._catalog[name]
        with self._lock:
            slot = self._slots.setdefault(name, _Slot())
            slot.uses += 1
            slot.last_used = time.monotonic()
            if slot.model is None and (held := slot.alive()) is not None:
                slot.model = held  # evicted, but somebody still holds it: never two copies
                self._make_room(keep=slot)
            if slot.model is not None:
                return slot.model
            load = slot.load
            if load is None:
                load = slot.load = _Load()
                threading.Thread(target=self._run, args=(entry, slot, load), name=f"load {name}", daemon=True).start()
            load.waiting += 1
        try:
            return self._wait(load, cancel)
        except DownloadCancelled:
            if cancel is not None and cancel.is_set():
                raise
        finally:
            with self._lock:
                load.waiting -= 1
                if load.waiting == 0:
                    load.cancel.set()
        return self.get(name, cancel=cancel)  # everybody before us had cancelled, and that load was just ending

    @contextmanager
    def lease(self, name: str) -> Iterator[Any]:
        """The model, and the promise that it is not evicted inside the `with` block."""
        with self._lock:
            slot = self._slots.setdefault(name, _Slot())
            slot.leases += 1
        try:
            yield self.get(name)
        finally:
            with self._lock:
                slot.leases -= 1

    def status(self, name: str) -> LoadStatus | None:
        """How far the load of `name` is, or None when none is under way."""
        with self._lock:
            load = slot.load if (slot := self._slots.get(name)) else None
        return LoadStatus(load.stage, load.fraction, time.monotonic() - load.began) if load else None

    def is_ready(self, name: str) -> bool:
        """Whether `get(name)` would return at once."""
        with self._lock:
            slot = self._slots.get(name)
            return slot is not None and (slot.model is not None or slot.alive() is not None)

    def needs_download(self, name: str) -> bool:
        """Whether `get(name)` would have to fetch the model's file first."""
        entry = self._catalog[name]
        return entry.file is not None and not entry.file.is_present(self.folder)

    def evict(self, name: str) -> bool:
        """Let go of a model; False when it is not here or in use."""
        with self._lock:
            slot = self._slots.get(name)
            if slot is None or slot.model is None or slot.leases:
                return False
            slot.model = None
        _sweep()
        return True

    def stats(self) -> dict[str, ModelStats]:
        """Per model of the catalogue, then added: state, bytes, seconds of the last load, loads, uses, last error."""
        with self._lock:
            return {
                name: self._stats(slot) if (slot := self._slots.get(name)) else ModelStats("not loaded")
                for name in self._catalog
            }

    @staticmethod
    def _stats(slot: _Slot) -> ModelStats:
        if slot.load:
            state = "loading"
        elif slot.model is not None:
            state = "in use" if slot.leases else "ready"
        else:
            state = "failed" if slot.error else "not loaded"
        return ModelStats(state, slot.bytes, slot.load_seconds, slot.loads, slot.uses, slot.error)

    @staticmethod
    def _wait(load: _Load, cancel: threading.Event | None) -> Any:
        if cancel is None:
            return load.future.result()
        while not cancel.is_set():
            try:
                return load.future.result(timeout=0.1)
            except TimeoutError:
                if load.future.done():  # the load itself failed with a TimeoutError
                    raise
        raise DownloadCancelled("The download was cancelled; press again to go on from what is kept of it.")

    def _run(self, entry: ModelEntry, slot: _Slot, load: _Load) -> None:
        """On the loading thread: fetch, load, keep, make room, wake the callers."""
        try:
            model = self._load(entry, load)
            alive = weakref.ref(model)
        except BaseException as error:  # a panic in a library written in Rust is no Exception
            if not isinstance(error, LimelightError):
                log.exception("model %s did not load", entry.name)
                error = ModelFailed(f"{entry.title} did not load ({error}). Try again, or choose another model.")
            with self._lock:
                slot.load, slot.error = None, str(error)
            load.future.set_exception(error)
            return
        with self._lock:
            slot.model, slot.alive, slot.estimate = model, alive, entry.memory_bytes
            slot.load_seconds = time.monotonic() - load.began
            slot.loads += 1
            slot.last_used = time.monotonic()
            slot.load = slot.error = None
            self._make_room(keep=slot)
        load.future.set_result(model)
        _sweep()

    def _load(self, entry: ModelEntry, load: _Load) -> Any:
        path: Path | None = None
        if entry.file is not None:

            def on_progress(progress: Progress) -> None:
                of = f" of {progress.total / 1e6:.0f}" if progress.total else ""
                load.report(f"Downloading {progress.done / 1e6:.0f}{of} MB", progress.fraction)

            path = entry.file.fetch(self.folder, on_progress=on_progress, cancel=load.cancel)
        load.report("Loading the libraries")
        module, function = entry.loader.split(":")
        return getattr(import_module(module), function)(path, load.report)

    def _make_room(self, keep: _Slot) -> None:
        """Let go of the least recently used models until the budget holds; called with the lock held."""
        resident = sorted((s for s in self._slots.values() if s.model is not None), key=lambda s: s.last_used)
        total = sum(slot.bytes for slot in resident)
        for slot in resident:
            if total <= self.budget_bytes:
                break
            if slot is not keep and not slot.leases:
                total -= slot.bytes
                slot.model = None


def _sweep() -> None:
    """Collect what was let go of (modules are full of reference cycles), then set what is here now apart from later
    collections: they stop every live stream for as long as they take, a tenth of a second with torch in the heap."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
