"""Video files: any that FFmpeg's decoders read in, an annotated MP4 that every browser plays out.

Frame by frame, so memory does not grow with the length: one thread reads and decodes, the caller's runs `process`, one
encodes and writes, and between them wait at most three pictures.

Timing: each picture keeps the time it has in the source, also where the frame rate varies, but a source above
30 frames/s is thinned to that. Sound is copied as it is where MP4 and browsers take it (AAC, MP3), else left out.
"""

import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from models.errors import BadVideo, Cancelled, NotSaved
from models.pictures.video_source import MAX_FPS, Step, VideoSource, length
from models.settings import settings

Process = Callable[[np.ndarray, float], np.ndarray]
"""(RGB uint8 (H, W, 3), upright; seconds since the first picture) → a picture of the same size."""

_TICKS = Fraction(1, 90_000)  # the output's unit of time: fine enough for every common frame rate
_DECODED_AHEAD = 2  # pictures decoded while one is worked on
_PROGRESS_S = 0.1
_COPIED_SOUND = ("aac", "mp3")


@dataclass(frozen=True)
class VideoDone:
    """What was written: pictures, seconds, size in pixels, whether the sound is in it, and, in a sentence for the
    visitor, what is missing because the source is damaged."""

    frames: int
    seconds: float
    width: int
    height: int
    sound: bool
    broken: str | None = None


def annotate(
    source: Path,
    target: Path,
    process: Process,
    *,
    on_progress: Callable[[int, float | None], None] | None = None,
    cancel: threading.Event | None = None,
    max_seconds: float | None = None,
    max_side: int = 1280,
    sound: bool = True,
    name: str | None = None,
) -> VideoDone:
    """Write `target`, an MP4 (H.264, yuv420p, index first), with every picture of `source` passed through `process`.

    Pictures are upright and no side is over `max_side` pixels; sides are even. `on_progress(frames, share)` runs on the
    caller's thread at most ten times a second and at the end; share is 0..1, None where the length is unknown.
    `max_seconds` is by default `LIMELIGHT_VIDEO_SECONDS`; `name` is what messages call the file.

    Raises BadVideo, NotSaved, Cancelled, and whatever `process` raises; `target` is then as it was before, and nothing
    else is left. A video that breaks off after its first picture is kept as far as it goes: see `VideoDone.broken`.
    """
    name, limit = name or source.name, max_seconds or settings().video_seconds
    with (
        VideoSource(source, name, max_side=max_side, max_seconds=limit, cancel=cancel) as video,
        _Target(target, video, sound=sound) as out,
        _one_thread("video reader") as reader,
        _one_thread("video writer") as writer,
    ):
        total = video.seconds if video.seconds is not None else length(source, name, limit, cancel)
        if total is not None and total > limit + 0.5:
            raise _too_long(name, limit, total)
        ahead = deque(reader.submit(video.step) for _ in range(_DECODED_AHEAD))
        written: Future[None] | None = None
        frames, seconds, shown_at = 0, 0.0, 0.0
        while True:
            if cancel is not None and cancel.is_set():
                raise Cancelled(f"{name} was cancelled after {frames} frames; nothing was kept.")
            step = ahead.popleft().result()
            ahead.append(reader.submit(video.step))
            if step.rgb is not None:
                if step.seconds > limit + 0.5:  # its header said less, or nothing
                    raise _too_long(name, limit, None)
                step.rgb, seconds, frames = process(step.rgb, step.seconds), step.seconds, frames + 1
            if written is not None:
                written.result()
            written = writer.submit(out.write, step)
            if step.rgb is None:
                written.result()
                break
            if on_progress and time.monotonic() - shown_at >= _PROGRESS_S:
                shown_at = time.monotonic()
                on_progress(frames, min(1.0, step.seconds / total) if total else None)
        writer.submit(out.finish).result()
        if on_progress:
            on_progress(frames, 1.0)
        return VideoDone(frames, seconds + video.interval_s, *video.size_wh, out.sound is not None, video.broken())


