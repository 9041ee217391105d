"""Everything that reaches into the video libraries' internals, each for one measured reason, behind one version check.

Tested against the versions in components/versions.py. With another one the patch stays off and the log
says so: the camera then works as the libraries made it, a little slower.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from aioice import ice
from aiortc import jitterbuffer
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError

from components.camera.bounds import bound_decoding
from components.versions import is_known
from models.settings import settings

# mypy: disable-error-code="method-assign, assignment"

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
ARRIVES_S, LOOK_S = 15.0, 0.05  # a busy event loop needs seconds to note that a page's script has started
ANSWERS_S = 30.0  # … and to answer an offer
_knows_streamer = False


@cache
def apply(webrtc: Any, process: Any) -> None:
    """Put the patches in place, once per process. `webrtc` and `process` are those modules of streamlit_webrtc, which
    only components/camera/stream.py imports."""
    if is_known("aiortc"):
        keep_only_newest_frame()
        bound_decoding()
        if settings().end_frame_at_marker:
            end_frame_at_marker()
    if is_known("aioice"):
        notice_lost_peers()
        if settings().ice_loopback:
            connect_over_loopback()
    global _knows_streamer
    if _knows_streamer := is_known("streamlit-webrtc"):
        process_frames_in_pool(webrtc, process)
        wait_for_arrival(webrtc)
        give_answers_time(webrtc)


def knows_streamer() -> bool:
    """Whether streamlit-webrtc is the one that we reach into, on the server and in its frame in the browser."""
    return _knows_streamer


def process_frames_in_pool(webrtc: Any, process: Any) -> Callable[[], None]:
    """Run the frame callbacks of all streams on a few threads, and send back the very frame that came in.

    streamlit-webrtc has a thread and an event loop per stream, never closes that loop's three files, sends each frame
    back one frame late (67 ms at 15 per second), and when a stream stops waits for its thread on the loop that all
    streams share. Here the loop waits for nobody; while a callback runs, the relay keeps the newest frame. Callbacks
    must be short, as ours are. Returns a function that takes the patch out again.
    """
    original = webrtc.AsyncVideoProcessTrack
    pool = ThreadPoolExecutor(max_workers=(os.cpu_count() or 2) + 2, thread_name_prefix="frames")

    class PooledVideoProcessTrack(process.VideoProcessTrack):
        async def recv(self) -> Any:
            if self.readyState != "live":
                raise MediaStreamError
            frame = await self.track.recv()
            shown = await asyncio.get_running_loop().run_in_executor(pool, self.processor.recv, frame)
            shown.pts, shown.time_base = frame.pts, frame.time_base
            return shown

        def stop(self) -> None:
            super().stop()
            self.track.stop()

    webrtc.AsyncVideoProcessTrack = PooledVideoProcessTrack

    def undo() -> None:
        webrtc.AsyncVideoProcessTrack = original
        pool.shutdown(wait=False)

    return undo


def end_frame_at_marker() -> Callable[[], None]:
    """End a video frame at the packet that carries the RTP marker bit (RFC 3550 section 5.1), as browsers do.

    aiortc waits for the first packet of the next frame instead, which costs a whole frame interval: 75 → 41 ms glass to
    glass at 30 fps. Returns a function that takes the patch out again.
    """
    original = jitterbuffer.JitterBuffer._remove_frame

    def remove_frame(self: Any, sequence_number: int) -> Any:
        if not self._is_video:
            return original(self, sequence_number)
        packets: list[Any] = []
        for count in range(self.capacity):
            packet = self._packets[(self._origin + count) % self._capacity]
            if packet is None:
                return None
            if packets and packet.timestamp != packets[0].timestamp:  # the marker was lost on the way
                return _take(self, packets, count)
            packets.append(packet)
            if packet.marker:
                return _take(self, packets, count + 1)
        return None

    jitterbuffer.JitterBuffer._remove_frame = remove_frame

    def undo() -> None:
        jitterbuffer.JitterBuffer._remove_frame = original

    return undo


def _take(buffer: Any, packets: list[Any], count: int) -> Any:
    frame = jitterbuffer.JitterFrame(data=b"".join(p._data for p in packets), timestamp=packets[0].timestamp)
    buffer.remove(count)
    return frame


def keep_only_newest_frame() -> Callable[[], None]:
    """Make every relay of video hold one frame instead of an unbounded queue, where backlog becomes lag.

    Returns a function that takes the patch out again.
    """
    original = MediaRelay.subscribe

    def subscribe(self: Any, track: Any, buffered: bool = True) -> Any:
        return original(self, track, buffered=buffered and track.kind != "video")

    MediaRelay.subscribe = subscribe

    def undo() -> None:
        MediaRelay.subscribe = original

    return undo


def notice_lost_peers() -> Callable[[], None]:
    """Ask every 2 seconds instead of every 5 whether the browser still wants to be heard (RFC 7675); six silences in a
    row end the stream, after 13 to 17 seconds instead of 30.

    A browser that was killed or lost its network says no goodbye: only this frees its stream, threads and sockets.
    Returns a function that takes the patch out again.
    """
    original = ice.CONSENT_INTERVAL
    ice.CONSENT_INTERVAL = 2

    def undo() -> None:
        ice.CONSENT_INTERVAL = original

    return undo


def connect_over_loopback() -> Callable[[], None]:
    """Offer and accept 127.0.0.1 alone: for a machine without any network, and for tests, where nothing may leave it.

    aioice leaves loopback out otherwise. Returns a function that takes the patch out again.
    """
    addresses, add = ice.get_host_addresses, ice.Connection.add_remote_candidate

    async def add_loopback(self: Any, candidate: Any) -> None:
        if candidate is None or candidate.host == LOOPBACK:
            await add(self, candidate)

    ice.get_host_addresses = lambda use_ipv4, use_ipv6: [LOOPBACK]
    ice.Connection.add_remote_candidate = add_loopback

    def undo() -> None:
        ice.get_host_addresses, ice.Connection.add_remote_candidate = addresses, add

    return undo


def wait_for_arrival(webrtc: Any) -> Callable[[], None]:
    """A stream's watchman takes nobody for having left a page on which Streamlit has not yet seen them arrive.

    streamlit-webrtc ends a stream when the session's page is another than the one whose script made it. Streamlit notes
    the page on its event loop, and on a busy machine only seconds later: who opened the page and pressed Start had the
    stream ended at once, with an error or in silence. Returns a function that takes the patch out again.
    """
    observer = webrtc.SessionShutdownObserver
    original = observer._polling_thread_impl

    def poll(self: Any, app_session_ref: Any, initial_page_script_hash: str) -> None:
        give_up = time.monotonic() + ARRIVES_S
        while True:
            # at first also a moment for the constructor that started this thread: its worker can't be stopped before
            if self._polling_thread_stop_event.wait(LOOK_S):
                return
            session = app_session_ref()
            if session is None or session._state.name == "SHUTDOWN_REQUESTED" or time.monotonic() > give_up:
                break
            if session._client_state.page_script_hash == initial_page_script_hash:
                break
        del session  # the original holds it no longer than it has to
        original(self, app_session_ref, initial_page_script_hash)

    observer._polling_thread_impl = poll

    def undo() -> None:
        observer._polling_thread_impl = original

    return undo


def give_answers_time(webrtc: Any) -> Callable[[], None]:
    """Wait ANSWERS_S for the event loop to answer an offer instead of 10 seconds.

    On a machine with much else to do 10 were not enough, and every new try began at the end of the same line. Returns a
    function that takes the patch out again.
    """
    original = webrtc.WebRtcWorker.process_offer

    def process_offer(self: Any, sdp: str, type_: str, timeout: float | None = None) -> Any:
        return original(self, sdp, type_, timeout=None if timeout is None else max(timeout, ANSWERS_S))

    webrtc.WebRtcWorker.process_offer = process_offer

    def undo() -> None:
        webrtc.WebRtcWorker.process_offer = original

    return undo


def prepare_start(component: Any, key: str, session_state: Any) -> None:
    """To be called right before `webrtc_streamer(key=key)`. `component` is that module of streamlit_webrtc."""
    if knows_streamer():
        cure_start_race(session_state.get(key))
        answer_each_offer(component, key, session_state)


def answer_each_offer(component: Any, key: str, session_state: Any) -> None:
    """Let go of the stream of an earlier offer when the browser has made a new one.

    The browser stops and starts again within a moment; a busy Streamlit runs the page once for both. streamlit-webrtc
    then keeps the old stream and never answers the new offer.
    """
    context, value = session_state.get(key), session_state.get(component.generate_frontend_component_key(key))
    if context is None or not value or not (offer := value.get("sdpOffer")):
        return
    earlier, context._limelight_offer = getattr(context, "_limelight_offer", None), offer
    if earlier not in (None, offer) and (context._get_worker() or context._sdp_answer_json):
        state = context.state
        component._reset_context(context)
        context._set_state(state)


def cure_start_race(context: Any) -> None:
    """Keep streamlit-webrtc 0.79 from tearing down a stream that has just connected.

    It judges a context orphaned by a run counter that Streamlit moves only when its loop flushes; two moves between
    two renders end a healthy stream. Page changes, which the check is for, are handled by its session observer.
    `context` is the streamer's entry in the session state from the last run, or None.
    """
    if context is not None and hasattr(context, "_last_rendered_run_count"):
        context._last_rendered_run_count = None
