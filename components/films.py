"""A video file in, an annotated one back."""

from collections.abc import Callable

import streamlit as st

from components import layout
from components.hosting.runtime import visitor
from components.loading import one_per_process
from models.errors import LimelightError
from models.pictures.films import Draw, Film, Films
from models.pictures.video_sample import sample_film
from models.settings import settings

VIDEO = "Video"
FILE_TYPES = ("mp4", "mov", "webm", "mkv", "avi", "m4v")
EVERY_S = 0.5


@one_per_process()
def films() -> Films:
    """The one line in which everybody's videos wait."""
    return Films()


def show_film(
    key: str,
    press: str,
    begin: Callable[[], Draw],
    *,
    ready: bool,
    drawn: str,
    result: str,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Upload, progress with a way out, the annotated video and its download. `begin` makes what draws on the frames,
    when the film's turn has come; `ready`, whether it can. `press` stands on the button, `drawn` says what is drawn,
    `result` is the download's name; `after` shows more below a finished film."""
    seconds, mb = settings().video_seconds, settings().video_mb
    file = st.file_uploader(f"A video of at most {seconds} s", type=FILE_TYPES, max_upload_size=mb, key="video-file")
    film: Film | None = st.session_state.get(f"{key}/film")
    busy = film is not None and film.running
    with st.container(horizontal=True):
        pressed = st.button(
            press, type="primary", icon=":material/movie:", disabled=file is None or not ready or busy, key="film"
        )
        sample = st.button("Try a five-second film", disabled=not ready or busy, key="film-sample")
    if sample or (pressed and file is not None):
        name, data = ("sample film", sample_film()) if sample or file is None else (file.name, file.getvalue())
        try:
            film = films().submit(visitor(), name, data, begin)
            st.session_state[f"{key}/film"], busy = film, True
        except LimelightError as error:
            layout.say_error(error)
    if film is None:
        st.caption(
            f"It comes back as MP4 with {drawn}. While it is worked on, the video lies in a temporary folder on this "
            "server; the folder is deleted at the end."
        )
        return
    if busy:
        st.button("Cancel", icon=":material/close:", on_click=film.cancel, key="film-cancel")
    st.fragment(_show, run_every=EVERY_S if busy else None)(film, busy, result, after)


def _show(film: Film, was_busy: bool, result: str, after: Callable[[], None]) -> None:
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
            "Download MP4", film.content, result, "video/mp4", icon=":material/download:", on_click="ignore"
        )
        after()
