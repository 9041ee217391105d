"""Reading a video file: pictures upright, in time, at most 30 a second, with the packets of sound between them.

The file is a stranger's: only the containers below are tried (FFmpeg would also follow playlists to other files and
addresses), a picture's size is read before it is decoded, and whatever a decoder raises becomes a BadVideo.
"""

import itertools
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from models.errors import BadVideo
from models.pictures.video_budget import ReadBudget

MAX_FPS = 30
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,gif,h264,hevc,m4v,ivf"
_ACCEPTED = "MP4, MOV, WebM, MKV or AVI"
_EXPORT = "Export it as MP4 (H.264) and try again."
_MAX_PIXELS = 8192 * 4608  # of one picture, before anything is decoded
_MAX_SOUND_PACKETS = 2000  # packets that may come before their picture

_STATES_ITS_END = ("matroska,webm", "asf")  # FFmpeg's names of containers that say when they end, not how long they are

_PICTURE_KINDS = (b"WEBP", b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")  # after 8 bytes
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\0", b"MM\0*")


@dataclass(frozen=True)
class Orientation:
    """How stored pictures become upright: rows and columns exchanged, then mirrored left to right, then upside down."""

    transposed: bool = False
    mirrored: bool = False
    upside_down: bool = False

    @classmethod
    def of(cls, frame: av.VideoFrame) -> "Orientation | None":
        """What the frame's display matrix says (ISO 14496-12 6.2.2), to the nearest of eight; None without one."""
        matrix: Any = frame.side_data.get("DISPLAYMATRIX")
        if matrix is None:
            return None
        (a, b, _), (c, d, _), _ = np.frombuffer(matrix, np.int32).reshape(3, 3).tolist()  # x' = ax + cy, y' = bx + dy
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(False, a < 0, d < 0)
        return cls(True, c < 0, b < 0)

    def turned(self, wh: tuple[int, int]) -> tuple[int, int]:
        """The width and height that a picture of this width and height has when it is upright."""
        return wh[::-1] if self.transposed else wh

    def upright(self, rgb: np.ndarray) -> np.ndarray:
        """The picture (H, W, 3) as it is to be shown, (W, H, 3) where it is transposed."""
        if self.transposed:
            rgb = cv2.transpose(rgb)
        if self.mirrored or self.upside_down:
            both = self.mirrored and self.upside_down
            rgb = cv2.flip(rgb, -1 if both else int(self.mirrored))
        return rgb


@dataclass
class Step:
    """One picture on its way, with the packets of sound that came before it; no picture at the end."""

    rgb: np.ndarray | None
    seconds: float = 0.0
    sounds: list["av.Packet[Any]"] = field(default_factory=list)


class VideoSource:
    """An open video: reads its first picture at once, because only pictures say how they are turned. `cancel` ends
    that, and each `step`, by Cancelled."""

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        max_side: int,
        max_seconds: float = 3600,
        cancel: threading.Event | None = None,
    ) -> None:
        self.name, self.container = name, _open(path, name)
        self._budget = ReadBudget(name, max_seconds, cancel)
        try:
            self._begin(max_side)
        except BaseException:
            self.container.close()
            raise

    def __enter__(self) -> "VideoSource":
        return self

    def __exit__(self, *_: object) -> None:
        self.container.close()

    def _begin(self, max_side: int) -> None:
        name, pictures = self.name, self.container.streams.video
        # the cover of a song is a video stream too
        stream = next((s for s in pictures if not s.disposition & s.disposition.attached_pic), None)
        if stream is None:
            raise BadVideo(f"{name} has no moving pictures in it, at most sound. Pick a video: {_ACCEPTED}.")
        if stream.codec_context is None:
            raise BadVideo(f"{name} is written in a format that is unknown here. {_EXPORT}")
        if stream.width * stream.height > _MAX_PIXELS:
            raise BadVideo(f"{name} is {stream.width}×{stream.height}, too large to be opened here. {_EXPORT}")
        stream.thread_type, stream.thread_count = "AUTO", 2
        stream.codec_context.options = {"max_pixels": str(_MAX_PIXELS)}
        self.stream = stream
        self.audio = self.container.streams.audio[0] if self.container.streams.audio else None
        rate = stream.average_rate or stream.guessed_rate
        self.fps = float(rate) if rate else None
        self.interval_s = 1 / min(self.fps or MAX_FPS, MAX_FPS)
        self._packets = self._pictures = self._damaged = 0
        self._broke_off, self._last_s, self._due = False, 0.0, 0.0
        self._sounds: deque[av.Packet[Any]] = deque(maxlen=_MAX_SOUND_PACKETS)
        self._scale = VideoReformatter()
        frames = self._decode()
        first = next(frames, None)
        if first is None:
            raise BadVideo(f"{name} has no picture that can be read: it is empty, damaged or protected. {_EXPORT}")
        self._frames, self.start_s = itertools.chain([first], frames), first.time or 0.0
        self.seconds = self._stated_seconds()
        self._orientation = Orientation.of(first) or Orientation()
        self._aspect = float(stream.sample_aspect_ratio or 1)
        self.shown_wh = self._orientation.turned((max(1, round(first.width * self._aspect)), first.height))
        scale = min(1.0, max_side / max(self.shown_wh))
        self.size_wh = _even(self.shown_wh[0] * scale), _even(self.shown_wh[1] * scale)

    def _stated_seconds(self) -> float | None:
        stream, stated = self.stream, None
        if stream.duration and stream.time_base:
            stated = float(stream.duration * stream.time_base)
        elif self.container.duration:
            stated = self.container.duration / 1e6
        if stated and stated > self.start_s > 0 and self.container.format.name in _STATES_ITS_END:
            return stated - self.start_s
        return stated

    def _decode(self) -> Iterator[av.VideoFrame]:
        """Frames in order; damaged packets are left out, and after a break in the file come no more."""
        streams = [self.stream] + ([self.audio] if self.audio else [])
        packets = self.container.demux(*streams)
        while True:
            self._budget.packet()
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.FFmpegError, OSError):
                self._broke_off = True
                packet = None
            if packet is not None and packet.size and packet.pts is not None and packet.time_base:
                self._last_s = max(self._last_s, float(packet.pts * packet.time_base))
            if packet is not None and packet.stream is not self.stream:
                if packet.size:
                    self._sounds.append(packet)
                continue
            if packet is not None and packet.size:
                self._packets += 1
            try:
                yield from self.stream.decode(packet)
            except (av.FFmpegError, ValueError):
                self._damaged += 1
            if packet is None:
                return

    def step(self) -> Step:
        """The next picture that is due, with the sound before it. Runs on the reader's thread."""
        self._budget.begin()
        for frame in self._frames:
            self._pictures += 1
            known = frame.time is not None
            seconds = frame.time - self.start_s if known else (self._pictures - 1) / (self.fps or MAX_FPS)
            # 60 frames/s become 30, 30 with unsteady times stay 30, and times that run back are never due
            if seconds >= self._due - 0.4 / MAX_FPS:
                self._due = max(self._due, seconds - 0.5 / MAX_FPS) + 1 / MAX_FPS
                return Step(self._picture(frame), seconds, self._sounds_so_far())
            self._budget.picture()
        return Step(None, sounds=self._sounds_so_far())

    def _sounds_so_far(self) -> list["av.Packet[Any]"]:
        taken = list(self._sounds)
        self._sounds.clear()
        return taken

    def _picture(self, frame: av.VideoFrame) -> np.ndarray:
        """Upright and of size `size_wh`; one of another shape than the first lies between black bars."""
        self._orientation = Orientation.of(frame) or self._orientation
        turned, (width, height) = self._orientation.turned, self.size_wh
        own_width, own_height = turned((max(1, round(frame.width * self._aspect)), frame.height))
        scale = min(width / own_width, height / own_height)
        inner = max(1, round(own_width * scale)), max(1, round(own_height * scale))
        if width - inner[0] <= 2 and height - inner[1] <= 2:  # even sides round differently
            inner = width, height
        rgb = self._scale.reformat(frame, *turned(inner), "rgb24", threads=1).to_ndarray()
        rgb = self._orientation.upright(rgb)
        if inner == self.size_wh:
            return rgb
        framed = np.zeros((height, width, 3), np.uint8)
        left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
        framed[top : top + inner[1], left : left + inner[0]] = rgb
        return framed

    def broken(self) -> str | None:
        """What is missing of it, once it is read to its end."""
        if self.stream.frames:
            missing = self._packets < 0.98 * self.stream.frames - 2
        else:
            missing = self._last_s - self.start_s < 0.95 * (self.seconds or 0) - 0.5
        if self._broke_off or missing:
            return "The file is cut short or damaged: it breaks off before its end, and what could be read is here."
        if self._damaged:
            return "The file is damaged: parts of it could not be read and are left out."
        return None


