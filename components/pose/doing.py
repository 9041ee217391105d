"""Do something with it: count repetitions, record and replay, copy a pose."""

from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components import charts, layout
from components.camera.stream import LiveCamera
from components.pose.choice import BODY, of
from components.pose.replay import animation
from components.pose.watching import Watcher
from components.remembered import remembered_one
from components.report import Block, Note, Verdict
from components.sharing import setting
from models.errors import BadInput, LimelightError
from models.pose.angles import joints_of
from models.pose.matching import TARGET_SIDE, TARGETS, target_from
from models.pose.overlay import Overlay, draw_poses
from models.pose.poses import Pose
from models.pose.recording import Recording
from models.pose.repetitions import RepetitionCounter, Side
from models.runtime.engine import Stream

MAX_MB = 50
OWN = "My own"
BENDING: dict[str, Side] = {"Bend and straighten (squat, curl)": "high", "Raise and lower (jumping jack)": "low"}
_RECORDED, _LOADED = "pose/recorded", "pose/loaded"
_OWN_TARGET, _REFUSED = "pose/own target", "pose/refused"


def count_repetitions(watcher: Watcher, kind: str) -> None:
    """Which joint, between which angles; a change begins a new count."""
    joints = joints_of(kind)
    joint = st.selectbox("Joint", joints, index=joints.index("left elbow"), **setting(f"rep-joint {kind}"))
    bending = st.selectbox("A repetition is", list(BENDING), **setting("rep-bending"))
    low, high = st.slider("Bent below, straight above", 0, 180, (80, 150), 5, format="%d°", **setting("rep-limits"))
    wanted = joint, bending, low, high
    if st.session_state.get("pose/counting") != wanted or watcher.counter is None:
        try:
            watcher.joint, watcher.counter = joint, RepetitionCounter(low, high, starts=BENDING[bending])
            st.session_state["pose/counting"] = wanted
        except LimelightError as error:
            watcher.counter = None
            layout.say_error(error)
    if watcher.counter is not None:
        st.button("Start over", icon=":material/restart_alt:", on_click=watcher.counter.reset)


def repetitions(watcher: Watcher) -> Iterator[Block]:
    """The count."""
    if (counter := watcher.counter) is not None:
        count = counter.count
        yield Verdict(str(count), f"repetition{'' if count == 1 else 's'} of the {watcher.joint}")


def show_curve(watcher: Watcher) -> None:
    """The curve of the angle between its two limits."""
    if (counter := watcher.counter) is None:
        return
    curve = counter.curve
    last = curve[-1][0] if curve else 0.0
    figure = go.Figure(go.Scatter(x=[t - last for t, _ in curve], y=[angle for _, angle in curve], mode="lines"))
    for limit in (counter.low, counter.high):
        figure.add_hline(limit, line_dash="dot", opacity=0.6)
    axes = {"yaxis": {"range": [0, 180], "title": "degrees"}, "xaxis": {"range": [-60, 0], "title": "seconds ago"}}
    charts.show(charts.quiet(figure, 240, **axes), "rep-curve")


def record(watcher: Watcher, camera: LiveCamera) -> None:
    """Record and stop; save what was recorded, or load what was saved; replay it."""
    if watcher.recording is not None:
        st.button("Stop recording", type="primary", icon=":material/stop:", on_click=_stop, args=(watcher,), key="stop")
        st.caption("Recording: points only, no picture.")
        return
    st.button(
        "Record",
        type="primary",
        icon=":material/fiber_manual_record:",
        disabled=not camera.playing,
        on_click=_record,
        args=(watcher,),
        key="record",
    )
    _load()
    recorded: Recording | None = st.session_state.get(_RECORDED)
    if recorded is None or not recorded.frames:
        return
    full = " It is full: recordings end there." if recorded.full else ""
    st.markdown(f"**{recorded.duration:.1f} s**, {len(recorded.frames)} moments.{full}")
    with st.container(horizontal=True):
        for kind, make, mime in (("JSON", recorded.to_json, "application/json"), ("CSV", recorded.to_csv, "text/csv")):
            st.download_button(kind, make, f"poses.{kind.lower()}", mime, icon=":material/download:", on_click="ignore")
    turned = recorded, camera.mirrored
    replay = remembered_one("pose/replay", turned, lambda: animation(recorded, mirror=camera.mirrored))
    charts.show(replay, "replay")


def _record(watcher: Watcher) -> None:
    st.session_state.pop(_RECORDED, None)
    watcher.recording = Recording()


def _stop(watcher: Watcher) -> None:
    st.session_state[_RECORDED], watcher.recording = watcher.recording, None


def _load() -> None:
    file = st.file_uploader("Or load a recording", type=["json", "csv"], max_upload_size=MAX_MB, key="record-file")
    if file is None or st.session_state.get(_LOADED) == file.file_id:
        return
    text = file.getvalue().decode("utf-8", errors="replace")
    try:
        read = Recording.from_csv if file.name.lower().endswith(".csv") else Recording.from_json
        st.session_state[_RECORDED] = read(text)
        st.session_state[_LOADED] = file.file_id
    except LimelightError as error:
        layout.say_error(error)


def aim(watcher: Watcher, stream: Stream) -> None:
    """Which pose to copy: one of ours, or what one did oneself a moment ago."""
    own: Pose | None = st.session_state.get(_OWN_TARGET)
    title = st.pills(
        "Copy this pose",
        [*TARGETS, *([OWN] if own else [])],
        default="T",
        required=True,
        wrap=True,
        **setting("target"),
    )
    target = own if title == OWN and own else TARGETS.get(title or "T", TARGETS["T"])
    watcher.aim_at(target)
    st.image(_figure(target), alt="The pose to copy", width=220)
    st.button(
        "Make your pose the one to copy", icon=":material/add_a_photo:", on_click=_take, args=(stream,), key="take"
    )
    if (refused := st.session_state.pop(_REFUSED, None)) is not None:
        layout.say_error(refused)


def _figure(target: Pose) -> np.ndarray:
    paper = np.zeros((TARGET_SIDE, TARGET_SIDE, 3), np.uint8)
    return draw_poses(paper, [target], Overlay(on_black=True, min_keypoint_score=0.1), mirrored=True)


def _take(stream: Stream) -> None:
    """The pose of the first body in view, as the button is pressed."""
    result = stream.latest()
    bodies = of(BODY, result.value) if result is not None and result.value else []
    try:
        if not bodies:
            raise BadInput("Nobody is in view. Stand before the camera, then press again.")
        st.session_state[_OWN_TARGET], st.session_state["target"] = target_from(bodies[0]), OWN
    except LimelightError as error:
        st.session_state[_REFUSED] = error


def match(watcher: Watcher) -> Iterator[Block]:
    """How close it is, the best so far, which joint is furthest off."""
    if (found := watcher.match) is None:
        yield Note("Nobody in view.")
        return
    yield Verdict(f"{found.score:.0f}", f"of 100 · best {watcher.best:.0f}")
    if found.missing:
        yield Note(f"Not seen: {', '.join(found.missing)}.")
    elif found.by_joint:
        yield Note(f"Furthest off: {min(found.by_joint, key=lambda joint: found.by_joint[joint])}.")
