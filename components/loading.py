"""What all sessions share: the models and their engines, and what a visitor sees while a model loads."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial, wraps
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from components import layout
from components.hosting.house import house
from models.cache import ModelCache
from models.catalog import ModelEntry, of_task
from models.errors import DownloadCancelled, LimelightError
from models.runtime.background import begin
from models.runtime.engine import Engine
from models.settings import settings

T = TypeVar("T")


def one_per_process(
    *, source: str = "", stats: Callable[[Any], Any] | None = None, on_shutdown: Callable[[Any], None] | None = None
) -> Callable[[Callable[[], T]], Callable[[], T]]:
    """A decorator: what the function returns is made at the first call and shared by all sessions; where it raises, the
    next call tries again. `stats` of it is the row `source` of the console and the stats file, and `on_shutdown` is
    called with it before the process ends."""

    def decorate(make: Callable[[], T]) -> Callable[[], T]:
        @st.cache_resource(show_spinner=False)
        @wraps(make)
        def shared() -> T:
            made = make()
            if stats is not None:
                house().sources[source] = partial(stats, made)
            if on_shutdown is not None:
                house().on_shutdown.append(partial(on_shutdown, made))
            return made

        return shared

    return decorate


@one_per_process(source="models", stats=lambda cache: {name: vars(stats) for name, stats in cache.stats().items()})
def model_cache() -> ModelCache:
    """The one cache of the process."""
    return ModelCache(settings().model_memory_bytes, folder=settings().cache_folder)


@one_per_process()
def _engines() -> dict[str, Engine]:
    return {}


def frames_engine() -> Engine:
    """The engine for what costs less than a model and looks at every frame; its streams bring their own `predict`."""
    return _engines().setdefault("frames", Engine(lambda rgb: None, name="frames"))  # cheap: never stepped down


def engine(name: str) -> Engine:
    """The engine that runs the model of that name for all sessions."""
    cache = model_cache()

    def predict(rgb: np.ndarray) -> Any:
        with cache.lease(name) as loaded:  # evicted meanwhile? then it loads again, here, off everybody's page
            return loaded.predict(rgb)

    if name not in _engines():
        house().watch_engine(name, _engines().setdefault(name, Engine(predict, name=name)))
    return _engines()[name]


class _Request:
    """One session's wait for a model; outlives the reruns of the page."""

    def __init__(self, cache: ModelCache, name: str) -> None:
        self.cancel = threading.Event()
        self.future: Future[Any] = begin(partial(cache.get, name, cancel=self.cancel), f"wait for {name}")


def model(name: str) -> Any | None:
    """The loaded model, or None while it is not here; then the page has said why and what to press.

    A bundled model loads at once, with its progress; one to download is offered with its size and licence first.
    """
    cache, key = model_cache(), f"load/{name}"
    entry = cache.entry(name)
    if cache.is_ready(name):
        st.session_state.pop(key, None)
        return cache.get(name)
    request: _Request | None = st.session_state.get(key)
    if request is None:
        if cache.needs_download(name) and cache.status(name) is None and not _accepted(entry):
            return None
        request = st.session_state[key] = _Request(cache, name)
    place = st.empty()
    with place.container():
        _show_progress(cache, entry, request)
    place.empty()
    st.session_state.pop(key, None)
    try:
        return request.future.result()
    except DownloadCancelled as error:
        st.info(str(error))
    except LimelightError as error:
        layout.say_error(error)
    st.button("Try again", key=f"{key}/again", on_click=lambda: st.session_state.update({f"{key}/wanted": True}))
    return None


def model_or_bundled(name: str) -> tuple[str, Any | None]:
    """The model of that name; while it is not here, the first bundled one for the same task, so that the page goes on.
    Returns (name of the model, model or None)."""
    if (loaded := model(name)) is not None:
        return name, loaded
    bundled = of_task(model_cache().entry(name).task)[0]
    if bundled.name == name:
        return name, None
    st.caption(f"Meanwhile {bundled.title} answers.")
    return bundled.name, model(bundled.name)


def _accepted(entry: ModelEntry) -> bool:
    if st.session_state.pop(f"load/{entry.name}/wanted", False):
        return True
    place = st.empty()
    with place.container(border=True):
        st.markdown(
            f"**{entry.title}** is not on this server yet: {entry.download_mb} MB to download, once for everybody.  \n"
            f"{entry.note}. Licence {entry.licence}. Source: {entry.origin}."
        )
        pressed = st.button(
            f"Download {entry.title}", type="primary", icon=":material/download:", key=f"get/{entry.name}"
        )
    if pressed:
        place.empty()
    return pressed


def _show_progress(cache: ModelCache, entry: ModelEntry, request: _Request) -> None:
    bar = st.progress(0.0, f"Loading {entry.title}…")
    if entry.file is not None:
        st.button("Cancel", key=f"cancel/{entry.name}", on_click=request.cancel.set)
    while not request.future.done():
        if status := cache.status(entry.name):
            bar.progress(status.fraction or 0.0, f"{entry.title}: {status.stage}, {status.seconds:.0f} s")
        time.sleep(0.1)
