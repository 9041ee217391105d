"""A video comes back with the poses drawn on it, one at a time, and a temporary file is never left behind."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import films
from models.pictures.films import Film
from tests.pages.visit import downloads, opened, ran, said, sample

Until = Callable[[Callable[[], object]], None]


@cache
def astronauts(frames: int) -> bytes:
    """A video in which she moves a little to the right."""
    file, her = io.BytesIO(), sample("astronaut")[::2, ::2]
    with av.open(file, "w", "mp4") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width = stream.height = 256
        for number in range(frames):
            rgb = np.roll(her, number % 20, axis=1)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def uploaded(name: str, content: bytes) -> AppTest:
    at = opened("pose", input="Video")
    assert at.button(key="film").disabled and "temporary folder" in said(at)
    return ran(at.file_uploader(key="video-file").set_value((name, content, "video/mp4")).run())


def film(at: AppTest) -> Film:
    return at.session_state["pose/film"]


def test_a_video_comes_back_with_the_poses_on_it(temp: Path, tmp_path: Path, until: Until) -> None:
    at = uploaded("dance.mp4", astronauts(12))
    ran(at.pills(key="style").set_value(["Skeleton", "Points", "Only on black"]).run())
    ran(at.button(key="film").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert not at.error and "12 frames, 1.2 s" in said(at)
    assert downloads(at) == ["Download MP4"] and len(at.get("video")) == 1
    result = tmp_path / "result.mp4"
    result.write_bytes(film(at).content)
    with av.open(str(result)) as back:
        pictures = [frame.to_ndarray(format="rgb24") for frame in back.decode(video=0)]
    assert len(pictures) == 12 and pictures[0].shape == (256, 256, 3)
    for picture in pictures:
        lit = picture.max(axis=2) > 60
        assert 0.002 < lit.mean() < 0.2 and not lit[:30].any(), "the skeleton of the one who is in it, and nothing else"
    assert not at.button(key="film").disabled


def test_what_is_no_video_is_explained(temp: Path, until: Until) -> None:
    at = uploaded("notes_*2024*.mp4", b"just some text, saved under another name\n" * 50)
    ran(at.button(key="film").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert "is not a video that can be opened here" in at.error[0].value
    assert not downloads(at) and not at.button(key="film").disabled


def test_a_video_can_be_cancelled_and_another_one_tried(temp: Path, until: Until) -> None:
    at = uploaded("long.mp4", astronauts(300))
    ran(at.button(key="film").click().run())
    until(lambda: film(at).frames > 0)
    ran(at.run())
    assert at.button(key="film").disabled, "one at a time"
    ran(at.button(key="film-cancel").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert "was cancelled after" in at.error[0].value and not downloads(at)
    ran(at.file_uploader(key="video-file").set_value(("b.mp4", astronauts(3), "video/mp4")).run())
    ran(at.button(key="film").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert not at.error and "3 frames" in said(at)


def test_a_video_that_nobody_looks_at_any_more_is_given_up(temp: Path, until: Until) -> None:
    at = uploaded("long.mp4", astronauts(300))
    ran(at.button(key="film").click().run())
    left = film(at)
    until(lambda: left.frames > 0)
    left.forget_s = 0.0
    until(lambda: left.error is not None)
    until(lambda: not left.running)  # its folder goes last
    assert "was cancelled after" in str(left.error)


def test_a_second_video_waits_for_the_first(temp: Path, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "visitor", iter(("anna", "bo")).__next__)  # AppTest's sessions all have the same name
    first, second = (uploaded(f"{n}.mp4", astronauts(300)) for n in (1, 2))
    ran(first.button(key="film").click().run())
    until(lambda: film(first).frames > 0)
    ran(second.button(key="film").click().run())
    assert film(second).position == 1 and "1 in line" in said(second)
    film(first).cancel()
    until(lambda: film(second).frames > 0)
    film(second).cancel()
    until(lambda: not film(second).running)
