"""Where things are shown: live over the camera's picture, on still pictures, in films."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import films, layout, live, loading, report
from components.camera.stream import LiveCamera
from components.detector import steps
from components.detector.choice import Choice
from components.detector.watching import Watcher
from components.detector.watching import report as said_of
from components.pictures import Picture
from components.remembered import remembered
from models.detector.boxes import Found
from models.detector.drawing import GREY, outlined, with_gate
from models.detector.people import people_in
from models.pictures.films import Draw
from models.runtime.csv_cells import csv_text
from models.runtime.engine import Result, Stream

PEOPLE, MOST_PEOPLE = "everything", 5
PEOPLE_RATE = 4  # pictures a second in which people are looked for
EVERY_S = 1.0


def show_live(camera: LiveCamera, choice: Choice, answer: DeltaGenerator, below: DeltaGenerator) -> None:
    """Have each result drawn over the camera's picture, and say beside it what is there."""
    watcher, stream = _watched(camera, choice)
    people = _people(camera) if choice.people else None
    explained = _explained(camera, choice) if choice.steps else None
    camera.only(stream, people, explained)

    def show_one(result: Result) -> live.Seconds:
        if not is_pushed:
            width, height = result.size_wh
            paper = np.zeros((height, width, 3), np.uint8)
            st.image(outlined(paper, result.value), alt="The boxes", width="stretch")
            report.show(watcher.report(result.value))
        return {"detector": result.infer_s}

    with answer:
        is_pushed = live.show_pushed(camera, stream, watcher.message)
        live.show(camera, stream, show_one, every_s=EVERY_S, is_pushed=is_pushed)
        if choice.gate is not None:
            _offer_crossings(lambda: watcher)
    if explained is not None:
        with below:
            live.show_pictures(camera, explained, steps.show)
            steps.explain(choice)


def _watched(camera: LiveCamera, choice: Choice) -> tuple[Watcher, Stream]:
    """The camera's watcher and its stream; new ones when the detector is another."""
    watcher: Watcher | None = st.session_state.get("detector/watcher")
    name = f"detector {choice.stream}"
    if watcher is None or name not in camera.streams:
        watcher = st.session_state["detector/watcher"] = Watcher(choice)
    gate = choice.gate.turned() if choice.gate is not None and camera.mirrored else choice.gate
    watcher.choice = replace(choice, gate=gate)
    return watcher, camera.listen(name, loading.engine(choice.name), predict=watcher)


def _people(camera: LiveCamera) -> Stream | None:
    model = loading.model(PEOPLE)
    if model is None:
        return None
    stream = camera.listen(
        "people",
        loading.engine(PEOPLE),
        predict=lambda rgb: people_in(model.predict(rgb, MOST_PEOPLE), (rgb.shape[1], rgb.shape[0])),
        max_rate=PEOPLE_RATE,
    )
    if camera.playing:
        live.push_each(stream, lambda found: {**found.to_browser(), "colour": GREY}, "people")
    return stream


def _explained(camera: LiveCamera, choice: Choice) -> Stream:
    return camera.listen(
        f"steps {choice.name} {choice.wanted} {choice.rules}",
        loading.engine(choice.name),
        predict=lambda rgb: steps.steps(rgb, choice),
        max_rate=1,
    )


def _offer_crossings(watcher: Callable[[], Watcher | None]) -> None:
    def crossings() -> str:
        counted = watcher()
        return csv_text([]) if counted is None or counted.counting is None else counted.counting.csv()

    st.download_button(
        "Download the crossings as CSV",
        crossings,
        "crossings.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def show_stills(chosen: list[Picture], choice: Choice, answer: DeltaGenerator, below: DeltaGenerator) -> None:
    """Each picture with what is found in it, and in words beside it."""
    for picture, (found, seconds, people) in zip(chosen, _found(chosen, choice), strict=True):
        shown = choice.wanted.of(found)
        drawn = outlined(picture.rgb, shown)
        if people is not None:
            drawn = outlined(drawn, people, colour=GREY)
        st.image(drawn, caption=layout.plain(picture.name), alt=f"{picture.name}, with boxes", width="stretch")
        with answer:
            if len(chosen) > 1:
                st.caption(layout.plain(picture.name))
            report.show(said_of(shown))
            if people is not None:
                words = ", ".join(f"{count} × {name}" for name, count in people.counts().items())
                st.caption(f"By the pose tracker's models: {words or 'nobody'}.")
            live.show_seconds({"detector": seconds})
    if choice.steps and chosen:
        with below:
            steps.show(steps.steps(chosen[0].rgb, choice))
            steps.explain(choice)


def _found(chosen: list[Picture], choice: Choice) -> Any:
    model = loading.model(PEOPLE) if choice.people else None

    def predict(picture: Picture) -> tuple[Found, float, Found | None]:
        began = time.perf_counter()
        found = choice.find(picture.rgb)
        seconds = time.perf_counter() - began
        size = picture.rgb.shape[1], picture.rgb.shape[0]
        return found, seconds, None if model is None else people_in(model.predict(picture.rgb, MOST_PEOPLE), size)

    items = (((choice.stream, choice.rules, model is None, picture.key), picture) for picture in chosen)
    return remembered("detector/found", items, predict)


def show_film(choice: Choice) -> None:
    """A video with the things followed, and counted where the visitor wants that."""
    made: dict[str, Watcher] = st.session_state.setdefault("detector/films", {})

    def begin() -> Draw:
        watcher = made["newest"] = Watcher(choice)

        def draw(rgb: np.ndarray, seconds: float) -> np.ndarray:
            out = outlined(rgb, watcher(rgb, seconds))
            return out if choice.gate is None else with_gate(out, choice.gate)

        return draw

    def after() -> None:
        watcher = made.get("newest")
        if watcher is not None and watcher.counting is not None:
            report.show([watcher.counted()])
            _offer_crossings(lambda: watcher)

    films.show_film(
        "detector",
        "Find the things in it",
        begin,
        ready=choice.model is not None,
        drawn="boxes, names and numbers drawn on it",
        result="detected.mp4",
        after=after,
    )
