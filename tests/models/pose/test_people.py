"""People in still pictures are found whichever way they face, and in whatever frame the picture comes."""

import cv2
import numpy as np
import pytest
from skimage import data

from models.pose.body import BlazePose, load_blazepose
from models.pose.poses import MAX_PEOPLE
from tests.bench import people

photographs = pytest.mark.skipif(not (people.SHARED / "pose").is_dir(), reason="shared/data/pose is not here")


@pytest.fixture(scope="module")
def model() -> BlazePose:
    return load_blazepose(None, lambda stage, share: None)


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()


def mirror(rgb: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rgb[:, ::-1])


@photographs
@pytest.mark.parametrize("name", ["mirrored", "border 1/8", "mirrored, border"])
def test_as_many_are_found_in_a_mirrored_or_bordered_picture(model: BlazePose, name: str) -> None:
    plain = next(picture for picture in people.of_four() if picture.name == "000000196141.jpg")
    assert len(plain.boxes) == 4
    tally = people.Tally()
    changed = people.VARIANTS[name](plain)
    assert tally.add(changed, model.predict(changed.rgb, MAX_PEOPLE)) == 4
    assert tally.strays == 0


def test_a_mirrored_picture_has_the_mirrored_people(model: BlazePose, astronaut: np.ndarray) -> None:
    picture = np.full((480, 640, 3), 90, np.uint8)
    picture[210:340, 37:167] = cv2.resize(astronaut, (130, 130), interpolation=cv2.INTER_AREA)
    (pose,) = model.predict(picture, MAX_PEOPLE)
    (other,) = model.predict(mirror(picture), MAX_PEOPLE)
    nose, left, right = (pose.skeleton.names.index(name) for name in ("nose", "left shoulder", "right shoulder"))
    for point, partner in ((nose, nose), (left, right), (right, left)):
        assert other.keypoints[point, 0] == pytest.approx(640 - pose.keypoints[partner, 0], abs=12)
        assert other.keypoints[point, 1] == pytest.approx(pose.keypoints[partner, 1], abs=12)


def test_somebody_in_the_dark_is_searched(model: BlazePose, astronaut: np.ndarray) -> None:
    dark = np.zeros((480, 640, 3), np.uint8)
    dark[210:340, 37:167] = cv2.resize(astronaut, (130, 130), interpolation=cv2.INTER_AREA) // 5
    assert len(model.predict(dark, MAX_PEOPLE)) == 1
