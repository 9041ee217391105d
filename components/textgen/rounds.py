"""The visitor's training of a network: the one that runs or ran last, how it begins, and that its model is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from components.hosting.runtime import visitor
from components.loading import one_per_process
from components.textgen import own
from components.textgen.choice import own_models
from components.trainings import ended
from models.errors import BadInput
from models.runtime.training import HISTORY, Training, TrainingQueue, TrainingStep
from models.textgen.language_model import LanguageModel
from models.textgen.split import split

SLACK_S = 30.0  # on top of the time limit, for cutting the text into tokens; `fit` itself keeps to the limit
_ROUND = "textgen/train/round"


@one_per_process()
def training_queue() -> TrainingQueue:
    """The one line in which visitors' texts are learnt."""
    return TrainingQueue()


@dataclass
class Round:
    """One press of Train: what is made, from what, and the curve of the rounds that it goes on from."""

    name: str
    kind: str
    limit_s: int
    training: Training[LanguageModel]
    earlier: Sequence[TrainingStep] = field(default_factory=tuple)
    is_saved: bool = False

    @property
    def steps(self) -> list[TrainingStep]:
        """All steps for the curve, numbered from the first round's beginning on."""
        if not self.earlier:
            return self.training.history
        before = self.earlier[-1].step
        return [*self.earlier, *(replace(step, step=before + step.step) for step in self.training.history)]


def last_round() -> Round | None:
    """The visitor's training that runs, or else the last that ran."""
    round_: Round | None = st.session_state.get(_ROUND)
    return round_


def running() -> Round | None:
    """The one that runs or waits in line; a visitor has one at a time."""
    round_ = last_round()
    return round_ if round_ is not None and not ended(round_.training) else None


def coming() -> str:
    """The name of the model that is being made, "" for none."""
    round_ = running()
    return round_.name if round_ else ""


def begin(
    kind: str, text: str, name: str, start: LanguageModel | None, limit_s: int, sample_every: int, **options: Any
) -> None:
    """Put the training of an "LSTM" or a "GPT" in the line, on from `start` if that is one; `options` are its `fit`'s.

    Raises BadInput for a text too short, or when the visitor has no room for one model more.
    """
    own.check_room(name, coming())
    if not text:
        raise BadInput("There is no text to learn from. Paste or upload some, or take one of ours.")
    split(text)  # too short? Better to know before waiting in line
    before = last_round()
    goes_on = before is not None and before.name == name and name in own_models()
    earlier = _thinned(before.steps) if before is not None and goes_on else []

    def fit(on_step: Callable[[TrainingStep], None]) -> LanguageModel:
        from models.textgen.char_rnn import CharRNN
        from models.textgen.gpt import GPT

        how: dict[str, Any] = options | {"seconds": limit_s, "sample_every": sample_every, "on_step": on_step}
        how["seed"] = len(earlier)  # or each round would draw the same batches
        model: LanguageModel = (CharRNN if kind == "LSTM" else GPT).fit(text, name=name, start=start, **how)  # type: ignore[arg-type]
        model.copied = own.copy_index(start, split(text)[0])
        return model

    training = training_queue().submit(visitor(), fit, limit_s + SLACK_S)
    st.session_state[_ROUND] = Round(name, kind, limit_s, training, earlier)


def keep_finished() -> None:
    """Put the model of a training that has ended among the visitor's own. Any view may call it, it costs nothing."""
    round_ = last_round()
    if round_ is None or not ended(round_.training) or round_.is_saved:
        return
    round_.is_saved = True
    if round_.training.result is not None:
        steps = round_.steps
        tested = [step.validation for step in steps if step.validation is not None]
        learnt = f"{steps[-1].step if steps else 0:,} steps, the last round took {round_.training.seconds:.0f} s"
        own.keep(round_.name, round_.training.result, learnt + (own.held_out(tested[-1]) if tested else ""))


def _thinned(steps: list[TrainingStep]) -> list[TrainingStep]:
    """At most about HISTORY steps, however many rounds there were."""
    if len(steps) <= HISTORY:
        return steps
    return [step for at, step in enumerate(steps) if at % 2 or step.validation is not None]
