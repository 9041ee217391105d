"""Where poses are shown: live beside the camera, or on still pictures; and what is done with them."""

import time

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import layout, live, loading
from components.camera.stream import LiveCamera
from components.pictures import Picture
from components.pose import confidence, doing, expression, space
from components.pose.choice import ALL, BODY, FACE, HANDS, Choice, of
from components.pose.watching import Watcher, draw
from components.remembered import remembered
from components.sharing import choose
from models.pose.masks import CUT_OUT, see_through
from models.pose.poses import Pose
from models.runtime.engine import Result, Stream

CONFIDENCE, ANGLES, SPACE, EXPRESSION = "Confidence", "Angles", "3-D", "Expression"
REPETITIONS, RECORD, COPY = LIVE_ONLY = ("Repetitions", "Record", "Copy")
DOING = {
    BODY: (CONFIDENCE, ANGLES, SPACE, REPETITIONS, RECORD, COPY),
    HANDS: (CONFIDENCE, ANGLES, SPACE, RECORD),
    FACE: (EXPRESSION, RECORD),
    ALL: (CONFIDENCE, ANGLES, SPACE, EXPRESSION, REPETITIONS, RECORD, COPY),
}
EVERY_S = {SPACE: 1.0, EXPRESSION: 0.2}  # how often the page polls for a newer result, in seconds


def show_live(camera: LiveCamera, choice: Choice, beside: DeltaGenerator) -> None:
    """Open this camera's own tracker, draw what it finds, and show what the visitor wants to know of it. What has to be
    seen beside one's own picture goes into `beside`."""
    watcher, stream = _watched(camera, choice)
    doing_what = choose("Do", DOING[choice.what], f"do {choice.what}")
    answer = (beside if doing_what in (SPACE, EXPRESSION) else st).container()
    if doing_what == REPETITIONS:
        doing.count_repetitions(watcher, "coco17" if choice.seventeen else "body33")
    elif doing_what == COPY:
        with beside:
            doing.aim(watcher)
    elif doing_what == RECORD:
        doing.record(watcher, camera)
    if doing_what != REPETITIONS:
        watcher.counter = None
    if doing_what != COPY:
        watcher.aim_at(None)

    def show_one(result: Result) -> live.Seconds:
        if doing_what == REPETITIONS:
            doing.show_repetitions(watcher)
        elif doing_what == COPY:
            doing.show_match(watcher, of(BODY, result.value))
        else:
            _show(result.value, doing_what, choice, mirrored=camera.mirrored)
        return {"tracker": result.infer_s}

    with answer:
        live.show(camera, stream, show_one, every_s=EVERY_S.get(doing_what, live.EVERY_S))


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


def _show(poses: list[Pose], what: str, choice: Choice, *, mirrored: bool = False, key: str = "space") -> None:
    """How many there are, and what the visitor wants to know of them."""
    confidence.show_found(poses, choice)
    if what == CONFIDENCE:
        confidence.show_confidence(poses, choice)
    elif what == ANGLES:
        confidence.show_angles(poses, choice)
    elif what == SPACE:
        space.show(poses, choice.overlay.min_keypoint_score, mirrored=mirrored, key=key)
    elif what == EXPRESSION:
        expression.show(of(FACE, poses), mirrored=mirrored)


def show_stills(chosen: list[Picture], choice: Choice) -> None:
    """Each picture with its poses, and what the model is sure of in it."""
    if not chosen:
        return
    offered = [what for what in DOING[choice.what] if what not in LIVE_ONLY]
    what = choose("Show", offered, f"do still {choice.what}")

    def predict(picture: Picture) -> tuple[list[Pose], float]:
        began = time.perf_counter()
        return choice.model.predict(
            picture.rgb, people=choice.people, masks=choice.overlay.masks
        ), time.perf_counter() - began

    items = (((choice.stream, picture.key), picture) for picture in chosen)
    for picture, (everybody, seconds) in zip(chosen, remembered("pose/found", items, predict), strict=True):
        poses = choice.shown(everybody)
        st.image(draw(picture.rgb, poses, choice), caption=layout.plain(picture.name), width="stretch")
        if choice.overlay.background == CUT_OUT and poses:
            _offer_cut_out(picture, poses)
        if poses:
            _show(poses, what, choice, key=f"space {picture.key}")
        else:
            confidence.show_found(poses, choice)
        live.show_seconds({"model": seconds})


def _offer_cut_out(picture: Picture, poses: list[Pose]) -> None:
    masks = [pose.mask for pose in poses if pose.mask is not None]
    st.download_button(
        "Download PNG with a see-through background",
        lambda: see_through(picture.rgb, masks),
        f"{layout.file_stem(picture.name, 'cut out')}.png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
        key=f"cut-out {picture.key}",
    )
