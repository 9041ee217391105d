"""Plotly charts that fit into a page: its own background shows, light or dark, and a finger on them scrolls it.

st.line_chart would be shorter, but its axes take no range and no unit, and it zooms while one scrolls.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from components.layout import browser_component
from components.web import plotly_script

GREEN, GREY = "rgb(110, 165, 20)", "rgba(128, 128, 128, 0.8)"
# Okabe and Ito's colours, which colour-blind people can tell apart, less those lost on white or on black; in the order
# in which they come closest to those of models/pose/overlay.py
PEOPLE = ("#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#D55E00")
CLEAR = "rgba(0,0,0,0)"

Points = Sequence[tuple[float, float]]


def quiet(figure: go.Figure, height: int, **layout: Any) -> go.Figure:
    """The figure, `height` pixels high, with narrow margins, no background, no zoom; `layout` as `update_layout` takes
    it, such as `margin_t=30`."""
    common = {
        "height": height,
        "margin": dict.fromkeys("lrtb", 8),
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "dragmode": False,
    }
    return figure.update_layout(common).update_layout(**layout)


def show(figure: go.Figure, key: str, **options: Any) -> Any:
    """On the page, without Plotly's own buttons; `options` and result are those of st.plotly_chart."""
    return st.plotly_chart(figure, key=key, config={"displayModeBar": False}, **options)


def turnable(figure: dict[str, Any], key: str) -> None:
    """A 3-D figure, Plotly's "data" and "layout", that stays turned as the visitor has turned it when it comes again
    with other data, if its layout has a `uirevision` that stays the same. (Streamlit's own element makes a new chart of
    each figure.) Plain data: a go.Figure takes 30 ms to make."""
    data = {"figure": figure, "script": plotly_script.NAME}
    browser_component("turnable")(key=key, data=data, isolate_styles=False)


def training_curves(
    training: Points, validation: Points, height: int, *, x: str, held_out: str = "validation", **layout: Any
) -> go.Figure:
    """(step, value) of the training data as a thin grey line and of what was `held_out` as a thick green one, marked
    where it was measured if that was not at every step. `x` says what the steps are."""
    marked = "lines+markers" if len(validation) < len(training) else "lines"
    lines = (
        ("training", training, "lines", {"color": GREY, "width": 1.5}),
        (held_out, validation, marked, {"color": GREEN, "width": 3}),
    )
    figure = go.Figure(
        [
            go.Scatter(x=[at for at, _ in points], y=[value for _, value in points], name=name, mode=mode, line=line)
            for name, points, mode, line in lines
        ]
    )
    axis = {"title": {"text": x}, "rangemode": "tozero"}
    legend = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"}
    return quiet(figure, height, margin_t=32, xaxis=axis, legend=legend, hovermode="x", **layout)
