"""Videos in, annotated MP4s out: what a browser needs is in them, and whatever goes wrong leaves nothing behind."""

import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from models.errors import BadVideo, Cancelled, NotSaved
from models.pictures.video import VideoDone, annotate
from models.pictures.video_source import VideoSource
from tests.models.pictures.videos import BLUE, GREEN, KINDS, PORTRAIT, RED, WHITE, corners, write_video


def unchanged(rgb: np.ndarray, seconds: float) -> np.ndarray:
    return rgb


def played(path: Path) -> tuple[list[np.ndarray], list[float]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [frame.to_ndarray(format="rgb24") for frame in frames], [float(frame.time or 0) for frame in frames]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the annotated video goes; nothing else may be found there afterwards."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestWhatComesOut:
    @pytest.mark.parametrize("name", KINDS)
    def test_every_kind_of_video_becomes_what_every_browser_plays(
        self, name: str, tmp_path: Path, folder: Path
    ) -> None:
        codec, pixels = KINDS[name]
        source = write_video(tmp_path / name, 12, codec=codec, pixels=pixels)
        done = annotate(source, folder / "out.mp4", unchanged)
        assert done == VideoDone(12, pytest.approx(1.2, abs=0.01), 96, 64, sound=False)
        with av.open(str(folder / "out.mp4")) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
            assert float(stream.duration * stream.time_base) == pytest.approx(1.2, abs=0.01)
        data = (folder / "out.mp4").read_bytes()
        assert 0 < data.index(b"moov") < data.index(b"mdat"), "the index comes first: it plays while it downloads"
        rgbs, seconds = played(folder / "out.mp4")
        assert seconds == pytest.approx(np.arange(12) / 10, abs=0.002)
        assert np.abs(np.array(corners(rgbs[5])) - [RED, GREEN, BLUE, WHITE]).max() < 14
        assert left_in(folder) == ["out.mp4"]

    def test_what_process_draws_is_in_it_and_it_knows_the_time(self, tmp_path: Path, folder: Path) -> None:
        seen: list[float] = []

        def paint(rgb: np.ndarray, seconds: float) -> np.ndarray:
            seen.append(seconds)
            return np.full_like(rgb, (250, 120, 10) if seconds < 0.45 else (10, 60, 250))

        annotate(write_video(tmp_path / "a.mp4", 10), folder / "out.mp4", paint)
        assert seen == pytest.approx(np.arange(10) / 10, abs=0.001)
        rgbs, _ = played(folder / "out.mp4")
        assert np.abs(rgbs[2].astype(int) - (250, 120, 10)).max() < 12
        assert np.abs(rgbs[-2].astype(int) - (10, 60, 250)).max() < 12

    def test_a_varying_frame_rate_keeps_its_times(self, tmp_path: Path, folder: Path) -> None:
        times = [0.0, 0.1, 0.15, 0.9, 1.0, 2.5]
        annotate(write_video(tmp_path / "a.mkv", 6, times=times), folder / "out.mp4", unchanged)
        assert played(folder / "out.mp4")[1] == pytest.approx(times, abs=0.002)

    def test_a_phones_video_stands_upright_and_is_not_turned_again(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "phone.mov", 5, matrix=PORTRAIT)
        done = annotate(source, folder / "out.mp4", unchanged)
        assert (done.width, done.height) == (64, 96)
        with av.open(str(folder / "out.mp4")) as container:
            frame = next(container.decode(video=0))
        assert frame.rotation == 0
        rgb = frame.to_ndarray(format="rgb24")
        assert np.abs(np.array(corners(rgb)) - [BLUE, RED, WHITE, GREEN]).max() < 14

    def test_a_mirrored_one_is_written_as_players_showed_it(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.mp4", 5, matrix=(-65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30))
        annotate(source, folder / "out.mp4", unchanged)
        with av.open(str(folder / "out.mp4")) as container:
            frame = next(container.decode(video=0))
        assert frame.side_data.get("DISPLAYMATRIX") is None
        assert np.abs(np.array(corners(frame.to_ndarray(format="rgb24"))) - [GREEN, RED, WHITE, BLUE]).max() < 14

    def test_one_whose_clock_starts_late_is_as_long_as_it_is(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.mkv", 10, times=1000 + np.arange(10) / 10, sound="aac")
        done = annotate(source, folder / "out.mp4", unchanged, max_seconds=2)
        assert done.frames == 10 and done.seconds == pytest.approx(1, abs=0.05) and done.broken is None

    @pytest.mark.parametrize(
        ("size", "max_side", "expected"),
        [((320, 180), 160, (160, 90)), ((96, 64), 1280, (96, 64)), ((2, 2), 1280, (2, 2)), ((640, 2), 320, (320, 2))],
    )
    def test_large_ones_are_made_smaller_and_small_ones_are_left(
        self, size: tuple[int, int], max_side: int, expected: tuple[int, int], tmp_path: Path, folder: Path
    ) -> None:
        source = write_video(tmp_path / "a.avi", 3, size=size, codec="mjpeg", pixels="yuvj444p")
        done = annotate(source, folder / "out.mp4", unchanged, max_side=max_side)
        assert (done.width, done.height) == expected
        assert played(folder / "out.mp4")[0][0].shape == (*expected[::-1], 3)

    def test_odd_sides_become_even(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.avi", 3, size=(95, 63), codec="mjpeg", pixels="yuvj444p")
        rgb = played(annotated(source, folder))[0][0]
        assert rgb.shape[0] in (62, 64) and rgb.shape[1] in (94, 96)

    def test_sound_that_browsers_take_is_copied_in_step(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.mp4", 20, sound="aac")
        assert annotate(source, folder / "out.mp4", unchanged).sound
        packets = []
        for path in (source, folder / "out.mp4"):
            with av.open(str(path)) as container:
                found = [p for p in container.demux(audio=0) if p.size]
                packets.append([(bytes(p), float(p.pts * p.time_base)) for p in found if p.pts >= 0])
        before, after = packets
        assert len(before) > 80 and [sound for sound, _ in after] == [sound for sound, _ in before]
        assert [at for _, at in after] == pytest.approx([at for _, at in before], abs=0.03)

    def test_sound_that_they_do_not_take_or_that_nobody_wants_is_left_out(self, tmp_path: Path, folder: Path) -> None:
        opus = write_video(tmp_path / "a.webm", 10, codec="libvpx", sound="libopus")
        assert not annotate(opus, folder / "out.mp4", unchanged).sound
        aac = write_video(tmp_path / "a.mp4", 10, sound="aac")
        assert not annotate(aac, folder / "out.mp4", unchanged, sound=False).sound
        with av.open(str(folder / "out.mp4")) as container:
            assert not container.streams.audio and container.streams.video

    def test_what_was_there_before_is_replaced(self, tmp_path: Path, folder: Path) -> None:
        (folder / "out.mp4").write_text("old")
        annotated(write_video(tmp_path / "a.mp4", 3), folder)
        assert len(played(folder / "out.mp4")[0]) == 3

    def test_progress_grows_to_one(self, tmp_path: Path, folder: Path) -> None:
        heard: list[tuple[int, float | None]] = []
        source = write_video(tmp_path / "a.mp4", 30)
        annotate(source, folder / "out.mp4", unchanged, on_progress=lambda frames, share: heard.append((frames, share)))
        assert heard == sorted(heard) and heard[-1] == (30, 1.0)
        assert all(share is not None and 0 <= share <= 1 for _, share in heard)

    def test_a_file_cut_short_is_kept_as_far_as_it_goes(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.mp4", 40, size=(320, 240), container={"movflags": "+faststart"})
        data = source.read_bytes()
        source.write_bytes(data[: int(len(data) * 0.6)])
        done = annotate(source, folder / "out.mp4", unchanged)
        assert 2 < done.frames < 39 and "cut short" in (done.broken or "")
        assert len(played(folder / "out.mp4")[0]) == done.frames


def annotated(source: Path, folder: Path) -> Path:
    annotate(source, folder / "out.mp4", unchanged)
    return folder / "out.mp4"


class TestNothingIsLeftBehind:
    def test_when_it_is_cancelled(self, tmp_path: Path, folder: Path) -> None:
        cancel, seen = threading.Event(), []

        def process(rgb: np.ndarray, seconds: float) -> np.ndarray:
            seen.append(seconds)
            if len(seen) == 5:
                cancel.set()
            return rgb

        with pytest.raises(Cancelled, match=r"holiday was cancelled after 5 frames"):
            annotate(write_video(tmp_path / "a.mp4", 30), folder / "o.mp4", process, cancel=cancel, name="holiday")
        assert len(seen) == 5
        assert left_in(folder) == []

    def test_when_process_raises_which_is_passed_on(self, tmp_path: Path, folder: Path) -> None:
        def process(rgb: np.ndarray, seconds: float) -> np.ndarray:
            if seconds > 0.55:
                raise ZeroDivisionError("a bug")
            return rgb

        before = set(threading.enumerate())
        with pytest.raises(ZeroDivisionError, match="a bug"):
            annotate(write_video(tmp_path / "a.mp4", 30), folder / "out.mp4", process)
        assert left_in(folder) == []
        assert set(threading.enumerate()) <= before, "its threads have ended"

    def test_when_process_returns_another_size(self, tmp_path: Path, folder: Path) -> None:
        with pytest.raises(ValueError, match=r"expected uint8 \(64, 96, 3\) back, got uint8 \(32, 48, 3\)"):
            annotate(write_video(tmp_path / "a.mp4", 5), folder / "out.mp4", lambda rgb, s: rgb[::2, ::2])
        assert left_in(folder) == []

    def test_when_it_is_not_a_video(self, tmp_path: Path, folder: Path) -> None:
        (tmp_path / "a.mp4").write_text("text")
        with pytest.raises(BadVideo, match=r"holiday\.mp4 is not a video"):
            annotate(tmp_path / "a.mp4", folder / "out.mp4", unchanged, name="holiday.mp4")
        assert left_in(folder) == []

    @pytest.fixture
    def little_room(self) -> Iterator[None]:
        """No file may grow over 100 kB: what a full disk looks like from here."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def test_when_there_is_no_room_on_the_disk(
        self, tmp_path: Path, folder: Path, request: pytest.FixtureRequest
    ) -> None:
        source, noise = write_video(tmp_path / "a.mp4", 30), np.random.default_rng(0)
        (folder / "out.mp4").write_text("old")
        request.getfixturevalue("little_room")
        with pytest.raises(NotSaved, match=r"could not be written: the system says '.+'\. Make room"):
            annotate(source, folder / "out.mp4", lambda rgb, s: noise.integers(0, 256, rgb.shape, np.uint8))
        assert left_in(folder) == ["out.mp4"] and (folder / "out.mp4").read_text() == "old"

    def test_when_the_folder_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotSaved, match="No such file or directory"):
            annotate(write_video(tmp_path / "a.mp4", 3), tmp_path / "gone" / "out.mp4", unchanged)


class TestTooLong:
    def never(self, rgb: np.ndarray, seconds: float) -> np.ndarray:
        raise AssertionError("it was not refused before the work began")

    def test_is_refused_before_the_work_begins(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.mp4", 40)
        with pytest.raises(BadVideo, match=r"a\.mp4 is 4 s long, and at most 2 s can be taken here"):
            annotate(source, folder / "out.mp4", self.never, max_seconds=2)
        assert left_in(folder) == []

    def test_also_where_the_file_does_not_say_how_long_it_is(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.webm", 40, codec="libvpx", container={"live": "1"})
        with VideoSource(source, "a", max_side=100) as video:
            assert video.seconds is None
        with pytest.raises(BadVideo, match="at most 2 s"):
            annotate(source, folder / "out.mp4", self.never, max_seconds=2)

    def test_also_where_it_says_less_than_it_is(self, tmp_path: Path, folder: Path) -> None:
        source = write_video(tmp_path / "a.avi", 40, codec="mjpeg", pixels="yuvj420p")
        data = bytearray(source.read_bytes())
        for mark, offset in ((b"avih", 24), (b"strh", 40)):  # the header's number of frames
            at = data.index(mark) + offset
            data[at : at + 4] = (5).to_bytes(4, "little")
        source.write_bytes(data)
        with pytest.raises(BadVideo, match="at most 2 s"):
            annotate(source, folder / "out.mp4", unchanged, max_seconds=2)
        assert left_in(folder) == []

    def test_the_limit_is_a_setting(self, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIMELIGHT_VIDEO_SECONDS", "1")
        with pytest.raises(BadVideo, match="at most 1 s"):
            annotate(write_video(tmp_path / "a.mp4", 40), folder / "out.mp4", self.never)


def test_ten_times_the_length_takes_no_more_memory(tmp_path: Path, folder: Path) -> None:
    def peak(source: Path) -> int:
        most = 0

        def process(rgb: np.ndarray, seconds: float) -> np.ndarray:
            nonlocal most
            most = max(most, psutil.Process().memory_info().rss)
            return rgb.copy()

        annotate(source, folder / "out.mp4", process)
        return most

    short, long = (write_video(tmp_path / f"{n}.mp4", n, size=(320, 240), fps=30) for n in (60, 600))
    peak(short)  # codecs and allocators warm up
    before = peak(short)
    assert peak(long) - before < 30e6, "600 pictures held would be 138 MB"
