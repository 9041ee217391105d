"""What the benches' figures rest on: a frame number that survives the codec, and null for what is unknown."""

import fractions

import av
import cv2
import pytest

from tests.bench.camera import CLOCK_RATE, FRAMES, packets, read_number
from tests.bench.figures import COUNTED, engine_figures, quarters_ms, read_stats


@pytest.mark.parametrize("size", [(640, 480), (320, 240)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_every_frame_number_survives_vp8_a_smaller_picture_and_a_mirror(size, mirrored, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.bench.camera.CACHE", tmp_path)
    decoder = av.CodecContext.create("libvpx", "r")
    numbers = []
    for index, data in enumerate(packets(15)):
        packet = av.Packet(data)
        packet.pts, packet.time_base = index, fractions.Fraction(1, CLOCK_RATE)
        for frame in decoder.decode(packet):
            luma = cv2.resize(frame.to_ndarray(format="gray"), size)
            numbers.append(read_number(luma[:, ::-1] if mirrored else luma))
    assert numbers == list(range(FRAMES))


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


def test_rates_are_unknown_when_a_stream_left_in_the_window():
    figures = engine_figures([line(1, (1, 1), (1, 1)), line(2, (9, 9))], (0, 3), "m")
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
