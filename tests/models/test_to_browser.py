"""What leaves for the browser: JSON of a bounded size, with a kind that has a painter."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.classifier.results import Scores
from models.hosting.feeds import MAX_BYTES, Feed
from models.ocr.boxes import MAX_SENT_LINES, Reading, TextBox, rectangle
from models.pose.poses import MAX_PEOPLE, UNSEEN, Pose
from models.pose.skeletons import SKELETONS
from models.teachable.answering import NONE, Answer
from models.teachable.classes import MAX_CLASSES
from models.teachable.names import MAX_TYPED

PAINTERS = Path(__file__).parents[2] / "assets" / "live" / "painters"


def scores(n: int = 1000) -> Scores:
    values = np.random.default_rng(1).dirichlet(np.full(n, 0.05)).astype(np.float32)
    return Scores(tuple(f"label number {i}, as long as labels are" for i in range(n)), values)


def poses(kind: str) -> list[Pose]:
    rng, n = np.random.default_rng(2), len(SKELETONS[kind].names)
    points = [(rng.random((n, 3)) * (1280, 720, 1)).astype(np.float32) for _ in range(MAX_PEOPLE)]
    return [Pose(one, 0.912345, kind, id=i) for i, one in enumerate(points)]


def answer(n: int = MAX_CLASSES, distance: float = 0.5) -> Answer:
    values = np.random.default_rng(3).dirichlet(np.ones(n)).astype(np.float32)
    names = tuple(f"{i} {'ö' * MAX_TYPED}"[:MAX_TYPED] for i in range(n))
    return Answer(Scores(names, values), distance, poses("hand21")[0])


def reading(
    lines: int = 200, text: str = "Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich", turned: int = 0
) -> Reading:
    boxes = tuple(
        TextBox(rectangle(10.04, 20 * i, 700.06, 20 * i + 15), f"{i} {text}", 0.5 + 0.4 * (i % 2)) for i in range(lines)
    )
    return Reading(np.zeros((720, 1280, 3), np.uint8), boxes, turned=turned)


def text_of(read: Reading) -> str:
    return "\n".join(box.text for box in read.boxes)


COLOURS = dict.fromkeys(answer().scores.labels, "#112233")


@pytest.mark.parametrize(
    ("value", "most"),
    [
        (scores().to_browser(10, 0.3), 1_000),
        *(({"kind": "poses", "poses": [one.to_browser() for one in poses(kind)]}, 15_000) for kind in SKELETONS),
        (answer().to_browser(1.0, "a hand", COLOURS), 10_000),
        (Answer(None).to_browser(None, "a hand", {}), 300),
        (reading().to_browser(text_of(reading()), 0.8), 35_000),
        (reading(1000).to_browser(text_of(reading(1000, "\0" * 1000)), 0.8), MAX_BYTES),
    ],
)
def test_a_message_is_json_of_a_bounded_size_and_its_kind_has_a_painter(value: dict[str, Any], most: int) -> None:
    feed = Feed()
    feed.push("a", value, size_wh=(1280, 720))
    (message,) = feed.take()
    assert isinstance(message, str) and len(message.encode()) < most
    assert (PAINTERS / f"{json.loads(message)['kind']}.js").is_file()


def test_scores_are_the_largest_first_and_sure_from_the_threshold_on() -> None:
    found = Scores(("cat", "dog", "owl"), np.array([0.1, 0.65432, 0.24568], np.float32))
    sure = found.to_browser(2, 0.6)
    assert sure == {"kind": "scores", "top": [["dog", 0.654], ["owl", 0.246]], "sure": True, "threshold": 0.6}
    assert not found.to_browser(2, 0.655)["sure"]


def test_a_pose_keeps_its_points_to_a_tenth_of_a_pixel_and_leaves_out_what_is_not_drawn() -> None:
    pose = poses("coco17")[1]
    sent = pose.to_browser(0.4)
    assert (sent["kind"], sent["id"]) == ("coco17", 1)
    tenths = np.frombuffer(base64.b64decode(sent["points"]), "<i2").reshape(17, 2)
    seen = pose.keypoints[:, 2] >= 0.4
    assert seen.any() and not seen.all()
    assert np.abs(tenths[seen] / 10 - pose.keypoints[seen, :2]).max() <= 0.051
    assert (tenths[~seen] == UNSEEN).all()
    (three,) = np.frombuffer(base64.b64decode(pose.to_browser(0.0, [3])["points"]), "<i2").reshape(-1, 2)
    assert three / 10 == pytest.approx(pose.keypoints[3, :2], abs=0.051)


@pytest.mark.parametrize("far", [1e5, -1e30, np.inf, np.nan])
def test_points_far_outside_or_nowhere_leave_as_numbers_all_the_same(far: float) -> None:
    points = np.full((17, 3), 1, np.float32)
    points[4, 0] = far
    tenths = np.frombuffer(base64.b64decode(Pose(points, 1.0, "coco17").to_browser()["points"]), "<i2").reshape(17, 2)
    assert tenths[4, 0] == (UNSEEN if not np.isfinite(far) else np.sign(far) * (-UNSEEN - 1))
    assert (np.delete(tenths, 4, axis=0) == 10).all()


def test_an_answer_says_its_class_or_that_it_is_none_of_them_or_what_is_missing() -> None:
    found = Answer(Scores(("Cup", "Cat"), np.array([0.25, 0.75], np.float32)), 0.9)
    near = found.to_browser(1.0, "", {"Cat": "#0000ff"})
    assert (near["verdict"], near["share"], near["sure"]) == ("Cat", 0.75, True)
    assert near["top"] == [["Cup", 0.25], ["Cat", 0.75]] and near["colours"] == ["", "#0000ff"], "in the classes' order"
    assert "0.90" in near["note"] and "farther" not in near["note"]
    far = found.to_browser(0.5, "", {})
    assert (far["verdict"], far["share"], far["sure"]) == (NONE, None, False) and "farther than 0.50" in far["note"]
    assert found.to_browser(None, "", {})["verdict"] == "Cat", "without a limit it is always one of them"
    nobody = Answer(None).to_browser(1.0, "a hand", {})
    assert nobody["verdict"] == "A hand is not seen" and not nobody["top"] and not nobody["note"]


def test_a_readings_lines_lie_in_the_picture_as_it_came_and_weak_ones_are_marked() -> None:
    read = reading(2)
    sent = read.to_browser("both", 0.8)
    assert sent["lines"][0] == [10.0, 0.0, 700.1, 0.0, 700.1, 15.0, 10.0, 15.0, True]
    assert [line[8] for line in sent["lines"]] == [True, False] and sent["size"] == (1280, 720)
    assert sent["text"] == "both" and not sent["note"]
    turned = reading(2, turned=1).to_browser("both", 0.8)
    original = reading(2, turned=1).boxes_as_it_lay()[1].polygon.ravel()
    assert turned["size"] == (720, 1280) and turned["lines"][1][:8] == pytest.approx(original.tolist(), abs=0.051)


def test_more_lines_and_letters_than_fit_are_cut_and_that_is_said() -> None:
    assert len(reading(200).to_browser(text_of(reading(200)), 0.8)["lines"]) == 200
    assert not reading(200).to_browser(text_of(reading(200)), 0.8)["note"]
    many = reading(1000)
    sent = many.to_browser("short", 0.8)
    assert len(sent["lines"]) == MAX_SENT_LINES and "beginning" in sent["note"]
    assert "beginning" in reading(1).to_browser("letters " * 10_000, 0.8)["note"]
