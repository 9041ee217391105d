"""The one fake of the page tests, at the camera seam: no browser, no stream."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import app_test

from components import browser_key, copy, layout, menu, pictures, rubbing
from components.camera import preview, stream
from components.console import access
from components.digits import drawing as digit_drawing
from components.digits import making
from components.hosting import connection, presence
from components.hosting.house import House, house
from components.live import pushed
from components.ocr import reader, still
from components.rooms import contributions
from components.taught import drawing as box_drawing
from components.teachable import gallery, sample_gallery, sample_map, understanding
from components.textgen import attention, next_token
from components.vision import boxing, fractal, walking
from tests.kept import (  # noqa: F401
    bundled_models_loaded_once,
    components_found_once,
    pictures_read_once,
    scripts_compiled_once,
)
from tests.pages.fragments import Alone
from tests.pages.pose_visitor import Live, Until
from tests.pages.teaching_visitor import Galleries, Teacher


@pytest.fixture(autouse=True)
def no_camera(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The seam to streamlit-webrtc: whether the camera plays, and what was asked of it."""
    seam: dict[str, Any] = {"playing": False, "asked": []}

    def streamer(key: str, choice: stream.CameraSettings, live: Any) -> bool:
        seam["asked"].append((key, choice))
        seam["live"] = live
        return seam["playing"]

    monkeypatch.setattr(stream, "_streamer", streamer)
    monkeypatch.setenv("LIMELIGHT_CACHE_FOLDER", str(tmp_path))
    monkeypatch.setenv("LIMELIGHT_PROJECT_FOLDER", str(tmp_path / "projects"))
    # no video here, so the libraries stay as they are for the tests of the patches
    monkeypatch.setattr(stream.patches, "apply", lambda *modules: None)
    # Before each run AppTest forgets that this app has a router; a server learns it once
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)
    monkeypatch.setattr(app_test, "PagesManager", type("RoutedPages", (PagesManager,), {}))
    # AppTest has a new registry of components for every run, where a server has one for its life
    modules = (
        access,
        boxing,
        fractal,
        rubbing,
        walking,
        attention,
        browser_key,
        connection,
        copy,
        digit_drawing,
        box_drawing,
        making,
        gallery,
        menu,
        next_token,
        pictures,
        presence,
        preview,
        pushed,
        reader,
        sample_map,
        still,
    )
    for module in modules:
        monkeypatch.setattr(module, "browser_component", layout.browser_component.__wrapped__)
    st.cache_resource.clear()
    monkeypatch.setattr(House, "start", lambda self: self)  # a test that wants a second to pass calls `tick`
    house.cache_clear()
    yield seam
    if live := seam.get("live"):
        live.only()
    st.cache_resource.clear()


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser has no websocket of its own to the server: the page shows results itself."""
    monkeypatch.setattr(pushed, "browser_component", lambda *_, **__: lambda **_: SimpleNamespace(socket="away"))


@pytest.fixture
def sent(until: Until) -> Callable[[str], dict[str, Any]]:
    """The next message to the only browser on that channel."""

    def on(channel: str) -> dict[str, Any]:
        (feed,) = house().feeds.all()
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found.extend(json.loads(one) for one in feed.take() if isinstance(one, str))
            return any(one["channel"] == channel for one in found)

        until(look)
        return [one for one in found if one["channel"] == channel][-1]

    return on


@pytest.fixture
def live(no_camera: dict[str, Any], until: Until) -> Callable[..., Live]:
    """Somebody opens the pose tracker, its address as given, and turns the camera on."""
    return lambda **query: Live(no_camera, until, **query)


@pytest.fixture
def teacher(no_camera: dict[str, Any], until: Until) -> Callable[..., Teacher]:
    """Somebody opens the Teachable machine, its address as given, perhaps with a project."""
    return lambda project=None, **query: Teacher(no_camera, until, project, **query)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Alone:
    """Runs a page's fragments without the page."""
    return Alone(monkeypatch)


@pytest.fixture
def galleries(monkeypatch: pytest.MonkeyPatch) -> Galleries:
    """What its galleries show, and what is done there."""
    seen = Galleries()
    for module in (sample_gallery, contributions):
        monkeypatch.setattr(module, "gallery", seen.spy(module.gallery))
    monkeypatch.setattr(understanding, "sample_map", seen.spy_on_map(understanding.sample_map))
    return seen
