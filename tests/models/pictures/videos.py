"""Real videos for the tests: four coloured quarters, written by PyAV in the containers that visitors bring."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 180, 40), (40, 40, 220), (230, 230, 230)
KINDS = {  # file: (codec, pixel format)
    "phone.mp4": ("libx264", "yuv420p"),
    "mac.mov": ("libx264", "yuv420p"),
    "browser.webm": ("libvpx", "yuv420p"),
    "newer.webm": ("libvpx-vp9", "yuv420p"),
    "matroska.mkv": ("libx264", "yuv420p"),
    "camera.avi": ("mjpeg", "yuvj420p"),
}
PORTRAIT = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
"""The display matrix of a phone held upright: what it recorded is to be turned by 90 degrees clockwise."""


def quarters(width: int, height: int) -> np.ndarray:
    """Red, green above blue, white."""
    rgb = np.empty((height, width, 3), np.uint8)
    y, x = height // 2, width // 2
    rgb[:y, :x], rgb[:y, x:], rgb[y:, :x], rgb[y:, x:] = RED, GREEN, BLUE, WHITE
    return rgb


def corners(rgb: np.ndarray) -> list[tuple[int, ...]]:
    """The colours at top left, top right, bottom left, bottom right: the middle of each quarter."""
    y, x = rgb.shape[0] // 4, rgb.shape[1] // 4
    return [tuple(rgb[a, b].tolist()) for a in (y, -y - 1) for b in (x, -x - 1)]


def numbered(width: int, height: int, number: int) -> np.ndarray:
    """The quarters, with a white column that moves to the right."""
    rgb = quarters(width, height)
    at = 4 * number % (width - 4)
    rgb[height // 2 - 2 : height // 2 + 2, at : at + 4] = 255
    return rgb


def write_video(
    path: Path,
    frames: int = 10,
    *,
    size: tuple[int, int] = (96, 64),
    fps: int = 10,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    times: Sequence[float] | None = None,
    matrix: Sequence[int] | None = None,
    sound: str | None = None,
    container: dict[str, str] | None = None,
    colorspace: int | None = None,
) -> Path:
    """A video of `frames` pictures; `times` in seconds instead of a steady `fps`; `sound` is an audio codec's name."""
    width, height = size
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, pixels, 4_000_000
        if colorspace is not None:
            stream.codec_context.colorspace = colorspace
        if matrix is not None:
            stream.set_display_matrix(matrix)
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        audio = out.add_stream(sound, rate=48000) if sound else None
        out.start_encoding()
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(numbered(width, height, number), format="rgb24")
            if colorspace is not None:
                frame = frame.reformat(format=pixels, dst_colorspace=colorspace)
            if times is not None:
                frame.pts, frame.time_base = round(1000 * times[number]), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        if frames:
            out.mux(stream.encode(None))
        if audio is not None:
            for block in range(frames * 48000 // fps // 960):
                noise = np.random.default_rng(block).uniform(-0.1, 0.1, (1, 960)).astype(np.float32)
                samples = av.AudioFrame.from_ndarray(noise, format="fltp", layout="mono")
                samples.sample_rate, samples.pts, samples.time_base = 48000, 960 * block, Fraction(1, 48000)
                out.mux(audio.encode(samples))
            out.mux(audio.encode(None))
    return path
