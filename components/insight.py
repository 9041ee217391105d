"""Looking into a network: what it looked at ("Why?") and what its layers make of the picture ("Inside")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.drawing import feature_maps, heatmap, mirror
from models.images import thumbnail
from models.results import Explanation

if TYPE_CHECKING:  # the page opens before torch is here
    from models.classifier import ImageClassifier

SIDE = 480  # pixels: enough to see, little to send several times a second


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
    st.image(
        mirror(why.picture) if mirrored else why.picture,
        caption=f"What raised the score of “{why.explanation.label}”: the brighter, the more",
        width="stretch",
    )


def look_inside(model: ImageClassifier, rgb: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Title and picture grid of an early, a middle and a late layer."""
    return [(layer.title, feature_maps(layer.maps, columns=4, tile=112)) for layer in model.inside(rgb, maps=16)]


def show_inside(layers: list[tuple[str, np.ndarray]]) -> None:
    """The grids side by side."""
    for column, (title, picture) in zip(st.columns(len(layers)), layers, strict=True):
        column.image(picture, caption=title, width="stretch")
