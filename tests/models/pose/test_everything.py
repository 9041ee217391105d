"""Body, hands and face at once: small hands and faces are found where the body says they are."""

import cv2
import numpy as np
import pytest
from skimage import data

from models.pose.everything import Everything, hands_of, heads, load_everything
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS


@pytest.fixture(scope="module")
def model() -> Everything:
    return load_everything(None, lambda stage, share: None)


@pytest.fixture(scope="module")
def far() -> np.ndarray:
    """The astronaut 200 pixels high in 640×480: her face is 40, a third of what the face's detector wants."""
    picture = np.full((480, 640, 3), 90, np.uint8)
    picture[140:340, 220:420] = cv2.resize(data.astronaut(), (200, 200), interpolation=cv2.INTER_AREA)
    return picture


def kinds(poses: list[Pose]) -> list[str]:
    return [pose.kind for pose in poses]


def test_a_small_face_is_found_by_the_body_on_stills_and_streams(model: Everything, far: np.ndarray) -> None:
    assert model._face.look(far) == [], "not in the whole"
    still = model.predict(far)
    tracker = model.tracker()
    seen = [tracker(far, at=step / 15) for step in range(6)]
    for body, face in (still, seen[-1]):
        assert (body.kind, face.kind) == ("body33", "face478")
        assert face.keypoints[1, :2] == pytest.approx((220 + 224 * 200 / 512, 140 + 130 * 200 / 512), abs=4)
        assert face.blendshapes and len(face.blendshapes) == 52
        assert face.blendshapes["mouthSmileLeft"] > 0.4 > face.blendshapes["eyeBlinkLeft"]
    assert all(body.id == 1 and body.world is not None for body, *_ in seen)
    tracker.close()


def test_nobody_has_neither_hands_nor_face(model: Everything) -> None:
    blank = np.full((240, 320, 3), 128, np.uint8)
    assert model.predict(blank, people=5) == model.tracker(5)(blank, at=0.0) == []


def test_crops_lie_around_the_head_and_the_hands_that_are_seen() -> None:
    names = SKELETONS["body33"].names
    points = np.full((33, 3), (300, 200, 1), np.float32)
    places = (("shoulder", 30, 150), ("hip", 20, 250), ("wrist", 90, 240), ("pinky", 90, 250), ("ear", 8, 100))
    for name, x, y in places:
        for side, way in (("left", 1), ("right", -1)):
            for index in [number for number, one in enumerate(names) if one.startswith(f"{side} {name}")]:
                points[index, :2] = 300 + way * x, y
    points[names.index("nose"), :2] = 300, 100
    points[[names.index(f"{side} index finger") for side in ("left", "right")], :2] = (390, 250), (210, 250)
    body = Pose(points, 1.0)
    assert heads([body], (640, 480)) == [(240, 40, 120, 120)]
    assert [(x + w / 2) for x, _, w, _ in hands_of([body], (640, 480))] == pytest.approx([390, 210], abs=1)
    points[names.index("left wrist"), 2] = 0.1
    assert [(x + w / 2) for x, _, w, _ in hands_of([Pose(points, 1.0)], (640, 480))] == pytest.approx([210], abs=1)
    assert heads([], (640, 480)) == hands_of([], (640, 480)) == []
