"""Take a picture apart and watch the bars: cut it into pieces, rub parts of it out."""

import base64
from typing import Any

import numpy as np

from components.layout import browser_component
from components.pictures import Picture
from components.sharing import choose
from models.pictures.arrays import thumbnail
from models.pictures.images import to_jpeg
from models.pictures.variants import GREY, in_pieces

PIECES = {"Whole": 1, "2×2": 2, "4×4": 4, "7×7": 7}
CELLS = 28  # a side: what can be rubbed out
SIDE = 640  # pixels: as it is shown


def take_apart(picture: Picture) -> np.ndarray:
    """Show the picture with the ways to take it apart; returns what is left of it, RGB uint8 (h, w, 3)."""
    how = choose("Cut it into pieces", PIECES, "cut")
    rgb = in_pieces(thumbnail(picture.rgb, SIDE), PIECES[how])
    of = f"{picture.key} {how}"
    sent = browser_component("rub")(
        key="classifier/rub",
        data={
            "picture": f"data:image/jpeg;base64,{base64.b64encode(to_jpeg(rgb)).decode()}",
            "of": of,
            "cells": CELLS,
            "grey": GREY,
        },
        on_rubbed_change=lambda: None,
    )
    return rubbed_out(rgb, cells_of(getattr(sent, "rubbed", None), of))


def cells_of(sent: Any, of: str) -> list[int]:
    """The cells that the browser says were rubbed out, row by row from 0; none where it says something else, or speaks
    of another picture."""
    if not isinstance(sent, dict) or sent.get("of") != of or not isinstance(cells := sent.get("cells"), list):
        return []
    if len(cells) > CELLS**2:
        return []
    return [cell for cell in cells if type(cell) is int and 0 <= cell < CELLS**2]


def rubbed_out(rgb: np.ndarray, cells: list[int]) -> np.ndarray:
    """A new picture with those cells of CELLS × CELLS in grey."""
    out = rgb.copy()
    height, width = rgb.shape[:2]
    for cell in cells:
        row, column = divmod(cell, CELLS)
        top, bottom = row * height // CELLS, (row + 1) * height // CELLS
        out[top:bottom, column * width // CELLS : (column + 1) * width // CELLS] = GREY
    return out
