"""The models in the cache: what is loaded, what it takes, and what to load before people come."""

import threading

import streamlit as st

from components import loading
from components.console.access import presenter_only
from components.hosting.house import house
from models.catalog import CATALOG, title_of
from models.demos import DEMOS, Demo
from models.errors import LimelightError


@presenter_only
def show() -> None:
    """Buttons, then the table, which follows by itself."""
    today, one = st.columns(2, gap="large")
    with today:
        demos = st.multiselect("Demos of today", DEMOS, format_func=lambda demo: demo.title, key="console/today")
        if st.button("Load their models now", icon=":material/bolt:", disabled=not demos, key="console/preload"):
            names = preload(demos)
            st.toast(f"Loading {len(names)} models: {', '.join(map(title_of, names))}.")
    with one:
        name = st.selectbox("Model", list(CATALOG), format_func=title_of, key="console/model")
        load, evict = st.columns(2)
        words = "Download and load" if loading.model_cache().needs_download(name) else "Load now"
        if load.button(words, icon=":material/memory:", width="stretch", key="console/load"):
            _load([name])
            st.toast(f"Loading {title_of(name)}.")
        if evict.button("Unload", icon=":material/eject:", width="stretch", key="console/evict"):
            gone = loading.model_cache().evict(name)
            st.toast(f"{title_of(name)} {'is out of memory' if gone else 'is not loaded, or in use'}.")
    _table()


def preload(demos: list[Demo]) -> list[str]:
    """Load, in the background, what these demos need at once: their bundled models. Returns their names."""
    names = dict.fromkeys(name for demo in demos for name in demo.models if CATALOG[name].bundled)
    _load(list(names))
    return list(names)


def _load(names: list[str]) -> None:
    cache, events = loading.model_cache(), house().events

    def load() -> None:
        for name in names:
            try:
                cache.get(name)
            except LimelightError as error:
                events.record("model did not load", model=name, why=type(error).__name__)
            else:
                events.record("model loaded", model=name)

    threading.Thread(target=load, name="preload", daemon=True).start()


@st.fragment(run_every=2)
@presenter_only
def _table() -> None:
    cache, numbers = loading.model_cache(), house().meter.per_engine()
    rows: list[dict[str, object]] = []
    largest_first = sorted(cache.stats().items(), key=lambda item: -item[1].bytes)
    for name, stats in largest_first:
        status = cache.status(name)
        rows.append(
            {
                "Model": cache.entry(name).title,
                "State": f"{status.stage}, {status.seconds:.0f} s" if status else stats.state,
                "MB": round(stats.bytes / 1e6) if stats.bytes else None,
                "Loaded in s": None if stats.load_seconds is None else round(stats.load_seconds, 1),
                "Uses": stats.uses or None,
                "Answers/s": round(numbers[name].inferences_per_s, 1) if name in numbers else None,
                "Error": stats.error,
            }
        )
    st.dataframe(rows, hide_index=True, width="stretch", height=280, placeholder="", key="console/models")
