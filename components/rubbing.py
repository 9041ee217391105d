"""A picture from which parts are rubbed out with a finger or the mouse, cell by cell."""

import base64
from typing import Any

import numpy as np

from components.layout import browser_component
from models.pictures.images import to_jpeg


def rub(rgb: np.ndarray, *, key: str, of: str, side: int, grey: int) -> list[int]:
    """Show the picture, uint8 (h, w, 3); returns the cells of `side` × `side` that were rubbed out, row by row from 0.
    They are painted with that `grey`, 0..255. `of` names the picture: another name begins with none rubbed out."""
    sent = browser_component("rub")(
        key=key,
        data={
            "picture": f"data:image/jpeg;base64,{base64.b64encode(to_jpeg(rgb)).decode()}",
            "of": of,
            "cells": side,
            "grey": grey,
        },
        on_rubbed_change=lambda: None,
    )
    return cells_of(getattr(sent, "rubbed", None), of, side)


def cells_of(sent: Any, of: str, side: int) -> list[int]:
    """The cells that the browser says were rubbed out; none where it says something else, or speaks of another
    picture."""
    if not isinstance(sent, dict) or sent.get("of") != of or not isinstance(cells := sent.get("cells"), list):
        return []
    if len(cells) > side**2:
        return []
    return [cell for cell in cells if type(cell) is int and 0 <= cell < side**2]
