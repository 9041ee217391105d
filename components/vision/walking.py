"""The kernel's window walks over a small patch of the picture, number by number."""

import numpy as np
import streamlit as st

from components.layout import browser_component
from models.vision.filters import divided
from models.vision.step import Values

PATCH = 9  # pixels a side that are shown


def show(grey: np.ndarray, values: Values) -> None:
    """A patch of uint8 (H, W), which the visitor chooses, with the kernel of the step's `values` walking over it."""
    st.markdown("**The window walks:** each number under it times the kernel's number there, all summed up.")
    height, width = grey.shape
    across, down = st.columns(2)
    x = across.slider("Patch, across", 0, 100, 50, format="%d %%", key="vision/patch x")
    y = down.slider("Patch, down", 0, 100, 50, format="%d %%", key="vision/patch y")
    left, top = (round(share / 100 * max(0, side - PATCH)) for share, side in ((x, width), (y, height)))
    browser_component("walk")(
        key="vision/walk",
        data={
            "patch": grey[top : top + PATCH, left : left + PATCH].tolist(),
            "kernel": np.round(divided(values).astype(float), 4).tolist(),
            "plus": values["plus"],
        },
    )
