"""What several test files need."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from models.settings import settings

PATIENCE_S = 120.0  # how long a test waits, on however busy a machine, before it says that something did not happen


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits until a condition holds; fails if it never does."""

    def wait(condition: Callable[[], object]) -> None:
        deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            pause.wait(0.005)

    return wait


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    """No test sees the settings of another."""
    settings.cache_clear()
    yield
    settings.cache_clear()
