"""The confusion matrix: what is taken for what, square by square down to the very pictures."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components import charts, layout
from components.layout import counted, shortened
from components.teachable.sample_gallery import show_of_study
from components.teachable.study import how_held_out
from models.teachable.learn.judging import Judgement
from models.teachable.samples import TrainingSet

MAX_TICK = 14  # characters of a class's name beside the matrix
RIGHT_COLOUR, WRONG_COLOUR = "rgb(72, 122, 12)", "rgb(190, 40, 40)"


def show_confusion(given: TrainingSet, judgement: Judgement) -> None:
    """The matrix, the pictures of the square that was clicked, and the figures of each class."""
    names = [one.name for one in given.classes]
    right = int(judgement.confusion.trace())
    st.markdown(
        f"**{right:,} of {counted(len(given.labels), 'sample')}** ({judgement.accuracy:.0%}) are recognised by a head "
        "that has not seen them. Click a square (tap it twice on a touch screen) to see its pictures."
    )
    matrix = _matrix(judgement.confusion, names)
    event = charts.show(matrix, "teach/confusion", on_select="rerun", selection_mode="points")
    bars = "".join(
        layout.bar(
            html.escape(one.name),
            float(recall),
            f"{found:,} of {there:,} found, {found:,} of {named:,} right",
            colour=one.colour,
        )
        for one, recall, found, there, named in zip(
            given.classes,
            judgement.recall,
            judgement.confusion.diagonal(),
            judgement.confusion.sum(1),
            judgement.confusion.sum(0),
            strict=True,
        )
    )
    cell = _clicked(event, len(names))
    if cell is not None:
        true, predicted = cell
        found = judgement.cell(true, predicted)
        what = "recognised" if true == predicted else f"taken for {names[predicted]}"
        st.markdown(layout.plain(f"{counted(len(found), 'picture')} of {names[true]}, {what}"))
        show_of_study(given, found.tolist(), "cell", _sure(judgement, found))
    st.html(f'<div class="bars">{bars}</div>')
    st.caption(
        "*Found*: how many of this class it recognised. *Right*: how often it was right when it named this class. "
        + how_held_out(given)
    )


def _sure(judgement: Judgement, indices: np.ndarray) -> list[str]:
    return [f"{judgement.probabilities[i].max():.0%}" for i in indices]


def _matrix(confusion: np.ndarray, names: Sequence[str]) -> go.Figure:
    """A heat map with points on it: of a heat map alone Streamlit tells no clicks."""
    c = len(names)
    true, predicted = (a.ravel() for a in np.mgrid[0:c, 0:c])
    counts = confusion.ravel()
    share = counts / np.maximum(1, confusion.sum(1))[true]
    signed = np.where(true == predicted, share, -np.sqrt(share)).reshape(c, c)  # a few wrong ones should be seen
    heat = go.Heatmap(
        z=signed,
        zmin=-1,
        zmax=1,
        colorscale=[(0, WRONG_COLOUR), (0.5, "rgba(128,128,128,0.08)"), (1, RIGHT_COLOUR)],
        showscale=False,
        xgap=3,
        ygap=3,
        hoverinfo="skip",
    )
    points = go.Scatter(
        x=predicted,
        y=true,
        mode="markers",
        # small: of those that overlap at the pointer Plotly takes any, not the nearest
        marker={"symbol": "square", "size": 8, "color": charts.CLEAR},
        hovertext=[
            _shown(f"{names[t]} taken for {names[p]}: {n}") for t, p, n in zip(true, predicted, counts, strict=True)
        ],
        hoverinfo="text",
        selected={"marker": {"color": "rgba(128,128,128,0.35)", "size": max(12, 230 // c)}},  # fits those of a phone
        unselected={"marker": {"opacity": 1}},
    )
    figure = go.Figure([heat, points])
    for t, p, n, s in zip(true, predicted, counts, signed.ravel(), strict=True):
        if n:  # no text of the points: Plotly dims it where another square is selected
            font = {"size": 16} | ({"color": "#ffffff"} if abs(s) > 0.45 else {})
            figure.add_annotation(x=p, y=t, text=str(n), font=font, showarrow=False)
    shown = [_shown(shortened(name, MAX_TICK)) for name in names]
    ticks = {"tickvals": list(range(c)), "ticktext": shown, "showgrid": False}
    span = [-0.5, c - 0.5]
    return charts.quiet(
        figure,
        70 + max(160, min(460, 110 * c)),
        xaxis={**ticks, "title": {"text": "taken for"}, "range": span, "zeroline": False},
        yaxis={**ticks, "title": {"text": "is"}, "range": span[::-1], "zeroline": False},
        clickmode="event+select",
        hovermode="closest",
        hoverdistance=-1,
        showlegend=False,
    )


def _shown(words: str) -> str:
    """A text in which Plotly finds no HTML; it knows no &quot;."""
    return html.escape(words, quote=False)


def _clicked(event: Any, classes: int) -> tuple[int, int] | None:
    """The (true, predicted) of the square that was clicked."""
    try:
        index = int(event.selection.points[0]["point_index"])
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return None
    return divmod(index, classes) if 0 <= index < classes * classes else None
