"""Which script lines are written in, by Tesseract's script detection where that is installed. A guess."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytesseract
from PIL import Image
from pytesseract import Output, TesseractError

from models.ocr import tesseract

STRIP_HEIGHT, STRIP_MARGIN = 48, 24  # pixels of a line as shown to Tesseract, and around each
MIN_SCRIPT_CONFIDENCE = 2.0  # below this it took Georgian for Arabic
MIN_SCRIPT_LETTERS = 5
SCRIPT_LIMIT_S = 10
# The bundled network reads these, so that an unread line of them is blurred.
BUNDLED_SCRIPTS = {"Latin", "Fraktur", "Han", "Japanese", "Cyrillic,Latin"}


def script_of(strips: Sequence[np.ndarray]) -> str | None:
    """Such as "Cyrillic", of lines uint8 (h, w, 3) that stand upright; None where it cannot be told."""
    if not tesseract.available():
        return None
    page = Image.fromarray(_page(strips))
    settings = f"--psm 0 --dpi 200 -c min_characters_to_try={MIN_SCRIPT_LETTERS}"
    try:
        found = pytesseract.image_to_osd(page, config=settings, output_type=Output.DICT, timeout=SCRIPT_LIMIT_S)
    except (TesseractError, RuntimeError, OSError):  # too few letters, no data for it, too slow
        return None
    script = found.get("script", "")
    if found.get("script_conf", 0.0) < MIN_SCRIPT_CONFIDENCE or script in BUNDLED_SCRIPTS:
        return None
    return script or None


def _page(strips: Sequence[np.ndarray]) -> np.ndarray:
    """The lines below each other, dark on white, at one height."""
    lines = []
    for strip in strips:
        grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
        how = cv2.INTER_AREA if len(grey) > STRIP_HEIGHT else cv2.INTER_CUBIC
        line = cv2.resize(
            grey, (max(1, round(grey.shape[1] * STRIP_HEIGHT / len(grey))), STRIP_HEIGHT), interpolation=how
        )
        lines.append(255 - line if np.median(line) < 128 else line)
    width = max(line.shape[1] for line in lines) + 2 * STRIP_MARGIN
    page = np.full((STRIP_MARGIN + len(lines) * (STRIP_HEIGHT + STRIP_MARGIN), width), 255, np.uint8)
    for number, line in enumerate(lines):
        top = STRIP_MARGIN + number * (STRIP_HEIGHT + STRIP_MARGIN)
        page[top : top + STRIP_HEIGHT, STRIP_MARGIN : STRIP_MARGIN + line.shape[1]] = line
    return page
