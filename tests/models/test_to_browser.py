"""What leaves for the browser: JSON of a bounded size, with a kind that has a painter."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.classifier.results import Scores
from models.hosting.feeds import Feed
from models.pose.poses import MAX_PEOPLE, UNSEEN, Pose
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
        *(({"kind": "poses", "poses": [one.to_browser() for one in poses(kind)]}, 15_000) for kind in SKELETONS),
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
