"""What each model would write next: its most probable tokens as bars. Press one, and it is written."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from components import layout
from components.layout import browser_component
from components.remembered import remembered_of
from components.textgen.attention import spoken
from components.textgen.choice import LONGEST_PROMPT, WritingChoice
from components.textgen.tokens import PART, readable, visible_piece
from components.textgen.unknown import gaps
from models.errors import LimelightError
from models.textgen.language_model import LanguageModel
from models.textgen.sampling import Sampling

BARS = 12
TAIL = 60  # characters of the prompt that are shown again

_SCALES = (0.1, 0.25, 0.5, 1.0)  # what the full width can stand for
_WRITTEN, _STEP = "next/written", "next/step"


@dataclass(frozen=True)
class Candidate:
    """A possible next token: `own` is the model's probability, `chosen` the one that is sampled from; 0 when cut.

    `ends`: it says that the text is over.
    """

    piece: str
    own: float
    chosen: float
    cut: bool
    ends: bool = False

    @property
    def writable(self) -> bool:
        """Whether it can be put into a text: a part of a character cannot, nor an end."""
        return bool(self.piece) and PART not in self.piece and not self.ends


@dataclass(frozen=True)
class Continued:
    """A model after a prompt: float (V,) probabilities of the next token, and what the prompt has of it already."""

    probs: np.ndarray
    begun: str


def candidates(model: LanguageModel, probs: np.ndarray, sampling: Sampling, begun: str = "") -> list[Candidate]:
    """The BARS most probable tokens of float (V,) probabilities, before and after `sampling`, which keeps the order.
    `begun` is what the prompt has of them already."""
    chosen = sampling.reshape(probs)
    cuts = _cuts(sampling)
    order = [int(token) for token in np.argsort(-probs, kind="stable")[:BARS] if probs[token] > 0]
    return [
        Candidate(
            piece=model.pieces[token].removeprefix(begun),
            own=float(probs[token]),
            chosen=float(chosen[token]),
            cut=cuts and not chosen[token],
            ends=model.ends(token),
        )
        for token in order
    ]


def show(choice: WritingChoice) -> None:
    """The prompt's end, what the settings do, and the bars of each model."""
    if not choice.models:
        st.caption("Choose a model to see what it would write next.")
        return
    st.session_state.setdefault(_STEP, 0)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<div class="prompt-tail" dir="auto">{_tail(choice.prompt)}<i></i></div>')
        st.button(
            "Undo",
            key="next/undo",
            icon=":material/undo:",
            help="Takes the last piece away that was written from here.",
            on_click=_undo,
            disabled=_last_written(choice.prompt) is None,
        )
    readings = {title: _read(model, choice.prompt) for title, model in choice.models.items()}
    read = [(title, found.probs) for title, found in readings.items() if isinstance(found, Continued)]
    if read:
        st.html(f'<p class="aside">{html.escape(_in_words(*read[0], choice.sampling))}</p>')
    titles = list(choice.models)
    width = len(titles) if len(titles) <= 3 else 2
    for begin in range(0, len(titles), width):
        row = titles[begin : begin + width]
        for place, title in zip(st.columns(width if begin else len(row), gap="medium"), row, strict=False):
            with place:
                st.html(f'<h4 class="model">{html.escape(title)}</h4>')
                found = readings[title]
                if isinstance(found, LimelightError):
                    layout.say_error(found)
                else:
                    shown = candidates(choice.models[title], found.probs, choice.sampling, found.begun)
                    _bars(titles.index(title), title, shown)
                    if unread := gaps(choice.models[title], choice.prompt):
                        st.caption(unread)


def _bars(place: int, title: str, shown: Sequence[Candidate]) -> None:
    """The candidates as rows to press: filled as sampled from, outlined as the model has it."""
    key = f"next/bars/{place}"
    # no Plotly chart: at a finger's tap it names the bar that was tapped before, and the keyboard does not reach it
    browser_component("candidates")(key=key, data=_data(title, shown), on_piece_change=partial(_write_pressed, key))


