"""Teach it where: boxes are drawn, a head learns, boxes appear live; and how right they are on pictures held out."""

import time
from collections.abc import Callable
from functools import partial
from itertools import count

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import layout, live, loading
from components.camera.stream import LiveCamera
from components.hosting.runtime import visitor
from components.pictures import Picture, data_url
from components.sharing import setting
from components.taught import desk
from components.taught.drawing import draw_on
from components.trainings import ended, say_place, short_line, watch
from models.runtime.engine import Result, Stream
from models.runtime.training import Training, TrainingStep
from models.taught import head as heads
from models.taught.boxes import Box, average_precision, compare, to_browser
from models.taught.export import exported
from models.taught.head import BoxHead
from models.taught.maps import Maps
from models.taught.project import BOX, COLOURS, Drawn, Mark, Project
from models.taught.scenes import NAMES, scene
from models.taught.shown import cut_out, outlined

MODEL = "lite0-maps"
EXAMPLES = 8
MAX_SHOWN = 12  # thumbnails of mistakes
EVERY_S = 0.3
_RUN, _SAID = "taught/training", "taught/said"


def sure_from() -> float:
    """From which score a box is shown."""
    return st.slider("Show boxes from", 0.1, 0.95, 0.5, 0.05, **setting("sure"))


def colours() -> dict[str, str]:
    """Of the classes, by name."""
    return dict(zip(desk.project(BOX).names, COLOURS, strict=False))


def show_live(camera: LiveCamera, maps: Maps, answer: DeltaGenerator, min_score: float) -> Stream | None:
    """The boxes over the video and their counts in `answer`; None while nothing was taught."""
    newest = desk.freeze(BOX, camera)
    head: BoxHead | None = desk.head(BOX)
    if head is None:
        return None
    found = camera.listen(
        f"taught boxes {id(head)} {min_score}",
        loading.engine(MODEL),
        predict=lambda rgb: (head.find(maps.cells(rgb), min_score), rgb.shape[1::-1]),
        max_rate=10,
    )
    if st.button(
        "Add this as a correction",
        icon=":material/rule:",
        disabled=not camera.playing,
        help="Freezes this frame with the boxes that were found: put them right, then train again.",
        key="taught/correct",
    ):
        rgb = newest.rgb
        if rgb is not None and desk.add(BOX, "correction", rgb, _marks(head.find(maps.cells(rgb), min_score))):
            st.rerun()
    by_name = colours()

    def show_one(result: Result) -> live.Seconds:
        if not is_pushed:
            boxes, (width, height) = result.value
            paper = np.zeros((height, width, 3), np.uint8)
            st.image(outlined(paper, boxes, by_name), alt="The boxes", width="stretch")
            st.markdown(layout.plain(", ".join(box.name for box in boxes) or "Nothing found"))
        return {"detector": result.infer_s}

    with answer:
        is_pushed = live.show_pushed(camera, found, lambda value: to_browser(value[0], by_name, value[1]))
        live.show(camera, found, show_one, is_pushed=is_pushed)
    return found


def show_stills(chosen: list[Picture], maps: Maps, min_score: float) -> None:
    """The pictures with the boxes found in them, and the way into the project."""
    desk.take_in(BOX, chosen)
    head: BoxHead | None = desk.head(BOX)
    for one in chosen:
        found = head.find(maps.cells(one.rgb), min_score) if head else []
        st.image(outlined(one.rgb, found, colours()), caption=layout.plain(one.name), alt=one.name, width="stretch")
        if head:
            st.caption(
                layout.plain(", ".join(f"{b.name} {layout.percent(b.score)}" for b in found)) or "Nothing found."
            )


def edit(maps: Maps) -> None:
    """Draw, train, test, keep."""
    desk.choose_names(BOX)
    one = desk.choose_picture(BOX)
    if one is None:
        st.info("Freeze a frame or take pictures, then draw a box around each thing. Five of each are a start.")
        if st.button("Try it with ready pictures", icon=":material/auto_awesome:", key="taught/examples"):
            _examples()
            st.rerun()
    else:
        marks = draw_on(one, desk.project(BOX).names, BOX)
        if marks != one.marks:
            desk.put(BOX, desk.project(BOX).changed(one.key, marks=marks))
    _train(maps)
    _test(maps)
    desk.show_undo(BOX)
    with st.expander("Save, open, export", icon=":material/save:"):
        desk.keep(BOX)
        head = desk.head(BOX)
        if head is not None:
            st.download_button(
                "Detector as ONNX, with predict.py",
                partial(exported, maps, head),
                "detector.zip",
                "application/zip",
                icon=":material/download:",
                key="taught/export",
            )


