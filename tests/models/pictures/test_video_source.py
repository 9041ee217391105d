"""Reading videos of many kinds: upright, in time, in the right colours, and with plain words where it can't be."""

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace

from models.errors import BadVideo
from models.pictures.images import sample_pictures, to_jpeg
from models.pictures.video_source import Orientation, VideoSource, length
from tests.models.pictures.videos import BLUE, GREEN, KINDS, PORTRAIT, RED, WHITE, corners, quarters, write_video


def read(path: Path, max_side: int = 1280) -> tuple[list[np.ndarray], list[float]]:
    with VideoSource(path, path.name, max_side=max_side) as source:
        steps = iter_steps(source)
    return [rgb for rgb, _ in steps], [seconds for _, seconds in steps]


def iter_steps(source: VideoSource) -> list[tuple[np.ndarray, float]]:
    found = []
    while (step := source.step()).rgb is not None:
        found.append((step.rgb, step.seconds))
    return found


def near(found: list[tuple[int, ...]], expected: list[tuple[int, ...]], by: int = 12) -> bool:
    return bool(np.abs(np.array(found) - np.array(expected)).max() <= by)


@pytest.mark.parametrize("name", KINDS)
def test_every_usual_kind_is_read_whole_in_time_and_in_rgb(name: str, tmp_path: Path) -> None:
    codec, pixels = KINDS[name]
    rgbs, seconds = read(write_video(tmp_path / name, 10, codec=codec, pixels=pixels))
    assert [rgb.shape for rgb in rgbs] == [(64, 96, 3)] * 10
    assert all(rgb.dtype == np.uint8 and near(corners(rgb), [RED, GREEN, BLUE, WHITE]) for rgb in rgbs)
    assert seconds == pytest.approx(np.arange(10) / 10, abs=0.002)


def test_each_picture_is_its_own(tmp_path: Path) -> None:
    rgbs, _ = read(write_video(tmp_path / "a.avi", 15, codec="mjpeg", pixels="yuvj444p"))
    for number, rgb in enumerate(rgbs):
        assert np.abs(rgb[30:34, 4 * number : 4 * number + 4].mean() - 255) < 25, number


