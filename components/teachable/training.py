"""Training: one press, live curves, stop and go on; and what the head knows from then on."""

from typing import Any

import streamlit as st

from components import charts, layout, trainings
from components.layout import counted
from components.sharing import setting
from components.teachable import shared
from components.teachable.desk import desk
from components.teachable.lessons import Lesson, begin, last_lesson
from models.runtime.training import Training
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.lesson import Recipe
from models.teachable.samples import Trained

POLL_EVERY_S = 0.2
BY_HEART = 0.9  # accuracy on shuffled labels


def show(model: Any) -> None:
    """The button with its settings, and the curves. `model` is the kind's, None while it is not here."""
    lesson = last_lesson()
    running = lesson is not None and not trainings.ended(lesson.training)
    # on all samples or none: the cards run the page again once the last one was looked at
    busy = running or shared.intake().waiting(desk().project) > 0
    with st.container(horizontal=True, vertical_alignment="center"):
        trained = desk().project.trained
        pressed = st.button("Train", type="primary", icon=":material/model_training:", key="teach/train", disabled=busy)
        go_on = trained is not None and st.button(
            "Train further",
            icon=":material/resume:",
            key="teach/further",
            disabled=busy,
            help="Goes on from where the head is, on the samples as they are now.",
        )
        recipe = _recipe()
    if pressed or go_on:
        begin(recipe, model, trained if go_on else None)
        st.rerun()
    if lesson is not None:
        _watch(lesson)
    elif desk().project.is_training:
        st.warning(
            "This project's training was interrupted before it had a result. The samples are all here: press **Train** "
            "to train again.",
            icon=":material/restart_alt:",
        )


def _recipe() -> Recipe:
    with st.popover("Settings", icon=":material/tune:"):
        epochs = st.number_input(
            "Epochs", 1, 1000, 50, help="How often every sample is looked at.", **setting("teach/epochs")
        )
        batch = st.select_slider(
            "Batch size", (4, 8, 16, 32, 64, 128), 16, help="Samples per step.", **setting("teach/batch")
        )
        rates = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
        lr = st.select_slider("Learning rate", rates, 0.001, help="How far each step goes.", **setting("teach/lr"))
        hidden = st.select_slider(
            "Hidden units",
            (0, 16, 50, 100, 200),
            0,
            **setting("teach/hidden"),
            help="0: one linear layer on the features. More: a layer between, which can bend the border.",
        )
        seed = st.number_input("Seed", 0, 9999, 0, help="Same seed, same result.", **setting("teach/seed"))
        augment = st.toggle(
            "Augmentation",
            **setting("teach/augment"),
            help="Learns from two changed copies of each sample as well: turned, zoomed, moved, lighter or darker.",
        )
        pictures, samples = desk().project.kind.name == "pictures", len(desk().project.samples)
        if augment and pictures:
            st.caption(f"Looks at {2 * samples:,} copies first: about {0.06 * samples:.0f} s, once.")
        tune = pictures and st.toggle(
            "Fine-tune the last block",
            **setting("teach/tune"),
            help="A million weights of the network itself learn as well. It gains little, and most where pictures look "
            "like no photographs, and there are many.",
        )
        if tune:
            st.caption(f"Costs about {0.1 * samples + 2:.0f} s with these samples, and 4 MB in the file.")
        shuffle = st.toggle(
            "Shuffle the labels (experiment)",
            **setting("teach/shuffle"),
            help="Deals the samples out to the classes by chance, and trains on that. Predict both curves first! The "
            "head you have stays as it is.",
        )
    return Recipe(int(epochs), batch, lr, hidden, int(seed), augment, tune, shuffle)


def _watch(lesson: Lesson) -> None:
    def show_progress() -> None:
        _say_state(lesson)
        epochs = _epochs(lesson.training)
        if len(epochs) > 1:
            _curves(epochs)

    trainings.watch(lesson.training, show_progress, POLL_EVERY_S)


def _say_state(lesson: Lesson) -> None:
    training, state = lesson.training, lesson.training.state
    if state == "failed":
        layout.say_words(training.error or "")
        return
    if state == "done":
        _say_result(lesson)
        return
    trainings.say_place(training, "others are training just now.")
    latest = training.latest
    if latest is None or latest.step == 0:
        done, words = (latest.seconds if latest else 0.0), "looking at pictures" if latest else "starting"
    else:
        done, words = latest.step / lesson.epochs, f"epoch {latest.step} of {lesson.epochs}"
    st.progress(min(1.0, done), f"Training: {words}")
    st.button("Stop and keep it", icon=":material/stop:", key="teach/stop-training", on_click=training.stop)


def _say_result(lesson: Lesson) -> None:
    trained, epochs = lesson.training.result, _epochs(lesson.training)
    if trained is None or not epochs:
        return
    last = epochs[-1]
    stopped = f" Stopped after epoch {last.step}." if last.step < lesson.epochs else ""
    held_out, learnt = _right(last.validation_accuracy, last.held_out), _right(last.accuracy, last.learnt)
    if lesson.is_experiment:
        why = (
            "The training samples were learnt by heart."
            if last.accuracy > BY_HEART
            else f"With {trained.head.size} numbers a sample there is less to learn by heart."
        )
        st.info(
            f"Labels shuffled: {learnt} of the training samples are right, and {held_out} of those held out; guessing "
            f"gets 1 in {trained.head.classes}. {why} Your own head is as it was.{stopped}",
            icon=":material/science:",
        )
        return
    st.success(
        f"Trained on {counted(len(trained.labels), 'sample')} in {lesson.training.seconds:.1f} s: {held_out} of those "
        f"held out are right.{stopped}",
        icon=":material/check_circle:",
    )
    weights = sum(array.size for layer in trained.head.layers for array in layer)
    by_heart = f": {weights:,} weights can learn a hundred pictures by heart, whatever their labels"
    st.caption(
        f"Of the training samples {learnt} are right, which says little"
        f"{by_heart if desk().project.kind.name == 'pictures' else ''}. What counts is those held out. "
        f"{lesson.how_held_out}"
    )


def _epochs(training: Training[Trained]) -> list[Epoch]:
    return [step for step in training.history if isinstance(step, Epoch)]


def _right(accuracy: float, count: int) -> str:
    return f"{round(accuracy * count):,} of {count:,} ({accuracy:.0%})"


def _curves(epochs: list[Epoch]) -> None:
    """Loss and accuracy, of the training part and of what was held out."""
    left, right = st.columns(2)
    with left:
        held_out = [(e.step, e.validation or 0.0) for e in epochs]
        _curve("Loss", [(e.step, e.loss) for e in epochs], held_out, rangemode="tozero")
    with right:
        held_out = [(e.step, e.validation_accuracy) for e in epochs]
        _curve("Accuracy", [(e.step, e.accuracy) for e in epochs], held_out, range=[0, 1.03], tickformat=".0%")


def _curve(title: str, training: charts.Points, validation: charts.Points, **axis: Any) -> None:
    heading = {"text": title, "font": {"size": 14}}
    figure = charts.training_curves(training, validation, 220, x="epochs", title=heading, yaxis=axis, uirevision=title)
    charts.show(figure, f"teach/curve/{title}")
