"""People as boxes."""

import numpy as np
import pytest

from models.detector.people import people_in
from models.pose.poses import Pose


def test_a_person_is_a_box_around_what_is_seen_of_him() -> None:
    points = np.zeros((33, 3), np.float32)
    points[:3] = [(40, 30, 1), (80, 90, 1), (500, 500, 0)]
    found = people_in([Pose(points, 0.9, "body33")], (160, 120))
    assert found.names == ("person",) and found.boxes[0] == pytest.approx([40, 30, 80, 90])
    assert len(people_in([], (160, 120))) == 0
