"""The fake camera: VP8 packets encoded once, so that a client costs almost no CPU.

A film has 225 frames of 640×480 and pans over scikit-image pictures, 75 frames each. `things` has three that
EfficientNet-Lite0 names without doubt; when a scene's label reaches the page is then a measure of lag. `person`
has one, for the pose tracker: head and shoulders, as before a laptop; `page` one, six printed lines. The top 32 rows
hold 16 black or white blocks: the frame's number and a check on it. They survive VP8 and smaller pictures.
"""

import asyncio
import fractions
import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import av
import cv2
import numpy as np
import skimage.data
from aiortc import MediaStreamTrack

from tests.bench import CACHE

WIDTH, HEIGHT = 640, 480
BITRATE = 1_000_000  # bits per second, about what a browser sends for this size
FRAMES, SCENE_FRAMES, KEYFRAME_EVERY = 225, 75, 25
CLOCK_RATE = 90_000  # RTP ticks per second
_BLOCKS, _STRIP, _NUMBER_BITS = 16, 32, 9
_PAN = 40  # pixels by which a scene is larger than a frame


@dataclass(frozen=True)
class Film:
    """What the camera sees. `scenes`: scikit-image's name of a picture → words that the page has only for it."""

    scenes: dict[str, str]
    stretched: bool  # over the whole frame; else in its own proportions, with nothing of it under the blocks

    @property
    def labels(self) -> tuple[str, ...]:
        """Lower case, in the order the scenes are shown."""
        return tuple(self.scenes.values())


FILMS = {
    "things": Film({"chelsea": "egyptian cat", "coffee": "espresso", "camera": "tripod"}, stretched=True),
    "person": Film({"astronaut": ">1 person<"}, stretched=False),
    "page": Film({"page": "markers"}, stretched=True),
}


def _code(number: int) -> int:
    """16 bits: a 1, nine of the number, its low five inverted as a check, a 0. The ends tell a mirror image."""
    return 1 | number << 1 | (~number & 0x1F) << (1 + _NUMBER_BITS)


def read_number(luma: np.ndarray) -> int | None:
    """The frame number (0…224) in a grey picture uint8 (H, W), small or mirrored too; None if unreadable."""
    height, width = luma.shape
    row = luma[height * _STRIP // (2 * HEIGHT)]
    edges = [int(width * block / _BLOCKS) for block in range(_BLOCKS + 1)]
    margin = width // (3 * _BLOCKS)  # VP8 smears the edges
    levels = [row[a + margin : b - margin].mean() for a, b in itertools.pairwise(edges)]
    if any(abs(level - 128) < 30 for level in levels):
        return None
    bits = [int(level > 128) for level in levels]
    bits = bits if bits[0] else bits[::-1]
    code = sum(bit << place for place, bit in enumerate(bits))
    number = code >> 1 & ((1 << _NUMBER_BITS) - 1)
    return number if number < FRAMES and code == _code(number) else None


def _scene(name: str, stretched: bool) -> np.ndarray:
    """What the camera pans over, RGB uint8 (520, 680, 3)."""
    picture = getattr(skimage.data, name)()
    picture = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    width, height = WIDTH + _PAN, HEIGHT + _PAN
    if stretched:
        return cv2.resize(picture, (width, height))
    whole = cv2.resize(picture, (width, round(width * picture.shape[0] / picture.shape[1])))
    return cv2.copyMakeBorder(whole, _STRIP + 2 + _PAN, 0, 0, 0, cv2.BORDER_REPLICATE)[:height]


def pictures(film: str = "things") -> Iterator[np.ndarray]:
    """Yield the 225 frames, RGB uint8 (480, 640, 3)."""
    scenes = [_scene(name, FILMS[film].stretched) for name in FILMS[film].scenes]
    for number in range(FRAMES):
        angle = 2 * np.pi * number / SCENE_FRAMES
        x, y = int(20 + 19 * np.cos(angle)), int(20 + 19 * np.sin(angle))
        frame = scenes[number // SCENE_FRAMES % len(scenes)][y : y + HEIGHT, x : x + WIDTH].copy()
        frame[: _STRIP + 2] = 128
        for block in range(_BLOCKS):
            left, right = block * WIDTH // _BLOCKS, (block + 1) * WIDTH // _BLOCKS
            frame[:_STRIP, left:right] = 235 if _code(number) >> block & 1 else 16
        yield frame


def _encode(fps: int, film: str, height: int) -> list[bytes]:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH * height // HEIGHT, height, "yuv420p"
    bitrate = BITRATE * height**2 // HEIGHT**2
    encoder.bit_rate, encoder.gop_size = bitrate, KEYFRAME_EVERY
    encoder.time_base = fractions.Fraction(1, fps)
    encoder.options = {
        "cpu-used": "-4",
        "deadline": "realtime",
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        "keyint_min": str(KEYFRAME_EVERY),
        "bufsize": str(bitrate),
        "minrate": str(bitrate),
        "maxrate": str(bitrate),
    }
    packets = []
    for number, picture in enumerate(pictures(film)):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(encoder.width, encoder.height, format="yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    if len(packets) != FRAMES:
        raise RuntimeError(f"expected one VP8 packet for each of {FRAMES} frames, got {len(packets)}")
    return packets


def packets(fps: int, film: str = "things", height: int = HEIGHT) -> list[bytes]:
    """The 225 VP8 packets, the first a keyframe, from `.cache/bench/`; encoded there the first time."""
    path = CACHE / f"camera-v4-{film}-{fps}fps{f'-{height}' if height != HEIGHT else ''}.npz"
    if not path.exists():
        encoded = _encode(fps, film, height)
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{os.getpid()}-{path.name}")
        sizes = np.array([len(packet) for packet in encoded])
        np.savez(partial, sizes=sizes, data=np.frombuffer(b"".join(encoded), np.uint8))
        partial.replace(path)
    with np.load(path, allow_pickle=False) as stored:
        return [part.tobytes() for part in np.split(stored["data"], stored["sizes"].cumsum()[:-1])]


class Camera(MediaStreamTrack):
    """A video track: the packets at `fps`, for ever. `sent[i]` is when frame i left, time.monotonic(). `small` are the
    same frames in half the size, sent from the next keyframe on while `is_small`."""

    kind = "video"

    def __init__(self, encoded: list[bytes], fps: float, small: list[bytes] | None = None) -> None:
        super().__init__()
        self.encoded, self.small, self.fps = encoded, small or encoded, fps
        self.is_small = False
        self.sent: list[float] = []
        self.late = 0  # frames sent over half a second late: the client itself is overloaded
        self._due: float | None = None
        self._began = 0.0
        self._now = encoded

    async def recv(self) -> av.Packet:
        number = len(self.sent)
        if self._due is None:
            self._began = self._due = time.monotonic()
        if (wait := self._due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        self.late += wait < -0.5
        if number % KEYFRAME_EVERY == 0:
            self._now = self.small if self.is_small else self.encoded
        packet = av.Packet(self._now[number % FRAMES])
        packet.pts = round((self._due - self._began) * CLOCK_RATE)
        packet.time_base = fractions.Fraction(1, CLOCK_RATE)
        self.sent.append(time.monotonic())
        self._due += 1 / self.fps
        return packet
