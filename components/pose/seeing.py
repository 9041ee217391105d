"""Where poses are shown: live beside the camera, or on still pictures; and what is done with them."""

import time

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import layout, live, loading
from components.camera.stream import LiveCamera
from components.pictures import Picture
from components.pose import confidence, doing
from components.pose.choice import BODY, Choice
from components.pose.watching import Watcher, draw
from components.remembered import remembered
from components.sharing import choose
from models.pose.poses import Pose
from models.runtime.engine import Result, Stream

CONFIDENCE, ANGLES, REPETITIONS, RECORD, COPY = DOING = ("Confidence", "Angles", "Repetitions", "Record", "Copy")
OF_A_BODY = (REPETITIONS, COPY)


def show_live(camera: LiveCamera, choice: Choice, side: DeltaGenerator) -> None:
    """Open this camera's own tracker, draw what it finds, and show what the visitor wants to know of it. What has to be
    seen beside one's own picture goes into `side`."""
    watcher, stream = _watched(camera, choice)
    camera.draw_with(lambda rgb, mirrored: _drawn(stream, watcher, rgb, mirrored))
    if not camera.from_server:
        st.caption("The poses are drawn on the server's picture: choose it in the camera settings.")
    doing_what = _choose_doing(choice)
    answer = st.container()
    if doing_what == REPETITIONS:
        doing.count_repetitions(watcher, "coco17" if choice.seventeen else "body33")
    elif doing_what == COPY:
        with side:
            doing.aim(watcher)
    elif doing_what == RECORD:
        doing.record(watcher, camera)
    if doing_what != REPETITIONS:
        watcher.counter = None
    if doing_what != COPY:
        watcher.aim_at(None)

    def show_one(result: Result) -> live.Seconds:
        _show(result.value, doing_what, choice, watcher)
        return {"tracker": result.infer_s}

    with answer:
        live.show(camera, stream, show_one)


def _watched(camera: LiveCamera, choice: Choice) -> tuple[Watcher, Stream]:
    """The camera's watcher and stream; new ones when what is tracked has changed."""
    watcher: Watcher | None = st.session_state.get("pose/watcher")
    name = f"pose {choice.stream}"
    if watcher is None or name not in camera.streams:
        before, watcher = watcher, Watcher(choice)
        if before is not None:  # a recording goes on with whatever is tracked from now on
            watcher.recording, before.recording = before.recording, None
        st.session_state["pose/watcher"] = watcher
    watcher.choice = choice
    if not camera.playing:
        watcher.close()
    stream = camera.listen(name, loading.engine(choice.name), predict=watcher)
    camera.only(stream)
    return watcher, stream


def _drawn(stream: Stream, watcher: Watcher, rgb: np.ndarray, mirrored: bool) -> np.ndarray:
    latest = stream.latest()
    return watcher.drawn(rgb, latest.value if latest is not None and isinstance(latest.value, list) else [], mirrored)


def _choose_doing(choice: Choice) -> str:
    offered = [what for what in DOING if choice.what == BODY or what not in OF_A_BODY]
    return choose("Do", offered, f"do {choice.what}")


def _show(poses: list[Pose], doing_what: str, choice: Choice, watcher: Watcher) -> None:
    if doing_what == REPETITIONS:
        doing.show_repetitions(watcher)
    elif doing_what == COPY:
        doing.show_match(watcher, poses)
    else:
        confidence.show_found(poses, choice)
        if doing_what == ANGLES:
            confidence.show_angles(poses, choice)
        elif doing_what == CONFIDENCE:
            confidence.show_confidence(poses, choice)


def show_stills(chosen: list[Picture], choice: Choice) -> None:
    """Each picture with its poses, and what the model is sure of in it."""
    if not chosen:
        return
    what = choose("Show", (CONFIDENCE, ANGLES), "do still")

    def predict(picture: Picture) -> tuple[list[Pose], float]:
        began = time.perf_counter()
        return choice.model.predict(picture.rgb, people=choice.people), time.perf_counter() - began

    items = (((choice.stream, picture.key), picture) for picture in chosen)
    for picture, (everybody, seconds) in zip(chosen, remembered("pose/found", items, predict), strict=True):
        poses = choice.shown(everybody)
        st.image(draw(picture.rgb, poses, choice), caption=layout.plain(picture.name), width="stretch")
        confidence.show_found(poses, choice)
        if poses:
            show = confidence.show_angles if what == ANGLES else confidence.show_confidence
            show(poses, choice)
        live.show_seconds({"model": seconds})
