"""The view "Train one here": layers chosen by the visitor, learnt in seconds on small digits."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from components import charts, layout
from components.digits.drawing import desk
from components.digits.pooling import pool
from components.hosting.runtime import visitor
from components.sharing import choose, setting
from components.trainings import ended, say_place, short_line, watch
from models.digits.pool import ENOUGH, Drawing
from models.errors import LimelightError
from models.runtime.training import Training

KINDS = ("conv 8", "conv 16", "pool", "dense 32", "dense 64", "dropout")  # as models/digits/own.py has them
FIRST = ["conv 8", "pool", "dense 32"]
OF_OTHERS, OF_ROOM = DATA = ("Scikit-learn's", "The room's")
LIMIT_S, EVERY_S = 30.0, 0.5
_RUN = "digits/training"


def show() -> None:
    """The layers, the button, the curve; then what it says of the digit on the pad."""
    st.markdown(
        "Up to six layers, in the order in which you choose them; ten units come last. 1,797 digits of 8 × 8 pixels."
    )
    drawings = pool().drawings()
    data = choose("Data", DATA, "digits-data") if len(drawings) >= ENOUGH else OF_OTHERS
    if len(drawings) < ENOUGH:
        st.caption(f"With {ENOUGH} digits that the room has shared one can train on those: there are {len(drawings)}.")
    layers: list[str] = []
    with st.container(horizontal=True):
        for place in range(6):
            first = FIRST[place] if place < len(FIRST) else "–"
            options = ("–", *KINDS)
            chosen = st.selectbox(
                f"Layer {place + 1}", options, index=options.index(first), **setting(f"layer {place + 1}")
            )
            layers += [chosen] if chosen != "–" else []
    run: tuple[tuple[str, ...], Training[Any]] | None = st.session_state.get(_RUN)
    is_busy = run is not None and not ended(run[1])
    st.button(
        "Train",
        type="primary",
        key="digits/train",
        disabled=is_busy,
        on_click=_begin,
        args=(tuple(layers), drawings if data == OF_ROOM else ()),
    )
    if wrong := st.session_state.get("digits/wrong"):
        st.warning(wrong)
    if run is None:
        return
    watch(run[1], lambda: _curve(run[1]), EVERY_S) if is_busy else _curve(run[1])
    if not is_busy and run[1].result is not None:
        _result(run[0], run[1].result)


def _begin(layers: tuple[str, ...], drawings: Sequence[Drawing]) -> None:
    from models.digits.own import build, train

    st.session_state.pop("digits/wrong", None)
    try:
        build(layers)
    except LimelightError as error:
        st.session_state["digits/wrong"] = str(error)
        return
    st.session_state[_RUN] = (
        layers,
        short_line().submit(visitor(), lambda on_step: train(layers, on_step, drawings), LIMIT_S),
    )


def _curve(training: Training[Any]) -> None:
    say_place(training, "others are training.")
    steps = training.history
    if not steps:
        return
    line = {"color": charts.GREEN, "width": 3}
    mistakes = go.Scatter(
        x=[s.step for s in steps], y=[s.validation for s in steps], name="mistakes held out", line=line
    )
    axes = {"xaxis": {"title": {"text": "epoch"}}, "yaxis": {"rangemode": "tozero", "tickformat": ".0%"}}
    charts.show(charts.quiet(go.Figure([mistakes]), 220, **axes), "digits/curve")


def _result(layers: tuple[str, ...], own: Any) -> None:
    st.markdown(
        f"**{own.right:.1%} right** on {own.held_out} digits held out; {own.weights:,} weights, {own.seconds:.1f} s: "
        f"{' → '.join((*layers, 'dense 10'))}."
    )
    if (seen := desk().seen) is not None:
        shares = own.probabilities(seen)
        bars = "".join(
            layout.bar(str(digit), float(share), layout.percent(float(share)), weak=share < shares.max())
            for digit, share in enumerate(shares)
        )
        st.markdown("What it says of your digit, made as small as those it learnt from:")
        st.html(f'<div class="bars digits">{bars}</div>')
