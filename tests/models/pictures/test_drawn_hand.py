"""The hand that we drew is one to the hand landmarker, however it is seen."""

import cv2
import numpy as np
import pytest

from models.pictures.drawn_hand import drawn_hand
from models.pose.hands import Hands, fingers_up, load_hands


@pytest.fixture(scope="module")
def hands() -> Hands:
    return load_hands(None, lambda text, part: None)


def test_it_is_a_left_hand_with_all_fingers_up(hands: Hands) -> None:
    rgb = drawn_hand()
    assert rgb.dtype == np.uint8 and rgb.shape == (640, 640, 3)
    for seen in (rgb, cv2.resize(rgb, (200, 200), interpolation=cv2.INTER_AREA), rgb[60:600, 100:540]):
        (pose,) = hands.predict(np.ascontiguousarray(seen))
        assert pose.score > 0.5 and all(fingers_up(pose).values())
    (pose,), (mirrored,) = hands.predict(rgb), hands.predict(np.ascontiguousarray(rgb[:, ::-1]))
    assert pose.side == "left" and mirrored.side == "right"
