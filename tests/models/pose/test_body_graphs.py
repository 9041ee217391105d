"""mediapipe's two halves, run apart, give what mediapipe's own Pose gives."""

import mediapipe
import numpy as np
import pytest
from skimage import data

from models.pose.body_graphs import MAX_SIDE, Frame, PoseGraphs, size_of


@pytest.fixture(scope="module")
def graphs() -> PoseGraphs:
    return PoseGraphs()


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()


def test_points_are_those_of_mediapipes_own_pose(graphs: PoseGraphs, astronaut: np.ndarray) -> None:
    rgb = np.ascontiguousarray(astronaut[:400, 20:480])  # not square: rotation and aspect must be right
    with mediapipe.solutions.pose.Pose(static_image_mode=True) as reference:
        marks = reference.process(rgb).pose_landmarks.landmark
    expected = np.array([(mark.x * 460, mark.y * 400, mark.visibility) for mark in marks])
    frame = Frame(rgb)
    seen = graphs.landmarks(frame, graphs.detect(frame)[0].circle)
    assert seen is not None
    assert np.abs(seen.pose.keypoints[:, :2] - expected[:, :2]).max() < 0.1
    assert np.abs(seen.pose.keypoints[:, 2] - expected[:, 2]).max() < 1e-3


def test_a_detection_knows_the_neck_and_how_large_the_person_is(graphs: PoseGraphs, astronaut: np.ndarray) -> None:
    detection = graphs.detect(Frame(astronaut))[0]
    assert 0.5 < detection.score <= 1
    assert detection.neck == pytest.approx([218, 190], abs=25)
    assert detection.circle[0][1] > detection.circle[1][1], "the head is above the hips"
    assert 900 < size_of(detection.circle) < 1600, "she goes on below the picture, which is 512 high"


def test_a_part_of_a_picture_is_reported_in_pixels_of_the_whole(graphs: PoseGraphs, astronaut: np.ndarray) -> None:
    right = np.array([512, 0])
    wide = np.hstack((np.zeros_like(astronaut), astronaut))
    part = graphs.detect(Frame(wide), (512, 0, 512, 512))[0]
    alone = graphs.detect(Frame(astronaut))[0]
    assert part.neck == pytest.approx(alone.neck + right, abs=0.01)
    assert part.circle == pytest.approx(alone.circle + right, abs=0.01)


def test_large_pictures_go_in_smaller_and_come_out_in_their_own_pixels(
    graphs: PoseGraphs, astronaut: np.ndarray
) -> None:
    large = astronaut.repeat(5, 0).repeat(5, 1)
    frame = Frame(large)
    assert frame.rgb.shape == (MAX_SIDE, MAX_SIDE, 3) and (frame.width, frame.height) == (2560, 2560)
    seen = graphs.landmarks(frame, graphs.detect(frame)[0].circle)
    assert seen is not None
    assert seen.pose.keypoints[0, :2] == pytest.approx([5 * 223, 5 * 128], abs=30)


def test_a_circle_without_anybody_has_no_person(graphs: PoseGraphs, astronaut: np.ndarray) -> None:
    frame = Frame(astronaut)
    corner = np.array([[470, 60], [470, 30]], np.float32)
    assert graphs.landmarks(frame, corner) is None
    for nonsense in (np.full((2, 2), np.nan), np.zeros((2, 2)), np.array([[0, 0], [0, 1e9]])):
        assert graphs.landmarks(frame, nonsense.astype(np.float32)) is None


def test_a_graph_goes_on_after_an_error(graphs: PoseGraphs, astronaut: np.ndarray) -> None:
    frame = Frame(astronaut)
    wrong = mediapipe.packet_creator.create_int(3)
    with pytest.raises((RuntimeError, ValueError)):
        graphs._detect(image=wrong)
    assert graphs.detect(frame), "mediapipe's own would refuse everything from then on"


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=["grey", "alpha", "float", "empty"],
)
def test_anything_else_than_an_rgb_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Frame(picture)
