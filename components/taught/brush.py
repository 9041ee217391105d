"""Segmentation taught with a brush: strokes, masks over the picture or the video, the area of each class."""

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import layout
from components.camera.stream import LiveCamera
from components.pictures import Picture
from components.remembered import remembered
from components.taught import desk, masks
from components.taught.boxes import MODEL
from components.taught.drawing import draw_on
from models.errors import BadInput
from models.runtime.engine import Stream
from models.taught import brush, shown
from models.taught.brush import PixelHead
from models.taught.maps import Maps
from models.taught.project import BRUSH, COLOURS


def show_live(camera: LiveCamera, maps: Maps, answer: DeltaGenerator) -> Stream | None:
    """The masks over the video, each class's area in `answer`; None while nothing was taught."""
    desk.freeze(BRUSH, camera)
    head: PixelHead | None = desk.head(BRUSH)
    if head is None:
        return None

    def predict(rgb: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
        return head.mask(brush.columns_of(maps, rgb, brush.LIVE_SIDE), size_wh)

    names = desk.project(BRUSH).names
    return masks.show_live(camera, f"taught brush {id(head)}", MODEL, predict, names, COLOURS, answer)


def show_stills(chosen: list[Picture], maps: Maps) -> None:
    """The pictures under their masks, and the way into the project."""
    desk.take_in(BRUSH, chosen)
    head: PixelHead | None = desk.head(BRUSH)
    for one in chosen:
        rgb = one.rgb
        if head is not None:
            rgb = shown.labelled(rgb, head.mask(brush.columns_of(maps, rgb), rgb.shape[1::-1]), COLOURS)
        st.image(rgb, caption=layout.plain(one.name), alt=one.name, width="stretch")


def edit(maps: Maps) -> None:
    """Paint; the mask follows each stroke."""
    desk.choose_names(BRUSH)
    one = desk.choose_picture(BRUSH)
    if one is None:
        st.info("Freeze a frame or take a picture, then paint a stroke on the thing and one on the background.")
    else:
        names = desk.project(BRUSH).names
        marks = draw_on(one, names, BRUSH)
        if marks != one.marks:
            desk.put(BRUSH, desk.project(BRUSH).changed(one.key, marks=marks))
            _learn(maps)
            st.rerun()
        head: PixelHead | None = desk.head(BRUSH)
        if head is None:
            st.caption("Paint strokes of at least two classes.")
        else:
            mask = head.mask(brush.columns_of(maps, one.rgb), one.rgb.shape[1::-1])
            st.image(shown.labelled(one.rgb, mask, COLOURS), alt="The picture under its masks", width="stretch")
            masks.areas(mask, names, COLOURS)
            with st.container(horizontal=True):
                make = {"PNG": partial(shown.png, mask, COLOURS), "NPZ": partial(shown.npz, mask, names)}
                for kind, data in make.items():
                    file = f"mask.{kind.lower()}"
                    st.download_button(f"Mask as {kind}", data, file, key=f"taught/{file}", icon=":material/download:")
    desk.show_undo(BRUSH)
    with st.expander("Save, open", icon=":material/save:"):
        desk.keep(BRUSH)


def _learn(maps: Maps) -> None:
    """From all strokes; with one class alone there is nothing to tell apart, and what was taught goes."""
    project = desk.project(BRUSH)
    painted = [one for one in project.pictures if one.marks]
    columns = remembered("taught/columns", ((p.key, p.rgb) for p in painted), partial(brush.columns_of, maps))
    try:
        head = brush.fit([(c, p.strokes()) for c, p in zip(columns, painted, strict=True)])
        desk.teach(BRUSH, head, project)
    except BadInput:
        desk.forget(BRUSH)
