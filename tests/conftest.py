"""What several test files need."""

import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.settings import settings

PATIENCE_S = 120.0  # how long a test waits, on however busy a machine, for what should happen


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits until a condition holds; fails if it never does."""

    def wait(condition: Callable[[], object]) -> None:
        deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            pause.wait(0.005)

    return wait


@pytest.fixture
def temp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The folder for temporary files; a test leaves nothing in it."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    """No test sees the settings of another."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def threads_end_with_their_test(fresh_settings: None) -> Iterator[None]:
    """No thread of ours outlives its test: it would read the settings of the next one, and share its time.

    Whoever has a `stop` (or a `close`) is asked to end; the test fails when a thread goes on all the same.
    """
    begun: list[weakref.ref[threading.Thread]] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        if getattr(_target(thread), "__module__", "").split(".")[0] in ("models", "components"):
            begun.append(weakref.ref(thread))
        start(thread)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", noted)
        yield
    threads = [thread for one in begun if (thread := one()) is not None and thread.is_alive()]
    for thread in threads:
        owner = getattr(_target(thread), "__self__", None)
        if (end := getattr(owner, "stop", None) or getattr(owner, "close", None)) is not None:
            end()
    for thread in threads:
        thread.join(PATIENCE_S)
    if (hosting := sys.modules.get("components.hosting.house")) is not None:
        hosting.house.cache_clear()  # the next test's house is not one that has ended
    assert not (left := [thread.name for thread in threads if thread.is_alive()]), f"threads left behind: {left}"


def _target(thread: threading.Thread) -> object:
    return getattr(thread, "_target", None)  # gone once it has run