class _Target:
    """The MP4 being written, beside its final place and under another name until it is whole."""

    def __init__(self, target: Path, source: VideoSource, *, sound: bool) -> None:
        self._target, self._source = target, source
        with _disk_errors():
            handle, partial = tempfile.mkstemp(prefix=".", suffix=".mp4", dir=target.parent)
            os.close(handle)
        self._partial = Path(partial)
        try:
            self._container = av.open(partial, "w", format="mp4", options={"movflags": "+faststart"})
            self._video = self._container.add_stream("libx264", rate=MAX_FPS)
            self._prepare(*source.size_wh)
            self.sound = self._copied(source.audio) if sound else None
        except BaseException:
            self._partial.unlink(missing_ok=True)
            raise

    def _prepare(self, width: int, height: int) -> None:
        context = self._video.codec_context
        context.width, context.height, context.pix_fmt, context.time_base = width, height, "yuv420p", _TICKS
        context.gop_size = 2 * MAX_FPS  # a player can jump to every second or two
        context.options = {"preset": "superfast", "crf": "23", "threads": "2"}
        # what cv2 makes of RGB; written down, or players guess by the size
        context.colorspace, context.color_range = Colorspace.SMPTE170M, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.SMPTE170M, ColorTrc.SMPTE170M

    def _copied(self, audio: av.AudioStream | None) -> av.AudioStream | None:
        context = audio.codec_context if audio is not None else None
        if audio is None or context is None or context.name not in _COPIED_SOUND:
            return None
        if context.name == "aac" and not context.extradata:  # as in MPEG-TS: an MP4 can't take it as it is
            return None
        return self._container.add_stream_from_template(audio)

    def __enter__(self) -> "_Target":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):  # closing what broke off fails too
            self._container.close()
        self._partial.unlink(missing_ok=True)

    def write(self, step: Step) -> None:
        """Encode and write one picture and its sound, on the writer's thread. Raises NotSaved."""
        with _disk_errors():
            for packet in step.sounds if self.sound else ():
                self._write_sound(packet)
            if step.rgb is None:
                self._encode(None)
                return
            width, height = self._source.size_wh
            if step.rgb.shape != (height, width, 3) or step.rgb.dtype != np.uint8:
                raise ValueError(f"expected uint8 {(height, width, 3)} back, got {step.rgb.dtype} {step.rgb.shape}")
            planes: Any = cv2.cvtColor(step.rgb, cv2.COLOR_RGB2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = round(step.seconds / _TICKS), _TICKS
            self._encode(frame)

    def _encode(self, frame: av.VideoFrame | None) -> None:
        for packet in self._video.encode(frame):
            packet.duration = round(self._source.interval_s / _TICKS)  # counts for the last picture only
            self._container.mux_one(packet)

    def _write_sound(self, packet: "av.Packet[Any]") -> None:
        if packet.pts is None or packet.dts is None or packet.time_base is None:
            return
        shift = round(self._source.start_s / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        if packet.dts >= 0:  # what sounds before the first picture is left out
            packet.stream = self.sound
            self._container.mux_one(packet)

    def finish(self) -> None:
        """Move the index to the front, and the whole into its place. Raises NotSaved."""
        with _disk_errors():
            self._container.close()
            os.replace(self._partial, self._target)


def _too_long(name: str, limit: float, seconds: float | None) -> BadVideo:
    length = "longer than that" if seconds is None else f"{seconds:.0f} s long"
    return BadVideo(f"{name} is {length}, and at most {limit:.0f} s can be taken here. Cut it shorter and try again.")


@contextmanager
def _one_thread(name: str) -> Iterator[ThreadPoolExecutor]:
    """A thread for one thing after the other; at the end it finishes what it is at and drops the rest."""
    pool = ThreadPoolExecutor(1, name)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotSaved(
            f"The annotated video could not be written: the system says '{error.strerror}'. "
            "Make room on the server's disk, or take a shorter video."
        ) from error
