"""The view "Prepare": what can be done to a picture before it is read, with before and after."""

from dataclasses import replace
from typing import get_args

import numpy as np
import streamlit as st

from components import layout
from components.ocr import choice
from components.ocr.sheets import Sheet
from components.remembered import remembered_one
from components.sharing import Options, setting
from models.errors import LimelightError
from models.ocr.prepare.region import clockwise
from models.ocr.prepare.steps import Threshold, Tools, steps
from models.pictures.arrays import thumbnail

SIDE = 1400  # pixels of the picture that the sliders work on
ADAPTIVE = "adaptive"


def show(sheet: Sheet) -> None:
    """Sliders, the picture before and after, each step between, and the button that has it read like this."""
    controls, pictures = st.columns([1, 2], gap="large")
    with controls:
        wanted = _choose()
        st.button(
            "Read it like this",
            type="primary",
            icon=":material/document_scanner:",
            disabled=wanted == choice.tools(),
            on_click=choice.use,
            args=(wanted,),
            key="ocr/prepare",
            width="stretch",
        )
        st.button("Start over", icon=":material/undo:", on_click=_start_over, key="ocr/start-over", width="stretch")
    with pictures:
        try:
            _show_steps(_before(sheet), wanted)
        except LimelightError as error:
            layout.say_error(error)


def _choose() -> Tools:
    start = Tools()
    turn = st.segmented_control(
        "Turn", (0, 90, 180, 270), default=90 * start.turn, format_func="{}°".format, required=True, **_setting("turn")
    )
    straighten = st.slider("Straighten", -15.0, 15.0, start.straighten, 0.5, format="%.1f°", **_setting("straighten"))
    leveling = "Finds the angle of the lines and levels them."
    deskew = st.toggle("Deskew by itself", start.deskew, help=leveling, **_setting("deskew"))
    brightness = st.slider("Brightness", -0.5, 0.5, start.brightness, 0.05, **_setting("brightness"))
    contrast = st.slider("Contrast", 0.5, 3.0, start.contrast, 0.1, **_setting("contrast"))
    grey = st.toggle("Grey", start.grey, **_setting("grey"))
    smoothing = "Smooths grain, keeps edges."
    denoise = st.slider("Denoise", 0, 100, start.denoise, 5, help=smoothing, **_setting("denoise"))
    threshold = st.segmented_control(
        "Black and white",
        get_args(Threshold),
        default=start.threshold,
        required=True,
        help="Otsu finds one level for the whole picture. Adaptive finds one for each neighbourhood: for shadows.",
        **_setting("threshold"),
    )
    wanted = Tools(
        turn=turn // 90,
        straighten=straighten,
        deskew=deskew,
        brightness=brightness,
        contrast=contrast,
        grey=grey,
        denoise=denoise,
        threshold=threshold,
    )
    if threshold == ADAPTIVE:
        block = st.slider("Neighbourhood, pixels", 5, 101, start.block_size, 2, **_setting("block_size"))
        offset = st.slider("Darker than it by", 0, 40, start.offset, **_setting("offset"))
        wanted = replace(wanted, block_size=block, offset=offset)
    used = choice.tools()
    if used.region is not None:  # drawn in the view "Text": it stays the same part, however the picture is turned
        wanted = replace(wanted, region=clockwise(used.region, wanted.turn - used.turn))
    return wanted


def _setting(name: str) -> Options:
    return setting(f"prepare/{name}")


def _start_over() -> None:
    start = Tools()
    for name, value in (vars(start) | {"turn": 90 * start.turn}).items():
        if f"prepare/{name}" in st.session_state:  # set and not deleted: the address would bring back what it was
            st.session_state[f"prepare/{name}"] = value
    choice.use(start)


def _before(sheet: Sheet) -> np.ndarray:
    """The picture as it came, small; remembered, because every move of a slider asks for it."""
    return remembered_one("ocr/before", sheet.key, lambda: thumbnail(sheet.load(None), SIDE))


def _show_steps(before: np.ndarray, wanted: Tools) -> None:
    done = steps(before, wanted)
    left, right = st.columns(2)
    left.image(before, caption="before", alt="The page before", width="stretch")
    if not done:
        right.caption("Move something on the left: what it makes of the picture is shown here.")
        return
    right.image(done[-1][1], caption="after", alt="The page after", width="stretch")
    if len(done) > 1:
        st.markdown("**Step by step**")
        columns = st.columns(min(4, len(done)))
        for number, (name, picture) in enumerate(done):
            columns[number % len(columns)].image(thumbnail(picture, 400), caption=name, alt=name, width="stretch")
