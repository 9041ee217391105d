"""A visitor's project of each tool: its pictures, what was taught, saving and opening."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from components import layout
from components.camera.stream import LiveCamera
from components.pictures import Picture
from models.errors import BadInput, LimelightError
from models.settings import settings
from models.taught.project import BOX, COLOURS, Drawn, Mark, Project, from_bytes, names_of, to_bytes

FIRST = {BOX: Project(("Cup", "Face")), "brush": Project(("Thing", "Background"))}


class Newest:
    """A sink that keeps a camera's newest frame, to freeze it."""

    def __init__(self) -> None:
        self.rgb: np.ndarray | None = None

    def offer(self, rgb: np.ndarray) -> None:
        """A frame that nobody writes to."""
        self.rgb = rgb

    def close(self) -> None:
        """No more frames will come."""
        self.rgb = None


def project(tool: str) -> Project:
    """As it is now."""
    found: Project = st.session_state.setdefault(f"taught/project {tool}", FIRST[tool])
    return found


def put(tool: str, changed: Project) -> None:
    """It is this from now on."""
    st.session_state[f"taught/project {tool}"] = changed


def replace(tool: str, other: Project, done: str) -> None:
    """It is another from now on, and what was taught goes; `done` says what was done, and "Undo" brings both back."""
    if project(tool).pictures:
        st.session_state[f"taught/undo {tool}"] = done, project(tool), taught(tool)
    put(tool, other)
    forget(tool)
    st.session_state.pop(f"taught/names {tool}", None)


def show_undo(tool: str) -> None:
    """The way back from the last `replace`."""
    if (kept := st.session_state.get(f"taught/undo {tool}")) is None:
        return
    done, before, head = kept

    def undo() -> None:
        del st.session_state[f"taught/undo {tool}"]
        put(tool, before)
        st.session_state[f"taught/head {tool}"] = head
        st.session_state.pop(f"taught/names {tool}", None)

    st.button(f"Undo {done}", icon=":material/undo:", on_click=undo, key=f"taught/undo it {tool}")


@dataclass(frozen=True, eq=False)
class Taught:
    """A head, and the project that it was taught with."""

    head: Any
    of: Project


def taught(tool: str) -> Taught | None:
    """What was taught last, if anything."""
    found: Taught | None = st.session_state.get(f"taught/head {tool}")
    return found


def head(tool: str) -> Any | None:
    """The head that was taught last, if any."""
    return None if (found := taught(tool)) is None else found.head


def teach(tool: str, head: Any, of: Project) -> None:
    """Use this head from now on; it was taught with that project."""
    st.session_state[f"taught/head {tool}"] = Taught(head, of)


def add(tool: str, name: str, rgb: np.ndarray, marks: Sequence[Mark] = (), key: str | None = None) -> bool:
    """One more picture, which is drawn on next; False where there is no room, and then the page has said so."""
    key = key or secrets.token_hex(8)
    try:
        put(tool, project(tool).with_picture(key, name, rgb, marks))
        st.session_state[f"taught/at {tool}"] = key
    except BadInput as error:
        layout.say_error(error)
        return False
    return True


def freeze(tool: str, camera: LiveCamera) -> Newest:
    """The button that takes the camera's newest frame; returns the sink that has it."""
    newest: Newest = st.session_state.setdefault("taught/newest", Newest())
    camera.attach("taught newest", newest)
    label = "Freeze a frame"
    if st.button(label, icon=":material/photo_camera:", disabled=not camera.playing, key=f"taught/freeze {tool}"):
        if newest.rgb is None:
            st.info("No frame has come yet. Press again in a moment.")
        elif add(tool, "frame", newest.rgb):
            st.rerun()  # the picture is drawn on above
    return newest


def take_in(tool: str, chosen: Sequence[Picture]) -> None:
    """The button that takes pictures into the project."""
    known = {one.key for one in project(tool).pictures}
    new = [one for one in chosen if one.key not in known]
    label = f"Draw on {layout.counted(len(new), 'picture')}"
    icon = ":material/add_photo_alternate:"
    if not new or not st.button(label, icon=icon, type="primary", key=f"taught/add {tool}"):
        return
    if all(add(tool, one.name, one.rgb, key=one.key) for one in new):
        st.rerun()


def choose_names(tool: str) -> None:
    """The classes' names, in a line."""
    now, key = project(tool), f"taught/names {tool}"
    if key not in st.session_state:
        st.session_state[key] = ", ".join(now.names)
    label = f"Classes, with commas (up to {len(COLOURS)})"
    text = st.text_input(label, key=key, max_chars=300, placeholder=label, label_visibility="collapsed")
    names = names_of(text)
    used = max((mark.kind for one in now.pictures for mark in one.marks), default=-1)
    if len(names) <= used or not names:
        st.warning("Marks of a class that is missing here are drawn already. Clear them first; the old names stay.")
    elif names != now.names:
        put(tool, Project(names, now.pictures))


def forget(tool: str) -> None:
    """What was taught does not fit any more."""
    st.session_state.pop(f"taught/head {tool}", None)


def choose_picture(tool: str) -> Drawn | None:
    """Which picture is drawn on; it can be deleted, or kept for testing."""
    now = project(tool)
    if not now.pictures:
        return None
    keys = [one.key for one in now.pictures]
    at = st.session_state.get(f"taught/at {tool}")
    place = keys.index(at) if at in keys else len(keys) - 1
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("", icon=":material/chevron_left:", help="The picture before", key=f"taught/before {tool}"):
            place = max(0, place - 1)
        if st.button("", icon=":material/chevron_right:", help="The next picture", key=f"taught/next {tool}"):
            place = min(len(keys) - 1, place + 1)
        one = now.pictures[place]
        use = " · held out" * (one.held_out and tool == BOX)
        st.markdown(f"{place + 1} of {len(keys)}{use}", width="content")
        if st.button("", icon=":material/delete:", help="Delete this picture", key=f"taught/delete {tool}"):
            kept = taught(tool)
            replace(tool, now.without(one.key), "deleting the picture")
            st.session_state[f"taught/head {tool}"] = kept  # it still finds what it found
            st.rerun()
    st.session_state[f"taught/at {tool}"] = one.key
    return one


def keep(tool: str) -> None:
    """Save the project, open another."""
    opened = st.file_uploader(
        "Open a saved project", type="zip", max_upload_size=settings().upload_mb, key=f"taught/open {tool}"
    )
    if opened is not None and st.session_state.get("taught/opened") != opened.file_id:
        st.session_state["taught/opened"] = opened.file_id
        try:
            found = from_bytes(opened.getvalue(), tool, layout.shortened(opened.name, 60))
            replace(tool, found, "opening the project")
            st.rerun()
        except LimelightError as error:
            layout.say_error(error)
    if project(tool).pictures:
        st.download_button(
            "Save the project",
            lambda: to_bytes(project(tool)),
            f"{tool}-project.zip",
            "application/zip",
            icon=":material/save:",
            key=f"taught/save {tool}",
        )
