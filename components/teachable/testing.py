"""Testing: what the trained head says of the live camera or of pictures, class by class, and "none of these"."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from components import heat_maps, layout, live, loading
from components.camera.stream import LiveCamera
from components.heat_maps import HeatMap
from components.layout import counted
from components.pictures import Picture, show_rows
from components.remembered import remembered, remembered_one
from components.sharing import setting
from components.teachable.desk import desk
from models.pictures.arrays import thumbnail
from models.pose import painting
from models.pose.overlay import Overlay
from models.runtime.engine import Result, Stream
from models.teachable.answering import NONE, Answer, Answerer, embedder_of, explained
from models.teachable.kinds import Kind
from models.teachable.learn.lesson import renamed
from models.teachable.samples import Trained

SMOOTH_S = 0.3
DRAWN = Overlay(min_keypoint_score=0.3)
WHY_RATE = 2  # heat maps a second
WHY_SIDE = 480  # pixels, longer side of the picture below one
MAX_DISTANCE = 4.0  # of the slider, in units of the project's own limit

ToBrowser = Callable[[Answer], Mapping[str, Any]]


@dataclass(frozen=True)
class Test:
    """How the visitor wants answers: the distance beyond which it is none of the classes (None: never), smoothed or
    not, and with a heat map or without."""

    threshold: float | None
    smooth: bool
    why: bool = False


def present() -> Trained | None:
    """The project's head, under its classes' present names."""
    project = desk().project
    return renamed(project.trained, {one.id: one.name for one in project.classes}) if project.trained else None


def settings(trained: Trained) -> Test:
    """Under one button."""
    here = desk()
    with st.popover("Answers", icon=":material/tune:"):
        smooth = st.toggle("Smooth over time", True, help="Calmer, but later by a moment.", **setting("teach/smooth"))
        can_be_none = st.toggle(
            f"“{NONE}”",
            True,
            **setting("teach/none"),
            help="A head always chooses one of its classes, however strange the picture. This looks how far the "
            "picture is from everything it was shown.",
        )
        key = f"teach/near/{here.number}/{trained.at}"
        threshold = st.slider(
            "… beyond this distance from the nearest sample",
            0.0,
            MAX_DISTANCE,
            1.0,
            0.05,
            key=key,
            persist_state="session",
            disabled=not can_be_none,
            help=_unit(trained),
        )
        why = False
        if here.project.kind.name == "pictures":
            why = st.toggle(
                "Why? A heat map",
                disabled=trained.tuned is not None,
                **setting("teach/why"),
                help="What in the picture speaks for the answer rather than for your other classes. Not for a network "
                "that was fine-tuned.",
            )
    return Test(threshold if can_be_none else None, smooth, why and trained.tuned is None)


def _unit(trained: Trained) -> str:
    """What a distance of 1 is in this project."""
    kind = desk().project.kind
    if trained.near == kind.near:
        return (
            f"0: the same as a sample. 1: the default for {kind.title.lower()}, as there are too few recordings to "
            "measure it. Record each class a second time, another way or on another day, and train again."
        )
    return (
        "0: the same as a sample. 1: measured on your samples; 95 % of them have a sample of their class nearer than "
        "this, their own recording or near-copies left out. Of new recordings more are beyond it; "
        "of what is strange, not all."
    )


def show_live(camera: LiveCamera, model: Any, trained: Trained, test: Test) -> list[Stream]:
    """Answers beside the camera; returns the streams that must stay open, that of the answers first."""
    project = desk().project
    name = f"teach {project.kind.name} {trained.at} {trained.names} {test.smooth}"
    answerer = None
    if name not in camera.streams:
        smooth_s = SMOOTH_S if test.smooth else 0.0
        answerer = Answerer(project.kind, _embedder(model, trained), trained, live=True, smooth_s=smooth_s)
    stream = camera.listen(name, loading.engine(project.kind.model), predict=answerer)
    is_pushed = _show(camera, stream, partial(_to_browser, test, project.kind, _colours()))
    if not test.why:
        return [stream]
    look = partial(_why, model, trained)
    heat = camera.listen(f"{name} why", loading.engine(project.kind.model), predict=look, max_rate=WHY_RATE)
    heat_maps.show_live(camera, heat, is_pushed=is_pushed)
    return [stream, heat]


def follow(camera: LiveCamera, model: Any) -> Stream:
    """Before anything is trained: the pose that is seen. Returns its stream."""
    kind = desk().project.kind
    name = f"teach {kind.name} points"
    answerer = None if name in camera.streams else Answerer(kind, model, None, live=True)
    stream = camera.listen(name, loading.engine(kind.model), predict=answerer)
    _show(camera, stream, partial(_seen, kind))
    return stream


def _show(camera: LiveCamera, stream: Stream, to_browser: ToBrowser) -> bool:
    """What is said of each answer, and its pose over the picture. Whether they are pushed to the browser."""
    is_pushed = live.show_pushed(camera, stream, to_browser)
    if is_pushed and (skeleton := desk().project.kind.skeleton):
        live.page_feed().push("skeletons", painting.skeletons([skeleton], DRAWN))
        live.push_each(stream, _figure, "poses")
    else:
        stream.unsubscribe("poses")

    def show_one(result: Result) -> live.Seconds:
        answer: Answer = result.value
        if not is_pushed:
            _show_message(to_browser(answer))
        return answer.scores.seconds if answer.scores else {"network": result.infer_s}

    live.show(camera, stream, show_one, is_pushed=is_pushed)
    return is_pushed


def _figure(answer: Answer) -> dict[str, Any]:
    return painting.figures([answer.pose] if answer.pose else [], DRAWN)


def _seen(kind: Kind, answer: Answer) -> dict[str, Any]:
    return {"kind": "text", "text": f"{kind.missing.capitalize()} is {'seen' if answer.pose else 'not seen'}."}


def _to_browser(test: Test, kind: Kind, colours: Mapping[str, str], answer: Answer) -> dict[str, Any]:
    return answer.to_browser(test.threshold, kind.missing, colours)


def _colours() -> dict[str, str]:
    return {one.name: one.colour for one in desk().project.classes}


def _why(model: Any, trained: Trained, rgb: np.ndarray) -> HeatMap:
    return HeatMap(explained(model, trained, rgb), thumbnail(rgb, WHY_SIDE))


def _embedder(model: Any, trained: Trained) -> Any:
    """Made once for each head that was fine-tuned."""
    return remembered_one("teach/embedder", trained.at, lambda: embedder_of(model, trained))


def show_answer(answer: Answer, test: Test) -> None:
    """The verdict, a bar per class in its colour, and the distance."""
    _show_message(_to_browser(test, desk().project.kind, _colours(), answer))


def _show_message(message: Mapping[str, Any]) -> None:
    """As the browser's painters have it."""
    if message["kind"] == "text":
        st.caption(message["text"])
        return
    share = f" <small>{layout.percent(message['share'])}</small>" if message["sure"] else ""
    unsure = "" if message["sure"] else " unsure"
    bars = "".join(
        layout.bar(html.escape(label), value, layout.percent(value), weak=value < message["threshold"], colour=colour)
        for (label, value), colour in zip(message["top"], message["colours"], strict=True)
    )
    st.html(
        f'<div class="verdict{unsure}">{html.escape(message["verdict"])}{share}</div><div class="bars">{bars}</div>'
        f'<div class="latency"><span>{message["note"]}</span></div>'
    )


