"""Before one press takes away what a visitor has collected: how much it is, and a second press."""

import streamlit as st

from components import layout
from components.layout import counted
from components.teachable.desk import desk, undo_fits
from models.teachable.project import Project

_ASKED = "teach/asked"


def agreed(key: str, pressed: bool, *, deletes: bool = False, opens: Project | None = None) -> bool:
    """Whether the project that is open may go: at once where it has no samples, else after "yes" to a question that
    says how many there are. `pressed` is the button that asks for it, in whose place of the page the question is put;
    `deletes` that nothing comes instead, `opens` what comes instead if that is not an empty project."""
    here, question = desk(), f"{desk().number}/{key}"
    samples = len(here.project.samples)
    if pressed:
        st.session_state[_ASKED] = question, samples
    asked, of = st.session_state.get(_ASKED, ("", 0))
    if asked != question:
        return False
    if not samples:
        st.session_state.pop(_ASKED)
        return pressed
    with st.container(border=True):
        st.warning(_words(here.project, deletes, opens), icon=":material/warning:")
        with st.container(horizontal=True):
            verb = "Delete" if deletes else "Replace"
            yes = st.button(
                f"{verb} {counted(samples, 'sample')}", key=f"teach/yes/{key}", type="primary", icon=":material/check:"
            )
            no = st.button("Cancel", key=f"teach/no/{key}", icon=":material/close:")
    if yes and samples != of:  # more came since: that was another question
        st.session_state[_ASKED] = question, samples
        return False
    if yes or no:
        st.session_state.pop(_ASKED)
    if no:
        st.rerun()
    return yes


def _words(project: Project, deletes: bool, opens: Project | None) -> str:
    what = f"{counted(len(project.samples), 'sample')} in {counted(len(project.classes), 'class')}"
    happens = "would be deleted" if deletes else "would go"
    after = (
        "Undo brings it back until this page is closed."
        if undo_fits(project, opens)
        else "Both are too large for the memory of one visitor, so it can't be undone: save this one first, under Keep."
    )
    return layout.plain(f"{project.name} with {what} {happens}. {after}")
