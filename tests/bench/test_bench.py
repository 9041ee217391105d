"""What the benches' figures rest on: a frame number that survives the codec, limits that are judged, and null for what
is unknown."""

import fractions
import subprocess
import sys

import av
import cv2
import pytest

from models.cache import ModelCache
from models.pose.overlay import Overlay, draw_poses
from models.teachable.kinds import KINDS, opened, sample_jpeg
from tests.bench import REPO, collecting, drawn, live, numbered, textgen, writing
from tests.bench.camera import BITRATE, CLOCK_RATE, FILMS, FRAMES, HEIGHT, WIDTH, packets, pictures, read_number
from tests.bench.figures import COUNTED, engine_figures, quarters_ms, read_stats
from tests.bench.limits import judged
from tests.bench.target import POSE


@pytest.mark.parametrize(("film", "height"), [*((film, HEIGHT) for film in FILMS), ("things", HEIGHT // 2)])
def test_every_frame_number_survives_vp8_a_smaller_picture_and_a_mirror(film, height, monkeypatch, tmp_path):
    monkeypatch.setattr("tests.bench.camera.CACHE", tmp_path)
    decoder = av.CodecContext.create("libvpx", "r")
    numbers = {size: [] for size in ((640, 480), (320, 240))}
    for index, data in enumerate(packets(15, film, height)):
        packet = av.Packet(data)
        packet.pts, packet.time_base = index, fractions.Fraction(1, CLOCK_RATE)
        for frame in decoder.decode(packet):
            for size, found in numbers.items():
                luma = cv2.resize(frame.to_ndarray(format="gray"), size)
                found.append((read_number(luma), read_number(luma[:, ::-1])))
    assert list(numbers.values()) == [[(number, number) for number in range(FRAMES)]] * 2


def test_the_skeleton_of_the_person_in_the_film_is_drawn_clear_of_the_frame_number():
    frames = list(pictures("person"))
    model = ModelCache(1_000_000_000).get("blazepose")
    for number in range(0, FRAMES, 25):
        (pose,) = model.predict(frames[number])
        shown = draw_poses(frames[number], [pose], Overlay(), mirrored=True)
        assert (shown != frames[number][:, ::-1]).any()
        assert read_number(cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY)) == number


def test_lag_and_memory_grow_from_the_windows_start_to_its_end():
    figures = {
        "age_quarters_ms": {"first": 40.0, "last": 55.0},
        "glass_quarters_ms": {"first": None, "last": 70.0},
        "rss_mb": {"start": 500, "end": 490},
    }
    assert live.growth(figures) == {"age_ms": 15, "glass_ms": None, "rss_mb": -10}
    assert live.growth({"failed": "no server"}) == {"age_ms": None, "glass_ms": None, "rss_mb": None}


def test_a_stream_too_few_is_outside_the_limits_and_what_is_unknown_is_neither():
    lines = live.limits(POSE, {"streams": 3, "glass_ms": {"p95": 120.0}}, n=4)
    assert {name: line["within"] for name, line in lines.items()} == {
        "streams": False,
        "fresh_poses": None,
        "glass_p95": True,
        "age_growth": None,
        "glass_growth": None,
        "memory_growth": None,
        "person_on_page": None,
    }


def line(t, *streams, **state):
    per_stream = [{"frames": frames, "results": results} for frames, results in streams]
    return {"t": t, "engines": {"m": {"streams": len(streams), "per_stream": per_stream, **state}}}


def test_rates_come_from_the_counts_inside_the_window_only():
    lines = [
        line(0, (0, 0), (0, 0)),
        line(1, (10, 10), (10, 5)),
        line(11, (160, 160), (160, 25)),
        line(20, (999, 999)),
    ]
    figures = engine_figures(lines, (0.5, 12), "m")
    assert (figures["fps"], figures["worst_results_per_s"], figures["inferences_per_s"]) == (15, 2, 17)


def test_a_stream_without_results_in_the_last_quarter_is_stalled():
    lines = [line(t, (t, t), (t, min(t, 5))) for t in range(13)]
    assert engine_figures(lines, (0, 12), "m")["stalled_streams"] == 1


def with_ids(t, **streams):
    per_stream = [{"id": name, "frames": count, "results": count} for name, count in streams.items()]
    return {"t": t, "engines": {"m": {"streams": len(streams), "per_stream": per_stream}}}


def test_rates_are_of_the_streams_that_stayed_in_whatever_order():
    lines = [with_ids(0, left=1, a=10, b=20), with_ids(1, b=30), with_ids(2, b=40, a=50, came=1)]
    figures = engine_figures(lines, (0, 3), "m")
    assert (figures["fps"], figures["worst_fps"], figures["streams"]) == (15, 10, 3)


def test_rates_are_unknown_when_no_stream_stayed():
    figures = engine_figures([with_ids(1, a=1), with_ids(2, b=9)], (0, 3), "m")
    assert figures["fps"] is None and figures["inferences_per_s"] is None and figures["streams"] == 1


def test_no_stats_is_null_everywhere(tmp_path):
    figures = engine_figures(read_stats(tmp_path / "absent"), (0, 1), "m")
    assert all(figures[name] is None for name in COUNTED)
    assert figures["age_ms"] == {"p50": None, "p95": None}


def test_a_half_written_last_line_is_left_out(tmp_path):
    (tmp_path / "stats").write_text('{"t": 1}\n{"t": 2, "eng')
    assert read_stats(tmp_path / "stats") == [{"t": 1}]


def test_quarters_show_lag_that_grows():
    samples = [(t / 10, t / 1000) for t in range(100)]
    assert quarters_ms(samples, 0, 10) == {"first": 12.0, "last": 87.0}


@pytest.mark.parametrize(
    ("figure", "limit", "within"),
    [
        (1.1999, {"at_least": 1.2}, False),  # rounded to four digits it would be 1.2
        (1.2, {"at_least": 1.2}, True),
        (150.01, {"at_most": 150}, False),
        (150, {"at_most": 150}, True),
        (7, {}, None),
        (None, {"at_most": 150}, None),
    ],
)
def test_a_figure_is_judged_by_its_limit_and_an_unknown_one_is_not(figure, limit, within):
    assert judged("b", "w", figure, "s", **limit)["within"] is within


def test_the_frequencies_of_four_letters_take_two_bits():
    assert textgen.frequency_bits("abcd" * 5) == 2


def test_fitting_an_ngram_takes_memory_and_gives_it_as_megabytes():
    # in a process of its own: this one may have room left from other tests, and would not grow
    code = "from tests.bench.textgen import fit; print(fit('characters', 'to be or not to be, ' * 20_000)['peak_mb'])"
    run = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert 1 < float(run.stdout) < 500


def test_without_its_text_the_bench_says_which_and_fails(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        textgen.main(["--text", str(tmp_path / "absent.txt")])
    assert end.value.code != 0
    assert "absent.txt" in capsys.readouterr().err


def press(*first_ms, over_ms=None, silence_ms=0, characters=0):
    return {"first_ms": list(first_ms), "over_ms": over_ms, "silence_ms": silence_ms, "characters": characters}


def test_a_tab_that_only_saw_others_write_has_completed_nothing():
    assert writing.summary([press(None, None)])["completed"] == 0
    assert writing.summary([press(None, None)])["slowest_first_ms"] is None


def test_a_press_is_as_quick_as_its_quickest_column_and_a_tab_as_slow_as_its_slowest_press():
    tab = [press(90, 40, over_ms=900, silence_ms=200), press(70, None, silence_ms=300)]
    assert writing.summary(tab) == {
        "completed": 1,
        "slowest_first_ms": 70,
        "longest_silence_ms": 300,
        "characters": 0,
    }


def test_memory_is_the_median_inside_the_window():
    rows = [{"t": t, "rss": rss * 1e6} for t, rss in enumerate((900, 100, 300, 200, 900))]
    assert writing.rss_mb(rows, (1, 3)) == 200
    assert writing.rss_mb(rows, (7, 9)) is None


def through_vp8(frames):
    """As a browser sends them at few bits, decoded."""
    encoder, decoder = (av.CodecContext.create("libvpx", mode) for mode in "wr")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.time_base = BITRATE // 4, fractions.Fraction(1, numbered.FPS)
    encoder.options = {"cpu-used": "-6", "deadline": "realtime", "lag-in-frames": "0"}
    for number, rgb in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        for packet in encoder.encode(frame):
            yield from (shown.to_ndarray(format="rgb24") for shown in decoder.decode(packet))


def test_a_frame_number_survives_vp8_and_being_kept_as_a_sample():
    numbers = [*range(0, numbered.MOST_FRAMES, 131), *range(100, 110), numbered.MOST_FRAMES - 1]
    samples = [sample_jpeg(KINDS["pictures"], rgb) for rgb in through_vp8(map(numbered.frame, numbers))]
    assert [numbered.read_number(opened(jpeg)) for jpeg in samples] == numbers


def test_a_picture_of_the_film_without_its_number_has_none():
    rgb = numbered.frame(77)[:, 80:560]
    assert numbered.read_number(rgb) == 77
    assert numbered.read_number(rgb[::-1]) is None
    assert numbered.read_number(rgb[:, ::-1]) is None


def test_a_sample_filmed_for_another_class_or_for_none_is_in_the_wrong_one():
    recordings = [collecting.Recording(0, 100, 130), collecting.Recording(1, 160, 190)]
    right, wrong = [*range(100, 130, 3)], [161, 300]
    figures = collecting.figures_of([right + wrong, [*range(160, 180, 2), 180, 180, None]], recordings, seconds=1)
    assert figures == {"per_s": [10, 12], "gaps": [3, 2], "wrong": 2, "strays": 1, "unreadable": 1, "twice": 1}


def test_recordings_whose_frames_overlap_tell_nothing():
    recordings = [collecting.Recording(0, 100, 130), collecting.Recording(1, 132, 160)]
    with pytest.raises(RuntimeError, match="overlap"):
        collecting.figures_of([[], []], recordings, seconds=1)


def test_a_scene_counts_once_by_its_own_name_before_the_next_one_comes():
    scenes = [[1000, 0], [3000, 1], [5000, 0], [7000, 1]]
    names = [[900, 1], [1300, 0], [1500, 0], [3100, 0], [5000, 0], [7250, 1]]
    assert drawn.lags_of({"scenes": scenes, "names": names}) == [0.3, 0.0, 0.25]
