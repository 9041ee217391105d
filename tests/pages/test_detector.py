"""The object detector: samples have boxes and names, live things have numbers and are counted, films come back."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from streamlit.testing.v1 import AppTest

from components.camera import stream as camera
from models.pictures.images import to_jpeg
from models.pictures.variants import samples_of
from tests.pages.visit import downloads, html_of, opened, ran, said

Until = Callable[[Callable[[], object]], None]
MAPS = "detector-maps"


def picture(name: str) -> np.ndarray:
    return samples_of("detector")[name].load()


def choose(at: AppTest, name: str) -> AppTest:
    return ran(at.selectbox(key="detector").set_value(name).run())


def test_the_sample_has_a_name_and_a_score() -> None:
    at = opened("detector", input="Samples")
    assert "× motorcycle" in html_of(at) and 'class="bar' in html_of(at)


def test_each_bundled_detector_finds_the_cup_and_shows_its_steps() -> None:
    at = opened("detector", input="Samples", steps="true")
    ran(at.pills(key="detector/samples").set_value(["coffee"]).run())
    assert "cup" in html_of(at) and "Suppressed" in captions(at)
    choose(at, MAPS)
    assert "cup" in html_of(at) and "Where **cup** is strong" in captions(at)


def captions(at: AppTest) -> str:
    return " ".join(image.caption for element in at.get("image") for image in element.proto.imgs)


def test_nothing_is_said_where_the_limit_is_too_high_or_the_name_is_another() -> None:
    at = opened("detector", input="Samples")
    ran(at.slider(key="score detector-learnt").set_value(1.0).run())
    assert "Nothing found" in html_of(at)
    ran(at.slider(key="score detector-learnt").set_value(0.2).run())
    ran(at.multiselect(key="names 80").set_value(["cat"]).run())
    assert "motorcycle" not in html_of(at)


def test_people_are_found_by_the_pose_trackers_models() -> None:
    at = opened("detector", input="Samples", people="true")
    ran(at.pills(key="detector/samples").set_value(["two"]).run())
    assert "person" in said(at) and "face" in said(at)


def test_a_picture_of_nothing_says_so() -> None:
    at = opened("detector", input="Upload")
    grey = to_jpeg(np.full((200, 300, 3), 128, np.uint8))
    ran(at.file_uploader(key="detector/upload").set_value([("grey.jpg", grey, "image/jpeg")]).run())
    assert "Nothing found" in html_of(at)


def test_a_download_is_offered_with_size_and_licence_and_the_bundled_one_answers_meanwhile() -> None:
    at = choose(opened("detector", input="Samples"), "fastestdet")
    assert "1 MB to download" in said(at) and "BSD-3" in said(at) and "Meanwhile" in said(at)
    assert "motorcycle" in html_of(at)


def test_live_things_get_numbers_and_a_line_counts_them(
    no_camera: dict[str, Any], sent: Callable[[str], dict[str, Any]], until: Until
) -> None:
    no_camera["playing"] = True
    at = opened("detector", input="Live", count="Line")
    live, rgb = no_camera["live"], picture("coffee")
    message: dict[str, Any] = {}
    for step in range(16):
        moved = np.roll(rgb, (step - 8) * 30, axis=1)
        live.on_frame(camera.frame_from_rgb(np.ascontiguousarray(moved)))
        message = sent("answer")
    assert message["kind"] == "detections" and message["gate"] == {"zone": False, "corners": [0.5, 0, 0.5, 1]}
    assert any(thing[4] == "cup" and thing[6] for thing in message["things"])
    assert "Counted" in str(message["blocks"]) and "Download the crossings as CSV" in downloads(at)


def test_a_zone_of_no_size_is_said(no_camera: dict[str, Any]) -> None:
    at = opened("detector", input="Live", count="Zone")
    ran(at.slider(key="zone-x").set_value((50, 50)).run())
    assert "no size" in said(at)


def test_without_a_websocket_the_page_draws_the_boxes_itself(
    no_camera: dict[str, Any], no_socket: None, until: Until
) -> None:
    no_camera["playing"] = True
    at = opened("detector", input="Live")
    frame = camera.frame_from_rgb(picture("coffee"))

    def seen() -> bool:
        no_camera["live"].on_frame(frame)
        return "cup" in html_of(ran(at.run()))

    until(seen)


@cache
def passing(frames: int = 20) -> bytes:
    """A film in which a cup goes from left to right."""
    file, cup = io.BytesIO(), np.ascontiguousarray(picture("coffee")[::2, ::2])
    with av.open(file, "w", "mp4") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height = 400, 200
        for number in range(frames):
            rgb = np.full((200, 400, 3), 128, np.uint8)
            left = round(100 * number / (frames - 1))
            rgb[:, left : left + 300] = cup
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def test_a_film_comes_back_with_boxes_and_a_count(temp: Path, until: Until) -> None:
    at = opened("detector", input="Video", count="Line")
    ran(at.file_uploader(key="video-file").set_value([("cup.mp4", passing(), "video/mp4")]).run())
    ran(at.button(key="film").click().run())
    until(lambda: not at.session_state["detector/film"].running)
    ran(at.run())
    assert not at.error and "20 frames" in said(at) and "Download MP4" in downloads(at)
    assert "Download the crossings as CSV" in downloads(at)
