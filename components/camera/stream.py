"""The live camera: the only importer of streamlit_webrtc; of av beside it only the video files in models/.

A frame goes browser → aiortc → `LiveCamera.on_frame` (on a thread of a small pool), which converts it once to RGB,
offers it to every engine stream that listens, and, where the page draws on the picture, returns a new frame. Nothing
here waits for a model, and nothing in `on_frame` says `st.`.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import av
import cv2
import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_webrtc import (
    WebRtcMode,
    component,
    get_cloudflare_ice_servers,
    get_twilio_ice_servers,
    process,
    webrtc,
    webrtc_streamer,
)

from components.camera import patches, preview, renewal, wishing
from components.hosting.house import house
from components.hosting.runtime import visitor
from components.sharing import setting
from models.hosting import ice
from models.hosting.governor import UNLIMITED_FPS
from models.runtime.engine import Engine, Stream
from models.settings import settings

log = logging.getLogger(__name__)

Draw = Callable[[np.ndarray], np.ndarray]
"""Picture as the model sees it → a new one of the same size to show."""

SIZES = {"320×240": (320, 240), "640×480": (640, 480), "1280×720": (1280, 720)}
RATES = (5, 10, 15, 30)
FACING = {"user": "Front", "environment": "Rear"}


@dataclass(frozen=True)
class CameraSettings:
    """What the visitor chose: frames per second, size in pixels, which camera, mirrored; and whether the page sends
    pictures back."""

    fps: int
    size_wh: tuple[int, int]
    facing: str
    mirrored: bool
    returns: bool = False

    @property
    def constraints(self) -> dict[str, Any]:
        """For getUserMedia. `max` as well as `ideal`: some cameras ignore a wish that is not a limit."""
        width, height = self.size_wh
        return {
            "audio": False,
            "video": {
                "width": {"ideal": width, "max": width * 2},
                "height": {"ideal": height, "max": height * 2},
                "frameRate": {"ideal": self.fps, "max": self.fps},
                "facingMode": {"ideal": self.facing},
            },
        }


class Sink(Protocol):
    """What frames can be offered to: a Stream, or something like it. `offer` must neither wait nor raise."""

    def offer(self, rgb: np.ndarray) -> None:
        """A frame, uint8 (H, W, 3), that nobody writes to."""

    def close(self) -> None:
        """No more frames will come."""


class LiveCamera:
    """One session's camera on one page. The script thread writes its attributes, the frames' threads read them."""

    def __init__(self) -> None:
        self.streams: dict[str, Any] = {}  # Streams, and Sinks that were attached
        self.draw: Draw | None = None
        self.mirrored = self.playing = False
        self._due = 0.0
        self.link: preview.Link | None = None
        self.seconds = {"convert": 0.0, "draw": 0.0}
        self._failed = False

    def listen(self, name: str, engine: Engine, **options: Any) -> Stream:
        """Open a stream of `engine` that gets this camera's frames, under a name; one that is open is returned as is.
        `options` are those of `Engine.open`."""
        if name not in self.streams:
            # a new dict: on_frame may be reading the old one
            self.streams = {**self.streams, name: engine.open(**options)}
        return self.streams[name]

    def attach(self, name: str, sink: Sink) -> None:
        """Offer this camera's frames to something else than an engine's stream."""
        if self.streams.get(name) is not sink:
            self.streams = {**self.streams, name: sink}

    def only(self, *wanted: Sink | None) -> None:
        """Close every stream but these."""
        kept = {name: stream for name, stream in self.streams.items() if stream in wanted}
        closed, self.streams = [s for s in self.streams.values() if s not in wanted], kept
        for stream in closed:
            stream.close()

    def draw_with(self, draw: Draw) -> None:
        """Send back what `draw` makes of each picture: for a page whose camera returns them. It must be quick."""
        self.draw = draw

    def on_frame(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame callback: the frame to send back, which send-only streams drop. Never waits and never raises:
        streamlit-webrtc would freeze the video for good."""
        try:
            began = time.perf_counter()
            is_wanted, draw = self._wanted(began), self.draw
            if (draw is None and not is_wanted) or house().controls.now.paused:
                return frame
            rgb = rgb_from_frame(frame)
            self.seconds["convert"] = time.perf_counter() - began
            for stream in self.streams.values() if is_wanted else ():
                stream.offer(rgb)
            if draw is None:
                return frame
            began = time.perf_counter()
            shown = frame_from_rgb(draw(rgb))
            self.seconds["draw"] = time.perf_counter() - began
            return shown
        except Exception:
            if not self._failed:
                self._failed = True
                log.exception("a frame was passed on as it came; further failures are not logged")
            return frame

    def _wanted(self, now: float) -> bool:
        """Whether this frame is looked at: not while the presenter lets cameras rest, nor one that comes sooner than
        the server can have it. Browsers are asked to send no more; this is for those that do all the same."""
        if house().controls.now.paused:
            return False
        if (fps := house().caps.fps) >= UNLIMITED_FPS:
            return True
        if now < self._due:
            return False
        self._due = now + 0.7 / fps  # an early frame is no surplus
        return True


def rgb_from_frame(frame: av.VideoFrame) -> np.ndarray:
    """uint8 (H, W, 3). By OpenCV where it can: a frame's own conversion starts scaler threads."""
    if frame.format.name == "yuv420p" and frame.width % 2 == 0 and frame.height % 2 == 0:
        return cv2.cvtColor(frame.to_ndarray(), cv2.COLOR_YUV2RGB_I420)
    return frame.to_ndarray(format="rgb24")


