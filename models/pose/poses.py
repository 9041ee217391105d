"""Keypoints of a body, a hand or a face: one frozen type for all of them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.pose.skeletons import COCO17, SKELETONS, Skeleton

MAX_PEOPLE = 5  # that are searched for at a time
MIN_PRESENCE = 0.5  # pose score under which mediapipe's landmark networks report nobody: body, hand and face alike


UNSEEN = -(2**15)  # in place of the x of a point that is not to be drawn


def packed(points: np.ndarray, drawn: np.ndarray) -> str:
    """Points, float (n, k) in pixels, for the browser: tenths of a pixel as 16-bit integers, little-endian, in base64.
    `drawn`, bool (n,), says which; the others are UNSEEN."""
    most = -UNSEEN - 1
    tenths = np.where(drawn[:, None], np.clip(np.rint(10 * points.astype(np.float64)), -most, most), UNSEEN)
    return base64.b64encode(tenths.astype("<i2").tobytes()).decode()


def check_people(people: int) -> None:
    """Raises ValueError unless it is 1 to MAX_PEOPLE."""
    if not 1 <= people <= MAX_PEOPLE:
        raise ValueError(f"people must be 1 to {MAX_PEOPLE}, got {people}")


@dataclass(frozen=True, eq=False)
class Pose:
    """One body, hand or face.

    `keypoints` is float32 (n, 3): x and y in pixels of the picture as the camera gave it (never mirrored; they may lie
    outside of it), and a score in 0..1. `kind` names its skeleton in skeletons.py. `score` in 0..1 is how sure
    the model is that there is somebody at all. `id` stays with somebody between the frames of a stream, None on
    stills. `side` is "left" or "right" for a hand, the person's own left.

    Only some models give these, else None. `world` is float32 (n, 3): the points in metres as they stand around the
    hips of a body or the middle of a hand, x to the picture's right, y down, z away from the camera. `blendshapes` of a
    face: by ARKit's 52 names, how strong each movement is in 0..1. `mask` is uint8 (H, W) of the picture's size: how
    much each pixel belongs to this body, 0..255.
    """

    keypoints: np.ndarray
    score: float
    kind: str = "body33"
    id: int | None = None
    side: str | None = None
    world: np.ndarray | None = None
    blendshapes: Mapping[str, float] | None = None
    mask: np.ndarray | None = None

    def __post_init__(self) -> None:
        expected = (len(self.skeleton.names), 3)
        if self.keypoints.shape != expected or self.keypoints.dtype != np.float32:
            found = f"{self.keypoints.dtype} {self.keypoints.shape}"
            raise ValueError(f"keypoints of a {self.kind} must be float32 {expected}, got {found}")
        if not 0 <= self.score <= 1:
            raise ValueError(f"score must lie in 0..1, got {self.score}")
        if self.side not in (None, "left", "right"):
            raise ValueError(f"side must be left or right, got {self.side!r}")
        if self.world is not None and (self.world.shape != expected or self.world.dtype != np.float32):
            raise ValueError(f"world must be float32 {expected}, got {self.world.dtype} {self.world.shape}")
        if self.mask is not None and (self.mask.ndim != 2 or self.mask.dtype != np.uint8):
            raise ValueError(f"mask must be uint8 (H, W), got {self.mask.dtype} {self.mask.shape}")

    @property
    def skeleton(self) -> Skeleton:
        """Names and bones of its keypoints."""
        return SKELETONS[self.kind]

    def coco17(self) -> np.ndarray:
        """The 17 keypoints of COCO and PoseNet, in COCO's order: float32 (17, 3). Raises ValueError for no body."""
        if self.kind == "coco17":
            return self.keypoints
        if self.kind != "body33":
            raise ValueError(f"a {self.kind} has no COCO keypoints")
        return self.keypoints[list(COCO17)]

    def as_coco17(self) -> "Pose":
        """The same person by 17 points."""
        world = None if self.world is None or self.kind == "coco17" else self.world[list(COCO17)]
        return replace(self, keypoints=self.coco17(), kind="coco17", world=world)

    def seen(self, min_score: float) -> np.ndarray:
        """Which keypoints have that score and a place: bool (n,)."""
        return (self.keypoints[:, 2] >= min_score) & np.isfinite(self.keypoints).all(axis=1)

    def to_browser(self, min_score: float = 0.5, numbers: Sequence[int] | None = None) -> dict[str, Any]:
        """What the painter `poses` draws: `kind` of skeleton, `id`, and `points`, x and y as `packed` writes them, of
        those that score at least `min_score`; of these `numbers`, by default of all."""
        chosen = slice(None) if numbers is None else list(numbers)
        points = packed(self.keypoints[chosen, :2], self.seen(min_score)[chosen])
        return {"kind": self.kind, "id": self.id, "points": points}

    def points_only(self) -> "Pose":
        """The same by its keypoints alone, for what is kept: ten minutes of masks would take gigabytes."""
        return replace(self, world=None, blendshapes=None, mask=None)

    def mirrored(self, width: int) -> "Pose":
        """The same body or hand in the mirror image of a picture that is so many pixels wide: left and right change
        their names. Raises ValueError for a face, whose points have no names."""
        if self.kind not in ("body33", "coco17", "hand21"):
            raise ValueError(f"a {self.kind} cannot be mirrored")
        order = list(range(len(self.keypoints)))
        for left, right in self.skeleton.pairs:
            order[left], order[right] = right, left
        keypoints = (self.keypoints * [-1, 1, 1] + [width, 0, 0]).astype(np.float32)[order]
        world = None if self.world is None else (self.world * [-1, 1, 1]).astype(np.float32)[order]
        side = None if self.side is None else "left" if self.side == "right" else "right"
        mask = None if self.mask is None else np.ascontiguousarray(self.mask[:, ::-1])
        return replace(self, keypoints=keypoints, world=world, side=side, mask=mask)
