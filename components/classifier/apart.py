"""Take a picture apart and watch the bars: cut it into pieces, rub parts of it out."""

import numpy as np

from components.pictures import Picture
from components.rubbing import rub
from components.sharing import choose
from models.pictures.arrays import thumbnail
from models.pictures.variants import GREY, in_pieces

PIECES = {"Whole": 1, "2×2": 2, "4×4": 4, "7×7": 7}
CELLS = 28  # a side: what can be rubbed out
SIDE = 640  # pixels: as it is shown


def take_apart(picture: Picture) -> np.ndarray:
    """Show the picture with the ways to take it apart; returns what is left of it, RGB uint8 (h, w, 3)."""
    how = choose("Cut it into pieces", PIECES, "cut")
    rgb = in_pieces(thumbnail(picture.rgb, SIDE), PIECES[how])
    return rubbed_out(rgb, rub(rgb, key="classifier/rub", of=f"{picture.key} {how}", side=CELLS, grey=GREY))


def rubbed_out(rgb: np.ndarray, cells: list[int]) -> np.ndarray:
    """A new picture with those cells of CELLS × CELLS in grey."""
    out = rgb.copy()
    height, width = rgb.shape[:2]
    for cell in cells:
        row, column = divmod(cell, CELLS)
        top, bottom = row * height // CELLS, (row + 1) * height // CELLS
        out[top:bottom, column * width // CELLS : (column + 1) * width // CELLS] = GREY
    return out
