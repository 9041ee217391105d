"""The pose tracker's page: every input, every thing tracked, and what is said of the poses."""

import base64
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.camera import preview
from components.camera import stream as camera
from components.live import pushed
from components.pose import seeing
from models.pictures.images import to_jpeg
from models.pose.poses import MIN_PRESENCE
from tests.pages.pose_visitor import Live, decoded, points_of, words_of
from tests.pages.visit import html_of, opened, ran, said, sample

INPUTS = ("Live", "Photo", "Upload", "Paste", "Samples", "Video")
UPPER = ("nose", "left eye", "right eye", "left shoulder", "right shoulder")


def bars(at: AppTest) -> dict[str, str]:
    """What is written at each bar, by its name."""
    return dict(re.findall(r"<b>([^<]+)</b><span>([^<]+)</span>", html_of(at)))


def pushed_bars(message: dict[str, Any]) -> dict[str, str]:
    """The same of what went to the browser."""
    return {name: figure for block in message["blocks"] for name, _, figure, _ in block.get("bars", [])}


def percent(words: str) -> int:
    return int(words.removesuffix("%"))


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


@pytest.mark.parametrize("what", ["Body", "Hands", "Face", "All"])
@pytest.mark.parametrize("source", INPUTS)
def test_every_input_opens_for_all_that_can_be_tracked(source: str, what: str) -> None:
    at = opened("pose", input=source, track=what)
    assert at.segmented_control(key="input").value == source
    assert at.segmented_control(key="track").value == what
    assert not at.error


def test_how_it_works_comes_with_its_drawing() -> None:
    pictures = [image.url for shown in opened("pose", input="Upload").get("image") for image in shown.proto.imgs]
    [svg] = [
        base64.b64decode(url.partition(",")[2]) for url in pictures if url.startswith("data:image/svg+xml;base64,")
    ]
    words = [text.text for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"centre", "offset", "left wrist"} <= set(words)


# Pictures


def test_the_first_sample_shows_a_person_and_how_sure_the_model_is_of_each_point() -> None:
    at = opened("pose", input="Samples")
    assert '<div class="verdict">1 person</div>' in html_of(at)
    sure = bars(at)
    assert len(sure) == 1 + 33
    assert all(percent(sure[name]) >= 95 for name in UPPER)
    assert percent(sure["the pose as a whole"]) >= 50, "a mean over her points, of which her arms hide some"
    assert percent(sure["left ankle"]) <= 20, "it is outside of the picture"
    weak = re.findall(r'class="bar weak"><i [^>]*></i><b>([^<]+)</b>', html_of(at))
    assert "left ankle" in weak and not {*UPPER, "the pose as a whole"} & set(weak)


def test_seventeen_points_are_those_of_coco() -> None:
    at = opened("pose", input="Samples")
    ran(at.segmented_control(key="points").set_value(17).run())
    assert len(bars(at)) == 1 + 17
    assert "left pinky" not in bars(at) and percent(bars(at)["nose"]) >= 95


def test_angles_are_told_of_the_joints_that_are_seen_well_enough() -> None:
    at = opened("pose", input="Samples")
    ran(at.segmented_control(key="do still Body").set_value("Angles").run())
    assert "°" not in bars(at)["left knee"], "it is not in the picture"
    ran(at.slider(key="keypoint-score").set_value(0.0).run())
    told = bars(at)
    assert len(told) == 12 and all(0 <= int(angle.removesuffix("°")) <= 180 for angle in told.values())


@pytest.mark.parametrize("what", ["Body", "All"])
def test_no_part_of_the_score_slider_is_without_effect(what: str) -> None:
    at = opened("pose", input="Samples", track=what)
    assert at.slider(key="pose-score").min == MIN_PRESENCE, "models report nobody below"


def test_who_is_less_sure_than_the_limit_is_not_shown() -> None:
    at = opened("pose", input="Samples")
    ran(at.slider(key="pose-score").set_value(1.0).run())
    assert "No person in view" in html_of(at) and not bars(at)


