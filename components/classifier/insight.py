"""Looking into a network: what raised its score ("Why?") and what its layers make of the picture ("Inside")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.heat_maps import HeatMap
from components.sharing import setting
from models.classifier.results import FeatureMaps
from models.pictures.arrays import thumbnail
from models.pictures.drawing import feature_maps

if TYPE_CHECKING:  # the page opens before torch is here
    from models.classifier.imagenet import ImageClassifier

SIDE = 480  # pixels: enough to see, little to send several times a second
MAPS = 16  # of each layer
MIN_CONTRAST = 10  # levels of 255: a camera's first picture is often black, and no map varies over that


def choose_label(model: ImageClassifier) -> str | None:
    """The label whose score is explained; None for whatever the top answer is."""
    return st.selectbox(
        "Why this label, or why not?",
        sorted(set(model.labels)),
        index=None,
        placeholder="of the top answer; or type any other label",
        **setting("why-label"),
    )


def look_why(model: ImageClassifier, rgb: np.ndarray, label: str | None = None) -> HeatMap:
    """What of this picture raised the score of that label, by default of the top one."""
    small = thumbnail(rgb, SIDE)
    return HeatMap(model.explain(small, label), small)


class InsideLook:
    """rgb → some feature maps of an early, a middle and a late layer: the same ones in every picture, so that one can
    be followed. They are those that vary most over the first picture with anything in it. One per stream."""

    def __init__(self, model: ImageClassifier) -> None:
        self._model = model
        self._numbers: list[tuple[int, ...]] | None = None

    def __call__(self, rgb: np.ndarray) -> list[FeatureMaps]:
        """`Inside` of a picture, RGB uint8 (h, w, 3)."""
        layers = self._model.inside(rgb, maps=MAPS, numbers=self._numbers)
        if self._numbers is None and rgb.std() > MIN_CONTRAST:
            self._numbers = [layer.numbers for layer in layers]
        return layers


def show_inside(layers: list[FeatureMaps]) -> None:
    """The layers side by side; of each all maps, or a single one that the visitor follows."""
    for column, layer in zip(st.columns(len(layers)), layers, strict=True):
        with column:
            followed = st.selectbox(
                "Follow one map",
                layer.numbers,
                index=None,
                format_func=lambda number: f"map {number + 1}",
                placeholder=f"all {len(layer.numbers)}",
                key=f"inside/{layer.title}",
                label_visibility="collapsed",
            )
            if followed in layer.numbers:
                picture = feature_maps(layer.maps[layer.numbers.index(followed)][None], columns=1, tile=4 * 112)
            else:
                picture = feature_maps(layer.maps, columns=4, tile=112)
            st.image(picture, caption=layer.title, alt=layer.title, width="stretch")
