"""The view "Write": all chosen models continue the beginning at the same time, a column each."""

import html
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from components import layout
from components.copy import copy_button
from components.hosting.runtime import visitor
from components.loading import one_per_process
from components.sharing import setting
from components.textgen.choice import FIRST_SEED, LAST_SEED, WritingChoice
from components.textgen.unknown import gaps
from models.errors import BadInput
from models.textgen.language_model import LanguageModel
from models.textgen.queue import Column, Generation, GenerationQueue

EVERY_S = 0.15  # how often the page looks for more text while one or two people write; less often while more do
FIRST_LOOK_S = 0.1  # how long the press itself waits for a first token
READ = 8000  # characters of the beginning that are given to the models: more than any of them looks back
SHOWN = 400  # characters of the beginning that a column shows above its own
COLUMNS_IN_A_ROW = 4
SLOWLY = 30  # characters a second in slow motion: about as fast as one reads aloud
WRITING, WRITTEN = "textgen/writing", "textgen/written"


@one_per_process(source="generation", stats=lambda queue: vars(queue.stats()))
def generation_queue() -> GenerationQueue:
    """The one line in which everybody's texts are written."""
    return GenerationQueue()


@dataclass
class Writing:
    """One press of Write: the generation, how it began, since when it is shown in slow motion, if it is, and by title
    what a model cannot read of the beginning."""

    generation: Generation
    models: Mapping[str, LanguageModel]
    began: str
    slow_since: float | None
    gaps: Mapping[str, str]
    is_saved: bool = False

    def progress(self) -> tuple[dict[str, Column], bool]:
        """What is to be shown of each column now, and whether that is all that will come."""
        over, columns = self.generation.done, self.generation.columns
        if self.slow_since is None:
            return columns, over
        shown = int((time.monotonic() - self.slow_since) * SLOWLY)
        return columns, over and all(len(column.text) <= shown for column in columns.values())

    def shown(self, text: str) -> str:
        """As much of a column's text as has had its time."""
        return text if self.slow_since is None else text[: int((time.monotonic() - self.slow_since) * SLOWLY)]

    def stop(self) -> None:
        """Keep what is there, and show all of it."""
        self.generation.cancel()
        self.slow_since = None


def written() -> dict[str, str]:
    """What each model wrote last, by title."""
    return st.session_state.setdefault(WRITTEN, {})


def show(choice: WritingChoice) -> None:
    """Buttons and columns."""
    with st.container(horizontal=True, vertical_alignment="center", key="write-bar"):
        none = not choice.models
        write = st.button("Write", type="primary", icon=":material/edit:", key="write", disabled=none)
        following = "The next seed: another text."
        again = st.button(
            "Again", icon=":material/refresh:", key="again", help=following, disabled=none, on_click=_next_seed
        )
        stop = st.empty()
        slow = st.toggle(
            "Slow motion", **setting("slow"), help="Shows the text at reading speed; it is written at full."
        )
    if write or again:
        st.session_state[WRITING] = _begin(choice, slow)
    writing: Writing | None = st.session_state.get(WRITING)
    if writing is None:
        st.caption("Press Write: each model continues the beginning in a column of its own.")
        return
    if not writing.generation.done:
        writing.generation.wait(FIRST_LOOK_S)
    _, over = writing.progress()
    if not over:
        stop.button("Stop", icon=":material/stop:", key="stop", on_click=writing.stop)
    st.fragment(_show_columns, run_every=None if over else _interval_s())(writing)


def _interval_s() -> float:
    """Looking costs the server too: eight people who looked as often as one would leave little time to write."""
    return EVERY_S * max(1.0, generation_queue().stats().running / 2)


def _next_seed() -> None:
    st.session_state["seed"] = int(st.session_state["seed"] or 0) % LAST_SEED + FIRST_SEED


def _begin(choice: WritingChoice, slow: bool) -> Writing:
    prompt = choice.prompt[-READ:]
    how = prompt, choice.length, choice.sampling, choice.seed
    writes = {
        title: partial(_up_to, choice.length, partial(model.stream, *how)) for title, model in choice.models.items()
    }
    generation = generation_queue().submit(visitor(), writes)
    unread = {title: gaps(model, prompt) for title, model in choice.models.items()}
    return Writing(generation, choice.models, prompt[-SHOWN:], time.monotonic() if slow else None, unread)


def _up_to(length: int, stream: "partial[Iterator[str]]") -> Iterator[str]:
    """A stream's text until it has so many characters: tokens are not of the same length in all models."""
    done = 0
    for piece in stream():
        done += len(piece)
        yield piece
        if done >= length:
            return


def _show_columns(writing: Writing) -> None:
    columns, over = writing.progress()
    if position := writing.generation.position:
        st.info(f"Others are writing just now: you are number {position} in line.", icon=":material/hourglass_top:")
    titles = list(columns)
    for first in range(0, len(titles), COLUMNS_IN_A_ROW):
        row = titles[first : first + COLUMNS_IN_A_ROW]
        for place, title in zip(st.columns(len(row), gap="small"), row, strict=True):
            with place:
                _show_column(title, columns[title], writing, over)
    if over and not writing.is_saved:
        writing.is_saved = True
        written().update({title: column.text for title, column in columns.items() if column.text})
        st.rerun()  # the polling ends, and Stop goes


def _show_column(title: str, column: Column, writing: Writing, over: bool) -> None:
    # letters, not tokens: those are of another length in each column
    speed = f"{len(column.text) / column.seconds:,.0f} letters/s" if column.tokens > 1 and column.seconds else "…"
    st.html(f'<div class="writer"><b>{html.escape(title)}</b><span>{speed}</span></div>')
    text = writing.shown(column.text)
    model = writing.models[title]
    run = model.copied.longest_spoken_run(text) if over and model.copied else None
    marked = html.escape(text)
    if run and run.length:
        parts = text[: run.start], text[run.start : run.end], text[run.end :]
        before, copied, after = map(html.escape, parts)
        marked = f"{before}<mark>{copied}</mark>{after}"
    cursor = "" if over else '<i class="cursor"></i>'
    st.html(f'<div class="written"><span class="began">{html.escape(writing.began)}</span>{marked}{cursor}</div>')
    if writing.gaps[title]:
        st.caption(writing.gaps[title])
    if column.error:
        layout.say_error(BadInput(column.error))
    if run:
        found = f"{run.length} characters (marked)" if run.length else "under 14 characters"
        st.caption(f"Longest run copied from one speech of its training text: {found}.")
    if over and text:
        copy_button(writing.began + text, key=f"copy/{title}")
