"""The view "Keep": save and open the project, export it as ONNX, and what the server keeps of it."""

from functools import partial
from typing import Any

import streamlit as st

from components import layout
from components.layout import counted, file_stem
from components.teachable import shared
from components.teachable.asking import agreed
from components.teachable.desk import (
    attempt,
    delete_project,
    desk,
    fresh,
    go_to,
    kept_for,
    open_project,
    say,
    show_undo,
)
from components.teachable.study import OnShare, studied
from components.teachable.testing import present
from models.errors import LimelightError
from models.settings import settings
from models.teachable.kinds import KINDS
from models.teachable.names import MAX_TYPED
from models.teachable.project import Project
from models.teachable.samples import Trained


def show(model: Any) -> None:
    """The whole view."""
    here = desk()
    _name(here.project, here.number)
    _save(here.project)
    _export(here.project, model)
    _kept_on_server()
    _begin_another(here.project)
    show_undo()


def _name(project: Project, number: int) -> None:
    key = f"teach/{number}/project"

    def rename() -> None:
        attempt(lambda: project.call(st.session_state[key]))
        st.session_state[key] = project.name  # as it stays

    st.text_input("Name of the project", project.name, max_chars=MAX_TYPED, key=key, on_change=rename)


def _save(project: Project) -> None:
    from models.teachable.keep.files import to_bytes

    with st.container(border=True):
        st.markdown("**The project**: pictures, features and what was trained, in one file. **Upload** opens it again.")
        st.download_button(
            "Save project",
            partial(to_bytes, project),
            f"{file_stem(project.name)}.zip",
            "application/zip",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
            disabled=not project.samples,
            key="teach/save",
        )
        st.caption(f"{counted(len(project.samples), 'sample')}, {project.nbytes / 1e6:.1f} MB.")


def _export(project: Project, model: Any) -> None:
    with st.container(border=True):
        st.markdown(
            "**The model** as ONNX, to use anywhere: picture in, probabilities out, with `labels.txt` and a "
            "short `predict.py`."
            if project.kind.name == "pictures"
            else "**The model** as ONNX: the points in, probabilities out, with `labels.txt` and a `predict.py` that "
            "finds the points by mediapipe."
        )
        trained = present()
        if trained is None or model is None:
            st.caption("Train first: there is no model yet.")
            return
        wanted = st.session_state.get("teach/export") == trained.at
        if not wanted:
            if st.button("Make the ONNX file", icon=":material/package_2:", key="teach/export/make"):
                st.session_state["teach/export"] = trained.at
                st.rerun()
            return
        made = studied(
            "export",
            (trained.at, trained.names),
            partial(_made, project, model, trained),
            "Writing the file, and checking it by onnxruntime…",
        )
        if made is not None:
            data, difference = made
            st.success(
                f"Checked: onnxruntime gives this page's numbers within {difference:.0e}.",
                icon=":material/check_circle:",
            )
            st.download_button(
                f"Download the model ({len(data) / 1e6:.0f} MB)",
                data,
                f"{file_stem(project.name)}-onnx.zip",
                "application/zip",
                icon=":material/download:",
                type="primary",
                on_click="ignore",
                key="teach/export/get",
            )


def _made(project: Project, model: Any, trained: Trained, on_share: OnShare) -> tuple[bytes, float]:
    from models.teachable.export.exported import export

    return export(project, model, trained)


def _kept_on_server() -> None:
    here, kept = desk(), kept_for()
    if kept is None:
        st.caption(
            "This is not your own project, which waits for you below **Teach**: save this one to keep changes to it."
            if here.own is not None
            else "This server keeps nothing of it: once the page is reloaded the project is gone. Save it."
            if settings().project_hours == 0
            else "This browser has not told its key yet: nothing is kept. Save the project."
        )
        return
    with st.container(border=True):
        st.markdown(
            f"**On this server** the project is kept for {kept} after its last change, or after its last tab was "
            "closed, for this browser only: a reload or a broken connection loses nothing. Nobody else sees it."
        )
        if here.browser and (error := shared.shelf().error(here.browser)):
            layout.say_error(LimelightError(error))
        pressed = st.button("Delete it from the server, and here", icon=":material/delete_forever:", key="teach/forget")
        if agreed("forget", pressed, deletes=True):
            _forget()


def _forget() -> None:
    if delete_project():
        say("The project is deleted, here and on the server.", ":material/delete_forever:")
    else:
        say("The server could not delete its file. Tell whoever runs it.", ":material/error:")
    st.rerun()


def _begin_another(project: Project) -> None:
    with st.container(border=True):
        st.markdown(
            "**A new project**" + (" replaces this one: save it first if you want it." if project.samples else "")
        )
        with st.container(horizontal=True):
            pressed = {
                kind: st.button(kind.title, icon=_ICONS[kind.name], key=f"teach/new/{kind.name}")
                for kind in KINDS.values()
            }
        for kind in KINDS.values():
            if agreed(f"new/{kind.name}", pressed[kind]):
                open_project(fresh(kind.name))
                go_to("Teach")
                say(f"A new project: it learns from {kind.title.lower()}.")
                st.rerun()


_ICONS = {"pictures": ":material/image:", "body": ":material/accessibility_new:", "hand": ":material/back_hand:"}
