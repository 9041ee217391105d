"""The drawn face: what it does is read from its SVG."""

import base64
import re
from dataclasses import astuple
from xml.etree import ElementTree

import numpy as np
import pytest

from models.pose.avatar import Head, avatar, data_url
from models.pose.poses import Pose
from tests.models.pose.test_blendshapes import REST

LEVEL = Head(0, 0, 0)
SVG = "{http://www.w3.org/2000/svg}"


def eyes(svg: str) -> list[float]:
    """Where open eyes are, from left to right; a shut one is no ellipse."""
    return sorted(float(eye.attrib["cx"]) for eye in ElementTree.fromstring(svg).iter(f"{SVG}ellipse"))


def mouth(svg: str) -> list[float]:
    """x and y of its left corner, its upper lip, its right corner, its lower lip, and again of the left corner."""
    (path,) = [path for path in ElementTree.fromstring(svg).iter(f"{SVG}path") if path.get("class") == "mouth"]
    return [float(number) for number in re.findall(r"-?[\d.]+", path.attrib["d"])]


def face(points: dict[int, tuple[float, float]]) -> Pose:
    keypoints = np.ones((478, 3), np.float32)
    for index, xy in points.items():
        keypoints[index, :2] = xy
    return Pose(keypoints, 1.0, "face478")


def test_at_rest_it_looks_straight_with_both_eyes_and_its_mouth_shut() -> None:
    svg = avatar(REST, LEVEL)
    assert eyes(svg) == [70, 130]
    left_y, upper, right_y, lower = mouth(svg)[1:8:2]
    assert left_y == right_y == upper == lower


def test_a_wink_shuts_the_persons_own_eye_which_the_camera_sees_on_the_other_side() -> None:
    wink = REST | {"eyeBlinkRight": 0.6}
    assert eyes(avatar(wink, LEVEL)) == [130], "the left one stays open"
    assert "scale(-1 1)" in avatar(wink, LEVEL, mirrored=True) and "scale(-1 1)" not in avatar(wink, LEVEL)


def test_a_smile_lifts_the_corners_and_an_open_jaw_lowers_the_lip() -> None:
    rest, smile = (mouth(avatar(REST | more, LEVEL)) for more in ({}, {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}))
    assert smile[1] < rest[1] and smile[5] < rest[5] and smile[4] - smile[0] > rest[4] - rest[0]
    assert mouth(avatar(REST | {"jawOpen": 0.8}, LEVEL))[7] > rest[7] + 30


def test_brows_and_pupils_follow() -> None:
    up = avatar(REST | {"browInnerUp": 1.0, "eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, LEVEL)
    pupils = [float(x.attrib["cx"]) for x in ElementTree.fromstring(up).iter(f"{SVG}circle")]
    assert pupils == [78, 138], "both to the person's left"
    assert up != avatar(REST | {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, LEVEL)


def test_a_head_is_measured_on_the_mesh() -> None:
    straight = {234: (0, 50), 454: (100, 50), 10: (50, 0), 152: (50, 100)}
    level = Head.from_face(face(straight | {1: (50, 53)}))
    assert (level.turn, level.tilt) == (0, 0) and abs(level.nod) < 1e-6
    assert Head.from_face(face(straight | {1: (75, 53)})).turn == pytest.approx(0.5), "to the person's left"
    assert Head.from_face(face(straight | {1: (50, 70)})).nod > 0.3, "down"
    turned = {234: (0, 0), 454: (100, 100), 10: (100, 0), 152: (0, 100), 1: (50, 50)}
    assert Head.from_face(face(turned)).tilt == pytest.approx(45)


def test_how_a_head_is_held_does_not_depend_on_its_place_and_size() -> None:
    points = {234: (0, 40), 454: (100, 40), 10: (50, 0), 152: (50, 100), 1: (75, 60)}
    near = {index: (3 * x + 500, 3 * y - 80) for index, (x, y) in points.items()}
    assert astuple(Head.from_face(face(near))) == pytest.approx(astuple(Head.from_face(face(points))), abs=1e-4)
    outside = Head.from_face(face(points | {1: (140, 60)}))
    assert outside.turn == 1, "no further than the cheek"


def test_a_face_without_any_size_is_held_straight_and_a_body_is_refused() -> None:
    head = Head.from_face(face({}))
    assert (head.turn, head.tilt) == (0, 0)
    with pytest.raises(ValueError, match="face"):
        Head.from_face(Pose(np.zeros((33, 3), np.float32), 1.0))


def test_how_the_head_is_held_moves_what_is_in_it() -> None:
    assert "rotate(12.0 100 105)" in avatar(REST, Head(0, 0, 12))
    assert "translate(20.0 0.0)" in avatar(REST, Head(1, 0, 0))


def test_the_address_is_the_drawing() -> None:
    svg = avatar(REST, LEVEL)
    assert base64.b64decode(data_url(svg).partition(",")[2]).decode() == svg
