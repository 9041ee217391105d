"""A face's blendshapes in words: on made ones, whose answer is known."""

import re

import cv2
import numpy as np
import pytest
from mediapipe.tasks.python.vision.face_landmarker import Blendshapes

from models.cache import ModelCache
from models.pose.blendshapes import plain, strongest, verdicts
from tests.pages.visit import sample

# mediapipe's own list, BROW_DOWN_LEFT there and browDownLeft in its answers
NAMES = ["_neutral", *(re.sub("_(.)", lambda m: m[1].upper(), shape.name.lower()) for shape in list(Blendshapes)[1:])]
REST = dict.fromkeys(NAMES, 0.0)


def holding(**moved: float) -> set[str]:
    """Which verdicts hold of a face at rest but for this."""
    return {verdict.name for verdict in verdicts(REST | moved) if verdict.holds}


def test_every_movement_has_a_name_of_its_own_in_plain_words() -> None:
    assert len(NAMES) == 52
    words = [plain(name) for name in NAMES if name != "_neutral"]
    assert len(set(words)) == 51 and not [name for name in words if re.search("[A-Z_]", name)]
    assert plain("mouthSmileLeft") == "smile left" and plain("jawRight") == "jaw to the right"
    assert plain("mouthLeft") == "mouth to the left" and plain("tongueOut") == "tongueOut"


def test_the_strongest_come_first_and_being_neutral_is_no_movement() -> None:
    moved = REST | {"_neutral": 0.9, "jawOpen": 0.3, "mouthSmileLeft": 0.8}
    assert strongest(moved, 3)[:2] == [("mouthSmileLeft", 0.8), ("jawOpen", 0.3)] and len(strongest(moved)) == 10


def test_a_face_at_rest_does_nothing() -> None:
    assert holding() == set()


@pytest.mark.parametrize(
    "moved, what",
    [
        ({"mouthSmileLeft": 0.9, "mouthSmileRight": 0.8}, "smile"),
        ({"eyeBlinkRight": 0.55, "eyeBlinkLeft": 0.1}, "wink with the right eye"),
        ({"eyeBlinkLeft": 0.55, "eyeBlinkRight": 0.1}, "wink with the left eye"),
        ({"browInnerUp": 0.5, "browOuterUpLeft": 0.5, "browOuterUpRight": 0.5}, "brows up"),
        ({"jawOpen": 0.5}, "mouth open"),
    ],
)
def test_each_verdict_is_of_its_own_movement(moved: dict[str, float], what: str) -> None:
    assert holding(**moved) == {what}


def test_a_blink_of_both_eyes_is_no_wink_nor_is_an_eye_a_little_narrower() -> None:
    assert holding(eyeBlinkLeft=0.6, eyeBlinkRight=0.55) == set()
    assert holding(eyeBlinkLeft=0.3, eyeBlinkRight=0.03) == set()


@pytest.mark.parametrize("flipped, side", [(False, "Right"), (True, "Left")])
def test_the_model_names_the_persons_own_side(flipped: bool, side: str) -> None:
    """Her right eye, on the left of the picture, is painted shut."""
    rgb = sample("astronaut").copy()
    rgb[93:109, 189:213] = rgb[119:135, 189:213]  # skin of the cheek
    cv2.ellipse(rgb, (201, 101), (9, 3), 0, 0, 180, (60, 35, 30), 2, cv2.LINE_AA)
    face = ModelCache(10**9).get("face")
    (found,) = face.predict(np.ascontiguousarray(rgb[:, ::-1]) if flipped else rgb)
    other = "Left" if side == "Right" else "Right"
    assert found.blendshapes[f"eyeBlink{side}"] > found.blendshapes[f"eyeBlink{other}"] + 0.1
    assert set(found.blendshapes) == set(NAMES)
    assert "smile" in {verdict.name for verdict in verdicts(found.blendshapes) if verdict.holds}


def test_one_brow_alone_is_not_both() -> None:
    assert holding(browOuterUpRight=0.9, browInnerUp=0.1) == set()


def test_half_a_smile_on_one_side_is_none() -> None:
    assert holding(mouthSmileLeft=0.5) == set()
