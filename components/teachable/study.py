"""Studies: what is computed of the samples in the background, once, with its progress on the page."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from components import layout, trainings
from components.hosting.runtime import visitor
from components.teachable import shared
from components.teachable.desk import desk
from models.errors import LimelightError
from models.runtime.training import Training, TrainingStep
from models.teachable.project import Project
from models.teachable.samples import TrainingSet

T = TypeVar("T")
OnShare = Callable[[float], None]
"""Hears the share done, 0..1; may raise TrainingStopped."""

POLL_EVERY_S = 0.4
LIMIT_S = 600.0


@dataclass
class _Study:
    of: Hashable
    training: Training[Any]


def signature(given: TrainingSet) -> int:
    """Tells whether the samples or their classes are other ones than before."""
    return hash((tuple(one.id for one in given.classes), tuple(s.key for s in given.samples), given.labels.tobytes()))


def training_set() -> TrainingSet | None:
    """The samples that a study is of; None after saying why there are too few. Those that are still being looked at
    make the page run again."""
    project = desk().project
    if shared.intake().waiting(project):
        _until_looked_at(project)
    try:
        return project.training_set()
    except LimelightError as error:
        st.info(layout.plain(str(error)), icon=":material/info:")
        return None


def _until_looked_at(project: Project) -> None:
    @st.fragment(run_every=POLL_EVERY_S)
    def look() -> None:
        if not shared.intake().waiting(project):
            st.rerun()

    look()


def how_held_out(given: TrainingSet) -> str:
    """One sentence on how much a test with held-out samples is worth."""
    if given.by_recording:
        return "Held out were whole recordings: nothing of them was learnt from."
    return (
        "There is a class with one recording only, so samples of a recording that was learnt from were held out: this "
        "looks better than it is. Record each class a second time, another way or on another day."
    )


def hidden_units() -> int:
    """Of the head that was trained last: studies are of one like it."""
    trained = desk().project.trained
    return trained.head.hidden if trained else 0


def studied(
    name: str, of: Hashable, compute: Callable[[OnShare], T], words: str, meanwhile: Callable[[], None] = lambda: None
) -> T | None:
    """The result of `compute`, which runs in the background, once for the same `of`; None, with `words` and the
    progress on the page and `meanwhile` below, until it is there, or with the reason when there will be none."""
    key = f"teach/study/{name}"
    study: _Study | None = st.session_state.get(key)
    if study is None or study.of != of:

        def fit(on_step: Callable[[TrainingStep], None]) -> T:
            return compute(lambda share: on_step(TrainingStep(0, 0.0, share)))

        if study is not None:
            study.training.stop()
        training = shared.study_queue().submit(f"{visitor()}/{name}", fit, LIMIT_S, duty=0.9)
        study = st.session_state[key] = _Study(of, training)
    training = study.training
    training.touch()
    if training.state == "done":
        return training.result
    if training.state == "failed":
        layout.say_words(training.error or "")
        if st.button("Try again", key=f"{key}/again"):
            st.session_state.pop(key)
            st.rerun()
        return None

    def show_progress() -> None:
        trainings.say_place(training, "other projects are being studied.")
        latest = training.latest
        st.progress(min(1.0, latest.seconds) if latest else 0.0, words)
        st.button("Stop", icon=":material/stop:", key=f"{key}/stop", on_click=training.stop)
        meanwhile()

    trainings.watch(training, show_progress, POLL_EVERY_S)
    return None