def _train(maps: Maps) -> None:
    run: Training[BoxHead] | None = st.session_state.get(_RUN)
    project = desk.project(BOX)
    if run is not None and ended(run):
        of = st.session_state.pop(f"{_RUN}/of")
        del st.session_state[_RUN]
        if run.result is not None:
            desk.teach(BOX, run.result, of)
            pictures = sum(not one.held_out for one in of.pictures)
            st.session_state[_SAID] = f"Learnt {layout.counted(pictures, 'picture')} in {run.seconds:.1f} s."
        else:
            layout.say_words(run.error or "It could not be learnt. Train again.")
        run = None
    drawn = sum(len(one.boxes(project.names)) for one in project.pictures)
    st.button(
        "Train",
        type="primary",
        icon=":material/model_training:",
        disabled=not drawn or run is not None,
        key="taught/train",
        on_click=_begin,
        args=(maps,),
    )
    if run is not None:
        watch(run, partial(_progress, run), EVERY_S)
    elif (taught := desk.taught(BOX)) is not None:
        is_old = lessons(taught.of) != lessons(project)
        st.caption(
            "Boxes or pictures have changed since it learnt: press **Train** again."
            if is_old
            else st.session_state.get(_SAID, "")
        )


def lessons(project: Project) -> set[tuple[str, tuple[Box, ...]]]:
    """What teaches in a project."""
    return {(one.key, tuple(one.boxes(project.names))) for one in project.pictures if not one.held_out}


def _begin(maps: Maps) -> None:
    project = desk.project(BOX)
    pictures = [(one.rgb, one.boxes(project.names)) for one in project.pictures if not one.held_out]

    def fit(on_step: Callable[[TrainingStep], None]) -> BoxHead:
        steps, began = count(), time.monotonic()
        return heads.fit(
            maps,
            pictures,
            lambda share: on_step(TrainingStep(next(steps), loss=1 - share, seconds=time.monotonic() - began)),
        )

    st.session_state[_RUN] = short_line().submit(visitor(), fit, duty=1.0)
    st.session_state[f"{_RUN}/of"] = project


def _progress(run: Training[BoxHead]) -> None:
    say_place(run, "others are training.")
    st.progress(0.0 if run.latest is None else 1 - run.latest.loss, "Learning…")


def _test(maps: Maps) -> None:
    head: BoxHead | None = desk.head(BOX)
    if head is None:
        return
    project = desk.project(BOX)
    tests = [(one, one.boxes(project.names)) for one in project.pictures if one.held_out]
    tests = [(one, truth) for one, truth in tests if truth]
    if not tests:
        st.caption("Every fourth picture is held out to test. Draw boxes on four or more to see how right it is.")
        return
    found = [head.find(maps.cells(one.rgb)) for one, _ in tests]
    score = average_precision([(truth, boxes) for (_, truth), boxes in zip(tests, found, strict=True)])
    st.metric("mAP@0.5 on pictures held out", layout.percent(score), help="1 picture in 4 tests and does not teach.")
    shown = 0
    for (one, truth), boxes in zip(tests, found, strict=True):
        compared = compare(truth, [box for box in boxes if box.score >= 0.5])
        mistakes = [("Missed", box) for box in compared.misses] + [("False alarm", b) for b in compared.false_alarms]
        if mistakes and shown < MAX_SHOWN:
            shown += len(mistakes)
            _mistakes(one, mistakes)


def _mistakes(one: Drawn, mistakes: list[tuple[str, Box]]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for what, box in mistakes[:4]:
            st.image(data_url(cut_out(one.rgb, box), 96), caption=f"{what}: {layout.plain(box.name)}", width=96)
        st.button(
            "Learn from it",
            help="Adds this picture as a correction: it teaches from now on. Then train again.",
            on_click=lambda: desk.put(BOX, desk.project(BOX).changed(one.key, held_out=False)),
            key=f"taught/learn {one.key}",
        )


def _marks(found: list[Box]) -> list[Mark]:
    names = desk.project(BOX).names
    return [
        Mark(names.index(box.name), ((box.left, box.top), (box.right, box.bottom)))
        for box in found
        if box.name in names
    ]


def _examples() -> None:
    desk.replace(BOX, Project(tuple(NAMES.values())), "taking ready pictures")
    for number in range(EXAMPLES):
        rgb, boxes = scene(number)
        desk.add(BOX, f"ready {number + 1}", rgb, _marks(boxes), key=f"ready {number}")
