"""The view "Rate and chance": a learning-rate finder, one cycle, optimisers raced on a surface, ten seeds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components import charts, layout
from components.hosting.runtime import visitor
from components.playground.choice import Chosen
from components.playground.desk import COLOURS, Desk
from components.sharing import setting
from components.trainings import ended, say_place, short_line, watch
from models.playground.network import one_cycle
from models.runtime.training import Training

LIMIT_S, EVERY_S = 40.0, 0.5
SURFACES = ("valley", "saddle", "bowls")


def show(desk: Desk, chosen: Chosen) -> None:
    """Three questions, each with its answer below."""
    if why := desk.why_not():
        st.info(why)
        return
    desk.pause()
    rate, race, seeds = st.tabs(["Which learning rate?", "Which optimiser?", "How much is chance?"])
    with rate:
        _rate(desk, chosen)
    with race:
        _race(chosen)
    with seeds:
        _seeds(desk, chosen)


def _ask(name: str, words: str, work: Callable[[], Any]) -> Any:
    """A button that has `work` done in line; what came of the last press, None before and while it is done."""
    key = f"playground/asked/{name}"
    asked: Training[Any] | None = st.session_state.get(key)
    is_busy = asked is not None and not ended(asked)

    def begin() -> None:
        st.session_state[key] = short_line().submit(visitor(), lambda on_step: work(), LIMIT_S)

    st.button(words, type="primary", key=f"playground/ask/{name}", disabled=is_busy, on_click=begin)
    if asked is None:
        return None
    if is_busy:
        watch(asked, lambda: say_place(asked, "others are being computed first."), EVERY_S)
        return None
    if asked.result is None:
        st.warning("It could not be computed with these settings. Choose others and press again.")
    return asked.result


def _rate(desk: Desk, chosen: Chosen) -> None:
    st.markdown("The rate rises with each step of a short training. Take it where the loss falls most steeply.")

    def work() -> Any:
        from models.playground.finding import find_rate

        return find_rate(chosen.spec, desk.train)

    found = _ask("rate", "Find the learning rate", work)
    one, other = st.columns(2, gap="large")
    if found is not None:
        with one:
            line = go.Scatter(x=found.rates, y=found.losses, line={"color": charts.GREEN, "width": 3}, name="loss")
            figure = charts.quiet(go.Figure([line]), 260, xaxis={"type": "log", "title": {"text": "learning rate"}})
            charts.show(figure.add_vline(found.best, line_dash="dot"), "playground/finder")
            st.markdown(f"Most steeply at **{found.best:.2g}**. You train with {chosen.spec.rate:g}.")
    with other:
        steps = 200
        cycle = go.Scatter(
            y=[one_cycle(step, steps, chosen.spec.rate) for step in range(steps)], line={"color": charts.GREEN}
        )
        figure = charts.quiet(
            go.Figure([cycle]), 260, xaxis={"title": {"text": "step"}}, yaxis={"title": {"text": "rate"}}
        )
        charts.show(figure, "playground/cycle")
        st.caption("*One cycle* (Smith 2018): first up, then down to nearly nothing. Switch it on under *Training*.")


def _race(chosen: Chosen) -> None:
    name = st.segmented_control("Surface", SURFACES, default="valley", required=True, **setting("surface"))
    st.markdown("Four ways down one loss of two weights, all from the same place and with your learning rate.")

    def work() -> Any:
        import torch

        from models.playground.finding import race, surface

        x, y = np.linspace(-6, 6, 80), np.linspace(-5, 5, 70)
        with torch.no_grad():
            grid = surface(name)(torch.from_numpy(x)[None], torch.from_numpy(y)[:, None]).numpy()
        return x, y, grid, race(name, chosen.spec.rate), name

    raced = _ask("race", "Race", work)
    if raced is None:
        return
    x, y, grid, ways, raced_on = raced
    marks: list[Any] = [go.Contour(x=x, y=y, z=grid, showscale=False, ncontours=25, colorscale="Greys", opacity=0.5)]
    for colour, (optimiser, way) in zip(COLOURS, ways.items(), strict=False):
        line = {"color": colour, "width": 3}
        marks.append(go.Scatter(x=way[:, 0], y=way[:, 1], mode="lines", name=optimiser, line=line))
    axes = {"xaxis": {"range": [-6, 6]}, "yaxis": {"range": [-5, 5]}}
    charts.show(charts.quiet(go.Figure(marks), 420, legend={"orientation": "h"}, **axes), f"playground/race {raced_on}")


def _seeds(desk: Desk, chosen: Chosen) -> None:
    if chosen.is_curve:
        st.info("Choose points of classes for this: of a curve nothing is right or wrong.")
        return
    st.markdown("The same network, ten times, each from other weights. Then all ten vote (an **ensemble**).")

    def work() -> Any:
        from models.playground.finding import ten_seeds

        return ten_seeds(chosen.spec, desk.train, desk.test)

    found = _ask("seeds", "Train ten", work)
    if found is None:
        return
    bars = [layout.bar(f"seed {at + 1}", right, layout.percent(right)) for at, right in enumerate(found.each)]
    bars.append(layout.bar("<b>all together</b>", found.together, layout.percent(found.together)))
    st.html(f'<div class="bars">{"".join(bars)}</div>')
    spread = max(found.each) - min(found.each)
    st.caption(f"From the worst to the best: {100 * spread:.0f} points of a hundred, by chance alone.")