def show_stills(chosen: Sequence[Picture], model: Any, trained: Trained, test: Test) -> None:
    """The answer for one picture, or a table for several."""
    answers = _answers(chosen, model, trained)
    if len(chosen) == 1:
        show_answer(answers[0], test)
        if test.why:
            heat_maps.show(_why(model, trained, chosen[0].rgb))
        return
    show_rows(
        chosen,
        {
            "answer": [answer.verdict(test.threshold) or NONE for answer in answers],
            "probability": [answer.scores.top(1)[0][1] if answer.scores else None for answer in answers],
            "distance": [round(answer.distance, 2) for answer in answers],
        },
        row_height=56,
    )


def _answers(chosen: Sequence[Picture], model: Any, trained: Trained) -> list[Answer]:
    """Those that the last run had are not computed again."""
    answerer = Answerer(desk().project.kind, _embedder(model, trained), trained)
    items = (((picture.key, trained.at, trained.names), picture.rgb) for picture in chosen)
    return list(remembered("teach/answers", items, answerer))


def hint() -> None:
    """What there is to do before anything can be tested."""
    ready = sum(len(one.samples) > 1 for one in desk().project.classes if one.enabled)
    if ready < 2:
        st.caption("**1** Give two classes a few samples each.  **2** Press Train.  **3** The answers appear here.")
    else:
        st.caption("Press **Train**: a second later the answers appear here.")


def stale_note(trained: Trained) -> None:
    """Says so when the samples are no longer those that the head learnt from."""
    now = [one for one in desk().project.classes if one.enabled]
    samples = sum(len(one.samples) for one in now)
    if [one.id for one in now] != list(trained.class_ids):
        st.caption("The classes have changed since: train again.")
    elif samples != len(trained.labels):
        st.caption(f"Learnt from {counted(len(trained.labels), 'sample')}; there are {samples:,} now. Train again.")
