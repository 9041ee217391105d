"""A video file in, an annotated one back."""

import streamlit as st

from components import layout
from components.hosting.runtime import visitor
from components.loading import one_per_process
from components.pose.choice import Choice
from components.pose.watching import Watcher, draw
from models.errors import LimelightError
from models.pictures.video_sample import sample_film
from models.pose.films import Draw, Film, Films
from models.settings import settings

VIDEO = "Video"
FILE_TYPES = ("mp4", "mov", "webm", "mkv", "avi", "m4v")
EVERY_S = 0.5
_FILM = "pose/film"


@one_per_process()
def films() -> Films:
    """The one line in which everybody's videos wait."""
    return Films()


def _drawing(choice: Choice) -> Draw:
    watcher = Watcher(choice)
    # in this order: the trails are those of the frame just looked at
    return lambda rgb, seconds: draw(rgb, watcher(rgb, seconds), choice, trails=watcher.trails)


def show_film(choice: Choice) -> None:
    """Upload, progress with a way out, the annotated video and its download."""
    seconds, mb = settings().video_seconds, settings().video_mb
    file = st.file_uploader(f"A video of at most {seconds} s", type=FILE_TYPES, max_upload_size=mb, key="video-file")
    film: Film | None = st.session_state.get(_FILM)
    busy = film is not None and film.running
    with st.container(horizontal=True):
        pressed = st.button(
            "Find the poses in it",
            type="primary",
            icon=":material/movie:",
            disabled=file is None or choice.model is None or busy,
            key="film",
        )
        sample = st.button("Try a five-second film", disabled=choice.model is None or busy, key="film-sample")
    if sample or (pressed and file is not None):
        name, data = ("sample film", sample_film()) if sample or file is None else (file.name, file.getvalue())
        try:
            film = films().submit(visitor(), name, data, lambda: _drawing(choice))
            st.session_state[_FILM], busy = film, True
        except LimelightError as error:
            layout.say_error(error)
    if film is None:
        st.caption(
            "It comes back as MP4 with the poses drawn on it, in the style chosen beside. While it is worked on, the "
            "video lies in a temporary folder on this server; the folder is deleted at the end."
        )
        return
    if busy:
        st.button("Cancel", icon=":material/close:", on_click=film.cancel, key="film-cancel")
    st.fragment(_show, run_every=EVERY_S if busy else None)(film, busy)


def _show(film: Film, was_busy: bool) -> None:
    if film.running:
        if position := film.position:
            st.caption(f"Number {position} in line: another video is being worked on.")
        st.progress(film.share or 0.0, f"{layout.plain(film.name)}: {film.frames} frames")
        return
    if was_busy:
        st.rerun()
    if film.error is not None:
        layout.say_error(film.error)
    if film.content is not None and film.summary is not None:
        st.video(film.content)
        if film.summary.broken:
            st.warning(film.summary.broken)
        st.caption(f"{film.summary.frames} frames, {film.summary.seconds:.1f} s.")
        st.download_button(
            "Download MP4", film.content, "poses.mp4", "video/mp4", icon=":material/download:", on_click="ignore"
        )
