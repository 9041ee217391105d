"""Heat maps over pictures: what raised a score, and on which scale."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from components import layout, live
from components.sharing import setting
from models.classifier.results import Explanation
from models.hosting.feeds import Feed
from models.pictures.drawing import heat_layer, heatmap, mirror
from models.runtime.engine import Result, Stream

if TYPE_CHECKING:  # the camera's libraries are heavy
    from components.camera.stream import LiveCamera

CHANNEL = "heat"
SIDE = 112  # pixels of a map that the browser enlarges
LASTS_MS = 3000  # a busy server makes one every two seconds
MIN_HEAT = 0.1  # of the full colour; below it a map looks empty


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A heat map and the picture it is laid over, RGB uint8 (h, w, 3)."""

    explanation: Explanation
    rgb: np.ndarray


def choose_strength() -> float:
    """How strongly heat maps cover the picture, 0..1."""
    return st.slider(
        "Heat map over the picture", 0.0, 1.0, 0.5, 0.1, format="percent", **setting("strength"), help="0: the picture."
    )


def show(why: HeatMap, *, strength: float = 0.5, mirrored: bool = False) -> None:
    """The heat map over the picture, the way round that the visitor sees himself."""
    found = why.explanation
    picture = heatmap(why.rgb, found.heat, region=found.region_on(why.rgb), strength=strength)
    words = caption(found)
    st.image(mirror(picture) if mirrored else picture, caption=words, alt=words, width="stretch")


def show_live(camera: LiveCamera, stream: Stream, *, is_pushed: bool, strength: float = 0.5) -> None:
    """The stream's heat maps over the camera's picture, in the browser where results are pushed there, and what they
    show."""
    if is_pushed:
        stream.subscribe(CHANNEL, partial(_push, live.page_feed(), strength))
        live.show_pictures(camera, stream, _show_caption)
    else:
        stream.unsubscribe(CHANNEL)
        live.show_pictures(camera, stream, partial(show, strength=strength, mirrored=camera.mirrored))


def _show_caption(why: HeatMap) -> None:
    st.caption(caption(why.explanation))


def _push(feed: Feed, strength: float, result: Result) -> None:
    if result.error is not None:
        return
    found: Explanation = result.value.explanation
    webp = io.BytesIO()
    Image.fromarray(heat_layer(found.heat, SIDE, SIDE, strength=strength)).save(webp, "webp", quality=80, method=0)
    value = {"kind": "picture", "region": found.region, "dims": True, "lasts": LASTS_MS}
    feed.push(CHANNEL, value, at=result.offered_at, size_wh=found.size_wh, picture=webp.getvalue())


def caption(found: Explanation) -> str:
    """What the heat map shows, and its scale."""
    label = layout.plain(found.label)
    if found.heat.max() < MIN_HEAT:
        return f"Hardly anything here raised the score of “{label}”."
    words = f"What raised the score of “{label}”: the brighter, the more."
    if found.full is None:
        return f"{words} Scaled to this picture's own brightest place."
    return f"{words} Full colour: {found.full:.0f} points of score or more, in every picture."
