"""A video file with what was taught drawn on each of its frames."""

import numpy as np
import streamlit as st

from components import films
from components.taught import boxes, desk, ready
from models.pictures.films import Draw
from models.taught import brush, shown
from models.taught.maps import Maps
from models.taught.project import BOX, BRUSH, COLOURS
from models.taught.ready import BACKGROUND
from models.taught.ready import COLOURS as READY_COLOURS

MODES = ("Boxes", "Brush", "Ready-made")
DRAWN = {"Boxes": "the boxes", "Brush": "the masks", "Ready-made": "the masks"}


def show_film(mode: str, maps: Maps, min_score: float) -> None:
    """Upload, progress with a way out, the video with boxes or masks and its download."""
    draw = _drawing(mode, maps, min_score)
    if draw is None:
        st.caption("Here a video comes back with what was taught, once something was.")
    films.show_film(
        "taught",
        f"Draw {DRAWN[mode]} on it",
        lambda: draw or (lambda rgb, at: rgb),
        ready=draw is not None,
        drawn=f"{DRAWN[mode]} drawn on it",
        result="taught.mp4",
    )


def _drawing(mode: str, maps: Maps, min_score: float) -> Draw | None:
    """What draws on a frame; None while nothing was taught, or the network is not here."""
    if mode == "Boxes":
        head, colours = desk.head(BOX), boxes.colours()
        return head and (lambda rgb, at: shown.outlined(rgb, head.find(maps.cells(rgb), min_score), colours))
    if mode == "Brush":
        painted = desk.head(BRUSH)
        if painted is None:
            return None

        def labelled(rgb: np.ndarray, at: float) -> np.ndarray:
            mask = painted.mask(brush.columns_of(maps, rgb, brush.LIVE_SIDE), rgb.shape[1::-1])
            return shown.labelled(rgb, mask, COLOURS)

        return labelled
    network = ready.model()

    def with_names(rgb: np.ndarray, at: float) -> np.ndarray:
        assert network is not None
        mask = network.predict(rgb)
        return np.where((mask == BACKGROUND)[..., None], rgb, shown.labelled(rgb, mask, READY_COLOURS))

    return with_names if network is not None else None
