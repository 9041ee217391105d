"""The view "Paint": a picture in 26 styles, or in that of any other picture."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import layout, loading
from components.pictures import PHOTO, SAMPLES, UPLOAD, Picture, file_of, opened, pictures
from components.remembered import remembered_one
from components.sharing import choose, setting
from models.errors import LimelightError

if TYPE_CHECKING:
    from models.digits.painting import Painter

STYLES = 26
OWN = "Of a picture"


def show() -> None:
    """The picture, the style, and what comes of both."""
    painter = loading.model("painter")
    if painter is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        source = choose("Picture", (SAMPLES, PHOTO, UPLOAD), "picture")
        given = pictures(source, "paint", sample="astronaut")
    with right:
        style = st.select_slider("Style", [*range(1, STYLES + 1), OWN], 8, **setting("style"))
        strength = st.slider("How strongly", 0.0, 1.0, 1.0, 0.1, format="percent", **setting("strength"))
        like = _own_style() if style == OWN else None
    if not given or (style == OWN and like is None):
        return
    picture = given[0]
    with left:
        st.image(picture.rgb, alt=picture.name, width="stretch")
    with right:
        try:
            name = picture.key, style, like and like.key, strength
            st.image(
                remembered_one("paint/done", name, lambda: _painted(painter, picture, style, like, strength)),
                caption="Style after style, one network: it is told which by a few numbers for each of its layers.",
                alt="The picture, painted",
                width="stretch",
            )
        except LimelightError as error:
            layout.say_error(error)


def _painted(
    painter: "Painter", picture: Picture, style: int | str, like: Picture | None, strength: float
) -> np.ndarray:
    if like is not None:
        return painter.paint_like(picture.rgb, like.rgb, strength)
    return painter.paint(picture.rgb, int(style) - 1, strength)


def _own_style() -> Picture | None:
    given = st.file_uploader("A picture whose style is taken", type=["jpg", "jpeg", "png", "webp"], key="paint/like")
    found = opened([file_of(given.name, given.getvalue())]) if given else []
    return found[0] if found else None
