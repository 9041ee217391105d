"""A simple face that does what a real one does: an SVG drawn from 52 blendshapes and from how the head is held."""

import base64
import math
from dataclasses import dataclass

import numpy as np

from models.pose.blendshapes import Blendshapes
from models.pose.poses import Pose

# Points of the mesh; left and right are the person's own
_NOSE_TIP, _FOREHEAD, _CHIN, _RIGHT_CHEEK, _LEFT_CHEEK = 1, 10, 152, 234, 454
# In 43 photographed faces nod is 0.06 where mediapipe's head matrix says level, and grows by 0.01 a degree (r = 0.87);
# turn grows by 0.03 a degree (r = 0.94).
_LEVEL = 0.06

# eyeBlink of open eyes is up to 0.3 in photographs, of shut ones about 0.5
_EYE_OPEN, _EYE_SHUT = 0.1, 0.5


@dataclass(frozen=True)
class Head:
    """How a head is held. `turn` -1 to 1, to the person's right and left; `nod` -1 to 1, up and down; `tilt` in degrees
    clockwise in the camera's picture."""

    turn: float
    nod: float
    tilt: float

    @classmethod
    def from_face(cls, pose: Pose) -> "Head":
        """From where the nose's tip stands between the cheeks, and between forehead and chin. Raises ValueError for
        anything but a face."""
        if not pose.kind.startswith("face"):
            raise ValueError(f"a head is measured on a face, got a {pose.kind}")
        xy = pose.keypoints[:, :2].astype(np.float64)
        across = xy[_LEFT_CHEEK] - xy[_RIGHT_CHEEK]
        return cls(
            _between(xy[_NOSE_TIP], xy[_RIGHT_CHEEK], xy[_LEFT_CHEEK]),
            min(1.0, max(-1.0, _between(xy[_NOSE_TIP], xy[_FOREHEAD], xy[_CHIN]) - _LEVEL)),
            math.degrees(math.atan2(across[1], across[0])),
        )


def _between(point: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """-1 at `low`, 0 in the middle, 1 at `high`, and no further; 0 where both are one."""
    way = high - low
    length = float(way @ way)
    return min(1.0, max(-1.0, 2 * float((point - (low + high) / 2) @ way) / length)) if length else 0.0


def avatar(blendshapes: Blendshapes, head: Head, *, mirrored: bool = False) -> str:
    """The face as SVG, 200 by 200, as the camera sees it: the person's left is on the right; `mirrored` as a mirror
    shows it. It blinks, looks about, raises its brows, smiles, opens its mouth, and turns and tilts its head."""
    b = blendshapes
    side, chin = 45 + 8 * b["jawOpen"], 87 + 16 * b["jawOpen"]  # the open jaw makes the face longer
    flip = ' transform="translate(200 0) scale(-1 1)"' if mirrored else ""
    dx, dy = 20 * head.turn, 22 * head.nod  # features slide over the head as it turns
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200"><g{flip} stroke-linecap="round" '
        f'stroke-linejoin="round"><g transform="rotate({head.tilt:.1f} 100 105)">'
        '<path d="M30 95C30 45 62 18 100 18s70 27 70 77'
        f'c0 {side:.1f}-32 {chin:.1f}-70 {chin:.1f}S30 {95 + side:.1f} 30 95z" '
        'fill="#f2c14e" stroke="#8a6414" stroke-width="4"/>'
        f'<g transform="translate({dx:.1f} {dy:.1f})">'
        f"{_eye(b, 'Right', 70, -1)}{_eye(b, 'Left', 130, 1)}{_mouth(b)}"
        f'<path d="M{98 + 0.5 * dx:.1f} {98 + 0.4 * dy:.1f}q-6 16 {4 + 0.2 * dx:.1f} 18" fill="none" stroke="#8a6414" '
        'stroke-width="4"/></g></g></g></svg>'
    )


def data_url(svg: str) -> str:
    """For an <img>: Streamlit lets no SVG into its HTML."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def shut(blendshapes: Blendshapes, side: str) -> float:
    """How far the eye of a `side`, "Left" or "Right", is shut: 0 to 1."""
    return min(1.0, max(0.0, (blendshapes[f"eyeBlink{side}"] - _EYE_OPEN) / (_EYE_SHUT - _EYE_OPEN)))


def _eye(b: Blendshapes, side: str, x: int, outwards: int) -> str:
    """An eye with its brow, its middle at `x`; `outwards` is 1 where away from the nose is to the right."""
    opened = 1 - shut(b, side)
    height = 13 * opened * (1 + 0.5 * b[f"eyeWide{side}"])
    inner, outer = x - 17 * outwards, x + 17 * outwards
    lowered = 12 * b[f"browDown{side}"]
    ends = 58 - 16 * b["browInnerUp"] + lowered, 58 - 14 * b[f"browOuterUp{side}"] + lowered / 2
    top = min(ends) - 6
    brow = (
        f'<path d="M{inner} {ends[0]:.1f}Q{x} {top:.1f} {outer} {ends[1]:.1f}" '
        'fill="none" stroke="#5b3d0d" stroke-width="6"/>'
    )
    if height < 2.5:
        return f'{brow}<path class="shut" d="M{x - 15} 80q15 8 30 0" fill="none" stroke="#3a2a10" stroke-width="5"/>'
    look_x = outwards * (b[f"eyeLookOut{side}"] - b[f"eyeLookIn{side}"])
    look_y = b[f"eyeLookDown{side}"] - b[f"eyeLookUp{side}"]
    radius = min(7.0, height * 0.8)
    return (
        f'{brow}<ellipse cx="{x}" cy="80" rx="15" ry="{height:.1f}" fill="#fff" stroke="#3a2a10" stroke-width="3"/>'
        f'<circle cx="{x + 8 * look_x:.1f}" cy="{80 + 5 * look_y:.1f}" r="{radius:.1f}" fill="#3a2a10"/>'
    )


def _mouth(b: Blendshapes) -> str:
    """From corner to corner along the upper lip and back along the lower one."""
    middle = 100 + 10 * (b["mouthLeft"] - b["mouthRight"] + b["jawLeft"] - b["jawRight"])
    round_lips = max(b["mouthPucker"], b["mouthFunnel"])
    corners = []
    for side, outwards in (("Right", -1), ("Left", 1)):
        smile, frown = b[f"mouthSmile{side}"], b[f"mouthFrown{side}"]
        width = 26 + 12 * smile + 8 * b[f"mouthStretch{side}"] - 14 * round_lips
        corners.append((middle + outwards * width, 140 - 14 * smile + 14 * frown))
    (left, left_y), (right, right_y) = corners
    smile = (b["mouthSmileLeft"] + b["mouthSmileRight"]) / 2
    upper = 140 + 10 * smile - 6 * (b["mouthUpperUpLeft"] + b["mouthUpperUpRight"]) * max(smile, b["jawOpen"])
    lower = 140 + 12 * smile + 62 * b["jawOpen"] + 14 * b["mouthFunnel"]
    return (
        f'<path class="mouth" d="M{left:.1f} {left_y:.1f}Q{middle:.1f} {upper:.1f} {right:.1f} {right_y:.1f}'
        f'Q{middle:.1f} {lower:.1f} {left:.1f} {left_y:.1f}z" fill="#7b1e28" stroke="#7b1e28" stroke-width="5"/>'
    )
