"""The stages of one reading: each is announced and timed, and the reading can be cancelled before the next begins."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from models.errors import Cancelled

Check = Callable[[], None]
"""Called between two steps of long work; what it raises ends the work."""

OnStage = Callable[[str], None]
"""Called with what begins, in words for the visitor."""


class Stages:
    """Of one reading. `seconds` says how long each stage took that has ended, by its name."""

    def __init__(self, on_stage: OnStage | None, cancel: threading.Event | None) -> None:
        self.seconds: dict[str, float] = {}
        self._on_stage, self._cancel = on_stage, cancel

    def check(self) -> None:
        """Raises Cancelled once the event is set."""
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("Reading was cancelled; nothing of this picture was kept. Start it again to read it.")

    @contextmanager
    def stage(self, name: str, sentence: str) -> Iterator[None]:
        """What runs inside is the stage `name`; `sentence` is for the visitor. Raises Cancelled as `check`."""
        self.check()
        if self._on_stage is not None:
            self._on_stage(sentence)
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began
