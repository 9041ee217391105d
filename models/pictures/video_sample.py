"""A film of five seconds to try the video input on: a sample picture that sways before the camera."""

import io
import math
from functools import cache

import av
import cv2
import numpy as np

from models.pictures.variants import samples_of

SECONDS, FPS = 5, 15
SIDE = 480  # pixels


@cache
def sample_film() -> bytes:
    """MP4 (H.264), silent: one person who leans to both sides and comes nearer."""
    rgb = cv2.resize(samples_of("pose")["astronaut"].load(), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "26"})
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        for number in range(SECONDS * FPS):
            picture = _leaning(rgb, number / (SECONDS * FPS))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode())
    return file.getvalue()


def _leaning(rgb: np.ndarray, share: float) -> np.ndarray:
    """The picture at that share of the film."""
    turn, size = 12 * math.sin(2 * math.tau * share), 0.8 + 0.2 * share
    return cv2.warpAffine(
        rgb, cv2.getRotationMatrix2D((SIDE / 2, SIDE), turn, size), (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE
    )
