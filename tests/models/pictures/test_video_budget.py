"""A film of frames that are never shown ends soon, and at once when it is cancelled."""

import threading
from pathlib import Path

import numpy as np
import pytest

from models.errors import BadVideo, Cancelled
from models.pictures import video_budget
from models.pictures.video import annotate
from models.pictures.video_budget import ReadBudget
from tests.bench.costly_files import FILMS
from tests.models.pictures.videos import write_video

COUNT = 30_000


def same(rgb: np.ndarray, _seconds: float) -> np.ndarray:
    return rgb


@pytest.fixture(params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(FILMS[request.param](COUNT))
    return path


def test_it_is_refused_long_before_its_end(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, packet = [0], ReadBudget.packet

    def counted(budget: ReadBudget) -> None:
        read[0] += 1
        packet(budget)

    monkeypatch.setattr(ReadBudget, "packet", counted)
    with pytest.raises(BadVideo, match=r"^film\.mp4 .*never shown"):
        annotate(film, film.with_name("out.mp4"), same)
    assert read[0] < COUNT


def test_cancel_ends_it_in_the_middle(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_UNSHOWN", "MAX_NOT_DUE", "MAX_WAIT_S"):
        monkeypatch.setattr(video_budget, name, 10**9)
    cancel, packet, read = threading.Event(), ReadBudget.packet, [0]

    def cancelled_soon(budget: ReadBudget) -> None:
        read[0] += 1
        if read[0] == 500:
            cancel.set()
        packet(budget)

    monkeypatch.setattr(ReadBudget, "packet", cancelled_soon)
    with pytest.raises(Cancelled):
        annotate(film, film.with_name("out.mp4"), same, cancel=cancel)
    assert read[0] < 600 and list(film.parent.iterdir()) == [film]


@pytest.mark.parametrize("fps", [30, 240, 1000])
def test_a_camera_of_many_frames_a_second_is_let_in(fps: int, tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mp4", 2 * fps, fps=fps, size=(32, 32))
    done = annotate(film, tmp_path / "out.mp4", same, max_seconds=3)
    assert 55 <= done.frames <= 62 and done.broken is None


def test_a_film_that_shows_one_picture_in_a_thousand_is_bounded_too() -> None:
    budget = ReadBudget("film.mp4", max_seconds=1)
    with pytest.raises(BadVideo):
        for _ in range(100):
            budget.begin()
            for _ in range(999):
                budget.picture()