@pytest.mark.parametrize(
    "what, nobody, key, name",
    [
        ("Body", "person", "pose", "coffee"),
        ("Hands", "hand", "hands", "astronaut"),
        ("Face", "face", "pose", "coffee"),
    ],
)
def test_a_picture_of_nobody_says_so(what: str, nobody: str, key: str, name: str) -> None:
    at = opened("pose", input="Samples", track=what)
    ran(at.pills(key=f"{key}/samples").set_value([name]).run())
    assert f"No {nobody} in view" in html_of(at) and not bars(at)


def test_a_drawn_hand_is_found_with_all_its_fingers_and_so_are_two() -> None:
    at = opened("pose", input="Samples", track="Hands", people="2")
    assert "1 hand" in html_of(at)
    ran(at.pills(key="hands/samples").set_value(["hands"]).run())
    assert "2 hands" in html_of(at)


def test_a_face_is_found() -> None:
    at = opened("pose", input="Samples", track="Face")
    assert "1 face" in html_of(at)


def test_as_many_people_are_looked_for_as_were_asked_for() -> None:
    at = opened("pose", input="Upload")
    two = np.hstack([sample("astronaut")] * 2)
    ran(at.file_uploader(key="pose/upload").set_value([("two.jpg", to_jpeg(two), "image/jpeg")]).run())
    assert "1 person" in html_of(at)
    ran(at.slider(key="people").set_value(2).run())
    assert "2 people" in html_of(at)


def test_a_broken_upload_is_named_and_the_other_is_shown() -> None:
    at = opened("pose", input="Upload")
    files = [("broken.jpg", b"\xff\xd8\xff oh", "image/jpeg"), ("me.jpg", to_jpeg(sample("astronaut")), "image/jpeg")]
    ran(at.file_uploader(key="pose/upload").set_value(files).run())
    assert "broken.jpg" in at.error[0].value and html_of(at).count("1 person") == 1


def test_a_larger_model_is_offered_and_the_bundled_one_answers_meanwhile() -> None:
    at = opened("pose", input="Samples", **{"pose-model": "Pose landmarker heavy"})
    assert "Download Pose landmarker heavy" in buttons(at)
    assert "Meanwhile BlazePose full answers" in said(at) and "1 person" in html_of(at)


@pytest.mark.parametrize(
    "query", [{"track": "Tail"}, {"people": "99"}, {"style": "Fur"}, {"pose-model": "HAL"}, {"input": "Hologram"}]
)
def test_nonsense_in_the_address_is_ignored(query: dict[str, str]) -> None:
    opened("pose", **query)


# Live


def test_a_camera_that_is_off_says_what_to_expect() -> None:
    at = opened("pose")
    assert "once the camera is on" in said(at)


def test_a_result_is_pushed_as_it_is_drawn_and_nothing_is_encoded(live: Callable[..., Live]) -> None:
    visitor = live()
    astronaut = sample("astronaut")
    message = visitor.films(astronaut)
    assert words_of(message).startswith("1 person") and percent(pushed_bars(message)["nose"]) >= 95
    (body,) = message["poses"]
    assert message["size"] == [512, 512] and body["kind"] == "body33" and body["id"] is not None
    (found,) = visitor.stream.latest().value
    points, seen = points_of(body), found.keypoints[:, 2] >= 0.5
    assert np.abs(points[seen] - found.keypoints[seen, :2]).max() <= 0.051
    assert np.isnan(points[~seen]).all() and not seen.all(), "what is not drawn is not sent"
    assert "box" not in body and not message["trails"]
    assert "tracker " in html_of(visitor.at) and "draw " not in html_of(visitor.at)
    assert "verdict" not in html_of(visitor.at), "the browser has it already"
    frame = camera.frame_from_rgb(astronaut)
    assert visitor.camera.on_frame(frame) is frame