def _even(side: float) -> int:
    return max(2, 2 * round(side / 2))


def _open(path: Path, name: str) -> av.container.InputContainer:
    if path.stat().st_size == 0:
        raise BadVideo(f"{name} is empty (0 bytes). Pick it again, or export it again.")
    only_files = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    try:
        return av.open(str(path.resolve()), "r", container_options=only_files, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        with path.open("rb") as file:
            head = file.read(12)
        if head.startswith(_PICTURES) or head[8:] in _PICTURE_KINDS:
            raise BadVideo(f"{name} is a picture, not a video. Choose the photo or upload above instead.") from error
        if head[4:8] == b"ftyp" or head.startswith((b"\x1aE\xdf\xa3", b"RIFF")):
            wrong = "is damaged, cut short or has nothing in it"
            raise BadVideo(f"{name} starts like a video, but {wrong}. Copy or export it again.") from error
        raise BadVideo(f"{name} is not a video that can be opened here. Pick a {_ACCEPTED} file.") from error


def length(path: Path, name: str, limit: float, cancel: threading.Event | None = None) -> float | None:
    """Seconds of a video whose header does not say them (a browser's recording), by its packets' times; read only
    until it is clear that it is too long."""
    with _open(path, name) as container:
        first = last = None
        budget = ReadBudget(name, limit, cancel)
        with suppress(av.FFmpegError, OSError):
            for packet in container.demux(container.streams.video[0]):
                budget.begin()
                budget.picture()
                if packet.pts is not None and packet.time_base:
                    last = float(packet.pts * packet.time_base)
                    first = last if first is None else first
                    if last - first > limit + 1:
                        break
        return None if first is None or last is None else last - first
