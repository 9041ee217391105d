"""The fragments of a page, run as their timers do."""

from functools import partial
from typing import Any

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from tests.pages.visit import ran


class Alone:
    """Runs the page's fragments one by one, as their timers do: without the page."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._storage = monkeypatch, MemoryFragmentStorage()
        monkeypatch.setattr(app_test, "MemoryFragmentStorage", lambda: self._storage)

    def all(self) -> dict[str, Any]:
        return dict(self._storage._fragments)

    def run(self, at: AppTest, fragment: str, function: Any) -> AppTest:
        self._storage.register(fragment, function)
        with self._patch.context() as patch:
            patch.setattr(local_script_runner, "RerunData", partial(RerunData, fragment_id=fragment))
            return ran(at.run())
