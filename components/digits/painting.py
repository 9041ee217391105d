"""The view "Paint": a picture in 26 styles, or in that of any other picture."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import layout, live, loading
from components.camera.stream import LiveCamera, live_camera
from components.pictures import LIVE, PHOTO, SAMPLES, UPLOAD, Picture, file_of, opened, pictures
from components.remembered import remembered_one
from components.sharing import choose, setting
from models.errors import LimelightError
from models.pictures.arrays import thumbnail
from models.pictures.images import to_jpeg
from models.runtime.engine import Result

if TYPE_CHECKING:
    from models.digits.painting import Painter

STYLES = 26
OWN = "Of a picture"
LIVE_SIDE, LIVE_RATE = 320, 6  # pixels of a live picture's longer side; pictures a second


def show() -> None:
    """The picture, the style, and what comes of both."""
    painter = loading.model("painter")
    if painter is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        source = choose("Picture", (SAMPLES, LIVE, PHOTO, UPLOAD), "picture")
        camera = live_camera("paint", settings_in=st.container(horizontal=True)) if source == LIVE else None
        given = [] if camera is not None else pictures(source, "paint", sample="astronaut")
    with right:
        style = st.select_slider("Style", [*range(1, STYLES + 1), OWN], 8, **setting("style"))
        strength = st.slider("How strongly", 0.0, 1.0, 1.0, 0.1, format="percent", **setting("strength"))
        like = _own_style() if style == OWN else None
    if camera is not None:
        _live(camera, painter, style, like, strength)
        return
    if not given or (style == OWN and like is None):
        return
    picture = given[0]
    with left:
        st.image(picture.rgb, alt=picture.name, width="stretch")
    with right:
        try:
            name = picture.key, style, like and like.key, strength
            st.image(
                remembered_one("paint/done", name, lambda: _painted(painter, picture.rgb, style, like, strength)),
                caption="Style after style, one network: it is told which by a few numbers for each of its layers.",
                alt="The picture, painted",
                width="stretch",
            )
        except LimelightError as error:
            layout.say_error(error)


def _live(camera: LiveCamera, painter: "Painter", style: int | str, like: Picture | None, strength: float) -> None:
    """Have each of the camera's pictures painted over itself."""
    if style == OWN and like is None:
        camera.only()
        return

    def predict(rgb: np.ndarray) -> bytes:
        return to_jpeg(_painted(painter, thumbnail(rgb, LIVE_SIDE), style, like, strength), 80)

    name = f"paint {style} {like and like.key} {strength}"
    stream = camera.listen(name, loading.engine("painter"), predict=predict, max_rate=LIVE_RATE)
    camera.only(stream)
    if not camera.playing:
        st.caption("Your own picture, painted, appears where the camera is.")
        return
    feed = live.page_feed()

    def push(result: Result) -> None:
        if result.error is None:
            value = {"kind": "picture", "region": [0, 0, *result.size_wh], "dims": False, "lasts": 3000}
            feed.push("paint", value, at=result.offered_at, size_wh=result.size_wh, picture=result.value)

    stream.subscribe("paint", push)

    def show_one(result: Result) -> live.Seconds:
        if not is_pushed:
            st.image(result.value, alt="The camera's picture, painted", width="stretch")
        return {"painter": result.infer_s}

    is_pushed = live.show_pushed(camera, stream, lambda painted: {"kind": "report", "blocks": []})
    live.show(camera, stream, show_one, every_s=1.0, is_pushed=is_pushed)


def _painted(
    painter: "Painter", rgb: np.ndarray, style: int | str, like: Picture | None, strength: float
) -> np.ndarray:
    if like is not None:
        return painter.paint_like(rgb, like.rgb, strength)
    return painter.paint(rgb, int(style) - 1, strength)


def _own_style() -> Picture | None:
    given = st.file_uploader("A picture whose style is taken", type=["jpg", "jpeg", "png", "webp"], key="paint/like")
    found = opened([file_of(given.name, given.getvalue())]) if given else []
    return found[0] if found else None
