"""Poses on a picture: skeleton, points, names, boxes and trails; takes RGB uint8 (H, W, 3), returns a NEW one.

A person's bones have the person's colour; points are warm on the person's own left, cool on their right. All lines
have a dark edge, so that they can be seen on any background and on a pale projector. Measured on 640×480 with one
thread: one body 0.5 ms, with its names 1.6 ms; models/pose/masks.py has the times of masks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from models.pictures import drawing
from models.pose import masks
from models.pose.poses import Pose
from models.pose.skeletons import COCO17, SKELETONS
from models.pose.trail import person_key

Colour = tuple[int, int, int]

# Told apart by protanopes, deuteranopes and tritanopes too (a test simulates them), and from the sides' two colours.
PEOPLE: tuple[Colour, ...] = ((60, 225, 150), (250, 225, 60), (205, 80, 190), (240, 240, 240), (125, 95, 235))
LEFT: Colour = (255, 125, 30)
RIGHT: Colour = (70, 175, 255)
MIDDLE: Colour = (255, 255, 255)
_EDGE: Colour = (16, 16, 24)

_SHIFT = 3  # OpenCV draws at eighths of a pixel: points that move slowly do not jump
_FAR = 1e6
_DETAILS = 0.6  # size of the points that crowd a body33's face, hands and feet, beside the others


@dataclass(frozen=True)
class Overlay:
    """What is drawn of each pose. `trail` names the keypoint whose way is shown. `on_black`: skeleton only, nobody's
    picture is shown. `silhouette`: each person's mask in their colour; `background`, one of masks.BACKGROUNDS: what
    becomes of the picture outside of the masks; `behind`: the colour or picture that is there instead. Keypoints below
    `min_keypoint_score` (0..1) are left out, with their bones."""

    skeleton: bool = True
    points: bool = True
    names: bool = False
    boxes: bool = False
    trail: str | None = None
    on_black: bool = False
    silhouette: bool = False
    background: str = masks.KEEP
    behind: masks.Behind = field(default=masks.PLAIN, compare=False)
    min_keypoint_score: float = 0.5

    @property
    def masks(self) -> bool:
        """Whether it takes the poses' masks."""
        return self.silhouette or self.background != masks.KEEP


def draw_poses(
    rgb: np.ndarray,
    poses: Sequence[Pose],
    overlay: Overlay,
    *,
    mirrored: bool = False,
    trails: Mapping[int, np.ndarray] | None = None,
    face_lines: Sequence[tuple[int, int]] | None = None,
) -> np.ndarray:
    """The picture with its poses, as a mirror shows it where `mirrored`: then the lines are mirrored with it, and the
    texts can be read. `trails` is what `Trail.add` returned; `face_lines` are the pairs of a face mesh's points that
    are joined, as face.py lists them. Points outside of the picture are cut off at its edge.
    """
    height, width = rgb.shape[:2]
    ground = _ground(rgb, poses, overlay)
    out = drawing.mirror(ground) if mirrored else ground
    unit = max(1.0, min(height, width) / 120)
    for key, way in (trails or {}).items():
        _draw_trail(out, _seen(way[:, :2], width, mirrored), way[:, 2], person_colour(key), unit)
    drawn = [_Drawn(pose, order, overlay, width, unit, mirrored) for order, pose in enumerate(poses)]
    for body in drawn:
        if overlay.skeleton and body.is_face and face_lines is not None:
            _draw_mesh(out, body, np.asarray(face_lines))
        elif overlay.skeleton:
            _draw_bones(out, body)
        if overlay.points:
            _draw_points(out, body)
        if overlay.boxes:
            _draw_box(out, body)
    taken: list[tuple[int, int, int, int]] = []
    em = max(11, round(0.03 * min(height, width)))
    for body in drawn:
        if overlay.boxes:
            _write_about(out, body, em, taken)
        if overlay.names and not body.is_face:
            _write_names(out, body, em, taken)
    return out


def _ground(rgb: np.ndarray, poses: Sequence[Pose], overlay: Overlay) -> np.ndarray:
    """A new picture on which the poses are drawn: the camera's, or what their masks leave of it."""
    people = [(pose.mask, person_colour(person_key(pose, n))) for n, pose in enumerate(poses) if pose.mask is not None]
    shapes = [mask for mask, _ in people]
    ground = (
        np.zeros_like(rgb)
        if overlay.on_black
        else masks.with_background(rgb, shapes, overlay.background, overlay.behind)
    )
    return masks.tinted(ground, shapes, [colour for _, colour in people]) if overlay.silhouette else ground


