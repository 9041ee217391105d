"""What tests of pages keep from one to the next, as a server does for its life: fixtures for a folder's conftest.

Each ends with its file, for the next one on the same worker may be a test of what is replaced here; what was kept
stays.
"""

import functools
import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner

from models import cache
from models.cache import ModelCache
from models.catalog import ModelEntry
from models.ocr.boxes import Reading
from models.ocr.ppocr import PPOCR
from models.ocr.tesseract import Tesseract

_scan_once = functools.cache(manifest_scanner.scan_component_manifests)
_compiled = ScriptCache()
_loaded: dict[ModelEntry, Any] = {}
_read: dict[tuple[str, bytes], Reading] = {}


@pytest.fixture(scope="module", autouse=True)
def components_found_once() -> Iterator[None]:
    """AppTest reads the metadata of every installed package for each visitor, a quarter of a second; a server does
    once, as it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", _scan_once)
        yield


@pytest.fixture(scope="module", autouse=True)
def scripts_compiled_once() -> Iterator[None]:
    """AppTest compiles app.py and the page for each run, and looks every millisecond whether that has ended."""

    def join(runner: local_script_runner.LocalScriptRunner, timeout: float = 3) -> None:
        assert runner._script_thread is not None
        runner._script_thread.join(timeout)
        if not runner.script_stopped():
            runner.request_stop()
            raise RuntimeError(f"the page ran for more than {timeout} s")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "ScriptCache", lambda: _compiled)
        patch.setattr(local_script_runner, "require_widgets_deltas", join)
        yield


@pytest.fixture(scope="module", autouse=True)
def bundled_models_loaded_once() -> Iterator[None]:
    """Each test has a cache of its own, empty as in a server that has just started. What its catalogue's own loader
    has loaded from the bundled files before is taken again; downloads are not. Nor is the heap swept for a model
    taken again, which takes a fifth of a second."""
    load, sweep = ModelCache._load, cache._sweep
    to_sweep = False

    def load_once(cache: ModelCache, entry: ModelEntry, under_way: Any) -> Any:
        nonlocal to_sweep
        if entry not in _loaded:
            to_sweep, model = True, load(cache, entry, under_way)
            if not entry.bundled:
                return model
            _loaded[entry] = model
        return _loaded[entry]

    def sweep_once() -> None:
        nonlocal to_sweep
        if to_sweep:
            to_sweep = False
            sweep()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelCache, "_load", load_once)
        patch.setattr(cache, "_sweep", sweep_once)
        yield


@pytest.fixture(scope="module", autouse=True)
def pictures_read_once() -> Iterator[None]:
    """A picture that a reader has read for an earlier visitor takes it a second or two of all cores to read again, and
    most visitors of the OCR page find the same sample there."""

    def once(read: Any) -> Any:
        def read_once(reader: Any, rgb: np.ndarray, **options: Any) -> Reading:
            key = f"{reader.name} {rgb.shape} {options.get('thorough')}", hashlib.sha256(rgb.tobytes()).digest()
            if key not in _read:
                _read[key] = read(reader, rgb, **options)
            return _read[key]

        return read_once

    with pytest.MonkeyPatch.context() as patch:
        for kind in (PPOCR, Tesseract):
            patch.setattr(kind, "read", once(kind.read))
        yield
