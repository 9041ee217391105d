"""The live camera: read again and again at a low rate, and frozen at a press."""

import html
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from components import live, loading
from components.camera.stream import LiveCamera, live_camera
from components.ocr import sheets, still
from components.ocr.choice import ReaderChoice
from models.ocr.boxes import Reading
from models.ocr.drawing import outlined
from models.pictures.arrays import thumbnail
from models.pictures.sharpest import Sharpest
from models.runtime.engine import Result, Stream

READINGS_PER_S = 1.0  # at most, of each camera: a reading costs what a hundred classifications do
EVERY_S = 2 * live.EVERY_S
STALE_S = 15.0
SIDE = 900
LASTS_MS = 5000  # frames that are older are not where the text is now
NO_TEXT = "No text in view. Hold a page, a label or a screen up to the camera, still and near."


class SharpestFrameReader:
    """`predict` of one camera's stream: reads the sharpest frame of the last moment instead of the newest."""

    def __init__(self, name: str) -> None:
        self.sharpest = Sharpest()
        self._name, self._cache = name, loading.model_cache()

    def __call__(self, rgb: np.ndarray) -> Reading:
        best = self.sharpest.best()
        with self._cache.lease(self._name) as model:
            return model.read(rgb if best is None else best, thorough=False)


def show(chosen: ReaderChoice) -> None:
    """The camera, what is read in it now, and the button that freezes it."""
    assert chosen.engine is not None
    picture_column, text_column = st.columns([3, 2], gap="large")
    with text_column:
        settings = st.container(horizontal=True)
    with picture_column:
        camera = live_camera("ocr", settings_in=settings, rear=True)
    reader, stream = _listening(camera, chosen.engine)
    with text_column:
        if (sent := still.still_button("ocr/freeze", playing=camera.playing)) is not None:
            _freeze(sent, reader)
            st.rerun()
        st.caption("Takes a photo as large as your camera can, and reads all of it, small print too.")

        is_pushed = live.show_pushed(camera, stream, partial(_to_browser, chosen))

        def show_one(result: Result) -> live.Seconds:
            if not is_pushed:
                _show(result.value, chosen)
            return {"reading": result.infer_s}

        live.show(camera, stream, show_one, every_s=EVERY_S, stale_s=STALE_S, is_pushed=is_pushed)


def _listening(camera: LiveCamera, engine: str) -> tuple[SharpestFrameReader, Stream]:
    """The camera's reader and its stream; new ones when another reader was chosen."""
    reader: SharpestFrameReader | None = st.session_state.get("ocr/camera reader")
    name = f"reading {engine}"
    if reader is None or name not in camera.streams:
        reader = st.session_state["ocr/camera reader"] = SharpestFrameReader(engine)
        camera.only()
    stream = camera.listen(name, loading.engine(engine), predict=reader, max_rate=READINGS_PER_S)
    sharp = camera.listen("sharpest", loading.frames_engine(), predict=reader.sharpest)
    camera.only(stream, sharp)
    return reader, stream


def _freeze(sent: str, reader: SharpestFrameReader) -> None:
    """The photo; where the browser got none, the sharpest frame of the last second."""
    photo = still.opened(sent)
    if photo is None:
        photo = reader.sharpest.best()
    if photo is not None:
        sheets.freeze(photo)


def _to_browser(chosen: ReaderChoice, reading: Reading) -> dict[str, Any]:
    """The text, and its frames to lie over the picture until they are too old."""
    sent = reading.to_browser(chosen.arranged(reading).text, chosen.weak_below)
    return sent | {"lasts": LASTS_MS, "note": sent["note"] if reading.boxes else NO_TEXT}


def _show(reading: Reading, chosen: ReaderChoice) -> None:
    if not reading.boxes:
        st.caption(NO_TEXT)
    else:
        st.html(f'<div class="written" dir="auto">{html.escape(chosen.arranged(reading).text)}</div>')
    small = thumbnail(reading.rgb, SIDE)
    scale = small.shape[1] / reading.rgb.shape[1]
    scores = [box.score for box in reading.boxes]
    boxed = outlined(small, [box.polygon * scale for box in reading.boxes], scores, chosen.weak_below)
    st.image(boxed, alt="The page with a box around each line", width="stretch")