def test_pixels_that_are_not_square_are_stretched_as_they_are_shown(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "wide.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt, stream.sample_aspect_ratio = 96, 64, "yuv420p", Fraction(4, 3)
        out.mux(stream.encode(av.VideoFrame.from_ndarray(quarters(96, 64), format="rgb24")))
        out.mux(stream.encode(None))
    assert read(tmp_path / "wide.mp4")[0][0].shape == (64, 128, 3)


def test_hd_colours_are_read_as_hd_colours(tmp_path: Path) -> None:
    rgbs, _ = read(write_video(tmp_path / "hd.mp4", 2, colorspace=int(Colorspace.ITU709)))
    assert near(corners(rgbs[0]), [RED, GREEN, BLUE, WHITE])


def test_a_phones_portrait_video_is_turned_upright(tmp_path: Path) -> None:
    path = write_video(tmp_path / "phone.mp4", 3, size=(96, 64), matrix=PORTRAIT)
    rgbs, _ = read(path)
    assert rgbs[0].shape == (96, 64, 3)
    assert near(corners(rgbs[0]), [BLUE, RED, WHITE, GREEN]), "turned clockwise"
    with VideoSource(path, "x", max_side=1280) as source:
        assert source.size_wh == source.shown_wh == (64, 96)


# What a display matrix does to the four colours, top left, top right, bottom left, bottom right.
MATRICES = {
    "as it is": ((1, 0, 0, 1), [RED, GREEN, BLUE, WHITE]),
    "mirrored": ((-1, 0, 0, 1), [GREEN, RED, WHITE, BLUE]),
    "upside down": ((1, 0, 0, -1), [BLUE, WHITE, RED, GREEN]),
    "half a turn": ((-1, 0, 0, -1), [WHITE, BLUE, GREEN, RED]),
    "a quarter clockwise": ((0, 1, -1, 0), [BLUE, RED, WHITE, GREEN]),
    "a quarter back": ((0, -1, 1, 0), [GREEN, WHITE, RED, BLUE]),
    "transposed": ((0, 1, 1, 0), [RED, BLUE, GREEN, WHITE]),
    "transposed the other way": ((0, -1, -1, 0), [WHITE, GREEN, BLUE, RED]),
}


@pytest.mark.parametrize("name", MATRICES)
def test_every_orientation_is_shown_as_players_show_it(name: str, tmp_path: Path) -> None:
    (a, b, c, d), colours = MATRICES[name]
    matrix = (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    for path, pixels in (("a.mp4", "yuv420p"), ("b.mov", "yuv444p")):
        rgbs, _ = read(write_video(tmp_path / path, 3, matrix=matrix, pixels=pixels))
        assert rgbs[0].shape == ((96, 64, 3) if b else (64, 96, 3)) and rgbs[0].flags.c_contiguous
        assert near(corners(rgbs[0]), colours)
    with VideoSource(tmp_path / "a.mp4", "a.mp4", max_side=1000) as video:
        assert video.shown_wh == ((64, 96) if b else (96, 64))


def test_an_angle_between_is_left_as_the_nearest_quarter(tmp_path: Path) -> None:
    cos, sin = round(0.8 * 65536), round(0.6 * 65536)
    slanted = write_video(tmp_path / "a.mp4", 2, matrix=(cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30))
    assert near(corners(read(slanted)[0][0]), [RED, GREEN, BLUE, WHITE])
    steep = write_video(tmp_path / "b.mp4", 2, matrix=(sin, cos, 0, -cos, sin, 0, 0, 0, 1 << 30))
    assert near(corners(read(steep)[0][0]), [BLUE, RED, WHITE, GREEN])


def test_orientations_are_those_of_numpy() -> None:
    rgb = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert Orientation().upright(rgb) is rgb
    assert (Orientation(mirrored=True).upright(rgb) == rgb[:, ::-1]).all()
    assert (Orientation(upside_down=True).upright(rgb) == rgb[::-1]).all()
    assert (Orientation(True, True, True).upright(rgb) == rgb.transpose(1, 0, 2)[::-1, ::-1]).all()


class TestASizeThatChanges:
    @staticmethod
    def written(path: Path, *sizes: tuple[int, int]) -> Path:
        """A WebM of five pictures of each size; each encoder writes into the same stream, as a call's recorder does."""
        with av.open(str(path), "w") as out:
            stream = out.add_stream("libvpx", rate=10)
            stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *sizes[0], "yuv420p", 4_000_000
            for number, (width, height) in enumerate(sizes):
                encoder = av.CodecContext.create("libvpx", "w")
                encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
                encoder.time_base, encoder.bit_rate = Fraction(1, 10), 4_000_000
                packets = []
                for at in range(5 * number, 5 * number + 5):
                    frame = av.VideoFrame.from_ndarray(quarters(width, height), format="rgb24")
                    frame.pts, frame.time_base = at, Fraction(1, 10)
                    packets += encoder.encode(frame)
                for packet in [*packets, *encoder.encode(None)]:
                    packet.stream, packet.time_base = stream, Fraction(1, 10)
                    out.mux(packet)
        return path

    def test_keeps_its_shape_between_bars(self, tmp_path: Path) -> None:
        path = self.written(tmp_path / "a.webm", (192, 96), (96, 96), (192, 48), (384, 192))
        rgbs, seconds = read(path)
        assert {rgb.shape for rgb in rgbs} == {(96, 192, 3)} and len(rgbs) == len(seconds) == 20
        first, square, wide, larger = rgbs[1], rgbs[6], rgbs[11], rgbs[16]
        for whole in (first, larger):
            assert near(corners(whole), [RED, GREEN, BLUE, WHITE])
        assert near(corners(square[:, 48:144]), [RED, GREEN, BLUE, WHITE])
        assert square[:, :47].max() < 8 and square[:, 145:].max() < 8
        assert near(corners(wide[24:72]), [RED, GREEN, BLUE, WHITE])
        assert wide[:23].max() < 8 and wide[73:].max() < 8

    def test_a_pixel_of_rounding_makes_no_bars(self, tmp_path: Path) -> None:
        rgbs, _ = read(self.written(tmp_path / "a.webm", (190, 106), (160, 90)))
        assert rgbs[6].shape == rgbs[0].shape and rgbs[6][:, 0].max() > 150 and rgbs[6][0].max() > 150


LATE = {"late.mkv": "libx264", "late.webm": "libvpx", "late.mp4": "libx264", "late.ts": "libx264", "late.wmv": "mpeg4"}


@pytest.mark.parametrize("start", [7, 1000])
@pytest.mark.parametrize("name", LATE)
def test_how_long_it_is_counts_from_its_first_picture(name: str, start: int, tmp_path: Path) -> None:
    path = write_video(tmp_path / name, 20, codec=LATE[name], times=start + np.arange(20) / 10)
    with VideoSource(path, name, max_side=1280) as source:
        assert source.seconds == pytest.approx(2, abs=0.15)
        assert len(iter_steps(source)) == 20 and source.broken() is None


def test_a_late_one_that_is_cut_short_says_so(tmp_path: Path) -> None:
    path = write_video(tmp_path / "late.mkv", 60, size=(320, 240), times=1000 + np.arange(60) / 10)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    with VideoSource(path, "late.mkv", max_side=320) as source:
        iter_steps(source)
    assert "cut short or damaged" in (source.broken() or "")


def test_large_pictures_are_scaled_down_and_odd_sides_become_even(tmp_path: Path) -> None:
    path = write_video(tmp_path / "large.mp4", 2, size=(320, 180))
    assert [rgb.shape for rgb in read(path, max_side=100)[0]] == [(56, 100, 3)] * 2
    odd = write_video(tmp_path / "odd.avi", 2, size=(95, 63), codec="mjpeg", pixels="yuvj444p")
    assert read(odd)[0][0].shape in {(62, 94, 3), (64, 96, 3), (62, 96, 3), (64, 94, 3)}
    strip = write_video(tmp_path / "strip.avi", 2, size=(640, 2), codec="mjpeg", pixels="yuvj444p")
    assert read(strip, max_side=64)[0][0].shape == (2, 64, 3)


def test_sixty_frames_a_second_become_thirty_and_unsteady_thirty_stay(tmp_path: Path) -> None:
    fast = np.arange(60) / 60
    _, seconds = read(write_video(tmp_path / "fast.mkv", 60, fps=60, times=fast))
    assert len(seconds) == 30 and seconds == pytest.approx(fast[::2], abs=0.002)
    unsteady = np.arange(30) / 30 + np.tile([0, 0.008, -0.006], 10)
    _, seconds = read(write_video(tmp_path / "unsteady.mkv", 30, fps=30, times=unsteady))
    assert seconds == pytest.approx(unsteady, abs=0.002)


def test_a_varying_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.15, 0.9, 1.0, 3.0]
    _, seconds = read(write_video(tmp_path / "varying.mkv", 6, times=times))
    assert seconds == pytest.approx(times, abs=0.002)


def test_pictures_right_after_a_gap_do_not_come_all_at_once(tmp_path: Path) -> None:
    times = [0.0, 1.0, 1.001, 1.002, 1.01, 1.03, 1.06]
    _, seconds = read(write_video(tmp_path / "burst.mkv", 7, fps=30, times=times))
    assert np.diff(seconds).min() > 0.003 and seconds[:2] == [0, 1] and len(seconds) >= 4


def test_the_first_picture_is_at_zero_wherever_the_file_starts(tmp_path: Path) -> None:
    _, seconds = read(write_video(tmp_path / "late.ts", 4, times=[5.0, 5.1, 5.2, 5.3]))
    assert seconds == pytest.approx([0, 0.1, 0.2, 0.3], abs=0.002)


def test_a_recording_without_a_length_is_measured_by_its_packets(tmp_path: Path) -> None:
    path = write_video(tmp_path / "live.webm", 30, codec="libvpx", container={"live": "1"})
    with VideoSource(path, "live.webm", max_side=1280) as source:
        assert source.seconds is None
    assert length(path, "live.webm", 100) == pytest.approx(2.9, abs=0.01)
    assert 1 < length(path, "live.webm", 0.5) < 2.9, "it stops where the answer is clear"


class TestBroken:
    def test_a_whole_file_is_not(self, tmp_path: Path) -> None:
        for name, (codec, pixels) in KINDS.items():
            with VideoSource(write_video(tmp_path / name, 20, codec=codec, pixels=pixels), "x", max_side=99) as source:
                iter_steps(source)
            assert source.broken() is None, name

    @pytest.mark.parametrize("name", ["first.mp4", "browser.webm", "camera.avi"])
    def test_one_that_is_cut_short_gives_what_it_has_and_says_so(self, name: str, tmp_path: Path) -> None:
        codec, pixels = KINDS.get(name, KINDS["phone.mp4"])
        path = write_video(
            tmp_path / name,
            40,
            size=(320, 240),
            codec=codec,
            pixels=pixels,
            container={"movflags": "+faststart"} if name.endswith("mp4") else None,
        )
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * 0.6)])
        with VideoSource(path, name, max_side=320) as source:
            found = iter_steps(source)
        assert 2 < len(found) < 39
        assert "cut short or damaged" in (source.broken() or "")

    def test_damage_in_the_middle_is_left_out_and_said(self, tmp_path: Path) -> None:
        path = write_video(tmp_path / "hit.avi", 20, codec="mjpeg", pixels="yuvj420p", size=(320, 240))
        data = bytearray(path.read_bytes())
        starts = [at for at in range(len(data) - 3) if data[at : at + 3] == b"\xff\xd8\xff"]
        data[starts[10] : starts[11] - 8] = bytes(starts[11] - 8 - starts[10])
        path.write_bytes(data)
        with VideoSource(path, "hit.avi", max_side=320) as source:
            found = iter_steps(source)
        assert 17 <= len(found) <= 19
        assert "damaged" in (source.broken() or "")


