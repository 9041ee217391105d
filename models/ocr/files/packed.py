"""A reading as a session saves it: its picture packed, so that thirty pages take megabytes and not gigabytes."""

import itertools
import threading
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from models.ocr.boxes import Detection, Reading
from models.pictures.arrays import thumbnail
from models.pictures.images import open_image, to_jpeg

MAX_HEAT_SIDE = 800  # pixels: the heat map is only shown
JPEG_QUALITY = 92
_NO_PICTURE = np.zeros((0, 0, 3), np.uint8)


class PackedReading:
    """One reading, its picture as JPEG. Never changes. `bare` is the reading without its picture, at no cost."""

    def __init__(self, reading: Reading) -> None:
        height, width = reading.rgb.shape[:2]
        self.size_wh = width, height
        self._picture = to_jpeg(reading.rgb, JPEG_QUALITY)
        self.bare = replace(reading, rgb=_NO_PICTURE, detection=_small(reading.detection))

    @property
    def nbytes(self) -> int:
        """Of the picture and the heat map."""
        return len(self._picture) + (self.bare.detection.heat.nbytes if self.bare.detection else 0)

    def unpacked(self) -> Reading:
        """The reading with its picture, which is decoded for it."""
        width, height = self.size_wh
        rgb = open_image(
            self._picture, max_bytes=len(self._picture), max_pixels=width * height, max_side=max(width, height)
        )
        return replace(self.bare, rgb=rgb)


class OpenReadings:
    """The readings shown last, with their pictures: a page runs again at every press, and decoding takes longest. At
    most `budget_bytes` for all sessions, but always the newest; one that no session has any more is dropped.
    Thread-safe."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._lock = threading.Lock()
        self._uses = itertools.count()
        # with the number of the last use
        self._open: WeakKeyDictionary[PackedReading, tuple[int, Reading]] = WeakKeyDictionary()

    def get(self, packed: PackedReading) -> Reading:
        """The same object for as long as it stays open."""
        with self._lock:
            known = self._open.get(packed)
        reading = known[1] if known else packed.unpacked()
        with self._lock:
            if (other := self._open.get(packed)) is not None:
                reading = other[1]
            self._open[packed] = next(self._uses), reading
            while len(self._open) > 1 and self.nbytes > self._budget:
                oldest = min(list(self._open.items()), key=lambda item: item[1][0])[0]
                del self._open[oldest]
        return reading

    @property
    def nbytes(self) -> int:
        """Of the open pictures."""
        return sum(reading.rgb.nbytes for _, reading in list(self._open.values()))


def _small(detection: Detection | None) -> Detection | None:
    if detection is None:
        return None
    return replace(detection, heat=thumbnail(detection.heat, MAX_HEAT_SIDE))
