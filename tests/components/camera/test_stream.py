"""The live camera between the browser's frames and the engine, without a browser."""

import logging
from collections.abc import Callable

import av
import numpy as np
import pytest

from components.camera import stream as camera
from components.camera.stream import FACING, RATES, SIZES, CameraSettings, LiveCamera, frame_from_rgb, rgb_from_frame
from components.hosting.house import house
from models.hosting.governor import Caps
from models.runtime.engine import Engine
from models.settings import settings

Until = Callable[[Callable[[], object]], None]
RED, GREEN, BLUE = (220, 30, 40), (30, 200, 60), (20, 40, 210)


def picture(width: int, height: int) -> np.ndarray:
    """Three stripes, so large that halved chroma does not matter."""
    rgb = np.zeros((height, width, 3), np.uint8)
    for i, colour in enumerate((RED, GREEN, BLUE)):
        rgb[:, i * width // 3 : (i + 1) * width // 3] = colour
    return rgb


@pytest.mark.parametrize(("width", "height"), [(640, 480), (320, 240), (322, 242), (321, 240), (320, 241), (97, 61)])
def test_a_picture_survives_the_way_into_a_frame_and_back(width: int, height: int) -> None:
    rgb = picture(width, height)
    back = rgb_from_frame(frame_from_rgb(rgb))
    assert (back.shape, back.dtype) == (rgb.shape, np.uint8)
    for i in range(3):  # the middle of each stripe: at the edges chroma is shared
        x = (2 * i + 1) * width // 6
        assert np.abs(back[:, x].astype(int) - rgb[:, x].astype(int)).max() <= 6, "red is red, blue is blue"


@pytest.mark.parametrize("form", ["yuv420p", "rgb24", "bgr24", "yuvj420p", "nv12"])
def test_frames_of_any_format_are_seen_in_their_colours(form: str) -> None:
    frame = av.VideoFrame.from_ndarray(picture(320, 240), format="rgb24").reformat(format=form)
    rgb = rgb_from_frame(frame)
    for x, colour in ((53, RED), (160, GREEN), (266, BLUE)):
        assert np.abs(rgb[120, x].astype(int) - colour).max() <= 8


def test_an_even_picture_goes_out_in_the_encoders_own_format() -> None:
    assert frame_from_rgb(picture(320, 240)).format.name == "yuv420p"


@pytest.fixture
def seen() -> dict[str, list[np.ndarray]]:
    return {"a": [], "b": []}


def listening(seen: dict[str, list[np.ndarray]]) -> tuple[LiveCamera, dict[str, Engine]]:
    live, engines = LiveCamera(), {name: Engine(frames.append) for name, frames in seen.items()}
    for name, engine in engines.items():
        live.listen(name, engine)
    return live, engines


def test_a_frame_is_offered_to_every_stream_and_passed_on_as_it_is(
    seen: dict[str, list[np.ndarray]], until: Until
) -> None:
    live, _ = listening(seen)
    frame = frame_from_rgb(picture(320, 240))
    assert live.on_frame(frame) is frame
    until(lambda: seen["a"] and seen["b"])
    assert seen["a"][0].shape == (240, 320, 3)
    assert seen["a"][0] is seen["b"][0], "converted once"
    assert live.seconds["convert"] > 0
    live.only()


def test_where_the_page_draws_a_new_frame_goes_back(seen: dict[str, list[np.ndarray]], until: Until) -> None:
    live, _ = listening(seen)
    live.draw_with(lambda rgb: 255 - rgb)
    frame = frame_from_rgb(picture(320, 240))
    shown = live.on_frame(frame)
    assert shown is not frame
    assert np.abs(rgb_from_frame(shown)[:, 53].astype(int) - (255 - np.array(RED))).max() <= 8
    assert np.abs(rgb_from_frame(frame)[:, 53].astype(int) - RED).max() <= 6, "the one that came is as it was"
    assert live.seconds["draw"] > 0
    until(lambda: seen["a"])
    assert np.abs(seen["a"][0][120, 53].astype(int) - RED).max() <= 6, "the model sees the picture without drawing"
    live.only()


def test_every_frame_goes_back_drawn_also_those_too_many_for_the_models(
    seen: dict[str, list[np.ndarray]], until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, _ = listening(seen)
    monkeypatch.setattr(house(), "caps", Caps(fps=1))
    live.draw_with(lambda rgb: 255 - rgb)
    frames = [frame_from_rgb(picture(320, 240)) for _ in range(3)]
    assert all(live.on_frame(frame) is not frame for frame in frames)
    until(lambda: seen["a"])
    live.only()
    assert len(seen["a"]) == 1


def test_while_the_presenter_pauses_cameras_nothing_is_drawn() -> None:
    live, frame = LiveCamera(), frame_from_rgb(picture(320, 240))
    live.draw_with(lambda rgb: 255 - rgb)
    house().controls.change(paused=True)
    assert live.on_frame(frame) is frame
    house().controls.change(paused=False)
    assert live.on_frame(frame) is not frame


def test_a_drawing_that_fails_lets_the_frame_through_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    def broken(rgb: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError

    live, frame = LiveCamera(), frame_from_rgb(picture(320, 240))
    live.draw_with(broken)
    with caplog.at_level(logging.ERROR):
        assert live.on_frame(frame) is frame
        assert live.on_frame(frame) is frame
    assert len(caplog.records) == 1
    assert "ZeroDivisionError" in caplog.text


def test_listening_twice_under_one_name_is_one_stream() -> None:
    live, engine = LiveCamera(), Engine(lambda rgb: None)
    first = live.listen("a", engine)
    assert live.listen("a", engine) is first
    assert live.listen("b", engine) is not first
    assert engine.stats().streams == 2
    live.only()


def test_the_options_of_a_stream_reach_the_engine(until: Until) -> None:
    live = LiveCamera()
    stream = live.listen("own", Engine(lambda rgb: "the engine's"), predict=lambda rgb: "its own", max_rate=5)
    live.on_frame(frame_from_rgb(picture(320, 240)))
    until(stream.latest)
    result = stream.latest()
    assert result is not None and result.value == "its own"
    live.only()


def test_only_closes_the_streams_that_are_not_wanted_any_more() -> None:
    live, engine = LiveCamera(), Engine(lambda rgb: None)
    kept, dropped, other = (live.listen(name, engine) for name in "abc")
    live.only(kept, None, other)
    assert (kept.closed, dropped.closed, other.closed) == (False, True, False)
    assert live.streams == {"a": kept, "c": other}
    live.only()
    assert live.streams == {}
    assert engine.stats().streams == 0


def test_the_browser_is_asked_for_the_chosen_size_rate_and_camera_and_no_sound() -> None:
    asked = CameraSettings(15, (640, 480), "environment", mirrored=True).constraints
    assert asked == {
        "audio": False,
        "video": {
            "width": {"ideal": 640, "max": 1280},
            "height": {"ideal": 480, "max": 960},
            "frameRate": {"ideal": 15, "max": 15},
            "facingMode": {"ideal": "environment"},
        },
    }


def test_every_choice_of_the_menu_is_one_that_a_browser_understands() -> None:
    assert all(f"{width}×{height}" == name for name, (width, height) in SIZES.items())
    assert set(FACING) == {"user", "environment"}
    assert all(1 <= rate <= 60 for rate in RATES)


def test_a_service_for_turn_that_does_not_answer_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LIMELIGHT_CLOUDFLARE_TURN_KEY", "key")
    monkeypatch.setenv("LIMELIGHT_CLOUDFLARE_TURN_TOKEN", "s3cret")
    monkeypatch.setenv("LIMELIGHT_ICE_SERVERS", '[{"urls": "stun:stun.example.org"}]')
    settings.cache_clear()
    monkeypatch.setattr(camera.st, "session_state", {})

    def fails(key: str, token: str) -> list[dict[str, object]]:
        assert (key, token) == ("key", "s3cret")
        raise ValueError("no answer")

    monkeypatch.setattr(camera, "get_cloudflare_ice_servers", fails)
    assert camera.ice_servers() == [{"urls": "stun:stun.example.org"}]
    assert "no TURN server" in caplog.text and "s3cret" not in caplog.text
    monkeypatch.setattr(camera, "get_cloudflare_ice_servers", lambda key, token: [{"urls": "turn:x"}])
    assert camera.ice_servers() == [{"urls": "stun:stun.example.org"}], "once per session and hour, not per run"
    camera.st.session_state.clear()
    assert {"urls": "turn:x"} in camera.ice_servers()
    monkeypatch.undo()
    settings.cache_clear()
