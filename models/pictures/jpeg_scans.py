"""How often a JPEG goes over its picture: a progressive one does so in about ten scans, a hostile one in thousands.

A scan may be ten bytes and still costs a pass over all pixels: 129 KB can keep a processor busy for seconds, 20 MB for
half an hour. Counted by the markers (ITU-T T.81, annex B), before anything is decoded, as libjpeg would meet them.
"""

import re
from collections.abc import Iterator

from PIL import Image

MAX_SCANS = 100
"""Encoders that search for the smallest file come to about 30 (mozjpeg at most to 64)."""

MAX_PIXELS_SCANNED = 2_000_000_000
"""Pixels times scans: up to some seconds."""

_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_SCAN, _END = 0xDA, 0xD9
_ALONE = (0x01, *range(0xD0, 0xD9))  # markers without a length
_COMPRESSION, _OFFSETS, _COUNTS = 259, (273, 324), (279, 325)  # TIFF's tags, of strips and of tiles
_JPEG_IN_TIFF = (6, 7)


def scans(jpeg: bytes) -> int:
    """How many scans a decoder would meet; it stops counting above MAX_SCANS."""
    found, at = 0, 2
    while found <= MAX_SCANS and (marker := _MARKER.search(jpeg, at)):
        kind, at = marker[1][0], marker.end()
        if kind == _END:
            break
        found += kind == _SCAN
        if kind not in _ALONE:
            at += max(2, int.from_bytes(jpeg[at : at + 2], "big"))
    return found


def is_costly(image: Image.Image, data: bytes) -> bool:
    """Whether decoding `image`, opened from `data` but neither decoded nor set to a smaller size yet, would pass over
    too many pixels too often."""
    most = max((scans(part) for part in _jpegs(image, data)), default=0)
    return most > MAX_SCANS or (most > 1 and most * image.width * image.height > MAX_PIXELS_SCANNED)


def _jpegs(image: Image.Image, data: bytes) -> Iterator[bytes]:
    if image.format in ("JPEG", "MPO"):
        yield data
    tags = getattr(image, "tag_v2", {})
    if tags.get(_COMPRESSION) in _JPEG_IN_TIFF:
        for offsets, counts in zip(_OFFSETS, _COUNTS, strict=True):
            for offset, count in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False):
                yield data[offset : offset + count]
