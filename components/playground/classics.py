"""The view "Classics": a rule by hand and scikit-learn's classifiers on the same points."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from components.hosting.runtime import visitor
from components.playground.desk import PALETTE, Desk
from components.sharing import setting
from components.trainings import ended, say_place, short_line, watch
from models.playground.network import INPUTS
from models.playground.points import REACH, Points
from models.runtime.training import Training

if TYPE_CHECKING:  # scikit-learn is heavy
    from models.playground.classics import Trained

SIDE = 240  # pixels of a small picture
LIMIT_S, EVERY_S = 30.0, 0.5
_ASKED = "playground/classics"


def show(desk: Desk) -> None:
    """The rule by hand, then the others at a press."""
    if (why := desk.why_not()) or desk.train.is_curve:
        st.info(why or "These tell classes apart. Choose other points than a curve.")
        return
    hand, others = st.columns([1, 2], gap="large")
    with hand:
        _by_hand(desk)
    with others:
        st.markdown("**Six that learn without a network**, from 1936 to 2017.")
        asked: tuple[Any, Training[Any]] | None = st.session_state.get(_ASKED)
        is_busy = asked is not None and not ended(asked[1])
        train, test = desk.train, desk.test

        def begin() -> None:
            st.session_state[_ASKED] = (
                (train, test),
                short_line().submit(visitor(), lambda on_step: _train(train, test), LIMIT_S),
            )

        st.button("Train them", type="primary", key="playground/classics/train", disabled=is_busy, on_click=begin)
        if asked is not None and is_busy:
            watch(asked[1], lambda: say_place(asked[1], "others are being trained first."), EVERY_S)
        elif asked is not None and asked[1].result is not None:
            _show_all(asked[1].result, *asked[0])


def _train(train: Points, test: Points) -> Any:
    from models.playground.classics import train_all

    return train_all(train, test)


def _by_hand(desk: Desk) -> None:
    from models.playground.classics import Rule, by_hand

    st.markdown("**Your own rule.** Write it, until the reddish oranges come.")
    names = desk.train.names
    feature = st.selectbox("If", list(INPUTS), **setting("rule"))
    limit = st.slider("is above", -2.0, 2.0, 0.0, 0.05, **setting("limit"))
    above = st.selectbox("it is", range(2), format_func=lambda at: names[at], **setting("above"))
    if len(names) > 2:
        st.caption("One rule parts two classes; the others are always wrong here.")
    _card(by_hand(Rule(feature, limit, int(above or 0)), desk.train, desk.test), desk.train, desk.test)


def _show_all(trained: "list[Trained]", train: Points, test: Points) -> None:
    for at in range(0, len(trained), 3):
        for place, one in zip(st.columns(3, gap="small"), trained[at : at + 3], strict=False):
            with place:
                _card(one, train, test)


def _card(one: "Trained", train: Points, test: Points) -> None:
    took = f", {1000 * one.seconds:.0f} ms" if one.seconds else ""
    held_out = f"{one.test:.0%} held out, " if len(test) else ""
    st.image(_drawn(one.classes, train, test), alt=f"What {one.name} says of each place", width="stretch")
    st.caption(f"**{one.name}**: {held_out}{one.train:.0%} trained on{took}")


def _drawn(classes: np.ndarray, train: Points, test: Points) -> np.ndarray:
    """The boundary with the points on it: uint8 (SIDE, SIDE, 3)."""
    times = SIDE // len(classes)
    picture = (PALETTE[classes] // 2 + 110).repeat(times, 0).repeat(times, 1)
    for points, size in ((train, 2), (test, 1)):
        at = np.clip((points.xy * (1, -1) + REACH) / (2 * REACH) * SIDE, size, SIDE - 1 - size).astype(int)
        for (x, y), label in zip(at.tolist(), points.labels.tolist(), strict=True):
            picture[y - size : y + size + 1, x - size : x + size + 1] = PALETTE[label]
    return picture
