"""Recordings of poses: taken live, written as CSV or JSON, read back, replayed.

Written precision: milliseconds, hundredths of a pixel, thousandths of a score. Reading what was written and writing
it again gives the same text.
"""

import itertools
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
    Found,
    csv_frames,
    json_frames,
    malformed,
    too_much,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Frame:
    """Who was seen at one moment, in seconds since the recording began."""

    seconds: float
    poses: tuple[Pose, ...]


class Recording:
    """Frames with their poses, the first at 0 s, and the size of the picture they lie in (0 × 0: unknown).

    Thread-safe: a stream adds, a page reads. It stops taking frames, and says so by `full`, at `max_seconds`,
    MAX_FRAMES or MAX_POINTS, whichever comes first.
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
        largest are kept. False if the recording is full. Poses that cannot be written, with a coordinate that is no
        number or beyond a million pixels, are left out. Raises ValueError for a time before the last one and for
        more poses of a kind than MAX_POSES."""
        poses = tuple(pose for pose in poses if _can_be_written(pose))
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
        """Width and height of the picture in pixels, (0, 0) if nobody told."""
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
    def _read(cls, frames: Iterator[Found]) -> "Recording":
        recording = cls(max_seconds=MAX_SECONDS)
        for where, seconds, poses, size in frames:
            try:
                kept = recording.add(seconds, poses, size)
            except ValueError as error:
                raise malformed(where, str(error)) from None
            if not kept:
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


# Okabe and Ito's colours, which colour-blind people can tell apart, less those lost on white or on black
_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#D55E00", "#CC79A7")
_GREY = "#808080"


def animation(
    recording: Recording,
    fps: float = 10.0,
    max_frames: int = 300,
    min_score: float = 0.3,
    mirror: bool = False,
    height: int = 480,
) -> "go.Figure":
    """The skeletons moving, as a Plotly figure `height` pixels high with play, pause and a slider, readable on light
    and dark. Long recordings are thinned to `max_frames` and play at their own speed. Keypoints below `min_score` are
    left out; `mirror` turns the picture around. Raises BadInput for a recording without frames."""
    import plotly.graph_objects as go

    if not recording.frames:
        raise BadInput("There is nothing to replay: the recording has no frames yet. Record for a few seconds first.")
    count = max(1, min(max_frames, int(recording.duration * fps) + 1))
    times = np.linspace(0, recording.duration, count).tolist()
    moments = _lanes([frame_at(recording, seconds) for seconds in times])
    lanes = range(max(1, *(1 + lane for moment in moments for lane in moment)) if any(moments) else 1)
    drawn = [[_line(moment.get(lane), min_score) for lane in lanes] for moment in moments]
    one = "hand" if {pose.kind for moment in moments for pose in moment.values()} == {"hand21"} else "person"
    left, right, top, bottom = _view(recording)
    step = {"frame": {"duration": 1000 * recording.duration / max(1, count - 1), "redraw": False}, "mode": "immediate"}
    step |= {"transition": {"duration": 0}}
    play = {"label": "Play", "method": "animate", "args": [None, step | {"fromcurrent": True}]}
    pause = {"label": "Pause", "method": "animate", "args": [[None], step]}
    axis = {"visible": False, "constrain": "domain", "fixedrange": True}
    clear = "rgba(0,0,0,0)"
    figure = {
        "data": [
            {"type": "scatter", "mode": "lines+markers", "name": f"{one} {lane + 1}", "hoverinfo": "skip"}
            | {"line": {"color": colour, "width": 3}, "marker": {"color": colour, "size": 5}}
            | line
            for lane, line in enumerate(drawn[0])
            for colour in [_COLOURS[lane % len(_COLOURS)]]
        ],
        "frames": [
            {"name": str(index), "data": [{"type": "scatter"} | line for line in lines], "traces": list(lanes)}
            for index, lines in enumerate(drawn)
        ],
        "layout": {
            "height": height,
            "margin": dict.fromkeys("lrtb", 8),
            "paper_bgcolor": clear,
            "plot_bgcolor": clear,
            "font": {"color": _GREY},
            "showlegend": len(lanes) > 1,
            "legend": {"orientation": "h", "x": 0.01, "y": 0.99, "yanchor": "top", "bgcolor": clear},
            "xaxis": axis | {"range": [right, left] if mirror else [left, right]},
            "yaxis": axis | {"range": [bottom, top], "scaleanchor": "x", "scaleratio": 1},
            "shapes": [
                {"type": "rect", "x0": left, "x1": right, "y0": top, "y1": bottom, "line": {"color": _GREY, "width": 1}}
            ],
            "updatemenus": [
                {"type": "buttons", "direction": "left", "buttons": [play, pause], "showactive": False}
                | {"x": 0, "y": 0, "xanchor": "left", "yanchor": "top", "pad": {"t": 8}}
            ],
            "sliders": [
                {"pad": {"t": 40}, "currentvalue": {"suffix": " s"}}
                | {
                    "steps": [
                        {"label": f"{seconds:.1f}", "method": "animate", "args": [[str(index)], step]}
                        for index, seconds in enumerate(times)
                    ]
                }
            ],
        },
    }
    return go.Figure(figure)


def _lanes(moments: list[list[Pose]]) -> list[dict[int, Pose]]:
    """The poses of each moment by the number of their trace. Somebody with an id keeps theirs while in view, so that
    their colour does not jump."""
    lanes: list[dict[int, Pose]] = []
    held: dict[Any, int] = {}
    for poses in moments:
        keyed = [((pose.kind, pose.id, pose.side), pose) for pose in poses]
        held = {key: lane for key, lane in held.items() if key in dict(keyed)}
        here: dict[int, Pose] = {}
        for key, pose in sorted(keyed, key=lambda each: each[0] not in held):  # newcomers last
            lane = held.get(key)
            if lane is None or lane in here:
                lane = next(free for free in itertools.count() if free not in here and free not in held.values())
            here[lane] = pose
            if pose.id is not None:
                held[key] = lane
        lanes.append(here)
    return lanes


def _line(pose: Pose | None, min_score: float) -> dict[str, list[float | None]]:
    """One line through all bones, or through single points where a skeleton has no bones, broken by None."""
    if pose is None:
        return {"x": [], "y": []}
    seen = pose.keypoints[:, 2] >= min_score
    chains = pose.skeleton.bones or [(index,) for index in range(len(seen))]
    x, y = pose.keypoints[:, :2].astype(np.float64).round(1).T.tolist()
    path = [step for chain in chains if seen[list(chain)].all() for step in (*chain, None)]
    return {"x": [None if i is None else x[i] for i in path], "y": [None if i is None else y[i] for i in path]}


def _view(recording: Recording) -> tuple[float, float, float, float]:
    """Left, right, top and bottom in pixels: the picture, or what holds all keypoints where its size is unknown."""
    width, height = recording.size_wh
    if width and height:
        return 0.0, float(width), 0.0, float(height)
    points = [pose.keypoints[:, :2] for frame in recording.frames for pose in frame.poses] or [
        np.array([[0, 0], [1, 1]])
    ]
    all_points = np.concatenate(points).astype(np.float64)
    low, high = all_points.min(0), all_points.max(0)
    margin = 0.05 * max(1.0, float((high - low).max()))
    return float(low[0] - margin), float(high[0] + margin), float(low[1] - margin), float(high[1] + margin)
