"""What each model would write next: its most probable tokens as bars. Press one, and it is written."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components import layout
from components.attention import visible
from components.textgen.choice import LONGEST_PROMPT, Choice
from models.errors import LimelightError
from models.textgen.language_model import LanguageModel
from models.textgen.sampling import Sampling

BARS = 12
PILLS = 5  # the same by keyboard, which does not reach the bars
TAIL = 60  # characters of the prompt that are shown again
ROW_PX = 28
PART = "\ufffd"  # stands in a piece for bytes that are no whole character

_SCALES = (0.1, 0.25, 0.5, 1.0)  # what the full width can stand for
_FILLED, _OUTLINE, _ROW = "rgba(110, 165, 20, 0.55)", "rgba(128, 128, 128, 0.9)", "rgba(128, 128, 128, 0.12)"
_GUTTER = 0.36  # of the bars' width, which leaves room for _SHORT letters on a phone
_SHORT = 11
_WRITTEN, _STEP = "next/written", "next/step"


@dataclass(frozen=True)
class Candidate:
    """A possible next token: `own` is the model's probability, `chosen` the one that is sampled from; 0 when cut."""

    piece: str
    own: float
    chosen: float
    cut: bool

    @property
    def writable(self) -> bool:
        """Whether it can be put into a text: a part of a character cannot."""
        return bool(self.piece) and PART not in self.piece


def candidates(model: LanguageModel, probs: np.ndarray, sampling: Sampling) -> list[Candidate]:
    """The BARS most probable tokens of float (V,) probabilities, before and after `sampling`, which keeps the order."""
    chosen = sampling.reshape(probs)
    cuts = _cuts(sampling)
    order = [int(token) for token in np.argsort(-probs, kind="stable")[:BARS] if probs[token] > 0]
    return [
        Candidate(model.pieces[token], float(probs[token]), float(chosen[token]), cuts and not chosen[token])
        for token in order
    ]


def show(choice: Choice) -> None:
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
    probs: dict[str, np.ndarray | LimelightError] = {
        title: _probs(m, choice.prompt) for title, m in choice.models.items()
    }
    read = [(title, p) for title, p in probs.items() if isinstance(p, np.ndarray)]
    if read:
        st.html(f'<p class="aside">{html.escape(_in_words(*read[0], choice.sampling))}</p>')
    titles = list(choice.models)
    width = len(titles) if len(titles) <= 3 else 2
    for begin in range(0, len(titles), width):
        row = titles[begin : begin + width]
        for place, title in zip(st.columns(width if begin else len(row), gap="medium"), row, strict=False):
            with place:
                st.html(f'<h4 class="model">{html.escape(title)}</h4>')
                found = probs[title]
                if isinstance(found, LimelightError):
                    layout.say_error(found)
                else:
                    _show_model(title, candidates(choice.models[title], found, choice.sampling), choice.prompt)


def _show_model(title: str, shown: Sequence[Candidate], prompt: str) -> None:
    # another key for each step: a chart or pill that was chosen stays chosen, and would not be heard a second time
    step = st.session_state[_STEP]
    bars, pills = f"next/bars/{title}/{step}", f"next/pills/{title}/{step}"
    st.plotly_chart(
        figure(shown),
        key=bars,
        on_select=partial(_write_clicked, bars, tuple(c.piece if c.writable else "" for c in shown), prompt),
        selection_mode="points",
        config={"displayModeBar": False},
    )
    # two pieces may look the same: a space, and the sign for it
    named = {_plain(visible(c.piece)): c.piece for c in reversed(shown) if c.writable and not c.cut}
    labels = list(reversed(named))[:PILLS]
    st.pills(
        f"Continue with, {_plain(title)}",
        labels,
        key=pills,
        on_change=_write_pill,
        args=(pills, named, prompt),
        label_visibility="collapsed",
    )