class _Drawn:
    """A pose as it is seen in the picture: float (n, 2) points, which of them are drawn, and how thick."""

    def __init__(self, pose: Pose, order: int, overlay: Overlay, width: int, unit: float, mirrored: bool) -> None:
        self.pose = pose
        self.points = _seen(pose.keypoints[:, :2], width, mirrored)
        self.shown = pose.seen(overlay.min_keypoint_score)
        self.is_face = pose.kind.startswith("face")
        self.colour = colour_of(pose, order)
        extent = np.ptp(self.points[self.shown], axis=0).max() if self.shown.any() else 0.0
        self.thick = max(1, round(min(unit, extent / 40)))  # those far away are small: their joints must not merge


def person_colour(key: int) -> Colour:
    """Of a person's bones, trail and mask, by `trail.person_key`."""
    return PEOPLE[key % len(PEOPLE)]


def colour_of(pose: Pose, order: int) -> Colour:
    """Of its bones: the person's, or of a hand the side's. `order` is its place in the list of poses."""
    if pose.side is None:
        return person_colour(person_key(pose, order))
    return LEFT if pose.side == "left" else RIGHT


def _seen(points: np.ndarray, width: int, mirrored: bool) -> np.ndarray:
    """Where points of the camera's picture, (n, 2), are in the picture that is shown."""
    points = np.clip(points, -_FAR, _FAR)
    return np.stack((width - 1 - points[:, 0], points[:, 1]), axis=1) if mirrored else points


def _fixed(points: np.ndarray) -> np.ndarray:
    """In OpenCV's eighths of pixels; what is not finite becomes any number and must not be drawn."""
    return np.rint(np.nan_to_num(points) * (1 << _SHIFT)).astype(np.int32)


def _line(out: np.ndarray, a: Sequence[int], b: Sequence[int], colour: Colour, thick: int) -> None:
    """From a to b, in eighths of pixels. OpenCV's own arithmetic overflows far outside: cut off before."""
    margin = 64 << _SHIFT
    height, width = (side << _SHIFT for side in out.shape[:2])
    inside, a, b = cv2.clipLine((-margin, -margin, width + 2 * margin, height + 2 * margin), a, b)
    if inside:
        cv2.line(out, a, b, colour, thick, cv2.LINE_AA, _SHIFT)


def _draw_bones(out: np.ndarray, body: _Drawn) -> None:
    at, shown = _fixed(body.points).tolist(), body.shown
    bones = [(at[a], at[b]) for a, b in body.pose.skeleton.bones if shown[a] and shown[b]]
    for colour, thick in ((_EDGE, body.thick + 2), (body.colour, body.thick)):
        for a, b in bones:
            _line(out, a, b, colour, thick)


def _draw_points(out: np.ndarray, body: _Drawn) -> None:
    if body.is_face:
        _dots(out, body)
        return
    height, width = out.shape[:2]
    colours, sizes = colours_and_sizes(body.pose.kind)
    margin = 8 * body.thick
    for index in np.flatnonzero(body.shown).tolist():
        x, y = body.points[index].tolist()
        if -margin < x < width + margin and -margin < y < height + margin:
            centre = (round(x * 8), round(y * 8))
            radius = max(1.5, 1.5 * body.thick * sizes[index])
            cv2.circle(out, centre, round(8 * (radius + 1)), _EDGE, -1, cv2.LINE_AA, _SHIFT)
            cv2.circle(out, centre, round(8 * radius), colours[index], -1, cv2.LINE_AA, _SHIFT)


@cache
def colours_and_sizes(kind: str) -> tuple[tuple[Colour, ...], tuple[float, ...]]:
    """Of each keypoint of a skeleton; sizes beside the others'."""
    skeleton = SKELETONS[kind]
    sides = dict.fromkeys((left for left, _ in skeleton.pairs), LEFT)
    sides |= dict.fromkeys((right for _, right in skeleton.pairs), RIGHT)
    # a hand has one side: its bones have that colour, and its points stand out from them
    colours = tuple(sides.get(index, MIDDLE) for index in range(len(skeleton.names)))
    small = kind == "body33"
    return colours, tuple(_DETAILS if small and i not in COCO17 else 1.0 for i in range(len(skeleton.names)))


def _dots(out: np.ndarray, face: _Drawn) -> None:
    """A face's points are hundreds: single pixels, all at once."""
    height, width = out.shape[:2]
    x, y = np.rint(np.nan_to_num(face.points[face.shown])).astype(int).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    out[y[inside], x[inside]] = MIDDLE


