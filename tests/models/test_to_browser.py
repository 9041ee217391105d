"""What leaves for the browser: JSON of a bounded size, with a kind that has a painter."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.classifier.results import Scores
from models.hosting.feeds import Feed
from models.pose.poses import MAX_PEOPLE, Pose
from models.pose.skeletons import SKELETONS

PAINTERS = Path(__file__).parents[2] / "assets" / "live" / "painters"


def scores(n: int = 1000) -> Scores:
    values = np.random.default_rng(1).dirichlet(np.full(n, 0.05)).astype(np.float32)
    return Scores(tuple(f"label number {i}, as long as labels are" for i in range(n)), values)


def poses(kind: str) -> list[Pose]:
    rng, n = np.random.default_rng(2), len(SKELETONS[kind].names)
    points = [(rng.random((n, 3)) * (1280, 720, 1)).astype(np.float32) for _ in range(MAX_PEOPLE)]
    return [Pose(one, 0.912345, kind, id=i) for i, one in enumerate(points)]


@pytest.mark.parametrize(
    ("value", "most"),
    [
        (scores().to_browser(10, 0.3), 1_000),
        *(({"kind": "poses", "poses": [one.to_browser() for one in poses(kind)]}, 60_000) for kind in SKELETONS),
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


def test_a_pose_keeps_its_points_to_a_tenth_of_a_pixel() -> None:
    pose = poses("coco17")[1]
    sent = pose.to_browser()
    assert (sent["kind"], sent["id"], sent["score"]) == ("coco17", 1, 0.91)
    assert np.abs(np.array(sent["points"]) - pose.keypoints).max(axis=0) == pytest.approx([0, 0, 0], abs=0.051)
    assert np.abs(np.array(sent["points"]) - pose.keypoints)[:, 2].max() < 0.0051