def test_what_does_not_change_is_sent_when_the_page_runs(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.films(sample("astronaut"))
    assert {message["channel"] for message in visitor.pushed} == {"answer"}
    ran(visitor.at.pills(key="style").set_value(["Skeleton", "Names"]).run())
    sent = {message["channel"]: message for message in map(decoded, visitor.feed.take())}
    body = sent["skeletons"]["skeletons"]["body33"]
    assert [11, 12] in body["bones"] and "nose" in body["names"] and not body["points"]
    assert not sent["ground"]["fill"] and not sent["ground"]["blur"]


def test_only_on_black_veils_the_visitors_own_picture(
    live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    veils = []
    monkeypatch.setattr(preview, "browser_component", lambda *_: lambda data, **_options: veils.append(data["veiled"]))
    visitor = live()
    ran(visitor.at.pills(key="style").set_value(["Skeleton", "Only on black"]).run())
    assert veils[0] is False and veils[-1] is True


def test_without_a_websocket_the_page_shows_the_skeleton_on_black_itself(
    live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushed, "browser_component", lambda *_, **__: lambda **_: SimpleNamespace(socket="away"))
    shown: list[np.ndarray] = []
    monkeypatch.setattr(seeing.st, "image", lambda picture, **_: shown.append(picture))
    visitor = live()
    visitor.films(sample("astronaut"))
    assert "1 person" in html_of(visitor.at) and percent(bars(visitor.at)["nose"]) >= 95
    lit = shown[-1].max(axis=2) > 40
    # her right elbow, on the left of the camera's picture, is at 64; nothing of her right of 330 is sure enough
    assert 0.001 < lit.mean() < 0.1 and lit[:, 400:].any() and not lit[:, :150].any(), "mirrored"


def test_a_camera_with_nobody_before_it_says_so(live: Callable[..., Live]) -> None:
    message = live().films(sample("coffee"))
    assert words_of(message).startswith("No person in view") and not pushed_bars(message)


@pytest.mark.parametrize("what, found", [("Hands", "hand"), ("Face", "1 face")])
def test_tracking_something_else_opens_its_stream_and_closes_the_other(
    what: str, found: str, live: Callable[..., Live]
) -> None:
    visitor = live()
    body, watcher = visitor.stream, visitor.watcher
    ran(visitor.at.segmented_control(key="track").set_value(what).run())
    assert body.closed and not visitor.stream.closed and visitor.watcher is not watcher
    assert found in words_of(visitor.films(sample("astronaut")))
    assert "Copy" not in visitor.at.segmented_control(key=f"do {what}").options


def test_how_it_is_drawn_changes_without_another_stream(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.films(sample("astronaut"))
    stream, watcher = visitor.stream, visitor.watcher
    ran(visitor.at.pills(key="style").set_value(["Boxes"]).run())
    (body,) = visitor.films(sample("astronaut"))["poses"]
    assert visitor.stream is stream and visitor.watcher is watcher and not stream.closed
    assert body["points"] == "" and "%" in body["about"], "points that are not drawn are not sent"
    left, top, right, bottom = body["box"]
    assert 0 <= left < 120 and right > 300 and bottom - top > 200


def test_a_point_that_moves_leaves_a_trail(live: Callable[..., Live]) -> None:
    visitor = live()
    ran(visitor.at.pills(key="style").set_value(["Trail", "Only on black"]).run())
    ran(visitor.at.selectbox(key="trail body33").set_value("nose").run())
    astronaut = sample("astronaut")
    for shift in (0, 10, 20, 30):
        (trail,) = visitor.films(np.roll(astronaut, shift, axis=1))["trails"]
    assert len(base64.b64decode(trail["points"])) >= 4 * 3 * 2
    ran(visitor.at.pills(key="style").set_value(["Only on black"]).run())
    assert not visitor.films(astronaut)["trails"]


def test_more_people_take_another_tracker(live: Callable[..., Live]) -> None:
    visitor = live()
    two = np.hstack([sample("astronaut")] * 2)
    assert words_of(visitor.films(two)).startswith("1 person")
    ran(visitor.at.slider(key="people").set_value(2).run())
    for _ in range(3):  # a search a frame
        message = visitor.films(two)
    assert words_of(message).startswith("2 people") and len({pose["colour"] for pose in message["poses"]}) == 2
