"""What leaves for the browser to be drawn: JSON of a bounded size, and nothing that is not drawn."""

import base64
from typing import Any

import cv2
import numpy as np
import pytest

from models.hosting.feeds import Feed
from models.pose import masks, painting
from models.pose.face import lines
from models.pose.overlay import LEFT, PEOPLE, Overlay
from models.pose.poses import MAX_PEOPLE, Pose
from models.pose.skeletons import SKELETONS
from models.pose.trail import Trail

BOXES = Overlay(skeleton=False, points=False, boxes=True)
EVERYTHING = Overlay(names=True, boxes=True, trail="left wrist", min_keypoint_score=0.0)


def people(kind: str = "body33", count: int = MAX_PEOPLE, **about: Any) -> list[Pose]:
    rng, n = np.random.default_rng(3), len(SKELETONS[kind].names)
    points = [(rng.random((n, 3)) * (1280, 720, 1)).astype(np.float32) for _ in range(count)]
    return [Pose(one, 0.9, kind, id=i + 1, **about) for i, one in enumerate(points)]


def bytes_of(message: dict[str, Any], picture: bytes = b"") -> int:
    """Through a feed, which refuses what is no JSON."""
    feed = Feed()
    feed.push("a", message, size_wh=(1280, 720), picture=picture)
    (sent,) = feed.take()
    return len(sent if isinstance(sent, bytes) else sent.encode())


def css(colour: tuple[int, int, int]) -> str:
    return "#" + bytes(colour).hex()


@pytest.mark.parametrize("kind, most", [("body33", 2_500), ("hand21", 2_200), ("face478", 14_000)])
def test_a_result_of_a_full_house_is_small(kind: str, most: int) -> None:
    trail = Trail()
    ways: dict[int, np.ndarray] = {}
    assert bytes_of(painting.figures(people(kind), EVERYTHING)) < most
    for step in range(200):
        ways = trail.add(step / 15, people(), "left wrist", min_score=0.0)
    assert bytes_of(painting.figures([], EVERYTHING, ways)) < 2_500, "of two seconds, 15 results a second"


def test_what_goes_out_once_holds_what_is_drawn_and_no_more() -> None:
    all_of_it = painting.skeletons(list(SKELETONS), EVERYTHING)
    assert bytes_of(all_of_it) < 20_000
    body = all_of_it["skeletons"]["body33"]
    assert body["bones"] == SKELETONS["body33"].bones and body["names"] == SKELETONS["body33"].names
    assert sorted(body["order"]) == list(range(33)) and len(body["colours"]) == len(body["sizes"]) == 33
    assert css(LEFT) in body["colours"]
    nothing = painting.skeletons(["body33"], BOXES)["skeletons"]["body33"]
    assert not nothing["bones"] and not nothing["points"] and "names" not in nothing and "colours" not in nothing
    assert "names" not in all_of_it["skeletons"]["face478"]


@pytest.mark.parametrize("kind", SKELETONS)
def test_where_only_boxes_are_shown_no_points_are_sent(kind: str) -> None:
    first = people(kind)[0]
    sent = painting.figures([first], BOXES)["poses"][0]
    seen = first.keypoints[first.keypoints[:, 2] >= 0.5, :2]
    assert sent["points"] == "" and sent["about"] == "1 · 90%"
    assert sent["box"] == pytest.approx([*seen.min(axis=0), *seen.max(axis=0)], abs=0.06)
    (hidden,) = painting.figures([Pose(np.zeros_like(first.keypoints), 1.0, kind)], BOXES)["poses"]
    assert "box" not in hidden


def test_a_meshs_lines_alone_take_a_third_of_its_points_and_join_the_same_ones() -> None:
    (face,) = people("face478", 1)
    overlay = Overlay(points=False, min_keypoint_score=0.0)
    (sent,) = painting.figures([face], overlay)["poses"]
    (whole,) = painting.figures([face], Overlay(min_keypoint_score=0.0))["poses"]
    assert len(sent["points"]) < 0.35 * len(whole["points"])
    skeletons = painting.skeletons(["face478"], overlay)["skeletons"]
    points = decoded(sent["points"])
    joined = {tuple(map(tuple, points[list(pair)])) for pair in skeletons[sent["kind"]]["bones"]}
    assert joined == {tuple(map(tuple, decoded(whole["points"])[list(pair)])) for pair in lines("face478")}
    assert whole["kind"] == "face478" != sent["kind"], "a result from before a change of style gets no others' lines"


def decoded(points: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(points), "<i2").reshape(-1, 2)


def test_colours_are_those_of_stills() -> None:
    hands = painting.figures(people("hand21", 1, side="left"), Overlay())["poses"]
    assert [pose["colour"] for pose in hands] == [css(LEFT)]
    bodies = painting.figures(people(), Overlay())["poses"]
    assert [pose["colour"] for pose in bodies] == [css(PEOPLE[(i + 1) % len(PEOPLE)]) for i in range(MAX_PEOPLE)]


def masked(count: int, size_wh: tuple[int, int] = (640, 480)) -> list[Pose]:
    poses = []
    for i in range(count):
        mask = np.zeros(size_wh[::-1], np.uint8)
        mask[100:, 100 * i : 100 * i + 90] = 255
        poses.append(people(mask=mask)[i])
    return poses


def test_masks_lie_one_below_the_other_in_a_small_picture() -> None:
    message, picture = painting.ground(masked(3), Overlay(silhouette=True, background=masks.CUT_OUT))
    sheet = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
    assert sheet.shape == (3 * 192, 256) and len(message["colours"]) == 3
    assert message["fill"] == css(masks.PLAIN) and not message["blur"] and message["tint"]
    for i in range(3):
        tile, column = sheet[192 * i : 192 * (i + 1)], round(256 / 640 * (100 * i + 45))
        assert tile[100, column] > 240 and tile[10, column] < 15 and tile[100, (column + 128) % 256] < 15
    assert bytes_of(message, picture) < 12_000


def test_for_a_background_alone_people_are_one_mask() -> None:
    message, picture = painting.ground(masked(3), Overlay(background=masks.CUT_OUT))
    sheet = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
    assert sheet.shape == (192, 256) and len(message["colours"]) == 1
    assert all(sheet[100, round(256 / 640 * (100 * i + 45))] > 240 for i in range(3))


def test_on_black_silhouettes_are_all_there_is() -> None:
    message, picture = painting.ground(masked(1), Overlay(silhouette=True, background=masks.BLUR, on_black=True))
    assert picture and message["tint"] and not message["blur"] and not message["fill"]


def test_without_people_there_is_no_picture_and_all_is_background() -> None:
    for poses in ([], people()):
        message, picture = painting.ground(poses, Overlay(background=masks.BLUR))
        assert not picture and message["blur"] and not message["colours"]
