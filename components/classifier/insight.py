"""Looking into a network: what raised its score ("Why?") and what its layers make of the picture ("Inside")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import layout
from models.classifier.results import Explanation, FeatureMaps
from models.pictures.arrays import thumbnail
from models.pictures.drawing import feature_maps, heatmap, mirror

if TYPE_CHECKING:  # the page opens before torch is here
    from models.classifier.imagenet import ImageClassifier

SIDE = 480  # pixels: enough to see, little to send several times a second
MAPS = 16  # of each layer
MIN_CONTRAST = 10  # levels of 255: a camera's first picture is often black, and no map varies over that


@dataclass(frozen=True, eq=False)
class Why:
    """A heat map and the picture it was laid over, RGB uint8 (h, w, 3)."""

    explanation: Explanation
    picture: np.ndarray


def look_why(model: ImageClassifier, rgb: np.ndarray) -> Why:
    """What of this picture raised the score of its top label."""
    small = thumbnail(rgb, SIDE)
    found = model.explain(small)
    return Why(found, heatmap(small, found.heat, region=found.region))


def show_why(why: Why, *, mirrored: bool = False) -> None:
    """The heat map over the picture, the way round that the visitor sees himself."""
    st.image(mirror(why.picture) if mirrored else why.picture, caption=caption(why.explanation), width="stretch")


def caption(found: Explanation) -> str:
    """What the heat map shows, and its scale."""
    words = f"What raised the score of “{layout.plain(found.label)}”: the brighter, the more."
    if found.full is None:
        return f"{words} Scaled to this picture's own brightest place."
    return f"{words} Full colour: {found.full:.0f} points of score or more, in every picture."


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
            st.image(picture, caption=layer.title, width="stretch")
