"""What a visitor gives besides the camera: photos, uploads, the clipboard, samples; zips of folders and projects."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from components import layout
from components.layout import counted
from components.pictures import FILE_TYPES, UPLOAD, File, Picture, file_of, opened, pictures
from components.teachable import shared
from components.teachable.asking import agreed
from components.teachable.desk import attempt, budget_bytes, desk, open_project, say
from models.errors import LimelightError
from models.settings import settings
from models.teachable.intake import Arrival
from models.teachable.keep.files import from_bytes, is_project
from models.teachable.keep.folders import Folders, folders
from models.teachable.kinds import sample_jpeg
from models.teachable.project import Project

MAX_FILES = 500  # of one upload
SHOWN = 12  # pictures of an upload that are opened on the page; the others when they are added
_UPLOADS, _TAKEN, _ZIP = "teach/uploads", "teach/taken", "teach/zip"


@dataclass(frozen=True)
class Given:
    """`pictures` are shown and tested. `files` are all of an upload, of which those may be the first."""

    pictures: Sequence[Picture] = ()
    files: Sequence[File] = field(default=())

    @property
    def count(self) -> int:
        """How many samples they make."""
        return len(self.files) or len(self.pictures)

    def add_to(self, class_id: str) -> None:
        """Give them to a class, as one recording. Uploaded ones are offered no more."""
        project, intake, recording = desk().project, shared.intake(), secrets.token_hex(6)
        if self.files:
            intake.add(project, [Arrival(class_id, one.name, one.data, recording) for one in self.files])
            _take(self.files)
            return

        def add() -> None:
            for picture in self.pictures:
                jpeg = sample_jpeg(project.kind, picture.rgb)
                intake.add(project, [project.add(class_id, jpeg, recording=recording)])

        attempt(add)


def give(source: str) -> Given:
    """The widgets of an input, and what came of them."""
    return _upload() if source == UPLOAD else Given(pictures(source, "teachable"))


def _upload() -> Given:
    count = st.session_state.setdefault(_UPLOADS, 0)
    chosen = st.file_uploader(
        "Pictures, a zip of folders (each becomes a class), or a project that you saved here",
        type=[*FILE_TYPES, "zip"],
        accept_multiple_files=True,
        max_upload_size=settings().project_mb * 3 // 2,  # what a full project takes as a file
        key=f"{_UPLOADS}/{count}",
    )
    if len(chosen) > MAX_FILES:
        st.warning(
            f"These are {len(chosen):,} files; the first {MAX_FILES} are taken. For more, put them into folders and "
            "upload a zip of those."
        )
    taken = st.session_state.setdefault(_TAKEN, set())
    given = [file_of(one.name, one.getvalue()) for one in chosen[:MAX_FILES]]
    files = [one for one in given if one.key not in taken]
    if given and not files:
        _empty_uploader()
    for zipped in filter(_is_zip, files):
        try:
            _offer(zipped)
        except LimelightError as error:
            layout.say_error(error, icon=":material/folder_off:")
    plain = [one for one in files if not _is_zip(one)]
    if len(plain) > SHOWN:
        st.caption(f"{len(plain)} pictures; the first {SHOWN} are tested here.")
    return Given(opened(plain[:SHOWN]), plain)


def _is_zip(file: File) -> bool:
    return file.data[:2] == b"PK" or file.name.lower().endswith(".zip")


def _take(files: Sequence[File]) -> None:
    """These are offered no more; others that were uploaded with them still are."""
    st.session_state[_TAKEN].update(one.key for one in files)
    st.session_state.pop(_ZIP, None)


def _empty_uploader() -> None:
    """Everything was taken: a new one, for which nothing is yet."""
    st.session_state[_UPLOADS] += 1
    st.session_state[_TAKEN] = set()
    st.rerun()


def _offer(file: File) -> None:
    """What is in a zip, and a button that takes it."""
    found = _looked_into(file)
    if isinstance(found, Project):
        _offer_project(found, file)
        return
    with st.container(border=True):
        names = ", ".join(f"{name} ({len(inside)})" for name, inside in found.classes.items())
        st.markdown(f"**{layout.plain(file.name)}**: {layout.plain(names) or 'no pictures'}")
        for words in found.left_out:
            st.caption(layout.plain(words))
        label = f"Add {counted(len(found.classes), 'class')}"
        if found.classes and st.button(
            label, type="primary", key=f"teach/zip/{file.key}", icon=":material/folder_zip:"
        ):
            _add_folders(found.classes)
            _take([file])
            st.rerun()


def _add_folders(classes: Mapping[str, Sequence[tuple[str, bytes]]]) -> None:
    """Each folder into the class of its name. The empty classes of a new project make room."""
    project = desk().project
    if not project.samples:
        attempt(project.drop_empty)
    for name, inside in classes.items():

        def add(name: str = name, inside: Sequence[tuple[str, bytes]] = inside) -> None:
            one, recording = project.find(name) or project.add_class(name), secrets.token_hex(6)
            shared.intake().add(project, [Arrival(one.id, file, data, recording) for file, data in inside])

        attempt(add)


def _looked_into(file: File) -> Project | Folders:
    """Once, not in every run that the file lies in the uploader."""
    key, found = st.session_state.get(_ZIP, ("", None))
    if key != file.key or found is None or (isinstance(found, Project) and found is desk().project):
        if is_project(file.data):
            found = from_bytes(file.data, budget_bytes=budget_bytes(), name=file.name)
        else:
            found = folders(file.data, name=file.name, max_bytes_each=settings().upload_mb * 1_000_000)
        st.session_state[_ZIP] = file.key, found
    return found


def _offer_project(project: Project, file: File) -> None:
    """A project of ours, opened at a press: it replaces the present one."""
    with st.container(border=True):
        st.markdown(
            f"**{layout.plain(project.name)}**: {counted(len(project.classes), 'class')}, "
            f"{counted(len(project.samples), 'sample')}."
        )
        if desk().project.samples:
            st.caption("It replaces the project that is open. Save that one first under **Keep** if you want it.")
        pressed = st.button(
            "Open this project", type="primary", key=f"teach/open/{file.key}", icon=":material/folder_open:"
        )
        if agreed(f"open/{file.key}", pressed, opens=project):
            open_project(project)
            say(f"{project.name} is open.")
            _take([file])
            st.rerun()
