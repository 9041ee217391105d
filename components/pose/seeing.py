"""Where poses are shown: live beside the camera, or on still pictures; and what is done with them."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import layout, live, loading
from components.camera.stream import LiveCamera
from components.hosting.presence import is_kiosk
from components.pictures import Picture
from components.pose import confidence, doing, expression, pushing, space
from components.pose.choice import ALL, BODY, FACE, HANDS, Choice, of
from components.pose.watching import Watcher, draw
from components.remembered import remembered
from components.report import Block, show
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
EVERY_S = 1.0  # how often the page draws what the browser cannot
DRAWN_BY_PAGE = (SPACE, REPETITIONS)


def show_live(camera: LiveCamera, choice: Choice, beside: DeltaGenerator) -> None:
    """Open this camera's own tracker, have drawn what it finds, and show what the visitor wants to know of it. What has
    to be seen beside one's own picture goes into `beside`."""
    watcher, stream = _watched(camera, choice)
    what = choose("Do", DOING[choice.what], f"do {choice.what}")
    answer = (beside if what in (SPACE, EXPRESSION) or is_kiosk() else st).container()
    if what == REPETITIONS:
        doing.count_repetitions(watcher, "coco17" if choice.seventeen else "body33")
    elif what == COPY:
        with beside:
            doing.aim(watcher, stream)
    elif what == RECORD:
        doing.record(watcher, camera)
    if what != REPETITIONS:
        watcher.counter = None
    if what != COPY:
        watcher.aim_at(None)

    def report(poses: list[Pose]) -> Iterator[Block]:
        if what == COPY:
            return doing.match(watcher)
        if what == REPETITIONS:
            return doing.repetitions(watcher)
        return _report(poses, what, choice, mirrored=camera.mirrored)

    def show_one(result: Result) -> live.Seconds:
        if not is_pushed:
            st.image(_on_black(result, watcher, mirrored=camera.mirrored), alt="Your points", width="stretch")
            show(report(result.value))
        if what == REPETITIONS:
            doing.show_curve(watcher)
        elif what == SPACE:
            space.show(result.value, choice.overlay.min_keypoint_score, mirrored=camera.mirrored)
        return {"tracker": result.infer_s}

    with answer:
        is_pushed = pushing.show_pushed(camera, stream, choice, watcher, report)
        beside_s = EVERY_S if what in DRAWN_BY_PAGE else live.BESIDE_PUSHED_S
        live.show(camera, stream, show_one, every_s=EVERY_S, is_pushed=is_pushed, beside_pushed_s=beside_s)
        _explain(what, choice)


def _on_black(result: Result, watcher: Watcher, *, mirrored: bool) -> np.ndarray:
    """For a browser that cannot draw the result itself: nobody's picture need be sent for that."""
    choice = watcher.choice
    alone = replace(choice, overlay=replace(choice.overlay, on_black=True))
    width, height = result.size_wh
    paper = np.zeros((height, width, 3), np.uint8)
    return draw(paper, result.value, alone, mirrored=mirrored, trails=watcher.trails)


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


def _report(poses: list[Pose], what: str, choice: Choice, *, mirrored: bool = False) -> Iterator[Block]:
    """How many there are, and what the visitor wants to know of them."""
    yield confidence.found(poses, choice)
    if what == CONFIDENCE:
        yield from confidence.confidence(poses, choice)
    elif what == ANGLES:
        yield from confidence.joints(poses, choice)
    elif what == EXPRESSION:
        yield from expression.expression(of(FACE, poses), mirrored=mirrored)


def _explain(what: str, choice: Choice) -> None:
    """What the numbers mean, once: it does not change with them."""
    words = {ANGLES: confidence.OF_ANGLES, EXPRESSION: expression.EXPLAINED, SPACE: space.EXPLAINED}
    words[CONFIDENCE] = confidence.OF_SCORES[HANDS if choice.what == HANDS else BODY]
    if what in words:
        st.caption(words[what])


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
        drawn = draw(picture.rgb, poses, choice)
        st.image(drawn, caption=layout.plain(picture.name), alt=f"{picture.name}, with the points", width="stretch")
        if choice.overlay.background == CUT_OUT and poses:
            _offer_cut_out(picture, poses)
        show(_report(poses, what, choice) if poses else [confidence.found(poses, choice)])
        if poses and what == SPACE:
            space.show(poses, choice.overlay.min_keypoint_score, key=f"space {picture.key}")
        if poses:
            _explain(what, choice)
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
