"""Work that may take longer so that pages answer: trainings, texts, reading, models in the making.

On Linux a thread has a niceness of its own. With all cores busy, a thread that serves a page or a camera, and holds the
interpreter, is otherwise made to wait for as long as each of those computes.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable

NICENESS = 10  # a tenth of the weight of a thread that serves a page, if both want the same core


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