class TestRefused:
    def refusal(self, path: Path) -> str:
        with pytest.raises(BadVideo) as raised:
            VideoSource(path, path.name, max_side=1280)
        assert str(raised.value).startswith(path.name)
        return str(raised.value)

    def test_an_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "e.mp4").touch()
        assert "empty (0 bytes)" in self.refusal(tmp_path / "e.mp4")

    def test_a_text_that_calls_itself_a_video(self, tmp_path: Path) -> None:
        (tmp_path / "t.mp4").write_text("my holiday\n" * 100)
        assert "not a video that can be opened here. Pick a" in self.refusal(tmp_path / "t.mp4")

    def test_noise(self, tmp_path: Path) -> None:
        (tmp_path / "n.avi").write_bytes(np.random.default_rng(0).bytes(50_000))
        assert "not a video" in self.refusal(tmp_path / "n.avi")

    def test_a_picture(self, tmp_path: Path) -> None:
        (tmp_path / "p.mp4").write_bytes(to_jpeg(sample_pictures()[0].load()))
        assert "is a picture" in self.refusal(tmp_path / "p.mp4")

    @pytest.mark.parametrize("brand", [b"avif", b"avis", b"heic", b"mif1"])
    def test_a_picture_in_the_container_of_videos(self, brand: bytes, tmp_path: Path) -> None:
        (tmp_path / "p.mp4").write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + brand + bytes(200))
        assert "is a picture" in self.refusal(tmp_path / "p.mp4")

    def test_one_whose_index_was_cut_off(self, tmp_path: Path) -> None:
        path = write_video(tmp_path / "cut.mp4", 10)
        data = path.read_bytes()
        assert data.rindex(b"moov") > len(data) / 2, "its index is at the end"
        path.write_bytes(data[: len(data) // 2])
        assert "is damaged, cut short or" in self.refusal(path)

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("none.avi", "no picture that can be read"),
            ("none.mp4", "no moving pictures in it"),
            ("none.mkv", "has nothing in it"),
        ],
    )
    def test_one_of_zero_frames(self, name: str, why: str, tmp_path: Path) -> None:
        assert why in self.refusal(write_video(tmp_path / name, 0))

    def test_sound_alone(self, tmp_path: Path) -> None:
        with av.open(str(tmp_path / "song.mp4"), "w") as out:
            audio = out.add_stream("aac", rate=48000)
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            tone.sample_rate = 48000
            out.mux(audio.encode(tone))
            out.mux(audio.encode(None))
        assert "no moving pictures in it, at most sound" in self.refusal(tmp_path / "song.mp4")

    def test_a_codec_that_is_unknown(self, tmp_path: Path) -> None:
        path = write_video(tmp_path / "odd.avi", 3, codec="mjpeg", pixels="yuvj420p")
        path.write_bytes(path.read_bytes().replace(b"MJPG", b"QQ7Z"))
        assert "Export it as MP4 (H.264)" in self.refusal(path)

    @pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.ffconcat"])
    def test_a_playlist_is_not_followed_to_another_file(self, name: str, tmp_path: Path) -> None:
        shutil.copy(write_video(tmp_path / "secret.ts", 5), tmp_path / "other.ts")
        lists = {"ffconcat": "ffconcat version 1.0\nfile other.ts\n"}
        m3u8 = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.5,\nother.ts\n#EXT-X-ENDLIST\n"
        (tmp_path / name).write_text(lists.get(name.rpartition(".")[2], m3u8))
        if not name.endswith("mp4"):
            with av.open(str(tmp_path / name), options={"safe": "0"} if "concat" in name else {}) as unguarded:
                assert unguarded.streams.video, "without our guard it is followed"
        assert "not a video" in self.refusal(tmp_path / name)
