"""Which script lines are written in, by Tesseract's script detection where that is installed. A guess, said as one."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytesseract
from PIL import Image
from pytesseract import Output, TesseractError

from models.ocr import tesseract

HEIGHT, PAPER = 48, 24  # pixels of a line as shown to it, and around each
MIN_CONFIDENCE = 2.0  # under which it took Georgian for Arabic
MIN_LETTERS = 5
LIMIT_S = 10
READ_ANYWAY = {"Latin", "Fraktur", "Han", "Japanese", "Cyrillic,Latin"}  # by the bundled network; then it is unsharp
UNICODE_NAMES = {"Hangul": "Korean"}


def script_of(strips: Sequence[np.ndarray]) -> str | None:
    """Such as "Cyrillic", of lines uint8 (h, w, 3) that stand upright; None where it cannot be told."""
    if not tesseract.available():
        return None
    page = Image.fromarray(_page(strips))
    settings = f"--psm 0 --dpi 200 -c min_characters_to_try={MIN_LETTERS}"
    try:
        found = pytesseract.image_to_osd(page, config=settings, output_type=Output.DICT, timeout=LIMIT_S)
    except (TesseractError, RuntimeError, OSError):  # too few letters, no data for it, too slow: then nobody knows
        return None
    script = found.get("script", "")
    return None if found.get("script_conf", 0.0) < MIN_CONFIDENCE or script in READ_ANYWAY else script or None


def _page(strips: Sequence[np.ndarray]) -> np.ndarray:
    """The lines below each other, dark on white, at one height."""
    lines = []
    for strip in strips:
        grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
        how = cv2.INTER_AREA if len(grey) > HEIGHT else cv2.INTER_CUBIC
        line = cv2.resize(grey, (max(1, round(grey.shape[1] * HEIGHT / len(grey))), HEIGHT), interpolation=how)
        lines.append(255 - line if np.median(line) < 128 else line)
    width = max(line.shape[1] for line in lines) + 2 * PAPER
    page = np.full((PAPER + len(lines) * (HEIGHT + PAPER), width), 255, np.uint8)
    for number, line in enumerate(lines):
        top = PAPER + number * (HEIGHT + PAPER)
        page[top : top + HEIGHT, PAPER : PAPER + line.shape[1]] = line
    return page
