"""The house: the one object of the process that knows who is here, what the presenter set and what the machine carries.

Its own thread looks once a second: it forgets who left, takes a sample, lets the governor decide and tells those whom
a decision concerns. Pages and cameras only read. A second thread does chores, such as deleting what has expired.
"""

import asyncio
import json
import logging
import math
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import psutil

from components.hosting import runtime
from models.hosting.admission import Admission
from models.hosting.attendance import Attendance
from models.hosting.controls import ControlBoard
from models.hosting.events import Events
from models.hosting.feeds import Feeds
from models.hosting.governor import Caps, Governor, Level, Limits, Load
from models.hosting.meter import Meter
from models.hosting.rates import Rates
from models.hosting.sign_ins import SignIns
from models.settings import settings

log = logging.getLogger(__name__)

CHORES_S = 10.0


class House:
    """See the module. `caps` is what each camera may have now, of the governor's level and the presenter's limits."""

    def __init__(self) -> None:
        self.events = Events()
        self.attendance = Attendance()
        self.controls = ControlBoard(self._controls_changed)
        self.governor = Governor(Limits(settings().age_limit_s, settings().cpu_limit))
        self.admission = Admission(self.capacity)
        self.meter = Meter()
        self.rates = Rates()
        self.sign_ins = SignIns()
        self.feeds = Feeds()
        self.caps = Caps()
        self.sources: dict[str, Callable[[], Any]] = {}  # further rows of the stats file, by name
        self.on_shutdown: list[Callable[[], None]] = []  # what is to be done before the process ends
        self._chores: list[Callable[[], None]] = []
        self._chore_added = threading.Event()
        self._fragments: dict[str, str] = {}  # session → the fragment of its page that hears us
        self._loop_lag = _LoopLag()
        self._stopped = threading.Event()

    def start(self) -> "House":
        """Begin to look once a second, on a thread of its own; chores, which may wait for a database, on another."""
        threading.Thread(target=self._watch, name="house", daemon=True).start()
        threading.Thread(target=self._do_chores, name="chores", daemon=True).start()
        return self

    def stop(self) -> None:
        """End these threads."""
        self._stopped.set()
        self._chore_added.set()

    @property
    def is_stopped(self) -> bool:
        """Whether the server is about to end."""
        return self._stopped.is_set()

    def close(self) -> None:
        """Do what is to be done before the process ends: write what visitors made."""
        for act in self.on_shutdown:
            try:
                act()
            except Exception:
                log.exception("one thing was left undone at the end")

    def capacity(self) -> int | None:
        """Cameras at a time: the least of the setting, the presenter's limit and what was measured; None without."""
        limits = (settings().max_cameras or None, self.controls.now.max_cameras or None, self.governor.capacity)
        return min((limit for limit in limits if limit is not None), default=None)

    def watch_engine(self, name: str, engine: Any) -> None:
        """Measure an engine of models and step it down with the others."""
        self.meter.engines[name] = engine
        engine.max_rate = self.caps.answers_per_s

    def add_chore(self, act: Callable[[], None]) -> None:
        """Do this now and then every CHORES_S, whether anybody is here or not."""
        self._chores.append(act)
        self._chore_added.set()

    def listens(self, session: str, fragment: str) -> None:
        """From its page: which fragment to run when there is news."""
        self._fragments[session] = fragment

    def nudge(self, sessions: list[str] | None = None) -> None:
        """Have these sessions, or all, look for news now."""
        for session in list(self._fragments) if sessions is None else sessions:
            if (fragment := self._fragments.get(session)) is not None:
                runtime.wake(session, fragment)

    def camera(self, session: str, on: bool) -> bool:
        """From its page: its camera is on, or off. False when there is no place for it: the page then lets go of it."""
        if not on:
            self.admission.stop(session)
        admitted = not on or self.admission.start(session)
        if self.attendance.camera(session, on and admitted):
            self._record("camera on" if on else "camera off", session)
        elif not admitted:
            self._record("camera put in line", session)
        return admitted

    def record_failed(self, what: str, *, refused: bool = False) -> None:
        """Note a wrong try, or one too many that was refused; a few a minute, or who guesses would empty the log."""
        outcome = "refused" if refused else "wrong"
        if self.rates.allow(f"log {outcome}", what):
            self.events.record(f"{what} {outcome}")

    def tick(self) -> None:
        """Look once: what the thread does each second."""
        for guest in self.attendance.keep(runtime.is_here):
            self.admission.leave(guest.session)
            self.feeds.close(guest.session)
            self._fragments.pop(guest.session, None)
            self.events.record("session left", session=guest.number, page=guest.page or "home")
        self.sign_ins.sweep(runtime.is_here)
        cameras, in_line = self.admission.counts()
        sample = self.meter.sample(
            sessions=len(self.attendance.guests()),
            cameras=cameras,
            in_line=in_line,
            level=self.governor.level,
            loop_lag_s=self._loop_lag.measure(),
        )
        load = Load(cameras, sample.age_p95_s, sample.cpu, sample.loop_lag_s)
        before = self.governor.level
        if self.governor.step(load, time.monotonic()):
            level = self.governor.level
            if level != before:
                kind = "stepped down" if level > before else "stepped up"
                self.events.record(kind, level=level.name.lower(), why=self.governor.reason, cameras=cameras)
            self._apply_caps()
        for session in (surplus := self.admission.surplus()):
            self.attendance.camera(session, False)
            self._record("camera put in line", session)
        self.nudge(surplus)
        if settings().stats_file:
            self._write_stats()

    def _watch(self) -> None:
        while not self._stopped.wait(1):
            try:
                self.tick()
            except BaseException:  # nor does it end with a panic in a library written in Rust
                log.exception("the house failed at one tick; it goes on")

    def _do_chores(self) -> None:
        failed: set[Callable[[], None]] = set()
        while not self._stopped.is_set():
            self._chore_added.clear()
            for chore in list(self._chores):
                try:
                    chore()
                    failed.discard(chore)
                except Exception as error:
                    if chore not in failed:  # a database that is away is away for long
                        log.warning("a chore failed and is tried again: %s", error)
                    failed.add(chore)
            self._chore_added.wait(CHORES_S)

    def _record(self, kind: str, session: str) -> None:
        self.events.record(kind, session=self.attendance.number(session))

    def _controls_changed(self, changes: dict[str, Any]) -> None:
        said = {name: value for name, value in changes.items() if name != "banner"}
        self.events.record(
            "presenter changed", **said, **({"banner": bool(changes["banner"])} if "banner" in changes else {})
        )
        self._apply_caps()
        self.nudge()

    def _apply_caps(self) -> None:
        """What the governor and the presenter allow together; whoever has a camera on is told."""
        caps, controls = self.governor.caps, self.controls.now
        merged = replace(
            caps,
            fps=min(caps.fps, controls.max_fps or caps.fps),
            height=min(caps.height, controls.max_height or caps.height),
        )
        if merged == self.caps:
            return
        self.caps = merged
        for engine in list(self.meter.engines.values()):
            engine.max_rate = merged.answers_per_s
        self.nudge([guest.session for guest in self.attendance.cameras()])

    def _write_stats(self) -> None:
        """For the bench: a JSON line with what engines, cache, queues and process do."""
        sample, file = self.meter.newest, settings().stats_file
        assert sample is not None and file is not None
        row = {
            "t": time.time(),
            "rss": sample.rss,
            "threads": psutil.Process().num_threads(),  # the libraries' own, too
            "threads_by_kind": Counter(re.sub(r"[\d_\- .]+$", "", thread.name) for thread in threading.enumerate()),
            "engines": {name: vars(numbers) for name, numbers in self.meter.per_engine().items()},
            "house": asdict(sample) | {"level": Level(sample.level).name, "capacity": self.capacity()},
            **{name: source() for name, source in list(self.sources.items())},
        }
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, default=lambda value: None if value == math.inf else str(value)) + "\n")


class _LoopLag:
    """How late the event loop is: by how much a beat of its own comes after its time, at worst since the last look."""

    BEAT_S = 0.1

    def __init__(self) -> None:
        self._due: float | None = None  # when the next beat should come, None while there is no loop
        self._worst = 0.0

    def measure(self) -> float | None:
        """Seconds, at worst since the last call; None while there is no loop to ask."""
        if self._due is None:
            if (loop := runtime.event_loop()) is not None:
                self._due = time.monotonic()
                loop.call_soon_threadsafe(self._beat, loop)
            return None
        worst, self._worst = max(self._worst, time.monotonic() - self._due), 0.0
        return worst

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        self._worst = max(self._worst, now - (self._due or now))
        self._due = now + self.BEAT_S
        loop.call_later(self.BEAT_S, self._beat, loop)


@cache
def house() -> House:
    """The process's house."""
    return House().start()
