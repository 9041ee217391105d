"""People in space: their world points in metres, as a 3-D figure that can be turned."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import streamlit as st

from components import charts
from models.pose.poses import Pose
from models.pose.trail import person_key
from models.pose.world import side_by_side

# In metres: how far a body or a hand reaches, so that the axes stay when somebody moves; and from one to the next
_REACH = {"body33": 1.0, "coco17": 1.0, "hand21": 0.13}
_APART = {"body33": 1.0, "coco17": 1.0, "hand21": 0.25}
EXPLAINED = (
    "Turn it with the mouse or a finger; the grid is in metres. One camera cannot measure depth: the network estimates "
    "it from your shape in the picture. Grey: hidden, or outside of the picture. Stretch an arm towards the camera, "
    "then look from the side."
)


def show(poses: Sequence[Pose], min_score: float, *, mirrored: bool = False, key: str = "space") -> None:
    """The bodies among these poses, or the hands where there is no body."""
    drawn = [pose for pose in poses if pose.world is not None]
    drawn = [pose for pose in drawn if pose.kind != "hand21"] or drawn
    if drawn:
        charts.turnable(figure(drawn, min_score, mirrored=mirrored), key)
    else:
        st.caption("Nobody in view.")
    if len(drawn) > 1:
        st.caption("They stand in a row here, however far apart they really are.")


def figure(poses: Sequence[Pose], min_score: float, *, mirrored: bool = False) -> dict[str, Any]:
    """Plotly's data and layout of poses of one kind with world points: upright and side by side, with axes in metres of
    equal scale; bones with a keypoint below `min_score` in grey."""
    reach, apart = _REACH[poses[0].kind], _APART[poses[0].kind]
    placed = side_by_side(poses, apart, mirrored=mirrored)
    traces = [
        trace
        for order, (pose, points) in enumerate(zip(poses, placed, strict=True))
        if points is not None
        for trace in _traces(pose, points, charts.PEOPLE[person_key(pose, order) % len(charts.PEOPLE)], min_score)
    ]
    side = 0.8 * reach + apart * (len(poses) - 1) / 2
    scene = {
        "xaxis": _axis("across (m)", side),
        "yaxis": _axis("depth (m)", 0.8 * reach),
        "zaxis": _axis("up (m)", reach),
        "aspectmode": "data",  # a metre is as long on each axis
        # from the camera's side, a little from above
        "camera": {"eye": {"x": 0.6, "y": -1.8, "z": 0.4}, "center": {"x": 0, "y": 0, "z": -0.1}},
        "dragmode": "turntable",
    }
    layout = {"scene": scene, "uirevision": "turned", "showlegend": False, "hovermode": False}
    layout |= {"height": 420, "margin": dict.fromkeys("lrtb", 0), "paper_bgcolor": charts.CLEAR}
    return {"data": traces, "layout": layout}


def _axis(title: str, reach: float) -> dict[str, Any]:
    grid = {"gridcolor": charts.GREY, "zerolinecolor": charts.GREY, "showbackground": False, "showspikes": False}
    return grid | {"title": {"text": title}, "range": [-reach, reach], "nticks": 5, "tickfont": {"size": 10}}


def _traces(pose: Pose, points: np.ndarray, colour: str, min_score: float) -> Iterator[dict[str, Any]]:
    """The bones that are seen, and those that are guessed."""
    seen = pose.keypoints[:, 2] >= min_score
    for wanted, own in ((True, colour), (False, charts.GREY)):
        bones = [bone for bone in pose.skeleton.bones if seen[list(bone)].all() == wanted]
        path = [step for a, b in bones for step in (a, b, None)]
        x, y, z = (
            [None if index is None else round(float(points[index, axis]), 3) for index in path] for axis in range(3)
        )
        style = {"line": {"color": own, "width": 6}, "marker": {"color": own, "size": 3}, "hoverinfo": "skip"}
        yield {"type": "scatter3d", "mode": "lines+markers", "x": x, "y": y, "z": z} | style
