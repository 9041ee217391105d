"""Background work steps back for pages, on its own thread alone."""

import os
import sys
import threading

import pytest

from models.runtime.background import NICENESS, step_back


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads have a niceness of their own on Linux only")
def test_a_thread_steps_back_alone() -> None:
    seen: list[int] = []

    def work() -> None:
        step_back()
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [min(19, NICENESS)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
