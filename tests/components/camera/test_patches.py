"""What the patches change in the real libraries, and that each comes out again."""

import asyncio
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import av
import pytest
from aioice import Candidate, ice
from aiortc import MediaStreamTrack
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterBuffer
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from streamlit.runtime.app_session import AppSessionState
from streamlit_webrtc import component, process, webrtc
from streamlit_webrtc.component import WebRtcStreamerContext, WebRtcStreamerState

from components import versions
from components.camera import patches

ORIGINALS: list[tuple[Any, str]] = [
    (JitterBuffer, "_remove_frame"),
    (MediaRelay, "subscribe"),
    (Vp8Decoder, "decode"),
    (H264Decoder, "decode"),
    (ice, "get_host_addresses"),
    (ice.Connection, "add_remote_candidate"),
    (ice, "CONSENT_INTERVAL"),
    (webrtc, "AsyncVideoProcessTrack"),
    (webrtc.SessionShutdownObserver, "_polling_thread_impl"),
    (webrtc.WebRtcWorker, "process_offer"),
]


ORIGINAL_TRACK = webrtc.AsyncVideoProcessTrack


def parts() -> list[Any]:
    return [getattr(owner, name) for owner, name in ORIGINALS]


@pytest.fixture(autouse=True)
def libraries_as_they_came(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for owner, name in ORIGINALS:
        monkeypatch.setattr(owner, name, getattr(owner, name))  # put back at the end
    patches.apply.cache_clear()
    yield
    patches.apply.cache_clear()


def packet(number: int, timestamp: int, data: bytes, *, marker: bool = False) -> RtpPacket:
    made = RtpPacket(sequence_number=number % 65536, timestamp=timestamp, marker=marker)
    made._data = data
    return made


FRAMES = [
    packet(10, 3000, b"a"),
    packet(11, 3000, b"b", marker=True),
    packet(12, 6000, b"c"),
    packet(13, 6000, b"d"),
    packet(14, 6000, b"e", marker=True),
]


def received(packets: list[RtpPacket], *, is_video: bool = True) -> list[bytes | None]:
    """After each packet: the frame that was complete with it, or None."""
    buffer = JitterBuffer(capacity=16, is_video=is_video)
    frames = [buffer.add(packet)[1] for packet in packets]
    return [None if frame is None else frame.data for frame in frames]


def test_a_video_frame_is_out_at_its_marker_and_without_the_patch_only_with_the_next_frame() -> None:
    assert received(FRAMES) == [None, None, b"ab", None, None]
    undo = patches.end_frame_at_marker()
    assert received(FRAMES) == [None, b"ab", None, None, b"cde"]
    undo()
    assert received(FRAMES) == [None, None, b"ab", None, None]


def test_a_frame_whose_marker_was_lost_ends_with_the_next_timestamp() -> None:
    patches.end_frame_at_marker()
    unmarked = [packet(10, 3000, b"a"), packet(11, 3000, b"b"), *FRAMES[2:]]
    assert received(unmarked) == [None, None, b"ab", None, b"cde"]


def test_a_lost_packet_holds_its_frame_back_until_it_comes() -> None:
    patches.end_frame_at_marker()
    first, second, third, fourth, fifth = FRAMES
    assert received([first, second, third, fifth]) == [None, b"ab", None, None]
    assert received([first, second, third, fifth, fourth]) == [None, b"ab", None, None, b"cde"]


def test_frames_that_were_held_back_come_one_by_one_in_order() -> None:
    patches.end_frame_at_marker()
    first, second, *rest = FRAMES
    following = packet(15, 9000, b"f", marker=True)
    assert received([first, *rest, second, following]) == [None, None, None, None, b"ab", b"cde"]


def test_sequence_numbers_wrap_around() -> None:
    patches.end_frame_at_marker()
    packets = [
        packet(65535, 3000, b"a"),
        packet(65536, 3000, b"b", marker=True),
        packet(65537, 6000, b"c", marker=True),
    ]
    assert received(packets) == [None, b"ab", b"c"]


def test_sound_is_taken_out_as_before() -> None:
    before = received(FRAMES, is_video=False)
    patches.end_frame_at_marker()
    assert received(FRAMES, is_video=False) == before


class Numbers(MediaStreamTrack):
    """A track whose frames are numbers that the test puts in."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.coming: asyncio.Queue[int] = asyncio.Queue()

    async def recv(self) -> Any:
        number = await self.coming.get()
        self.coming.task_done()
        return number


async def second_frame_of_a_slow_consumer(kind: str) -> int:
    source = Numbers(kind)
    relayed = MediaRelay().subscribe(source)
    source.coming.put_nowait(1)
    assert await relayed.recv() == 1  # type: ignore[comparison-overlap]
    for number in (2, 3, 4, 5, 6):
        source.coming.put_nowait(number)
    await source.coming.join()
    await asyncio.sleep(0)  # the relay hands the last one over
    answer: Any = await asyncio.wait_for(relayed.recv(), 120)
    relayed.stop()
    return answer


def test_a_relay_of_video_gives_a_slow_consumer_the_newest_frame() -> None:
    assert asyncio.run(second_frame_of_a_slow_consumer("video")) == 2
    undo = patches.keep_only_newest_frame()
    assert asyncio.run(second_frame_of_a_slow_consumer("video")) == 6
    assert asyncio.run(second_frame_of_a_slow_consumer("audio")) == 2, "sound must not have gaps"
    undo()
    assert asyncio.run(second_frame_of_a_slow_consumer("video")) == 2


async def accepted(*hosts: str) -> list[str]:
    connection = ice.Connection(ice_controlling=True)
    for host in hosts:
        await connection.add_remote_candidate(Candidate("1", 1, "udp", 1, host, 5000, "host"))
    await connection.add_remote_candidate(None)  # the end of the list
    return [candidate.host for candidate in connection.remote_candidates]


def test_over_loopback_nothing_else_is_offered_or_accepted() -> None:
    undo = patches.connect_over_loopback()
    assert ice.get_host_addresses(True, True) == ["127.0.0.1"]
    assert asyncio.run(accepted("192.168.1.5", "127.0.0.1", "203.0.113.9")) == ["127.0.0.1"]
    undo()
    assert "127.0.0.1" not in ice.get_host_addresses(True, True)
    assert asyncio.run(accepted("192.168.1.5", "127.0.0.1")) == ["192.168.1.5", "127.0.0.1"]


class Frames(MediaStreamTrack):
    """A track of small pictures, numbered by their time stamps."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.pts = 0

    async def recv(self) -> Any:
        self.pts += 1000
        frame = av.VideoFrame(16, 16, "yuv420p")
        frame.pts, frame.time_base = self.pts, Fraction(1, 90000)
        return frame


def test_frames_are_processed_off_the_loop_at_the_same_time_and_the_one_that_came_goes_back() -> None:
    undo = patches.process_frames_in_pool(webrtc, process)
    together = threading.Barrier(2)

    def draw(frame: av.VideoFrame) -> av.VideoFrame:
        together.wait(120)  # passes only when both streams are inside at once
        return av.VideoFrame(32, 32, "yuv420p")

    async def both() -> list[Any]:
        tracks = [webrtc.AsyncVideoProcessTrack(Frames(), SimpleNamespace(recv=draw)) for _ in range(2)]
        shown: list[Any] = []
        for _ in range(2):
            shown += await asyncio.gather(*(track.recv() for track in tracks))
        for track in tracks:
            track.stop()
            assert track.track.readyState == "ended"
            with pytest.raises(MediaStreamError):
                await track.recv()
        return shown

    shown = asyncio.run(both())
    assert [(frame.width, frame.pts, frame.time_base) for frame in shown] == [
        (32, pts, Fraction(1, 90000)) for pts in (1000, 1000, 2000, 2000)
    ]
    undo()
    assert webrtc.AsyncVideoProcessTrack is ORIGINAL_TRACK


def test_a_browser_that_vanished_is_noticed_sooner() -> None:
    before = ice.CONSENT_INTERVAL * ice.CONSENT_FAILURES
    undo = patches.notice_lost_peers()
    assert before > ice.CONSENT_INTERVAL * ice.CONSENT_FAILURES
    undo()
    assert before == ice.CONSENT_INTERVAL * ice.CONSENT_FAILURES


def test_apply_patches_the_versions_that_are_installed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LIMELIGHT_ICE_LOOPBACK", "true")
    before = parts()
    with caplog.at_level(logging.WARNING):
        patches.apply(webrtc, process)
    assert all(now != then for now, then in zip(parts(), before, strict=True))
    assert not caplog.records
    after = parts()
    patches.apply(webrtc, process)
    assert parts() == after, "once per process"


def test_settings_leave_the_marker_and_loopback_patches_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMELIGHT_END_FRAME_AT_MARKER", "false")
    monkeypatch.setenv("LIMELIGHT_ICE_LOOPBACK", "false")
    before = dict(zip(ORIGINALS, parts(), strict=True))
    patches.apply(webrtc, process)
    after = dict(zip(ORIGINALS, parts(), strict=True))
    unchanged = [name for (owner, name), part in after.items() if part == before[owner, name]]
    assert unchanged == ["_remove_frame", "get_host_addresses", "add_remote_candidate"]


@pytest.mark.parametrize("version", ["9.9", "1.1", "1.160.2", "0.130"])
def test_with_another_version_the_patches_stay_off_and_the_log_says_so(
    version: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(versions, "version", lambda package: version)
    monkeypatch.setenv("LIMELIGHT_ICE_LOOPBACK", "true")
    before = parts()
    with caplog.at_level(logging.WARNING):
        patches.apply(webrtc, process)
    assert parts() == before
    assert f"aiortc {version} is not the 1.16" in caplog.text
    assert f"aioice {version} is not the 0.13" in caplog.text
    assert f"streamlit-webrtc {version} is not the 0.79" in caplog.text


def test_the_start_race_is_cured_by_forgetting_the_run_that_rendered_last() -> None:
    context = SimpleNamespace(_last_rendered_run_count=5)
    patches.cure_start_race(context)
    assert context._last_rendered_run_count is None
    for other in (None, object(), 7, {}):
        patches.cure_start_race(other)


class Session:
    """As much of Streamlit's as a stream's watchman looks at."""

    id, _state = "session", AppSessionState.APP_IS_RUNNING

    def __init__(self, page: str) -> None:
        self._client_state = SimpleNamespace(page_script_hash=page)


@pytest.fixture
def watched() -> Iterator[Callable[[Session], threading.Event]]:
    """Has a watchman look at that session for a stream of the page "classifier"; the event is the stream's end."""
    observers: list[tuple[Any, threading.Thread]] = []

    def watch(session: Session) -> threading.Event:
        ended = threading.Event()
        observer = webrtc.SessionShutdownObserver(ended.set)
        thread = threading.Thread(
            target=observer._polling_thread_impl, args=(weakref.ref(session), "classifier"), daemon=True
        )
        thread.start()
        observers.append((observer, thread))
        return ended

    yield watch
    for observer, thread in observers:
        observer._polling_thread_stop_event.set()
        thread.join(120)


def test_streamlit_webrtc_still_takes_a_late_arrival_for_a_visitor_who_left(watched: Any) -> None:
    assert watched(Session("home")).wait(120)


def test_a_stream_is_not_ended_before_its_page_is_known_and_is_when_it_was_left(watched: Any) -> None:
    undo = patches.wait_for_arrival(webrtc)
    session = Session("home")
    ended = watched(session)
    assert not ended.wait(1.5), "longer than the watchman's round"
    session._client_state.page_script_hash = "classifier"
    assert not ended.wait(1.5)
    session._client_state.page_script_hash = "pose"
    assert ended.wait(120)
    undo()
    assert watched(Session("home")).wait(120)


@pytest.mark.parametrize("how", ["the session ends", "the page never comes"])
def test_a_stream_whose_page_is_never_known_ends_all_the_same(
    watched: Any, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patches.wait_for_arrival(webrtc)
    session = Session("home")
    if how == "the session ends":
        session._state = AppSessionState.SHUTDOWN_REQUESTED
    else:
        monkeypatch.setattr(patches, "ARRIVES_S", 0.1)
    assert watched(session).wait(120)


class Worker:
    """A stream on the server."""

    backend, stopped = "aiortc", False

    def stop(self) -> None:
        self.stopped = True


def test_a_new_offer_lets_go_of_the_stream_of_the_one_before_and_no_other_run_does() -> None:
    context: Any = WebRtcStreamerContext(None, WebRtcStreamerState(playing=False, signalling=True))
    worker, value = Worker(), {"playing": False, "sdpOffer": {"sdp": "first", "type": "offer"}}
    state = {"camera": context, component.generate_frontend_component_key("camera"): value}
    patches.answer_each_offer(component, "camera", {})
    patches.answer_each_offer(component, "camera", state)
    context._set_worker(worker)
    context._sdp_answer_json = "the first answer"
    patches.answer_each_offer(component, "camera", state)  # a run for another reason
    value |= {"playing": True, "sdpOffer": ""}
    patches.answer_each_offer(component, "camera", state)  # it plays
    assert context._get_worker() is worker and context._sdp_answer_json and not worker.stopped
    value |= {"playing": False, "sdpOffer": {"sdp": "second", "type": "offer"}}
    patches.answer_each_offer(component, "camera", state)
    assert worker.stopped and context._get_worker() is None and context._sdp_answer_json is None
    assert context.state.signalling, "else streamlit-webrtc takes the new one for stopped"


def test_an_offer_may_take_a_busy_loop_longer_than_streamlit_webrtc_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []
    monkeypatch.setattr(webrtc.WebRtcWorker, "process_offer", lambda self, sdp, type_, timeout: waits.append(timeout))
    undo = patches.give_answers_time(webrtc)
    worker = object.__new__(webrtc.WebRtcWorker)
    for timeout in (10, 99, None):
        worker.process_offer("sdp", "offer", timeout=timeout)
    assert waits == [patches.ANSWERS_S, 99, None] and patches.ANSWERS_S > 10
    undo()
    worker.process_offer("sdp", "offer", timeout=10)
    assert waits[-1] == 10
