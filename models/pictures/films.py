"""Films: video files are annotated one at a time, whoever's they are: two would take twice as long each, and every live
camera its turns."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.errors import Cancelled, LimelightError, ModelFailed, NotSaved
from models.pictures.video import VideoDone, annotate
from models.runtime.turns import Job, Turns

Draw = Callable[[np.ndarray, float], np.ndarray]
"""(uint8 (H, W, 3), seconds into the video) → the annotated frame, of the same size."""

FORGET_S = 20.0


class Film(Job):
    """One visitor's video, in a temporary folder that goes when it ends. Made by `Films.submit`.

    `frames` are done, `share` of the whole where that is known. The annotated video is held in memory: `content`, MP4,
    and `summary`; or `error` says why there is none.
    """

    _queue: "Films"

    def __init__(self, queue: "Films", visitor: str, name: str, content: bytes, begin: Callable[[], Draw]) -> None:
        super().__init__(queue, visitor, FORGET_S)
        self.name, self.frames = name, 0
        self.share: float | None = 0.0
        self.content: bytes | None = None
        self.summary: VideoDone | None = None
        self.error: LimelightError | None = None
        self._begin: Callable[[], Draw] | None = begin
        self._folder = tempfile.TemporaryDirectory(prefix="limelight-", ignore_cleanup_errors=True)
        try:
            Path(self._folder.name, "video").write_bytes(content)
        except OSError as error:
            self._folder.cleanup()
            raise NotSaved(f"{name} could not be put aside on this server ({error.strerror}). Try later.") from error

    @property
    def running(self) -> bool:
        """Whether it is still at work, or in line for it; asking says that somebody is there."""
        self.touch()
        return not self._done

    def _give_up(self, in_hand: bool) -> None:
        if not in_hand:
            self.error = Cancelled(f"{self.name} was cancelled before its turn came.")
            self._finish()

    def _finish(self) -> None:
        self._begin = None  # what it closes over: the model
        self._folder.cleanup()
        super()._finish()

    def _annotate(self) -> None:
        assert self._begin is not None
        source, target = (Path(self._folder.name, name) for name in ("video", "annotated.mp4"))
        summary = annotate(
            source, target, self._begin(), on_progress=self._progress, cancel=self._cancel, name=self.name
        )
        self.content, self.summary = target.read_bytes(), summary

    def _progress(self, frames: int, share: float | None) -> None:
        self.frames, self.share = frames, share
        with self._wake:
            self._queue._forget()


class Films(Turns[Film]):
    """One at a time, first come first served. Thread-safe."""

    name, work = "films", "annotating a video"

    def submit(self, visitor: str, name: str, content: bytes, begin: Callable[[], Draw]) -> Film:
        """A film that is annotated when its turn comes, frame by frame with what `begin` returns then, on the queue's
        thread. Raises NotSaved where the disk has no room for the upload."""
        film = Film(self, visitor, name, content, begin)
        with self._wake:
            return self._put(film)

    def _serve(self, film: Film) -> None:
        error: LimelightError | None = ModelFailed(f"{film.name} could not be worked on. Try another video.")
        try:
            film._annotate()
            error = None
        except LimelightError as reported:
            error = reported
        except BaseException as bug:  # a panic in a library written in Rust is no Exception
            self._log_once(bug)
        finally:
            film.error = error
