"""How much data do you need? Accuracy against samples per class, as it is computed."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from components import charts
from components.teachable.study import OnShare, hidden_units, how_held_out, signature, studied
from models.teachable.learn.learning_curve import CurvePoint, LearningCurve, learning_curve
from models.teachable.samples import TrainingSet

_POINTS = "teach/curve/points"


def show_data_needed(given: TrainingSet) -> None:
    """The curve, which grows while it is computed, and what it says."""
    hidden = hidden_units()
    of = signature(given), hidden
    so_far: list[CurvePoint]
    known, so_far = st.session_state.get(_POINTS, (None, []))
    if known != of:
        so_far = []
        st.session_state[_POINTS] = of, so_far

    def compute(on_share: OnShare) -> LearningCurve:
        so_far.clear()
        return learning_curve(
            given.features,
            given.labels,
            groups=given.groups,
            hidden=hidden,
            names=[one.name for one in given.classes],
            on_step=on_share,
            on_point=so_far.append,
        )

    curve = studied(
        "curve",
        of,
        compute,
        "Training with few samples, then with more, three times each…",
        meanwhile=lambda: _plot(tuple(so_far)),
    )
    if curve is None:
        return
    st.markdown(f"**{curve.verdict()}**")
    _plot(curve.points)
    st.caption(
        f"Tested each time on {curve.tested:,} samples at least that were held out, {curve.repeats} times with others; "
        f"the band is from the worst to the best. {how_held_out(given)}"
    )


def _plot(points: Sequence[CurvePoint]) -> None:
    if not points:
        return
    sizes = [point.size for point in points]
    band = go.Scatter(
        x=[*sizes, *sizes[::-1]],
        y=[*(p.high for p in points), *(p.low for p in points[::-1])],
        fill="toself",
        fillcolor="rgba(110, 165, 20, 0.18)",
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
    )
    mean = go.Scatter(
        x=sizes,
        y=[point.accuracy for point in points],
        mode="lines+markers",
        line={"color": charts.GREEN, "width": 3},
        marker={"size": 8},
        hovertemplate="%{x} samples per class: %{y:.0%}<extra></extra>",
    )
    ticks = {"type": "log", "tickvals": sizes, "ticktext": list(map(str, sizes))}
    figure = charts.quiet(
        go.Figure([band, mean]),
        320,
        xaxis={"title": {"text": "samples per class"}, **ticks},
        yaxis={"title": {"text": "accuracy"}, "tickformat": ".0%", "range": [0, 1.03]},
        showlegend=False,
    )
    charts.show(figure, "teach/data")
