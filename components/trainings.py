"""A training on a page: its line, watched until it ends, and its place there."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from components.loading import one_per_process
from models.runtime.training import Training, TrainingQueue


@one_per_process()
def short_line() -> TrainingQueue:
    """The one line for everybody's trainings and searches of a few seconds."""
    return TrainingQueue()


def ended(training: Training[Any]) -> bool:
    """Whether its thread is through."""
    return training.state in ("done", "failed")


def watch(training: Training[Any], show: Callable[[], None], every_s: float) -> None:
    """Calls `show` again and again while the training goes on, then runs the whole page once more, which has its result
    from then on."""
    running = not ended(training)

    @st.fragment(run_every=every_s if running else None)
    def poll() -> None:
        training.touch()
        if running and ended(training):
            st.rerun()
        show()

    poll()


def say_place(training: Training[Any], why: str) -> None:
    """Its place in line while it waits, and what for."""
    if training.state == "waiting" and (position := training.position):
        st.info(f"Number {position} in line: {why}", icon=":material/hourglass:")
