"""Video files are annotated one at a time, and a temporary file is never left behind."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.errors import Cancelled, NotSaved
from models.pictures.films import Draw, Films
from tests.models.pictures.videos import write_video

PATIENCE_S = 120
Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    return write_video(tmp_path / "video.mp4", frames=5).read_bytes()


class Held:
    """An annotation that stops at the first frame until `go`."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self) -> Draw:
        return self._draw

    def _draw(self, rgb: np.ndarray, seconds: float) -> np.ndarray:
        self.begun.set()
        assert self.go.wait(PATIENCE_S)
        return rgb


def plainly() -> Draw:
    return lambda rgb, seconds: rgb


def test_one_after_the_other(temp: Path, video: bytes, until: Until) -> None:
    films, held = Films(), Held()
    first = films.submit("anna", "1.mp4", video, held)
    second = films.submit("bo", "2.mp4", video, plainly)
    assert held.begun.wait(PATIENCE_S)
    assert second.running and (first.position, second.position) == (0, 1)
    held.go.set()
    until(lambda: first.done and second.done)
    for film in (first, second):
        assert film.content and film.error is None and film.summary is not None and film.summary.frames == 5


def test_one_that_is_cancelled_or_left_in_line_goes_at_once(temp: Path, video: bytes, until: Until) -> None:
    films, held = Films(), Held()
    first = films.submit("anna", "1.mp4", video, held)
    cancelled, left = (films.submit(f"{n}", f"{n}.mp4", video, plainly) for n in (2, 3))
    assert held.begun.wait(PATIENCE_S)
    cancelled.cancel()
    assert not cancelled.running and isinstance(cancelled.error, Cancelled)
    left.forget_s = -1.0
    held.go.set()  # each frame of the one in hand sees to who is left
    until(lambda: left.done and first.done)
    assert isinstance(left.error, Cancelled) and left.content is None and first.content


def test_no_room_on_the_disk_is_said(temp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotSaved, match=r"1\.mp4"):
        Films().submit("anna", "1.mp4", b"...", plainly)
