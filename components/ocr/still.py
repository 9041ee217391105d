"""A photo from the camera that is on: as large as the camera can, where its video is small."""

import base64
from typing import Any

import numpy as np

from components.layout import browser_component
from components.ocr.sheets import MAX_PIXELS, MAX_SIDE
from components.web.messages import PASTED_BYTES
from models.errors import BadImage
from models.pictures.images import open_image
from models.settings import settings


def still_button(key: str, *, playing: bool) -> str | None:
    """The button; what the browser sends after a press, once: a picture as a data: address, "" where it got none."""
    sent = browser_component("still")(
        key=key, data={"playing": playing, "maxBytes": _most_bytes()}, on_picture_change=lambda: None
    )
    picture: Any = getattr(sent, "picture", None)
    return picture if isinstance(picture, str) else None


def opened(sent: str) -> np.ndarray | None:
    """The picture that was sent, RGB uint8 (H, W, 3); None for what is none."""
    try:
        data = base64.b64decode(sent.partition(",")[2], validate=True)
        return open_image(data, name="photo", max_bytes=_most_bytes(), max_pixels=MAX_PIXELS, max_side=MAX_SIDE)
    except (ValueError, BadImage):
        return None


def _most_bytes() -> int:
    return min(settings().upload_mb * 1_000_000, PASTED_BYTES)
