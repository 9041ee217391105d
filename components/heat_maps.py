"""Heat maps over pictures: what raised a score, and on which scale."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from components import layout
from models.classifier.results import Explanation
from models.pictures.drawing import heatmap, mirror

MIN_HEAT = 0.1  # of the full colour; below it a map looks empty


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A heat map and the picture it was laid over, RGB uint8 (h, w, 3)."""

    explanation: Explanation
    picture: np.ndarray

    @classmethod
    def over(cls, rgb: np.ndarray, found: Explanation) -> "HeatMap":
        """Of that picture, uint8 (h, w, 3)."""
        return cls(found, heatmap(rgb, found.heat, region=found.region))


def show(why: HeatMap, *, mirrored: bool = False) -> None:
    """The heat map over the picture, the way round that the visitor sees himself."""
    st.image(mirror(why.picture) if mirrored else why.picture, caption=caption(why.explanation), width="stretch")


def caption(found: Explanation) -> str:
    """What the heat map shows, and its scale."""
    label = layout.plain(found.label)
    if found.heat.max() < MIN_HEAT:
        return f"Hardly anything here raised the score of “{label}”."
    words = f"What raised the score of “{label}”: the brighter, the more."
    if found.full is None:
        return f"{words} Scaled to this picture's own brightest place."
    return f"{words} Full colour: {found.full:.0f} points of score or more, in every picture."
