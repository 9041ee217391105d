"""The replay of a recording: skeletons moving, as a Plotly figure."""

import itertools
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import charts
from models.errors import BadInput
from models.pose.poses import Pose
from models.pose.recording import Recording, frame_at

_GREY = "#808080"


def animation(
    recording: Recording, fps: float = 10.0, max_frames: int = 300, min_score: float = 0.3, mirror: bool = False
) -> go.Figure:
    """The skeletons moving, as a Plotly figure with play, pause and a slider, readable on light and dark. Long
    recordings are thinned to `max_frames` and play at their own speed. Keypoints below `min_score` are left out;
    `mirror` turns the picture around. Raises BadInput for a recording without frames."""
    if not recording.frames:
        raise BadInput("There is nothing to replay: the recording has no frames yet. Record for a few seconds first.")
    count = max(1, min(max_frames, int(recording.duration * fps) + 1))
    times = np.linspace(0, recording.duration, count).tolist()
    moments = _lanes([frame_at(recording, seconds) for seconds in times])
    lanes = range(max(1, *(1 + lane for moment in moments for lane in moment)) if any(moments) else 1)
    drawn = [[_line(moment.get(lane), min_score) for lane in lanes] for moment in moments]
    noun = "hand" if {pose.kind for moment in moments for pose in moment.values()} == {"hand21"} else "person"
    left, right, top, bottom = _view(recording)
    step = {"frame": {"duration": 1000 * recording.duration / max(1, count - 1), "redraw": False}, "mode": "immediate"}
    step |= {"transition": {"duration": 0}}
    play = {"label": "Play", "method": "animate", "args": [None, step | {"fromcurrent": True}]}
    pause = {"label": "Pause", "method": "animate", "args": [[None], step]}
    axis = {"visible": False, "constrain": "domain", "fixedrange": True}
    clear = "rgba(0,0,0,0)"
    figure = {
        "data": [
            {"type": "scatter", "mode": "lines+markers", "name": f"{noun} {lane + 1}", "hoverinfo": "skip"}
            | {"line": {"color": colour, "width": 3}, "marker": {"color": colour, "size": 5}}
            | line
            for lane, line in enumerate(drawn[0])
            for colour in [charts.PEOPLE[lane % len(charts.PEOPLE)]]
        ],
        "frames": [
            {"name": str(index), "data": [{"type": "scatter"} | line for line in lines], "traces": list(lanes)}
            for index, lines in enumerate(drawn)
        ],
        "layout": {
            "height": 480,
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
