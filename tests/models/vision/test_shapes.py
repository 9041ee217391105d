"""Steps that find something: as OpenCV does it plainly, and found where it is known to be."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.vision.chain import link_of, run
from models.vision.shapes import MARK
from tests.models.vision.plainly import PICTURES, applied, furthest, plainly

SETTINGS = [
    ("harris", {}),
    ("harris", {"window": 5, "k": 0.1, "least": 20}),
    ("orb", {}),
    ("lines", {}),
    ("lines", {"votes": 40, "length": 20, "gap": 2}),
    ("circles", {}),
    ("circles", {"votes": 60, "smallest": 90, "largest": 30}),
]


@pytest.mark.parametrize("rgb", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize(("name", "values"), SETTINGS, ids=str)
def test_each_step_is_opencv_called_plainly(name: str, values: dict, rgb: np.ndarray) -> None:
    link = link_of(name, values)
    assert furthest(applied(link, rgb), plainly(link, rgb)) == 0


@pytest.mark.parametrize("rgb", PICTURES.values(), ids=PICTURES)
def test_a_part_is_found_where_it_was_cut_out_as_opencv_does_it(rgb: np.ndarray) -> None:
    part = rgb[60:130, 80:160].copy()
    link = replace(link_of("template"), held=part)
    out = applied(link, rgb)
    assert furthest(out, plainly(link, rgb, part=part)) == 0 and (out[60, 80] == MARK).all()


def test_a_turned_part_is_lost_and_a_turned_card_is_found() -> None:
    rgb = PICTURES["astronaut 640x480"]
    card = rgb[40:300, 200:460].copy()
    around = cv2.getRotationMatrix2D((320, 240), 60, 1.0)
    turned = cv2.warpAffine(rgb, around, (640, 480), borderMode=cv2.BORDER_REFLECT)
    part, points = replace(link_of("template"), held=card), replace(link_of("orb"), held=card)
    assert part.step.numbers(turned, turned, part.given)["found"] == "no"

    def matched(seen: np.ndarray) -> int:
        said = points.step.numbers(seen, seen, points.given)
        return int(said["points of the card found again"].split()[0])

    assert matched(turned) > 20 > 5 > matched(PICTURES["cat 640x480"])


def test_the_points_of_a_card_are_those_that_opencv_finds_plainly() -> None:
    rgb = PICTURES["astronaut 640x480"]
    card = rgb[40:300, 200:460].copy()
    link = replace(link_of("orb"), held=card)
    space = {"cv2": cv2, "np": np, "rgb": rgb.copy(), "card": card}
    exec(link.step.code(link.given), space)
    out, found = applied(link, rgb), space["found"]
    assert len(found) > 20
    for point in found:
        x, y = (round(side) for side in point.pt)
        assert (out[y, min(x + 4, 639)] != rgb[y, min(x + 4, 639)]).any(), "a ring is drawn around it"


def test_a_part_keeps_its_size_beside_a_smaller_picture() -> None:
    rgb = PICTURES["cat 640x480"]
    link = replace(link_of("template"), held=rgb[100:260, 200:400].copy()).scaled(0.5)
    small = cv2.resize(rgb, (320, 240), interpolation=cv2.INTER_AREA)
    assert link.step.numbers(small, small, link.given)["found"] == "yes"
    assert link_of("template").scaled(0.5).held is None


def test_a_part_larger_than_the_picture_is_said() -> None:
    rgb = PICTURES["cat 321x203"]
    link = replace(link_of("template"), held=PICTURES["cat 640x480"])
    assert (applied(link, rgb) == rgb).all() and "larger" in str(link.step.numbers(rgb, rgb, link.given))


@pytest.mark.parametrize("name", ["harris", "orb", "template", "lines", "circles"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (48, 48)])
def test_a_picture_of_nothing_has_nothing(name: str, shape: tuple[int, int]) -> None:
    blank = np.full((*shape, 3), 128, np.uint8)
    link = replace(link_of(name), held=blank if name in ("orb", "template") else None)
    assert run((link,), blank).pictures[-1].shape == blank.shape


def test_drawn_circles_and_lines_are_found() -> None:
    rgb = np.full((300, 400, 3), 240, np.uint8)
    cv2.circle(rgb, (120, 150), 60, (30, 30, 30), 3)
    cv2.line(rgb, (250, 40), (380, 260), (30, 30, 30), 3)
    circles, lines = (link_of(name) for name in ("circles", "lines"))
    assert circles.step.numbers(rgb, rgb, circles.given) == {"circles": "1"}
    assert lines.step.numbers(rgb, rgb, lines.given)["lines"] != "0"
