"""Recordings of poses: taken live, written as CSV or JSON, read back, replayed.

Written precision: milliseconds, hundredths of a pixel, thousandths of a score. Reading what was written and writing
it again gives the same text.
"""

import json
import math
import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import BadInput
from models.pose.poses import Pose
from models.pose.recording_files import (
    COLUMNS,
    FORMAT,
    MAX_FRAMES,
    MAX_PIXEL,
    MAX_POINTS,
    MAX_POSES,
    MAX_SECONDS,
    VERSION,
    ReadFrame,
    csv_frames,
    json_frames,
    malformed,
    too_much,
)

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, eq=False)
class Frame:
    """Who was seen at one moment, in seconds since the recording began."""

    seconds: float
    poses: tuple[Pose, ...]


class Recording:
    """Frames with their poses, the first at 0 s, and the size of the picture they lie in (0 × 0: unknown).

    Thread-safe: a stream adds, a page reads. It stops taking frames, and says so by `full`, at `max_seconds`,
    MAX_FRAMES or MAX_POINTS, whichever comes first. It keeps no world points, blendshapes and masks.
    """

    def __init__(self, width: int = 0, height: int = 0, max_seconds: float = 600.0) -> None:
        self._lock = threading.Lock()  # guards everything below
        self._size_wh = (width, height)
        self._max_seconds = max_seconds
        self._frames: list[Frame] = []
        self._began = 0.0
        self._points = 0
        self._full = False

    def add(self, seconds: float, poses: Sequence[Pose], size_wh: tuple[int, int] | None = None) -> bool:
        """A frame's poses, its time in seconds on any clock, and the width and height of its picture, of which the
        largest count. False if the recording is full. Poses that cannot be written, with a coordinate that is no
        number or beyond a million pixels, are left out. Raises ValueError for a time before the last one and for
        more poses of a kind than MAX_POSES."""
        poses = tuple(pose.points_only() for pose in poses if _can_be_written(pose))
        for kind, count in Counter(pose.kind for pose in poses).items():
            if count > MAX_POSES[kind]:
                raise ValueError(f"expected at most {MAX_POSES[kind]} of kind {kind} in a frame, got {count}")
        points = sum(len(pose.keypoints) for pose in poses)
        with self._lock:
            if not self._frames:
                self._began = float(seconds)
            since = round(seconds - self._began, 3)
            if not math.isfinite(since) or (self._frames and since < self._frames[-1].seconds):
                raise ValueError(f"times must not go backwards, got {seconds}")
            self._full |= (
                since > self._max_seconds or len(self._frames) >= MAX_FRAMES or self._points + points > MAX_POINTS
            )
            if self._full:
                return False
            self._frames.append(Frame(since, poses))
            self._points += points
            if size_wh is not None:
                self._size_wh = (max(self._size_wh[0], size_wh[0]), max(self._size_wh[1], size_wh[1]))
            return True

    @property
    def frames(self) -> tuple[Frame, ...]:
        """What was recorded so far, oldest first."""
        with self._lock:
            return tuple(self._frames)

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, (0, 0) if unknown."""
        with self._lock:
            return self._size_wh

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        with self._lock:
            return self._frames[-1].seconds if self._frames else 0.0

    @property
    def full(self) -> bool:
        """Whether a frame was refused because there was no room for it."""
        with self._lock:
            return self._full

    def to_csv(self) -> str:
        """Comma-separated text with COLUMNS, for a spreadsheet or pandas."""
        width, height = self.size_wh
        lines = [",".join(COLUMNS)]
        for frame in self.frames:
            if not frame.poses:
                lines.append(f"{frame.seconds:.3f},,,,,,,,,,{width},{height}")
            for person, pose in enumerate(frame.poses):
                start = f"{frame.seconds:.3f},{person},{pose.kind},"
                end = f"{pose.score:.3f},{'' if pose.id is None else pose.id},{pose.side or ''},{width},{height}"
                lines += [
                    f"{start}{name},{x:.2f},{y:.2f},{score:.3f},{end}"
                    for name, (x, y, score) in zip(pose.skeleton.names, pose.keypoints.tolist(), strict=True)
                ]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """Compact JSON: format, version, width, height and frames, each with its time in seconds and its poses, each
        with kind, score, id and side where known, and keypoints as one list x, y, score, x, y, score …"""
        width, height = self.size_wh
        frames = [{"time": frame.seconds, "poses": [_to_dict(pose) for pose in frame.poses]} for frame in self.frames]
        about = {"format": FORMAT, "version": VERSION, "width": width, "height": height}
        return json.dumps(about | {"frames": frames}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Recording":
        """What `to_json` wrote. Raises BadInput, in words, for anything else."""
        return cls._read(json_frames(text))

    @classmethod
    def from_csv(cls, text: str) -> "Recording":
        """What `to_csv` wrote, also if a spreadsheet saved it again with commas. Raises BadInput, in words, for
        anything else."""
        return cls._read(csv_frames(text))

    @classmethod
    def _read(cls, frames: Iterator[ReadFrame]) -> "Recording":
        recording = cls(max_seconds=MAX_SECONDS)
        for where, seconds, poses, size in frames:
            try:
                added = recording.add(seconds, poses, size)
            except ValueError as error:
                raise malformed(where, str(error)) from None
            if not added:
                raise too_much()
        if not recording.frames:
            raise BadInput("This recording is empty: it has no frames. Upload one with at least one frame.")
        return recording


def _can_be_written(pose: Pose) -> bool:
    return bool((np.abs(pose.keypoints) <= MAX_PIXEL).all())  # not so for NaN either


def _to_dict(pose: Pose) -> dict[str, Any]:
    keypoints = pose.keypoints.astype(np.float64)
    keypoints = np.column_stack([keypoints[:, :2].round(2), keypoints[:, 2].round(3)])
    about = {"kind": pose.kind, "score": round(float(pose.score), 3), "id": pose.id, "side": pose.side}
    return {key: value for key, value in about.items() if value is not None} | {"keypoints": keypoints.ravel().tolist()}


def frame_at(recording: Recording, seconds: float) -> list[Pose]:
    """Who was seen at a time in seconds since the recording began: the newest frame until then, so after the end the
    last one, and nobody before the beginning."""
    frames = recording.frames
    index = bisect_right(frames, seconds, key=lambda frame: frame.seconds)
    return list(frames[index - 1].poses) if index else []
