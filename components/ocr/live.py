"""The live camera: read again and again at a low rate, and frozen at a press."""

import html

import numpy as np
import streamlit as st

from components import loading, results
from components.camera.stream import LiveCamera, live_camera
from components.ocr import sheets
from components.ocr.choice import Choice
from models.ocr.boxes import Reading
from models.ocr.drawing import outlined
from models.pictures.arrays import thumbnail
from models.pictures.sharpest import Sharpest
from models.runtime.engine import Stream

READINGS_PER_S = 1.0  # at most, of each camera: a reading costs what a hundred classifications do
STALE_S = 15.0
SIDE = 900


class Eye:
    """`predict` of one camera's stream: reads the sharpest frame of the last moment instead of the newest."""

    def __init__(self, name: str) -> None:
        self.sharpest = Sharpest()
        self._name, self._cache = name, loading.model_cache()

    def __call__(self, rgb: np.ndarray) -> Reading:
        best = self.sharpest.best()
        with self._cache.lease(self._name) as model:
            return model.read(rgb if best is None else best, thorough=False)


def show(chosen: Choice) -> None:
    """The camera, what is read in it now, and the button that freezes it."""
    assert chosen.engine is not None
    picture_column, text_column = st.columns([3, 2], gap="large")
    with text_column:
        settings = st.container(horizontal=True)
    with picture_column:
        live = live_camera("ocr", settings_in=settings, rear=True)
    eye, stream = _listening(live, chosen.engine)
    with text_column:
        st.button(
            "Freeze and read it well",
            type="primary",
            icon=":material/photo_camera:",
            disabled=not live.playing,
            on_click=_freeze,
            args=(eye,),
            key="ocr/freeze",
            help="Takes the sharpest picture of the last second and reads all of it, small print too.",
        )

        @st.fragment(run_every=results.EVERY_S * 2 if live.playing else None)
        def look() -> None:
            result = results.state_of(live, stream, STALE_S)
            if result is not None:
                _show(result.value, chosen)
                results.show_seconds(results.live_seconds(live, result) | {"reading": result.infer_s})

        look()


def _listening(live: LiveCamera, engine: str) -> tuple[Eye, Stream]:
    """The camera's eye and its stream; new ones when another reader was chosen."""
    eye: Eye | None = st.session_state.get("ocr/eye")
    name = f"reading {engine}"
    if eye is None or name not in live.streams:
        eye = st.session_state["ocr/eye"] = Eye(engine)
        live.only()
    stream = live.listen(name, loading.engine(engine), predict=eye, max_rate=READINGS_PER_S)
    sharp = live.listen("sharpest", loading.frames_engine(), predict=eye.sharpest)
    live.only(stream, sharp)
    return eye, stream


def _freeze(eye: Eye) -> None:
    if (best := eye.sharpest.best()) is not None:
        sheets.freeze(best)


def _show(reading: Reading, chosen: Choice) -> None:
    if not reading.boxes:
        st.caption("No text in view. Hold a page, a label or a screen up to the camera, still and near.")
    else:
        st.html(f'<div class="written" dir="auto">{html.escape(chosen.arranged(reading).text)}</div>')
    small = thumbnail(reading.rgb, SIDE)
    scale = small.shape[1] / reading.rgb.shape[1]
    scores = [box.score for box in reading.boxes]
    st.image(
        outlined(small, [box.polygon * scale for box in reading.boxes], scores, chosen.weak_below), width="stretch"
    )
