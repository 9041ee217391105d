"""The shared models of the process, and what a visitor sees while one loads. The only st.cache_resource of models."""

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from components import layout
from components.hosting.house import house
from components.hosting.runtime import visitor as visitor
from models.cache import ModelCache
from models.catalog import ModelEntry, of_task
from models.errors import DownloadCancelled, LimelightError
from models.rooms.default_file import default_rooms_file, default_url
from models.runtime.engine import Engine
from models.runtime.training import TrainingQueue
from models.runtime.turns import ReadingQueue
from models.settings import settings
from models.teachable.intake import Intake
from models.teachable.keep.shelf import Shelf, default_folder
from models.teachable.kinds import Kind, features
from models.textgen.queue import GenerationQueue

if TYPE_CHECKING:
    from models.rooms.store import RoomStore


@st.cache_resource(show_spinner=False)
def model_cache() -> ModelCache:
    """The one cache of the process."""
    cache = ModelCache(settings().model_memory_bytes, folder=settings().cache_folder)
    house().sources |= {
        "models": lambda: {name: vars(stats) for name, stats in cache.stats().items()},
        "generation": lambda: vars(generation_queue().stats()),
        "reading": lambda: vars(reading_queue().stats()),
    }
    return cache


@st.cache_resource(show_spinner=False)
def _engines() -> dict[str, Engine]:
    return {}


@st.cache_resource(show_spinner=False)
def generation_queue() -> GenerationQueue:
    """The one line in which everybody's texts are written."""
    return GenerationQueue()


@st.cache_resource(show_spinner=False)
def training_queue() -> TrainingQueue:
    """The one line in which visitors' texts are learnt."""
    return TrainingQueue()


@st.cache_resource(show_spinner=False)
def reading_queue() -> ReadingQueue:
    """The one line in which everybody's pages are read."""
    return ReadingQueue()


@st.cache_resource(show_spinner=False)
def head_queue() -> TrainingQueue:
    """The line in which Teachable heads are trained: a second each, so nobody waits behind a long training."""
    threading.Thread(target=_warm_up, name="warm up", daemon=True).start()
    return TrainingQueue()


def _warm_up() -> None:
    """The first training of a process waits for what torch loads then, over a second: not the first visitor."""
    from models.teachable.learn.fitting import fit_head

    fit_head(np.eye(4, dtype=np.float32), np.array([0, 0, 1, 1]), epochs=2)


@st.cache_resource(show_spinner=False)
def study_queue() -> TrainingQueue:
    """The line for what takes longer and hurries less: judging samples, learning curves, maps, fine-tuning."""
    return TrainingQueue()


@st.cache_resource(show_spinner=False)
def intake() -> Intake:
    """The one line in which everybody's samples get their features."""
    cache = model_cache()

    def look(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
        with cache.lease(kind.model) as loaded:
            return features(kind, loaded, rgb)

    return Intake(look, settings().upload_mb * 1_000_000)


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """Where visitors' Teachable projects are kept across a reload."""
    given = settings()
    folder = given.project_folder or default_folder()
    shelf = Shelf(folder, 3600 * given.project_hours, int(given.projects_gb * 1e9), given.project_mb * 1_000_000)
    house().on_shutdown.append(shelf.close)
    return shelf


def delete_what_expires() -> None:
    """From the server's start on, whether a visitor comes or not: kept projects and rooms are deleted when they said
    they would be, those of before a restart and of a feature that is switched off now included."""
    for chore in (_tend_projects, _tend_rooms):
        house().add_chore(chore)


def _tend_projects() -> None:
    shelf()  # its own thread deletes


def _tend_rooms() -> None:
    given = settings()
    if given.rooms_hours or given.rooms_url or default_rooms_file().exists():
        rooms().sweep()


@st.cache_resource(show_spinner=False)
def rooms() -> "RoomStore":
    """Where rooms are kept. Raises RoomsDown; the next call tries again."""
    from models.rooms.store import RoomStore  # a database library that most servers never need

    given = settings()
    url = given.rooms_url.get_secret_value() if given.rooms_url else default_url()
    store = RoomStore(url, 3600 * given.rooms_hours, given.room_mb * 1_000_000)
    house().on_shutdown.append(store.close)
    return store


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
        self.future: Future[Any] = Future()
        threading.Thread(target=self._run, args=(cache, name), name=f"wait for {name}", daemon=True).start()

    def _run(self, cache: ModelCache, name: str) -> None:
        try:
            self.future.set_result(cache.get(name, cancel=self.cancel))
        except BaseException as error:  # or the page would wait for ever
            self.future.set_exception(error)


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