def figure(shown: Sequence[Candidate]) -> go.Figure:
    """A row for each candidate, pressable in its full width: filled as sampled from, outlined as the model has it."""
    rows = list(range(len(shown)))
    largest = max((max(c.own, c.chosen) for c in shown), default=1.0)
    full = next((scale for scale in _SCALES if largest <= scale), 1.0)
    gutter = _GUTTER * full  # left of 0, for the pieces
    common: dict[str, Any] = {"y": rows, "orientation": "h", "width": 0.86}
    unheard = {"hoverinfo": "skip"}  # or a press would be of whichever bar is nearest
    drawn = go.Figure(
        [
            go.Bar(
                base=-gutter,
                x=[gutter + full] * len(shown),
                marker={"color": _ROW, "line": {"width": 0}},
                hovertext=[_hover(c) for c in shown],
                hoverinfo="text",
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                **common,
            ),
            go.Bar(x=[c.chosen for c in shown], marker={"color": _FILLED, "line": {"width": 0}}, **unheard, **common),
            go.Bar(
                x=[c.own for c in shown],
                marker={"color": "rgba(0,0,0,0)", "line": {"width": 1.5, "color": _OUTLINE}},
                **unheard,
                **common,
            ),
        ]
    )
    for cut in (False, True):
        some = [(row, c) for row, c in zip(rows, shown, strict=True) if c.cut == cut]
        for x, side, words in (
            (-0.97 * gutter, "middle right", [html.escape(_short(c.piece), quote=False) for _, c in some]),
            (0.985 * full, "middle left", ["cut" if cut else percent(c.chosen) for _, c in some]),
        ):
            place = {"x": [x] * len(some), "y": [row for row, _ in some], "mode": "text", "textposition": side}
            drawn.add_scatter(
                **place, text=words, textfont={"size": 14}, opacity=0.55 if cut else 1, cliponaxis=False, **unheard
            )
    drawn.update_layout(
        barmode="overlay",
        bargap=0,
        showlegend=False,
        height=ROW_PX * len(shown) + 30,
        margin={"l": 0, "r": 18, "t": 0, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,  # a finger scrolls the page
        hovermode="closest",
        hoverlabel={"align": "left"},
        xaxis={
            "range": [-gutter, full],
            "tickvals": [0, full / 2, full],
            "ticktext": ["0 %", f"{50 * full:g} %", f"{100 * full:g} %"],
            "ticklabeloverflow": "allow",
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"range": [len(shown) - 0.5, -0.5], "visible": False, "fixedrange": True},
    )
    return drawn


def visible_piece(piece: str) -> str:
    """A token as one sees it; what is only a part of a character as ▯."""
    return visible(piece).replace(PART, "▯")


def _short(piece: str) -> str:
    shown = visible_piece(piece)
    return shown if len(shown) <= _SHORT else f"{shown[: _SHORT - 1]}…"


def percent(p: float) -> str:
    """A probability, as exact as one can see it."""
    if 0 < p < 0.001:
        return "< 0.1 %"
    return f"{100 * p:.1f} %" if 0 < p < 0.1 else f"{100 * p:.0f} %"


def _hover(candidate: Candidate) -> str:
    piece = html.escape(visible_piece(candidate.piece), quote=False)
    now = "cut" if candidate.cut else f"{percent(candidate.chosen)} with these settings"
    return f"‹{piece}› {now}<br>{percent(candidate.own)} the model's own"


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
    shown = "…" * (len(prompt) > TAIL) + prompt[-TAIL:]
    return html.escape("".join(char if char == " " else visible(char) for char in shown))


def _probs(model: LanguageModel, prompt: str) -> np.ndarray | LimelightError:
    """The next token's probabilities; those of the last prompt are kept, as moving a slider does not change them."""
    known = st.session_state.setdefault("next/probs", WeakKeyDictionary())
    found = known.get(model)
    if found is None or found[0] != prompt:
        try:
            found = known[model] = prompt, model.read(model.encode(prompt)).probs()
        except LimelightError as error:
            return error
    return found[1]


def _plain(text: str) -> str:
    """A text that Markdown leaves as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _write_clicked(key: str, pieces: Sequence[str], shown_for: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    at = points[-1].get("point_index") if points else None  # none: the press that takes a choice back
    if isinstance(at, int) and 0 <= at < len(pieces):
        write(pieces[at], shown_for)


def _write_pill(key: str, pieces: dict[str, str], shown_for: str) -> None:
    if (label := st.session_state[key]) in pieces:
        write(pieces[label], shown_for)


def write(piece: str, shown_for: str = "") -> None:
    """Put a piece at the prompt's end; for callbacks, as the prompt's own widget comes before this view.

    The prompt is whatever it is by now; `shown_for` is only for a page that has none in its session.
    """
    prompt = st.session_state.get("prompt", shown_for) or ""
    if not piece:
        st.toast("This token is only a part of a character: it cannot stand in a text alone.")
    elif len(prompt) + len(piece) > LONGEST_PROMPT:
        st.toast(f"The prompt is full: it has {len(prompt):,} characters. Shorten it to go on.")
    else:
        written = st.session_state.setdefault(_WRITTEN, [])
        st.session_state["prompt"] = prompt + piece
        written.append((len(prompt) + len(piece), piece))
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
