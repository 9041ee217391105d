"""Work off the page's thread, which may take longer so that pages answer.

On Linux a thread has a niceness of its own. With all cores busy, a thread that serves a page or a camera, and holds the
interpreter, is otherwise made to wait for as long as each of those computes.
"""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

NICENESS = 10  # a tenth of the weight of a thread that serves a page, if both want the same core
MAX_LOGGED = 100  # kinds of errors


def step_back(niceness: int = NICENESS) -> None:
    """From now on the calling thread computes when nobody who waits needs the core. Does nothing elsewhere than on
    Linux."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def alive(worker: threading.Thread | None, work: Callable[[], None], name: str) -> threading.Thread:
    """A queue's only worker: `worker` while it lives, else a new thread that runs `work`, already started. Call it with
    the queue's lock held."""
    if worker is None or not worker.is_alive():
        worker = threading.Thread(target=work, name=name, daemon=True)
        worker.start()
    return worker


def begin(call: Callable[[], T], name: str) -> "Future[T]":
    """What `call` returns or raises, from a thread of its own."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # a panic in a library written in Rust is no Exception
            outcome.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return outcome


class LogOnce:
    """Logs an error with its traceback, unless one of the same kind was logged before. `work`: what failed."""

    def __init__(self, log: logging.Logger, work: str) -> None:
        self._log, self._work = log, work
        self._logged: set[tuple[type[BaseException], str]] = set()

    def __call__(self, error: BaseException) -> None:
        kind = (type(error), str(error)[:80])
        if kind not in self._logged and len(self._logged) < MAX_LOGGED:
            self._logged.add(kind)
            self._log.error("%s failed; further errors like it are not logged", self._work, exc_info=error)
