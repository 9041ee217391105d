"""What a client does with the pictures that come back: count them all, decode one client's to read the lag.

This touches aiortc's insides (checked with aiortc 1.16): its decoder thread, and its jitter buffer, which
gives out a frame only when the next begins. Browsers end it at the RTP marker bit; so does a client here.
"""

import time
from dataclasses import dataclass, field

import aiortc.rtcrtpreceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame

from tests.bench.camera import FRAMES, Camera, read_number


@dataclass
class Screen:
    """One client's returned video. `shown`: each new picture's (arrival, lag) in s of time.monotonic()."""

    camera: Camera
    decode: bool = False
    arrived: list[float] = field(default_factory=list)
    shown: list[tuple[float, float]] = field(default_factory=list)
    unreadable: int = 0
    size: tuple[int, int] | None = None  # (width, height) of the newest decoded picture
    _newest: int = -1  # absolute number of the newest picture shown: the camera's numbers repeat

    def show(self, frame) -> None:
        self.size = (frame.width, frame.height)
        number = read_number(frame.to_ndarray(format="gray"))
        if number is None:
            self.unreadable += 1
            return
        absolute = self._newest + (number - self._newest) % FRAMES
        if absolute >= len(self.camera.sent):
            self.unreadable += 1
        elif absolute != self._newest:
            now = time.monotonic()
            self.shown.append((now, now - self.camera.sent[absolute]))
            self._newest = absolute


_screens: dict[int, Screen] = {}  # by id() of the received track's queue: all a decoder thread is given


def attach(track, screen: Screen) -> None:
    """Send what a received aiortc track gets to this screen instead of to `track.recv()`."""
    _screens[id(track._queue)] = screen


def _decoder_worker(loop, input_q, output_q, decode_error) -> None:
    screen, decoder = _screens[id(output_q)], None
    while (task := input_q.get()) is not None:
        codec, encoded = task
        screen.arrived.append(time.monotonic())
        if screen.decode:
            decoder = decoder or aiortc.rtcrtpreceiver.get_decoder(codec)
            for frame in decoder.decode(encoded):
                screen.show(frame)


def _remove_frame(buffer: JitterBuffer, sequence_number: int) -> JitterFrame | None:
    packets = []
    for offset in range(buffer.capacity):
        packet = buffer._packets[(buffer._origin + offset) % buffer.capacity]
        if packet is None:
            return None
        if packets and packet.timestamp != packets[0].timestamp:  # the marker packet was lost
            break
        packets.append(packet)
        if packet.marker:
            break
    buffer.remove(len(packets))
    return JitterFrame(data=b"".join(packet._data for packet in packets), timestamp=packets[0].timestamp)


def behave_like_a_browser() -> None:
    """Patch aiortc in this process. A video client only: it would end audio frames wrongly."""
    aiortc.rtcrtpreceiver.decoder_worker = _decoder_worker
    JitterBuffer._remove_frame = _remove_frame
