"""What painters draw of poses: as models/pose/overlay.py draws the same on stills, and where it belongs."""

import base64
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from models.cache import ModelCache
from models.catalog import of_task
from models.pictures.images import sample_pictures
from models.pose import masks, painting
from models.pose.face import lines
from models.pose.overlay import PEOPLE, Overlay, draw_poses
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS
from models.pose.trail import Trail
from tests.browser.stage import Stage, at

pytestmark = pytest.mark.browser

SIZE = (600, 450)  # of the box, so that both pictures have the same pixels
WORDLESS = Overlay(boxes=True)
# A camera before a chequered wall, and somebody in green in its left half
ROOM = """() => {
  shown.paint = (draw, width, height) => {
    for (let x = 0; x < width; x += 10) {
      draw.fillStyle = (x / 10) % 2 ? "#ffffff" : "#000000";
      draw.fillRect(x, 0, 10, height);
    }
    draw.fillStyle = "#00c000";
    draw.fillRect(0.1 * width, 0.2 * height, 0.3 * width, 0.8 * height);
  };
}"""
# The video with what is drawn over it, as it is seen
SEEN = """() => {
  const both = Object.assign(document.createElement("canvas"), { width: 600, height: 450 });
  const draw = both.getContext("2d");
  draw.save();
  if (shown.mirrored) draw.transform(-1, 0, 0, 1, 600, 0);
  draw.drawImage(video, 0, 0, 600, 450);
  draw.restore();
  draw.drawImage(canvas, 0, 0, 600, 450);
  return both.toDataURL();
}"""


def decoded(url: str) -> np.ndarray:
    """uint8 (H, W, 4), RGBA."""
    data = np.frombuffer(base64.b64decode(url.partition(",")[2]), np.uint8)
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)


def drawn(page: Page, poses: list[Pose], overlay: Overlay, *, mirrored: bool = False, **trails: Any) -> np.ndarray:
    """What is on the canvas over the picture: RGBA."""
    kinds = sorted({pose.kind for pose in poses})
    page.evaluate("(m) => push(m)", {"channel": "skeletons", **painting.skeletons(kinds, overlay)})
    at(page, {"channel": "a", "size": SIZE, **painting.figures(poses, overlay, **trails)}, mirrored=mirrored)
    return decoded(page.evaluate("() => canvas.toDataURL()"))


