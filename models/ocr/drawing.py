"""Pictures of the two stages: where text was found, and what was read there. All return a NEW uint8 (H, W, 3)."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from models.ocr.boxes import TextBox
from models.pictures.drawing import font_of

# the colours of assets/reader/reader.css, which differ for colour-blind eyes too
GOOD, WEAK = (122, 199, 12), (230, 97, 0)
PAPER, INK = (255, 255, 255), (20, 24, 16)


def outlined(
    rgb: np.ndarray, polygons: Sequence[np.ndarray], scores: Sequence[float], weak_below: float = 0.8
) -> np.ndarray:
    """The picture with each of `polygons`, (4, 2) in pixels, outlined; weak ones in orange."""
    drawn = np.array(rgb)
    width = max(1, round(max(rgb.shape[:2]) / 500))
    for polygon, score in zip(polygons, scores, strict=True):
        colour = GOOD if score >= weak_below else WEAK
        cv2.polylines(drawn, [np.rint(polygon).astype(np.int32)], True, colour, width, cv2.LINE_AA)
    return drawn


def retyped(boxes: Sequence[TextBox], size_wh: tuple[int, int], weak_below: float = 0.8) -> np.ndarray:
    """What was read, set in type on white paper where it stood; weak lines in orange. Letters that DejaVu Sans has
    not, such as Chinese ones, are drawn as frames."""
    width, height = size_wh
    paper = Image.new("RGB", (width, height), PAPER)
    for box in boxes:
        if not box.text.strip():
            continue
        line = _line(box, weak_below)
        x, y = box.polygon[0]
        paper.paste(line, (round(float(x)), round(float(y))), line.getchannel("A"))
    return np.array(paper)


def _line(box: TextBox, weak_below: float) -> Image.Image:
    """The line as a transparent picture, as long and high as its box and turned like it."""
    across, down = box.polygon[1] - box.polygon[0], box.polygon[3] - box.polygon[0]
    length, height = max(1, round(float(np.hypot(*across)))), max(1, round(float(np.hypot(*down))))
    font = font_of(max(4, round(0.72 * height)))
    left, top, right, bottom = (round(side) for side in font.getbbox(box.text))
    ink = Image.new("RGBA", (max(1, right - left), max(1, bottom - top)), (*PAPER, 0))
    colour = INK if box.score >= weak_below else WEAK
    ImageDraw.Draw(ink).text((-left, -top), box.text, colour, font=font)
    return ink.resize((length, max(1, min(height, round(ink.height * length / ink.width)))))
