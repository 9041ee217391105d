"""Masks by a network that others have taught, with 20 kinds of things: what a large data set gives."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import layout, loading
from components.camera.stream import LiveCamera
from components.pictures import Picture
from components.remembered import remembered
from components.taught import masks
from models.runtime.engine import Stream
from models.taught import shown
from models.taught.ready import BACKGROUND, COLOURS, NAMES, ReadySegmenter

MODEL = "lraspp"


def edit() -> None:
    """What it knows; the offer to download it."""
    st.markdown(
        "Nobody taught this network here: it has seen 118,000 pictures whose every pixel had a label. It knows "
        f"{', '.join(sorted(NAMES[1:]))}, and nothing else. Compare it with your own ten strokes."
    )
    loading.model(MODEL)


def model() -> ReadySegmenter | None:
    """The network, where it is here already."""
    found: ReadySegmenter | None = loading.model_cache().get(MODEL) if loading.model_cache().is_ready(MODEL) else None
    return found


def show_live(camera: LiveCamera, answer: DeltaGenerator) -> Stream | None:
    """The masks over the video, each thing's area in `answer`."""
    if (network := model()) is None:
        return None
    return masks.show_live(camera, "taught ready", MODEL, network.mask, NAMES, COLOURS, answer, clear=BACKGROUND)


def show_stills(chosen: list[Picture]) -> None:
    """The pictures under their masks."""
    network = model()
    found = list(remembered("taught/ready", ((p.key, p.rgb) for p in chosen), network.predict)) if network else []
    for place, one in enumerate(chosen):
        rgb = one.rgb
        if place < len(found):
            mask = found[place]
            rgb = np.where((mask == BACKGROUND)[..., None], rgb, shown.labelled(rgb, mask, COLOURS))
        st.image(rgb, caption=layout.plain(one.name), alt=one.name, width="stretch")
        if place < len(found):
            masks.areas(found[place], NAMES, COLOURS)
