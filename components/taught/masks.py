"""Labels of pixels on the page: over the camera's picture, and how much of it each class covers."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import layout, live, loading
from components.camera.stream import LiveCamera
from models.runtime.engine import Result, Stream
from models.taught import shown

SIDE = 320  # pixels of the longer side of a mask that is sent
FEW, FROM_SHARE = 5, 0.005  # of more classes, one with less of the picture is not named


def show_live(
    camera: LiveCamera,
    name: str,
    model: str,
    predict: Callable[[np.ndarray, tuple[int, int]], np.ndarray],
    names: Sequence[str],
    colours: Sequence[str],
    answer: DeltaGenerator,
    *,
    clear: int | None = None,
) -> Stream:
    """The masks of that model over the video, each class's area in `answer`. `predict` is given a picture and the size
    of its mask; class number `clear` is not painted."""

    def small(rgb: np.ndarray) -> np.ndarray:
        height, width = rgb.shape[:2]
        scale = min(1.0, SIDE / max(height, width))
        return predict(rgb, (round(width * scale), round(height * scale)))

    stream = camera.listen(name, loading.engine(model), predict=small, max_rate=10)

    def show_one(result: Result) -> live.Seconds:
        if not is_pushed:
            paper = np.zeros((*result.value.shape, 3), np.uint8)
            st.image(shown.labelled(paper, result.value, colours, 1.0), alt="The masks", width="stretch")
        areas(result.value, names, colours)
        return {"masks": result.infer_s}

    if camera.playing:
        feed = live.page_feed()

        def push(result: Result) -> None:
            if result.error is None:
                value = {"kind": "picture", "region": [0, 0, *result.size_wh], "dims": False, "lasts": 1500}
                picture = shown.webp(shown.layer(result.value, colours, clear=clear))
                feed.push("mask", value, at=result.offered_at, size_wh=result.size_wh, picture=picture)

        stream.subscribe("mask", push)
    with answer:
        is_pushed = live.show_pushed(camera, stream, lambda mask: {"kind": "report", "blocks": []})
        live.show(camera, stream, show_one, every_s=1.0, is_pushed=is_pushed, beside_pushed_s=1.0)
    return stream


def areas(mask: np.ndarray, names: Sequence[str], colours: Sequence[str]) -> None:
    """A bar for each class, with the share of the picture that it covers; of many classes only those that are there."""
    share = np.bincount(mask.ravel(), minlength=len(names)) / mask.size
    least = FROM_SHARE if len(names) > FEW else 0.0
    rows = (
        layout.bar(name, s, layout.percent(s), colour=c)
        for name, s, c in zip(names, share, colours, strict=False)
        if s >= least
    )
    st.html(f'<div class="bars">{"".join(rows)}</div>')
