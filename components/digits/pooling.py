"""The room's digits: shared by whoever wants to, counted on the projector, trained on."""

import html

import streamlit as st

from components.console.access import presenter_only
from components.digits.drawing import desk
from components.hosting.runtime import visitor
from components.layout import bar, counted
from components.loading import one_per_process
from models.digits.pool import DigitPool, Drawing, right_of

_SHARES = "digits/shares"


@one_per_process()
def pool() -> DigitPool:
    """Of everybody on this server."""
    return DigitPool()


def put(drawing: Drawing) -> None:
    """Into the pool, where the visitor shares."""
    if st.session_state.get(_SHARES):
        pool().add(visitor(), drawing)


def offer() -> None:
    """The switch that shares one's own digits, or takes them out again."""

    def switched() -> None:
        if not st.session_state.get(_SHARES):
            pool().take_out(visitor())
        elif not pool().add(visitor(), *(Drawing(*kept) for kept in desk().kept)):
            st.session_state[_SHARES] = False

    st.toggle(
        "Share my digits with the room",
        key=_SHARES,
        on_change=switched,
        help="Everybody's are counted together on the presenter's projector, and others can train on them. They are in "
        "this server's memory until it stops; switch this off to take yours out.",
    )


@st.fragment(run_every=1)
@presenter_only
def board() -> None:
    """How right the network is about what the room draws, for the projector; nothing while nobody shares."""
    drawings = pool().drawings()
    if not drawings:
        return
    counts = right_of(drawings)
    right = sum(drawing.meant == drawing.said for drawing in drawings)
    bars = "".join(
        bar(html.escape(str(digit)), good / total, f"{good} of {total}") for digit, (good, total) in counts.items()
    )
    st.html(
        f'<p class="room-sum">Digits: {right} of {len(drawings)} read right ({right / len(drawings):.0%}), from '
        f"{counted(pool().people(), 'person')}. MNIST’s test digits: 99.7 %</p>"
        f'<div class="bars digits">{bars}</div>'
    )
