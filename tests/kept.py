"""What tests of pages keep from one to the next, as a server does for its life: fixtures for a folder's conftest."""

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner

from models.cache import ModelCache
from models.catalog import ModelEntry


@pytest.fixture(scope="session", autouse=True)
def components_found_once() -> Iterator[None]:
    """AppTest reads the metadata of every installed package for each visitor, a quarter of a second; a server does
    once, as it starts."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def bundled_models_loaded_once() -> Iterator[None]:
    """Each test has a cache of its own, empty as in a server that has just started. What its catalogue's own loader
    has loaded from the bundled files before is taken again; downloads are not."""
    loaded: dict[ModelEntry, Any] = {}
    load = ModelCache._load

    def load_once(cache: ModelCache, entry: ModelEntry, under_way: Any) -> Any:
        if not entry.bundled:
            return load(cache, entry, under_way)
        if entry not in loaded:
            loaded[entry] = load(cache, entry, under_way)
        return loaded[entry]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelCache, "_load", load_once)
        yield