def _data(title: str, shown: Sequence[Candidate]) -> dict[str, Any]:
    """What the browser gets."""
    largest = max((max(c.own, c.chosen) for c in shown), default=1.0)
    return {
        "label": f"What {title} would write next. Press one to continue with it.",
        "step": st.session_state[_STEP],
        "full": next((scale for scale in _SCALES if largest <= scale), 1.0),
        "rows": [
            {
                "piece": c.piece,
                "text": visible_piece(c.piece),
                "spoken": spoken(c.piece),
                "own": round(c.own, 5),
                "chosen": round(c.chosen, 5),
                "percent": "cut" if c.cut else percent(c.chosen),
                "hint": _hint(c),
                "cut": c.cut,
                "writable": c.writable,
            }
            for c in shown
        ],
    }


def percent(p: float) -> str:
    """A probability, as exact as one can see it."""
    if 0 < p < 0.001:
        return "< 0.1 %"
    return f"{100 * p:.1f} %" if 0 < p < 0.1 else f"{100 * p:.0f} %"


def _hint(candidate: Candidate) -> str:
    now = "cut" if candidate.cut else f"{percent(candidate.chosen)} with these settings"
    said = f"{now}, {percent(candidate.own)} the model's own"
    if candidate.writable:
        return said
    return f"{said}; {'the end of a text' if candidate.ends else 'only a part of a character'}, not to be written"


def _in_words(title: str, probs: np.ndarray, sampling: Sampling) -> str:
    """What the settings did to this model's candidates."""
    t, after = sampling.temperature, sampling.reshape(probs)
    if t == 1 and not _cuts(sampling):
        return "At temperature 1, with nothing cut, these are the models' own probabilities."
    instead = f"{percent(float(after.max()))} instead of {percent(float(probs.max()))}"
    if t == 0:
        return f"Temperature 0 is greedy: the top candidate of {title} gets {instead}. Outlined: the model's own."
    words = [f"Temperature {t:g}"] * (t != 1)
    words += [f"top-k {sampling.top_k}"] * (sampling.top_k > 0) + [f"top-p {sampling.top_p:g}"] * (sampling.top_p < 1)
    said = f"{', '.join(words)}: the top candidate of {title} gets {instead}"
    if _cuts(sampling):
        said += f", and {np.count_nonzero(after):,} of its {len(probs):,} tokens are left"
    return f"{said}. Filled: with these settings; outlined: the model's own."


def _cuts(sampling: Sampling) -> bool:
    return sampling.temperature == 0 or sampling.top_k > 0 or sampling.top_p < 1


def _tail(prompt: str) -> str:
    return html.escape("…" * (len(prompt) > TAIL) + readable(prompt[-TAIL:]).replace("\n", "↵"))


def _read(model: LanguageModel, prompt: str) -> Continued | LimelightError:
    """The next token's probabilities; those of the last prompt are kept, as moving a slider does not change them."""

    def read() -> Continued:
        reader, begun = model.continue_from(prompt)
        return Continued(reader.probs(), begun)

    try:
        return remembered_of("next/probs", model, prompt, read)
    except LimelightError as error:
        return error


def _write_pressed(key: str) -> None:
    piece = getattr(st.session_state[key], "piece", None)
    if isinstance(piece, str):
        write(piece)


def write(piece: str) -> None:
    """Put a piece at the prompt's end, whatever the prompt is by now.

    Only for callbacks: the prompt's own widget comes before this view.
    """
    prompt = st.session_state.get("prompt") or ""
    if len(prompt) + len(piece) > LONGEST_PROMPT:
        st.toast(f"The prompt is full: it has {len(prompt):,} characters. Shorten it to go on.")
    else:
        st.session_state["prompt"] = prompt + piece
        st.session_state.setdefault(_WRITTEN, []).append((len(prompt) + len(piece), piece))
    st.session_state[_STEP] = st.session_state.get(_STEP, 0) + 1


def _last_written(prompt: str) -> str | None:
    """The piece that was written last, while the prompt still ends with it."""
    written = st.session_state.get(_WRITTEN, [])
    if written and (len(prompt), True) == (written[-1][0], prompt.endswith(written[-1][1])):
        return str(written[-1][1])
    st.session_state[_WRITTEN] = []  # the visitor wrote on by hand: there is nothing to go back to
    return None


def _undo() -> None:
    prompt = st.session_state.get("prompt") or ""
    if (piece := _last_written(prompt)) is not None:
        st.session_state["prompt"] = prompt.removesuffix(piece)
        st.session_state[_WRITTEN].pop()
        st.session_state[_STEP] += 1
