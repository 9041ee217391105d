"""A video file in, an annotated one back."""

import logging
import tempfile
import threading
from pathlib import Path

import numpy as np
import streamlit as st

from components import layout
from components.pose.choice import Choice
from components.pose.watching import Watcher
from models.errors import LimelightError, ModelFailed
from models.settings import settings
from models.video import VideoDone, annotate

log = logging.getLogger(__name__)

VIDEO = "Video"
FILE_TYPES = ("mp4", "mov", "webm", "mkv", "avi", "m4v")
EVERY_S = 0.5
_FILM = "pose/film"


class Film:
    """One video that is being annotated, on a thread of its own. What comes of it is held in memory; no file stays."""

    def __init__(self, name: str, content: bytes, choice: Choice) -> None:
        self.name, self.frames = name, 0
        self.share: float | None = 0.0
        self.content: bytes | None = None
        self.done: VideoDone | None = None
        self.error: LimelightError | None = None
        self.cancel = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(content, choice), name="film", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def _run(self, content: bytes, choice: Choice) -> None:
        try:
            watcher = Watcher(choice)
            with tempfile.TemporaryDirectory(prefix="limelight-") as folder:
                source, target = Path(folder, "video"), Path(folder, "poses.mp4")
                source.write_bytes(content)

                def process(rgb: np.ndarray, seconds: float) -> np.ndarray:
                    return watcher.drawn(rgb, watcher(rgb, seconds), False)

                self.done = annotate(
                    source, target, process, on_progress=self._progress, cancel=self.cancel, name=self.name
                )
                self.content = target.read_bytes()
        except LimelightError as error:
            self.error = error
        except Exception:
            log.exception("a video failed")
            self.error = ModelFailed(f"{self.name} could not be worked on. Try another video.")

    def _progress(self, frames: int, share: float | None) -> None:
        self.frames, self.share = frames, share


def show_film(choice: Choice) -> None:
    """Upload, progress with a way out, the annotated video and its download."""
    seconds, mb = settings().video_seconds, settings().video_mb
    file = st.file_uploader(f"A video of at most {seconds} s", type=FILE_TYPES, max_upload_size=mb, key="video-file")
    film: Film | None = st.session_state.get(_FILM)
    busy = film is not None and film.running
    pressed = st.button(
        "Find the poses in it",
        type="primary",
        icon=":material/movie:",
        disabled=file is None or choice.model is None or busy,
        key="film",
    )
    if pressed and file is not None:
        film = st.session_state[_FILM] = Film(file.name, file.getvalue(), choice)
        busy = True
    if film is None:
        st.caption("It comes back as MP4 with the poses drawn on it, in the style chosen beside; nothing is stored.")
        return
    if busy:
        st.button("Cancel", icon=":material/close:", on_click=film.cancel.set, key="film-cancel")
    st.fragment(_show, run_every=EVERY_S if busy else None)(film, busy)


def _show(film: Film, was_busy: bool) -> None:
    if film.running:
        st.progress(film.share or 0.0, f"{layout.plain(film.name)}: {film.frames} frames")
        return
    if was_busy:
        st.rerun()
    if film.error is not None:
        layout.say_error(film.error)
    if film.content is not None and film.done is not None:
        st.video(film.content)
        if film.done.broken:
            st.warning(film.done.broken)
        st.caption(f"{film.done.frames} frames, {film.done.seconds:.1f} s.")
        st.download_button(
            "Download MP4", film.content, "poses.mp4", "video/mp4", icon=":material/download:", on_click="ignore"
        )