def _draw_mesh(out: np.ndarray, face: _Drawn, lines: np.ndarray) -> None:
    height, width = out.shape[:2]
    near = (np.abs(face.points - (width / 2, height / 2)) < (2 * width, 2 * height)).all(axis=1) & face.shown
    lines = lines[(lines < len(near)).all(axis=1)]
    lines = lines[near[lines].all(axis=1)]
    if len(lines):
        segments: list[np.ndarray] = list(_fixed(face.points)[lines])
        cv2.polylines(out, segments, False, face.colour, face.thick, cv2.LINE_AA, _SHIFT)


def _draw_trail(out: np.ndarray, points: np.ndarray, fresh: np.ndarray, colour: Colour, unit: float) -> None:
    at = _fixed(points).tolist()
    drawn = [i for i in range(1, len(at)) if np.isfinite(points[i - 1 : i + 1]).all()]
    for i in drawn:
        _line(out, at[i - 1], at[i], _EDGE, round(2 + 1.5 * unit * fresh[i]))
    for i in drawn:
        share = 0.3 + 0.7 * float(fresh[i])
        faded = (round(colour[0] * share), round(colour[1] * share), round(colour[2] * share))
        _line(out, at[i - 1], at[i], faded, max(1, round(1.5 * unit * fresh[i])))


def _box(body: _Drawn, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom around what is drawn, inside the picture; None where nothing is."""
    if not body.shown.any():
        return None
    pad, last = 3 * body.thick, np.array(shape[1::-1]) - 1
    low = np.clip(body.points[body.shown].min(axis=0) - pad, 0, last)
    high = np.clip(body.points[body.shown].max(axis=0) + pad, 0, last)
    return round(low[0]), round(low[1]), round(high[0]), round(high[1])


def _draw_box(out: np.ndarray, body: _Drawn) -> None:
    if box := _box(body, out.shape):
        thick = max(2, body.thick // 2)
        cv2.rectangle(out, box[:2], box[2:], _EDGE, thick + 2)
        cv2.rectangle(out, box[:2], box[2:], body.colour, thick)


def about(pose: Pose) -> str:
    """Id, side and score, as written at a box."""
    words = [str(pose.id)] if pose.id is not None else []
    words += [pose.side] if pose.side else []
    return " · ".join((*words, f"{pose.score:.0%}"))


def _write_about(out: np.ndarray, body: _Drawn, em: int, taken: list[tuple[int, int, int, int]]) -> None:
    """At the box's top left."""
    if box := _box(body, out.shape):
        ink = drawing.typeset(about(body.pose), em, out.shape[1])
        x, y = min(box[0], out.shape[1] - ink.shape[1]), max(0, box[1] - ink.shape[0])
        drawing.plate(out, ink, x, y)
        taken.append((x, y, ink.shape[1], ink.shape[0]))


def _write_names(out: np.ndarray, body: _Drawn, em: int, taken: list[tuple[int, int, int, int]]) -> None:
    """Each keypoint's name beside it, where it hides neither another keypoint nor another name."""
    height, width = out.shape[:2]
    names, gap = body.pose.skeleton.names, 2 * body.thick + 2
    order = [*COCO17, *(i for i in range(len(names)) if i not in COCO17)] if body.pose.kind == "body33" else None
    middle = float(body.points[body.shown, 0].mean()) if body.shown.any() else 0.0
    points = [(index, *body.points[index].tolist()) for index in order or range(len(names)) if body.shown[index]]
    for index, x, y in points:
        if not (0 <= x < width and 0 <= y < height):
            continue
        ink = drawing.typeset(names[index], em, width)
        h, w = ink.shape
        beside, over = min(max(0, round(y) - h // 2), height - h), min(max(0, round(x) - w // 2), width - w)
        right, left = (round(x) + gap, beside), (round(x) - gap - w, beside)
        outwards = (right, left) if x >= middle else (left, right)
        for u, v in (*outwards, (over, round(y) - gap - h), (over, round(y) + gap)):
            if (
                0 <= u <= width - w
                and 0 <= v <= height - h
                and all(u + w <= a or a + c <= u or v + h <= b or b + d <= v for a, b, c, d in taken)
                and not any(u < a < u + w and v < b < v + h for other, a, b in points if other != index)
            ):
                drawing.plate(out, ink, u, v)
                taken.append((u, v, w, h))
                break