def somebody(kind: str, *, seed: int = 1, **about: Any) -> Pose:
    """Points all over a part of the picture, some of them unseen."""
    rng, n = np.random.default_rng(seed), len(SKELETONS[kind].names)
    points = (rng.random((n, 3)) * (360, 300, 1) + (120, 75, 0.3)).clip(0, (600, 450, 1))
    return Pose(points.astype(np.float32), 0.87, kind, id=seed, **about)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Of what either shows, how much the other one does, too, within two pixels: the smaller share."""
    near = np.ones((5, 5), np.uint8)
    shares = [
        (a & (cv2.dilate(b.astype(np.uint8), near) > 0)).sum() / max(a.sum(), 1)
        for a, b in ((one, other), (other, one))
    ]
    return min(shares)


@pytest.mark.parametrize("mirrored", [False, True], ids=["as it is", "mirrored"])
@pytest.mark.parametrize(
    "overlay",
    [Overlay(points=False), Overlay(skeleton=False), WORDLESS, Overlay(min_keypoint_score=0.9)],
    ids=["skeleton", "points", "boxes", "sure ones"],
)
@pytest.mark.parametrize("kind", ["body33", "coco17", "hand21", "face478"])
def test_it_looks_as_on_a_still(stage: Stage, kind: str, overlay: Overlay, mirrored: bool) -> None:
    poses = [somebody(kind, side="left" if kind == "hand21" else None)]
    grey = np.full((450, 600, 3), 90, np.uint8)
    mesh = lines(kind) if kind.startswith("face") else None
    still = draw_poses(grey, poses, overlay, mirrored=mirrored, face_lines=mesh)
    canvas = drawn(stage(SIZE), poses, overlay, mirrored=mirrored)
    # words are set in another type: only what is not white on black is compared
    ours, theirs = canvas[..., 3] > 128, (np.abs(still.astype(int) - 90).max(axis=2) > 30)
    if overlay.boxes:
        top = int(np.argwhere(ours)[:, 0].min()) + 40
        ours[:top], theirs[:top] = False, False
    assert ours.sum() > 100 and overlap(ours, theirs) > 0.93
    both = ours & theirs & (cv2.erode(ours.astype(np.uint8), np.ones((3, 3))) > 0)
    if both.sum() > 100:
        apart = np.abs(canvas[both][:, :3].astype(int) - still[both]).max(axis=1)
        assert np.median(apart) < 12, "the same colours"


def test_names_can_be_read_beside_their_points_and_hide_none(stage: Stage) -> None:
    page, pose = stage(SIZE), somebody("coco17", seed=4)
    without = drawn(page, [pose], Overlay(min_keypoint_score=0))
    named = drawn(page, [pose], Overlay(min_keypoint_score=0, names=True))
    plates = (without != named).any(axis=2)
    assert plates.sum() > 3000
    for x, y, _ in pose.keypoints:
        assert not plates[min(449, round(float(y))), min(599, round(float(x)))]
    mirrored = drawn(page, [pose], Overlay(min_keypoint_score=0, names=True), mirrored=True)
    assert not np.array_equal(mirrored[:, ::-1], named), "words are not mirrored"


def test_a_trail_fades_and_its_head_moves_with_the_figure(stage: Stage) -> None:
    trail, overlay = Trail(2.0), Overlay(skeleton=False, points=False, trail="nose")
    points = np.zeros((33, 3), np.float32)
    for step in range(20):
        points[0] = 100 + 20 * step, 200, 1
        ways = trail.add(step / 10, [Pose(points.copy(), 1.0, id=2)], "nose")
    canvas = drawn(stage(SIZE), [], overlay, trails=ways)
    lit = canvas[..., 3] > 128
    assert lit[200, 130] and lit[200, 470] and lit[:, 450].sum() > lit[:, 120].sum() > 0
    fresh = canvas[200, 470, :3].astype(int)
    assert np.abs(fresh - PEOPLE[2]).max() < 25 and canvas[200, 130, :3].sum() < fresh.sum()


def film(page: Page, poses: list[Pose], overlay: Overlay, *, age: int = 0, mirrored: bool = False) -> np.ndarray:
    """The camera's picture as it is seen with the masks' message, RGB."""
    message, picture = painting.ground(poses, overlay)
    page.evaluate(f"async () => {{ ({ROOM})(); await new Promise((done) => setTimeout(done, 300)); }}")
    page.evaluate(
        """async ([message, data, age, mirrored]) => {
      shown.mirrored = mirrored;
      if (data) message.picture = await (await fetch(`data:image/jpeg;base64,${data}`)).blob();
      push(message, age);
      await new Promise((done) => setTimeout(done, 400));
    }""",
        [{"channel": "ground", "size": [640, 480], **message}, base64.b64encode(picture).decode(), age, mirrored],
    )
    return decoded(page.evaluate(SEEN))[..., :3].astype(int)


def masked(**about: Any) -> Pose:
    mask = np.zeros((480, 640), np.uint8)
    mask[96:, 64:256] = 255
    return Pose(np.zeros((33, 3), np.float32), 1.0, mask=mask, **about)


NOBODY_DRAWN = {"skeleton": False, "points": False}
HER, WALL = (slice(150, 400), slice(80, 220)), (slice(20, 400), slice(300, 560))


@pytest.mark.parametrize("mirrored", [False, True])
def test_what_is_cut_out_stays_and_the_rest_is_of_one_colour(stage: Stage, mirrored: bool) -> None:
    seen = film(stage((640, 480)), [masked()], Overlay(background=masks.CUT_OUT, **NOBODY_DRAWN), mirrored=mirrored)
    seen = seen[:, ::-1] if mirrored else seen
    assert np.abs(seen[HER] - (0, 192, 0)).max() < 30 and np.abs(seen[WALL] - masks.PLAIN).max() < 3


@pytest.mark.parametrize("has_filter", [True, False], ids=["by filter", "without one"])
def test_blur_leaves_people_sharp_and_gives_them_no_halo(stage: Stage, has_filter: bool) -> None:
    page = stage((640, 480))
    if not has_filter:
        page.evaluate("() => delete CanvasRenderingContext2D.prototype.filter")
    seen = film(page, [masked()], Overlay(background=masks.BLUR, **NOBODY_DRAWN))
    assert np.abs(seen[HER] - (0, 192, 0)).max() < 30
    assert np.abs(np.diff(seen[WALL], axis=1)).mean() < 5, "a chequered wall is grey"
    beside_her = seen[150:400, 246:256]  # her edge is at 240
    assert np.abs(beside_her[..., 1] - beside_her[..., 0]).mean() < 25, "no green there"


def test_a_mask_that_is_old_shows_nobody(stage: Stage) -> None:
    seen = film(stage((640, 480)), [masked()], Overlay(background=masks.CUT_OUT, **NOBODY_DRAWN), age=5000)
    assert np.abs(seen[HER] - masks.PLAIN).max() < 3
    page = stage((640, 480))
    film(page, [masked()], Overlay(background=masks.CUT_OUT, **NOBODY_DRAWN))
    back = film(page, [], Overlay(**NOBODY_DRAWN))
    assert np.abs(back[HER] - (0, 192, 0)).max() < 30 and back[WALL].std() > 100, "kept again, all is seen"


def test_silhouettes_have_their_persons_colour_and_lie_under_the_skeleton(stage: Stage) -> None:
    page = stage((640, 480))
    seen = film(page, [masked(id=2)], Overlay(silhouette=True, **NOBODY_DRAWN))
    assert np.abs(seen[HER] - (np.array((0, 192, 0)) + PEOPLE[2]) / 2).max() < 20
    body = somebody("body33", seed=3)
    bones = drawn(page, [body], Overlay())
    film(page, [masked(id=2)], Overlay(silhouette=True, **NOBODY_DRAWN))  # comes after the skeleton
    again = decoded(page.evaluate("() => canvas.toDataURL()"))
    colour = np.abs(bones[..., :3].astype(int) - PEOPLE[3]).max(axis=2) < 4
    assert (np.abs(again[colour][:, :3].astype(int) - PEOPLE[3]).max(axis=1) < 12).mean() > 0.9


@pytest.mark.parametrize("viewport", [(375, 667), (1280, 800)], ids=["phone", "desktop"])
@pytest.mark.parametrize("size", [(640, 480), (1280, 720)], ids=["4:3", "16:9"])
@pytest.mark.parametrize("mirrored", [False, True], ids=["as it is", "mirrored"])
def test_a_persons_joints_are_where_the_person_is(
    stage: Stage,
    viewport: tuple[int, int],
    size: tuple[int, int],
    mirrored: bool,
) -> None:
    width, height = size
    frame = np.full((height, width, 3), 255, np.uint8)
    side = height
    frame[:, :side] = cv2.resize(next(s for s in sample_pictures() if s.name == "astronaut").load(), (side, side))
    cache = ModelCache(10**9)
    (pose,) = cache.get(of_task("pose")[0].name).predict(frame)
    nose = pose.keypoints[0, :2]
    # another network, asked for the same point, says where it is
    face = cache.get(of_task("face")[0].name).predict(frame)[0].keypoints[1, :2]
    assert np.linalg.norm(nose - face) < 0.03 * height
    box_width = min(600, viewport[0] - 30)
    page = stage(size, box=(box_width, 3 * box_width // 4), viewport={"width": viewport[0], "height": viewport[1]})
    only_nose = np.zeros_like(pose.keypoints)
    only_nose[0] = pose.keypoints[0]
    message = painting.figures([Pose(only_nose, 1.0)], Overlay(skeleton=False))
    found = at(page, {"channel": "a", "size": size, **message}, mirrored=mirrored)
    scale = min(found["width"] / width, found["height"] / height)
    x = (found["width"] - scale * width) / 2 + scale * (width - face[0] if mirrored else face[0])
    y = (found["height"] - scale * height) / 2 + scale * face[1]
    assert np.hypot(found["x"] - x, found["y"] - y) < 0.03 * scale * height + 1
