"""Frames of any size and rate at aiortc's own decoders: what is beyond the bounds is not decoded."""

from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder

from components.camera import bounds as camera_bounds

DECODERS = {"libvpx": Vp8Decoder, "libx264": H264Decoder}


def film(encoder: str, width: int, height: int, frames: int = 3) -> list[Any]:
    """Encoded frames as aiortc hands them to its decoder."""
    codec: Any = av.CodecContext.create(encoder, "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = width, height, "yuv420p", Fraction(1, 30)
    codec.options = {"deadline": "realtime", "cpu-used": "8"} if encoder == "libvpx" else {"preset": "ultrafast"}
    packets = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), 20 * number, np.uint8), "yuv420p")
        frame.pts = number
        packets += codec.encode(frame)
    packets += codec.encode(None)
    return [SimpleNamespace(data=bytes(packet), timestamp=3000 * at) for at, packet in enumerate(packets)]


@pytest.fixture
def bounded() -> Iterator[None]:
    undo = camera_bounds.bound_decoding()
    yield
    undo()


@pytest.mark.parametrize("encoder", DECODERS)
@pytest.mark.parametrize(("width", "height", "fits"), [(640, 480, True), (1080, 1920, True), (2560, 1440, False)])
def test_frames_that_are_too_large_are_dropped(
    encoder: str, width: int, height: int, fits: bool, bounded: None
) -> None:
    decoder = DECODERS[encoder]()
    decoded = [frame for encoded in film(encoder, width, height) for frame in decoder.decode(encoded)]
    assert bool(decoded) is fits and all((frame.width, frame.height) == (width, height) for frame in decoded)


def test_without_the_bounds_they_are_decoded() -> None:
    decoder = Vp8Decoder()
    assert [frame for encoded in film("libvpx", 2560, 1440) for frame in decoder.decode(encoded)]


def test_a_camera_that_comes_back_to_its_size_is_seen_again(bounded: None) -> None:
    decoder = Vp8Decoder()
    large, small = film("libvpx", 2560, 1440), film("libvpx", 320, 240)
    assert [len(decoder.decode(encoded)) for encoded in large + small] == [0] * len(large) + [1] * len(small)


@pytest.mark.parametrize("encoder", DECODERS)
def test_frames_that_come_too_often_are_dropped_until_the_second_is_over(
    encoder: str, bounded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(camera_bounds.time, "monotonic", lambda: now)
    decoder, [first, *_] = DECODERS[encoder](), film(encoder, 320, 240)
    bounds = camera_bounds._bounds(decoder)
    for _ in range(camera_bounds.MAX_FRAMES_PER_S):
        assert bounds.admits(None)
    assert decoder.decode(first) == [] and not bounds.admits(None)
    now = 1.0
    assert bounds.admits(None)


@pytest.mark.parametrize("data", [b"", b"\0" * 9, b"\1" * 20, b"\0" * 20])
def test_what_is_no_key_frame_tells_no_size(data: bytes) -> None:
    assert camera_bounds.vp8_pixels(data) is None
