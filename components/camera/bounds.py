"""How large and how often a camera's frames may be: what is beyond that is dropped before it is decoded.

Pages ask browsers for a size and a rate, but whoever sends need not keep to it. Reaches into aiortc's decoders; see
components/camera/patches.py, which does so after its version check.
"""

import time
from collections.abc import Callable
from typing import Any

from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from av import FFmpegError

# mypy: disable-error-code="method-assign"

MAX_PIXELS = 1920 * 1200  # pages ask for 1280×720 at most, and a browser may know only larger ones
MAX_FRAMES_PER_S = 120  # pages ask for 60 at most; after a gap in the network some come at once
KEY_FRAME = b"\x9d\x01\x2a"  # then two bytes each of width and height (RFC 6386 section 9.1)


class Bounds:
    """Of one stream. `admits` says of each frame whether it is to be decoded."""

    def __init__(self) -> None:
        self._began, self._count, self._is_too_large = time.monotonic(), 0, False

    def admits(self, pixels: int | None) -> bool:
        """`pixels` of a frame that others build on, where they are known; those others fall with it."""
        if pixels is not None:
            self._is_too_large = pixels > MAX_PIXELS
        now = time.monotonic()
        if now - self._began >= 1:
            self._began, self._count = now, 0
        self._count += 1
        return self._count <= MAX_FRAMES_PER_S and not self._is_too_large


def vp8_pixels(data: bytes) -> int | None:
    """The size that a VP8 key frame announces; None for another frame."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != KEY_FRAME:
        return None
    width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return width * height


def bound_decoding() -> Callable[[], None]:
    """Put the bounds before aiortc's decoders. Returns a function that takes them out again."""
    vp8, h264 = Vp8Decoder.decode, H264Decoder.decode

    def decode_vp8(self: Any, encoded_frame: Any) -> list[Any]:
        return vp8(self, encoded_frame) if _bounds(self).admits(vp8_pixels(encoded_frame.data)) else []

    def decode_h264(self: Any, encoded_frame: Any) -> list[Any]:
        if not self.codec.is_open:
            self.codec.options = {"max_pixels": str(MAX_PIXELS)}  # its decoder asks by itself, before it decodes
        if not _bounds(self).admits(None):
            return []
        try:
            return h264(self, encoded_frame)
        except FFmpegError:
            if self.codec.width * self.codec.height > MAX_PIXELS:
                return []  # without a line in the log for each
            raise

    Vp8Decoder.decode, H264Decoder.decode = decode_vp8, decode_h264

    def undo() -> None:
        Vp8Decoder.decode, H264Decoder.decode = vp8, h264

    return undo


def _bounds(decoder: Any) -> Bounds:
    bounds: Bounds = decoder.__dict__.setdefault("_limelight_bounds", Bounds())
    return bounds
