"""A video file in, an annotated one back."""

import logging
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import streamlit as st

from components import layout
from components.pose.choice import Choice
from components.pose.watching import Watcher
from models.errors import Cancelled, LimelightError, ModelFailed, NotSaved
from models.pictures.video import VideoDone, annotate
from models.settings import settings

log = logging.getLogger(__name__)

VIDEO = "Video"
FILE_TYPES = ("mp4", "mov", "webm", "mkv", "avi", "m4v")
EVERY_S = 0.5
FORGET_S = 20.0
_ONE_AT_A_TIME = threading.Lock()
_FILM = "pose/film"


class Film:
    """One video that is being annotated, on a thread of its own, in a temporary folder that goes when it ends. What
    comes of it is held in memory.

    One after the other, whoever's they are: two would take twice as long each, and every live camera its turns. It
    ends by itself when nobody has looked for FORGET_S. Raises NotSaved where the disk has no room for the upload.
    """

    def __init__(self, name: str, content: bytes, choice: Choice) -> None:
        self.name, self.frames, self.waiting = name, 0, True
        self.share: float | None = 0.0
        self.content: bytes | None = None
        self.done: VideoDone | None = None
        self.error: LimelightError | None = None
        self.cancel = threading.Event()
        self._looked_at = time.monotonic()
        folder = tempfile.TemporaryDirectory(prefix="limelight-")
        try:
            Path(folder.name, "video").write_bytes(content)
        except OSError as error:
            folder.cleanup()
            raise NotSaved(f"{name} could not be put aside on this server ({error.strerror}). Try later.") from error
        self._thread = threading.Thread(target=self._run, args=(folder, choice), name="film", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is still at work, or in line for it; asking says that somebody looks."""
        self._looked_at = time.monotonic()
        return self._thread.is_alive()

    def _run(self, folder: tempfile.TemporaryDirectory, choice: Choice) -> None:
        try:
            with folder:
                while not _ONE_AT_A_TIME.acquire(timeout=0.2):
                    self._give_up_if_left()
                    if self.cancel.is_set():
                        raise Cancelled(f"{self.name} was cancelled before its turn came.")
                try:
                    self.waiting = False
                    self._annotate(Path(folder.name), Watcher(choice))
                finally:
                    _ONE_AT_A_TIME.release()
        except LimelightError as error:
            self.error = error
        except BaseException:  # a panic in a library written in Rust is no Exception
            log.exception("a video failed")
            self.error = ModelFailed(f"{self.name} could not be worked on. Try another video.")

    def _annotate(self, folder: Path, watcher: Watcher) -> None:
        def process(rgb: np.ndarray, seconds: float) -> np.ndarray:
            return watcher.drawn(rgb, watcher(rgb, seconds), False)

        source, target = folder / "video", folder / "poses.mp4"
        self.done = annotate(source, target, process, on_progress=self._progress, cancel=self.cancel, name=self.name)
        self.content = target.read_bytes()

    def _progress(self, frames: int, share: float | None) -> None:
        self.frames, self.share = frames, share
        self._give_up_if_left()

    def _give_up_if_left(self) -> None:
        if time.monotonic() - self._looked_at > FORGET_S:
            self.cancel.set()


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
        try:
            film = st.session_state[_FILM] = Film(file.name, file.getvalue(), choice)
            busy = True
        except LimelightError as error:
            layout.say_error(error)
    if film is None:
        st.caption(
            "It comes back as MP4 with the poses drawn on it, in the style chosen beside. While it is worked on, the "
            "video lies in a temporary folder on this server; the folder is deleted at the end."
        )
        return
    if busy:
        st.button("Cancel", icon=":material/close:", on_click=film.cancel.set, key="film-cancel")
    st.fragment(_show, run_every=EVERY_S if busy else None)(film, busy)


def _show(film: Film, was_busy: bool) -> None:
    if film.running:
        if film.waiting:
            st.caption("Another video is being worked on; yours is next in line.")
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