def frame_from_rgb(rgb: np.ndarray) -> av.VideoFrame:
    """A new frame in the encoder's own format."""
    height, width = rgb.shape[:2]
    if width % 2 or height % 2:
        return av.VideoFrame.from_ndarray(rgb, format="rgb24")
    planes: Any = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def live_camera(
    key: str, *, settings_in: DeltaGenerator, returns: bool = False, rear: bool = False, veiled: bool = False
) -> LiveCamera:
    """Start and stop buttons, the visitor's own picture and a line that says how it stands; the settings' button goes
    into the container `settings_in`, which need not be near: on a phone the answer should be.

    Then attach engines with `LiveCamera.listen`. With `returns` the server sends pictures back, made by
    `LiveCamera.draw_with` and shown under the visitor's own: only where the picture is the result, for each costs the
    server 4 ms. `rear` begins with a rear camera, unmirrored; `veiled` shows black in place of the visitor's own
    picture. The same object comes back on every run of the session.
    """
    patches.apply(webrtc, process)
    cv2.setNumThreads(1)  # many streams share few cores: OpenCV's own threads only get in each other's way
    live: LiveCamera = st.session_state.setdefault(f"{key}/live", LiveCamera())
    with settings_in:
        choice = camera_settings(returns=returns, rear=rear, playing=live.playing)
    live.mirrored = choice.mirrored
    wish = wishing.of_session()
    preview.camera_preview(key, mirrored=choice.mirrored, veiled=veiled, begins=wish.begins, live=live)
    live.playing = _streamer(f"{key}/{'return' if returns else 'send'}", choice, live)
    wish.note(live.playing)
    if not house().camera(visitor(), live.playing):
        live.playing = False
        st.rerun()  # into photo mode: the camera goes off with its component
    return live


def camera_settings(*, playing: bool, returns: bool = False, rear: bool = False) -> CameraSettings:
    """The settings under one button, and in the address, so that a presenter can share them. What a running camera
    can't change is greyed out until it stops."""
    with st.popover("Camera settings", icon=":material/tune:"):
        facing = st.segmented_control(
            "Camera (on a phone)",
            list(FACING),
            default="environment" if rear else "user",
            format_func=FACING.__getitem__,
            **setting("facing"),
            disabled=playing,
        )
        sizes, rates = list(SIZES), sorted({*RATES, settings().camera_fps})
        size = st.selectbox(
            "Size", sizes, index=sizes.index(settings().camera_size), disabled=playing, **setting("size")
        )
        fps = st.selectbox(
            "Frames per second", rates, index=rates.index(settings().camera_fps), disabled=playing, **setting("fps")
        )
        mirrored = st.toggle("Mirror my picture", value=True, **setting("mirror"))
        if playing:
            st.caption("Stop the camera to change what is greyed out.")
    return CameraSettings(
        fps=fps,
        size_wh=SIZES[size],
        facing=facing or "user",
        mirrored=mirrored and facing != "environment",  # a mirror shows the one who looks into it
        returns=returns,
    )


def ice_servers() -> list[dict[str, Any]]:
    """This session's STUN and TURN servers, its own credentials among them; renewed well before they end. A service
    that does not answer is left out, and the log says so: on many networks cameras connect without."""
    kept: tuple[float, list[dict[str, Any]]] | None = st.session_state.get("camera/ice")
    if kept is None or time.time() > kept[0]:
        servers = [*settings().ice_servers, *ice.shared_secret_servers(settings()), *_of_services()]
        kept = st.session_state["camera/ice"] = (time.time() + 1800 * settings().turn_hours, servers)
    return kept[1]


def _of_services() -> list[dict[str, Any]]:
    given, servers = settings(), []
    try:
        if (key := given.cloudflare_turn_key) and given.cloudflare_turn_token:
            servers += get_cloudflare_ice_servers(key, given.cloudflare_turn_token.get_secret_value())
        if given.twilio_account_sid and given.twilio_auth_token:
            servers += get_twilio_ice_servers(given.twilio_account_sid, given.twilio_auth_token.get_secret_value())
    except Exception as error:  # whatever their helpers raise, a page goes on without
        log.warning("no TURN server from the service that the settings name: %s", type(error).__name__)
    return [dict(server) for server in servers]


def _streamer(key: str, choice: CameraSettings, live: LiveCamera) -> bool:
    """The one seam to streamlit-webrtc; page tests put a fake here. Whether the camera is playing."""
    patches.prepare_start(component, key, st.session_state)
    servers, policy = ice_servers(), {"iceTransportPolicy": "relay"} if settings().ice_relay_only else {}
    try:
        context = webrtc_streamer(
            key=key,
            mode=WebRtcMode.SENDRECV if choice.returns else WebRtcMode.SENDONLY,
            server_rtc_configuration={"iceServers": servers},  # explicit: unset, it asks outside services
            frontend_rtc_configuration={"iceServers": servers, **policy},
            media_stream_constraints=choice.constraints,
            video_frame_callback=live.on_frame,
            video_receiver_size=1,
            media_toggle_controls=False,
            video_html_attrs={"autoPlay": True, "playsInline": True, "muted": True, "style": {"width": "100%"}},
            translations={
                "start": preview.START,
                "stop": "Stop camera",
                "select_device": "Choose camera",
                "device_access_denied": "The camera is blocked for this page. Allow it in the browser's address bar.",
                "device_not_available": "No camera was found.",
                "media_api_not_available": "The browser gives the camera to secure pages only: HTTPS, or localhost.",
            },
        )
    except Exception as error:  # of a connection that could not be made; the browser tries again
        log.warning("a camera did not start: %s: %s", type(error).__name__, error)
        return False
    if settings().turn_urls and not context.state.playing:  # START uses what the browser got with the last run
        renewal.run_again(lambda: st.session_state["camera/ice"][0], 1800 * settings().turn_hours)
    return bool(context.state.playing)
