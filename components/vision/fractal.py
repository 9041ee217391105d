"""Why GPUs? One picture of a fractal, computed four ways: plain Python, NumPy, torch, and the visitor's own graphics
card."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from components import layout
from components.hosting.runtime import visitor
from components.layout import browser_component
from components.loading import one_per_process
from components.sharing import choose
from components.trainings import ended, watch
from models.runtime.training import Training, TrainingQueue
from models.vision.fractal import View, by_numpy, by_python, by_torch, coloured

SETS = ("Mandelbrot", "Julia")
WAYS: dict[str, Callable[[View], np.ndarray]] = {"plain Python": by_python, "NumPy": by_numpy, "torch": by_torch}
LIMIT_S, EVERY_S = 30.0, 0.5
_RUN = "vision/fractal"


@one_per_process()
def _line() -> TrainingQueue:
    """One picture after the other, whoever wants it."""
    return TrainingQueue()


def show() -> None:
    """The set on the visitor's graphics card, to zoom into, and the times of the other ways for the same view."""
    is_julia = choose("Set", SETS, "fractal") == SETS[1]
    picture, times = st.columns([3, 2], gap="large")
    with picture:
        sent = browser_component("fractal")(key="vision/webgl", data={"julia": is_julia}, on_view_change=lambda: None)
    view = view_of(getattr(sent, "view", None), is_julia)
    with times:
        st.markdown(
            "Your graphics card computes **every pixel at the same time**, here and now. "
            "The server's processor takes the same picture one way after the other."
        )
        run: Training[Any] | None = st.session_state.get(_RUN)
        label = f"Compute {view.width}×{view.height} pixels on the server"
        is_busy = run is not None and not ended(run)
        st.button(label, type="primary", disabled=is_busy, key="vision/compute", on_click=_begin, args=(view,))
        if run is None:
            st.caption("Plain Python takes about a second; of the others one hardly sees anything.")
        elif is_busy:
            watch(run, _say_busy, EVERY_S)
        else:
            _result(run, getattr(sent, "view", None))


def _say_busy() -> None:
    st.caption("Computing, one way after the other…")


def _begin(view: View) -> None:
    st.session_state[_RUN] = _line().submit(visitor(), lambda on_step: _computed(view), LIMIT_S)


def view_of(sent: Any, is_julia: bool) -> View:
    """The part of the plane that the browser shows; the whole set where it says something else."""
    try:
        return View(x=float(sent["x"]), y=float(sent["y"]), reach=float(sent["reach"]), is_julia=is_julia)
    except (TypeError, KeyError, ValueError):
        return View(x=0.0 if is_julia else -0.5, is_julia=is_julia)


def _computed(view: View) -> dict[str, Any]:
    seconds = {}
    counts = np.zeros(0)
    by_torch(View(width=8, height=8, steps=2))  # the first call loads it
    for name, way in WAYS.items():
        began = time.perf_counter()
        counts = way(view)
        seconds[name] = time.perf_counter() - began
    return {"seconds": seconds, "picture": coloured(counts, view.steps), "view": view}


def _result(run: Training[Any], sent: Any) -> None:
    """The times as bars, and the server's picture."""
    if run.result is None:
        st.warning("The server could not compute it. Try again.")
        return
    result = run.result
    view, seconds = result["view"], dict(result["seconds"])
    pixels = view.width * view.height
    own = sent.get("seconds") if isinstance(sent, dict) else None
    card = sent.get("pixels") if isinstance(sent, dict) else None
    if isinstance(own, float) and isinstance(card, int) and 0 < own < 10 and card > 0:
        seconds["your graphics card"] = own * pixels / card
    slowest = max(seconds.values())
    bars = "".join(
        layout.bar(name, s / slowest, f"{1000 * s:.1f} ms · {slowest / max(s, 1e-9):,.0f}×")
        for name, s in seconds.items()
    )
    st.html(f'<div class="bars">{bars}</div>')
    st.image(result["picture"], caption=f"The server's, {view.width}×{view.height}", alt="The same part of the set")
