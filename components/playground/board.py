"""The view "Learn": the network beside the plane, and the buttons that make it learn."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import live
from components.playground.choice import Chosen
from components.playground.desk import CHANNEL, PALETTE, Desk

TOUCH_EVERY_S = 5.0
FALLBACK_EVERY_S = 1.0
ENLARGED = 8  # times, of the picture where no socket is


def show(desk: Desk, chosen: Chosen, bar: DeltaGenerator) -> None:
    """Run, step, reset in the row `bar`; then what the browser paints."""
    with bar:
        if desk.is_learning:
            st.button("Pause", icon=":material/pause:", type="primary", key="playground/run", on_click=desk.pause)
        else:
            st.button("Run", icon=":material/play_arrow:", type="primary", key="playground/run", on_click=desk.run)
        st.button("Step", icon=":material/skip_next:", key="playground/step", on_click=desk.one_step)
        st.button("Reset", icon=":material/replay:", key="playground/reset", on_click=desk.reset)
    if why := desk.why_not():
        st.info(why, icon=":material/touch_app:")
    is_painted = live.show_channel(CHANNEL, desk.first())
    _watch(desk, is_painted=is_painted)
    if said := _why_it_fails(chosen):
        st.info(said, icon=":material/lightbulb:")


def _watch(desk: Desk, *, is_painted: bool) -> None:
    """Say that somebody is there; show a picture where the browser can't paint; run the page anew once it has ended."""
    was_learning = desk.is_learning

    @st.fragment(run_every=(TOUCH_EVERY_S if is_painted else FALLBACK_EVERY_S) if was_learning else None)
    def again() -> None:
        if desk.lesson is not None:
            desk.lesson.touch()
        if was_learning and not desk.is_learning:
            st.rerun()
        if not is_painted:
            _still(desk)

    again()


def _still(desk: Desk) -> None:
    if desk.learner is None:
        st.caption("There is no direct line to the server: after *Run* a picture comes once a second.")
        return
    with desk.learner.lock:
        snapshot = desk.learner.snapshot()
    picture = PALETTE[snapshot.classes].repeat(ENLARGED, 0).repeat(ENLARGED, 1)
    words = f"Epoch {snapshot.epoch}, loss {snapshot.losses[0]:.3f}"
    st.image(picture, caption=words, alt="What the network says of each place")
    if snapshot.problem:
        st.warning(snapshot.problem)


def _why_it_fails(chosen: Chosen) -> str:
    """Of settings under which nothing good can come of it, why."""
    is_bent = set(chosen.spec.inputs) & {"x·y", "x²", "y²", "sin x", "sin y"}
    if chosen.kind in ("XOR", "circles", "spiral", "moons") and not chosen.spec.hidden and not is_bent:
        return (
            "Without a hidden layer the network can only draw one straight line, and no line parts these points. "
            "Add a layer, or let it see x·y."
        )
    if chosen.spec.hidden and chosen.spec.activation == "none" and not chosen.is_curve and chosen.kind != "clusters":
        return "Without an activation all layers together are only one: the boundary stays a straight line."
    return ""
