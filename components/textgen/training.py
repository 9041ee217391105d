"""The view "Train": a visitor's own text makes an n-gram at once, an LSTM or a fine-tuned GPT before their eyes."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from components import charts, layout, loading, trainings
from components.sharing import setting
from components.textgen import own, rounds
from components.textgen.choice import own_models
from components.textgen.own_text import choose_text
from components.textgen.rounds import Round
from models.errors import LimelightError
from models.runtime.training import TrainingStep
from models.textgen.copied import CopyIndex
from models.textgen.language_model import LanguageModel
from models.textgen.split import split

NGRAM, LSTM, GPT = "n-gram", "LSTM", "GPT"
ABOUT = {
    NGRAM: "Counts what followed the last letters or words. Ready at once; a high order copies more than it invents.",
    LSTM: "A network that begins with nothing and reads your text letter by letter: noise at first, then words.",
    GPT: "Fine-tuning: the GPT that has read Shakespeare goes on reading, now your text. Slower, but it knows English.",
}
SIZES: dict[str, dict[str, Any]] = {"Small": {"hidden": 256}, "Medium": {"hidden": 512, "learning_rate": 2e-3}}
UNITS = {"letters": ("characters", 8, 6), "words": ("words", 4, 3)}  # the model's word, highest order, default
EVERY = {LSTM: ((10, 25, 50, 100), 25), GPT: ((5, 10, 25, 50), 10)}  # steps between samples; a GPT's take longer
BITS = (
    "Bits per character say how surprised a model is; lower is better. 8 is pure guessing among 256 bytes, 4.8 "
    "knows how frequent each of Shakespeare's letters is, 2 is what the GPT reaches on Shakespeare."
)
LIMITS_S = (10, 300, 60, 10)  # shortest, longest, default, step
POLL_EVERY_S = 0.5
OVERFITTING_BITS = 0.05  # so far above its lowest, validation has risen clearly
TESTED = 20_000  # held-out characters that are read for an n-gram's figure, as many as for an LSTM's

_counting = threading.Lock()  # one text at a time: counting 5 MB takes 500 MB for some seconds


def show() -> None:
    """The whole view."""
    rounds.keep_finished()
    text = choose_text().text
    making, seeing = st.columns([2, 3], gap="large")
    with making:
        _recipe(text)
    with seeing:
        if (round_ := rounds.last_round()) is not None:
            _watch(round_)
        st.caption(BITS)
        if chosen := own.show_models(can_go_on=rounds.running() is None):
            model = own_models()[chosen]
            _begin(own.kind_of(model), text, chosen, model)
        own.load_model(rounds.coming())


def overfits(steps: Sequence[TrainingStep]) -> bool:
    """Whether the loss on held-out text has risen clearly above its lowest."""
    tested = [step.validation for step in steps if step.validation is not None]
    return bool(tested) and tested[-1] > min(tested) + OVERFITTING_BITS


def curve(steps: Sequence[TrainingStep]) -> go.Figure:
    """Bits per character over the steps: each batch as a thin line, the held-out text as marked points."""
    batches = [(step.step, round(step.loss, 3)) for step in steps]
    tested = [(step.step, round(step.validation, 3)) for step in steps if step.validation is not None]
    # uirevision keeps the zoom when the next steps come: who wants to zoom has the bar above the curve
    return charts.training_curves(
        batches,
        tested,
        280,
        x="steps",
        held_out="validation (held out)",
        yaxis_title_text="bits per character",
        uirevision="curve",
    )


def _recipe(text: str) -> None:
    """What to make of the text, and the button that does."""
    kind = st.segmented_control(
        "What to train",
        [NGRAM, LSTM, GPT],
        default=LSTM,
        required=True,
        format_func=lambda kind: "GPT, fine-tuned" if kind == GPT else kind,
        **setting("textgen/train/kind"),
        width="stretch",
    )
    st.caption(ABOUT[kind])
    unit, order = _counting_settings() if kind == NGRAM else ("", 0)
    if kind != NGRAM:
        _network_settings(kind)
    suggested = own.free_name("", f"My {kind}", also_taken=rounds.coming())
    wanted = st.text_input(
        "Name",
        max_chars=own.MAX_NAME_LETTERS,
        placeholder=suggested,
        key=f"textgen/train/name/{kind}",
        persist_state="session",
    )
    start = loading.model("shakespeare-gpt") if kind == GPT else None
    busy = kind != NGRAM and rounds.running() is not None
    pressed = st.button(
        "Count" if kind == NGRAM else "Train",
        type="primary",
        icon=":material/model_training:",
        key="textgen/train/start",
        disabled=busy or (kind == GPT and start is None),
        help="One training at a time: stop the one that runs, or let it end." if busy else None,
        width="stretch",
    )
    if not pressed:
        return
    name = own.free_name(wanted, f"My {kind}", also_taken=rounds.coming())
    if kind == NGRAM:
        _count(text, name, unit, order)
    else:
        _begin(kind, text, name, start)


def _counting_settings() -> tuple[str, int]:
    shown = st.segmented_control(
        "Pieces", list(UNITS), default="letters", required=True, **setting("textgen/train/unit")
    )
    unit, highest, default = UNITS[shown]
    key = f"textgen/train/order/{unit}"
    help_ = f"Order {default} foretells each of the {shown} from the {default - 1} before it."
    return unit, st.slider("Order", 1, highest, default, **setting(key), help=help_)


def _network_settings(kind: str) -> None:
    """Kept in the session, where `_begin` finds them whoever presses."""
    if kind == LSTM:
        key = "textgen/train/size"
        st.segmented_control("Size", list(SIZES), default="Small", required=True, **setting(key))
    options, default = EVERY[kind]
    every, limit = f"textgen/train/every/{kind}", "textgen/train/limit"
    st.select_slider("A sample every … steps", options, default, **setting(every))
    st.slider("Time limit", *LIMITS_S, format="%d s", **setting(limit))


def _count(text: str, name: str, unit: str, order: int) -> None:
    from models.textgen.ngram import NGram

    try:
        own.check_room(name, rounds.coming())
        training, held_out = split(text) if len(text) >= 100 else (text, "")
        with st.spinner("Counting…"), _counting:
            began = time.monotonic()
            model = NGram.fit(training, unit, order, name)
            seconds = time.monotonic() - began
        model.copied = CopyIndex.from_text(training)
        tested = own.held_out(model.bits_per_char(held_out[:TESTED])) if held_out else ""
    except LimelightError as error:
        layout.say_error(error)
        return
    own.keep(name, model, f"{len(training):,} characters counted in {seconds:.2f} s{tested}")
    st.rerun()


def _begin(kind: str, text: str, name: str, start: LanguageModel | None) -> None:
    """With the settings as they were last seen: "Go on" is pressed where others may be shown."""
    state, every = st.session_state, f"textgen/train/every/{kind}"
    size = SIZES[state.get("textgen/train/size", "Small")] if kind == LSTM else {}
    limit = state.get("textgen/train/limit", LIMITS_S[2])
    try:
        rounds.begin(kind, text, name, start, limit, state.get(every, EVERY[kind][1]), **size)
    except LimelightError as error:
        layout.say_error(error)
        return
    st.rerun()


def _watch(round_: Round) -> None:
    """Progress, curve and newest sample, again and again until the training ends."""

    def show_progress() -> None:
        st.text(f"{round_.kind}: {round_.name}")
        _say_state(round_)
        if steps := round_.steps:
            st.plotly_chart(curve(steps), key="textgen/train/curve", theme="streamlit", config={"displaylogo": False})
            if overfits(steps):
                st.caption(
                    "**Overfitting**: validation rises while training falls. It learns your text by heart, and gets "
                    "worse at text it has not seen. More text helps, or stopping earlier."
                )
        if samples := round_.training.samples:
            step, text = samples[-1]
            st.caption(f"What it wrote after step {step:,}:")
            st.code(text, language=None, wrap_lines=True, height=180)

    trainings.watch(round_.training, show_progress, POLL_EVERY_S)


def _say_state(round_: Round) -> None:
    training, state = round_.training, round_.training.state
    trainings.say_place(training, "one text is learnt at a time here. Stay on this view to keep your place.")
    if state == "failed":
        layout.say_words(training.error or "")
    elif state == "done":
        if round_.name in own_models():
            st.success("Trained. It is one more column under Write.", icon=":material/check_circle:")
    elif not training.position:
        latest = training.latest
        words = f"step {latest.step:,} · {latest.loss:.2f} bits per character" if latest else "reading your text"
        seconds = latest.seconds if latest else 0.0
        st.progress(min(1.0, seconds / round_.limit_s), f"{seconds:.0f} of {round_.limit_s} s · {words}")
        st.caption("Stay on this view: when nobody looks for 20 s it stops, and keeps what it has learnt.")
    if not trainings.ended(training):
        stopping = state == "stopping"
        label = "Stopping…" if stopping else "Stop and keep it" if training.latest else "Stop"
        st.button(label, on_click=training.stop, disabled=stopping, icon=":material/stop:", key="textgen/train/stop")
