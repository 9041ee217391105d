"""Lessons: each press of Train on a project, seen from all of its tabs, and ended whether anybody looks or not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import streamlit as st

from components.hosting.runtime import visitor
from components.teachable import shared
from components.teachable.desk import desk, say
from components.teachable.study import how_held_out
from models.errors import LimelightError
from models.runtime.training import Training, TrainingStep
from models.teachable.learn.lesson import Recipe, train
from models.teachable.project import Project
from models.teachable.samples import Trained, TrainingSet

TIME_LIMIT_S = 300.0
FORGET_S = 60.0  # without a tab that shows it a training ends, with what it has learnt by then
TUNING_EPOCHS = 8  # of models/teachable/learn/tuning.py, on top of the head's
_LESSON = "teach/lesson"
Fit = Callable[[Callable[[TrainingStep], None]], Trained]


@dataclass(frozen=True, eq=False)
class Lesson:
    """One press of Train. It does not keep its project alive. The head of an experiment, with shuffled labels, is for
    nothing."""

    training: Training[Trained]
    epochs: int
    how_held_out: str
    is_experiment: bool


_lessons: "WeakKeyDictionary[Project, Lesson]" = WeakKeyDictionary()


def last_lesson() -> Lesson | None:
    """The one that runs, or ran last, on the project that is open, in whichever of its tabs."""
    lesson = _lessons.get(desk().project)
    if lesson is not None:
        st.session_state[_LESSON] = lesson
    return lesson


def keep_running() -> None:
    """In each run of the page, whatever its view: somebody is still there to train for."""
    lesson, project = last_lesson(), desk().project
    if lesson is not None:
        lesson.training.touch()
        if lesson.training.state == "failed" and project.is_training:
            project.end_training()  # it never began


def begin(recipe: Recipe, model: Any, start: Trained | None) -> None:
    """Train the open project's head, on from `start` if that is one. `model` is the kind's, for what looks at pictures
    again."""
    project = desk().project
    try:
        given = project.training_set()
    except LimelightError as error:
        say(str(error), ":material/error:")
        return
    project.begin_training()
    fit = _fit(given, project, recipe, model, start)
    looks_again = recipe.augment or recipe.fine_tune
    queue = shared.study_queue() if looks_again else shared.head_queue()
    training = queue.submit(visitor(), fit, TIME_LIMIT_S, duty=1.0, forget_s=FORGET_S)
    epochs = recipe.epochs + (TUNING_EPOCHS if recipe.fine_tune else 0)
    lesson = Lesson(training, epochs, how_held_out(given), recipe.shuffle_labels)
    st.session_state[_LESSON] = _lessons[project] = lesson


def _fit(given: TrainingSet, project: Project, recipe: Recipe, model: Any, start: Trained | None) -> Fit:
    """Its end is noted in the project even if nobody watches: the page may have been loaded again. Unless the labels
    are shuffled the result is the project's."""
    shelf = shared.shelf()

    def fit(on_step: Callable[[TrainingStep], None]) -> Trained:
        def on_looking(done: float) -> None:
            on_step(TrainingStep(0, 0.0, done))  # step 0: pictures are being looked at, so much is done

        try:
            trained = train(
                given, project.kind, recipe, start=start, model=model, on_step=on_step, on_looking=on_looking
            )
            if not recipe.shuffle_labels:
                project.keep(trained)
            return trained
        finally:
            if project.is_training:
                project.end_training()
            shelf.notice()

    return fit
