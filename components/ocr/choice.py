"""What all views of the page share: who reads, how the text is arranged, what is done to the picture before."""

from dataclasses import dataclass

import streamlit as st

from components import loading, sharing
from components.sharing import setting
from models.catalog import about, of_task, title_of
from models.ocr.boxes import Reading
from models.ocr.layout.arrange import MODES, arrange, arrange_best
from models.ocr.layout.pieces import Arranged
from models.ocr.prepare.steps import Tools

TASK = "text recognition"
AUTO = "Auto"
_TOOLS = "ocr/tools"


@dataclass(frozen=True)
class ReaderChoice:
    """`engine` is the reader's name in the catalogue, None while it is not here; a word whose score is below
    `weak_below` is marked."""

    engine: str | None
    arrangement: str
    weak_below: float

    def arranged(self, reading: Reading) -> Arranged:
        """The text of a reading, as the visitor wants it."""
        if self.arrangement == AUTO:
            return arrange_best(reading.boxes)
        return arrange(reading.boxes, self.arrangement)


def choose() -> ReaderChoice:
    """Who reads, under one button."""
    with st.popover("Reader settings", icon=":material/settings:"):
        name = choose_engine("Reader", key="engine")
        weak_below = st.slider(
            "Mark words less sure than",
            0.0,
            1.0,
            0.8,
            0.05,
            format="percent",
            **setting("weak"),
            help="How sure the network is of a word's letters. It may be sure and wrong.",
        )
    name, model = loading.model_or_bundled(name)
    return ReaderChoice(name if model is not None else None, st.session_state.get("as", AUTO), weak_below)


def choose_arrangement() -> str:
    """What to make of the lines: one of the rules, or the one that fits best."""
    return sharing.choose("Text as", (AUTO, *MODES), "as")


def read_with(engine: str) -> None:
    """From the next run on; a reader that is not on the server yet is offered there."""
    st.session_state["engine"] = engine


def choose_engine(label: str, *, key: str, without: str = "") -> str:
    """One of the readers in the catalogue, by name, and a line on it."""
    names = [entry.name for entry in of_task(TASK) if entry.name != without]
    name = st.selectbox(label, names, format_func=title_of, **setting(key))
    st.caption(about(name))
    return name


def tools() -> Tools:
    """What is done to each picture before it is read."""
    return st.session_state.get(_TOOLS, Tools())


def use(tools: Tools) -> None:
    """Do this to each picture from the next run on."""
    st.session_state[_TOOLS] = tools
