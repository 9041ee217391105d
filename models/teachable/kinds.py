"""What a project learns from: the whole picture, a body's points or a hand's. A sample's features come from here."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from models.pictures.arrays import check, thumbnail
from models.pictures.images import open_image, to_jpeg
from models.pictures.resampling import scaled_square
from models.pose.poses import Pose
from models.pose.tracking.nearness import box_of

QUALITY = 90  # of the JPEG that is kept
SIDE = 224  # pixels: what the network sees
POINTS_SIDE = 480  # pixels, longer side: what is kept where points are looked for
HALVES_UP = 1e-6  # levels, added before rounding: a half is common (1 pixel in 64 at half the size), and noise tips it


@dataclass(frozen=True)
class Kind:
    """One way to look at a picture.

    `model` is the catalogue's name; `size` the number of features; `near` the cosine distance from the nearest sample
    up to which something is taken for one of the classes where there are too few recordings to measure it; `missing`
    what a picture must show, and `skeleton`, by its name in models/pose/skeletons.py, what is found of it.
    """

    name: str
    title: str
    model: str
    size: int
    near: float
    missing: str = ""
    skeleton: str = ""


def square(rgb: np.ndarray) -> np.ndarray:
    """The middle square of a picture, scaled to SIDE: uint8 (H, W, 3) → uint8 (SIDE, SIDE, 3).

    Bilinear with antialiasing, in doubles, rounded at the end, so that an exported model sees the very same pixels
    (export/onnx_graph.py). In floats a few of them are one level off, which moves a probability by 0.003.
    """
    height, width = check(rgb)
    if (height, width) == (SIDE, SIDE):
        return rgb
    return np.rint(scaled_square(rgb, SIDE) + HALVES_UP).astype(np.uint8)


def sample_jpeg(kind: Kind, rgb: np.ndarray) -> bytes:
    """The JPEG that a sample of that kind keeps of a picture: all that its features are computed of."""
    return to_jpeg(square(rgb) if kind.name == "pictures" else thumbnail(rgb, POINTS_SIDE), QUALITY)


def features(kind: Kind, model: Any, rgb: np.ndarray) -> np.ndarray | None:
    """What the model of that kind makes of a picture: float32 (kind.size,), None without a body or hand in it."""
    return _LOOKS[kind.name](model, rgb)


def opened(jpeg: bytes) -> np.ndarray:
    """The picture of a kept JPEG, uint8 (H, W, 3). Raises BadImage."""
    return open_image(jpeg, name="sample", max_side=POINTS_SIDE)


def thumb(jpeg: bytes, side: int = 64) -> bytes:
    """A small square JPEG of a kept one, for a strip of many: decoded small, so it takes little time. Of a broken
    one a grey one."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            image.draft("RGB", (side, side))
            short = min(image.size)
            left, top = (image.width - short) // 2, (image.height - short) // 2
            small = image.crop((left, top, left + short, top + short)).resize((side, side), Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, ValueError):  # only a file that was made to be broken holds such a picture
        small = Image.new("RGB", (side, side), "grey")
    file = io.BytesIO()
    small.save(file, "JPEG", quality=70)
    return file.getvalue()


def _embedding(model: Any, rgb: np.ndarray) -> np.ndarray | None:
    embedding: np.ndarray = model.embed_square(square(rgb))
    return embedding


def _body(model: Any, rgb: np.ndarray) -> np.ndarray | None:
    # not `predict`, which would go over the picture of nobody part by part, for a second
    poses = model.look(rgb)
    return body_features(poses[0]) if poses else None


def _hand(model: Any, rgb: np.ndarray) -> np.ndarray | None:
    # the largest hand; a crop around it shows its points more exactly
    hands = model.look(rgb)
    if not hands:
        return None
    nearest = max(hands, key=lambda hand: box_of(hand)[1])
    return hand_features(model.look_around(rgb, nearest) or nearest)


def body_features(pose: Pose) -> np.ndarray:
    """A body33 as float32 (66,), wherever and however large it is in the picture: from the middle of the shoulders, in
    trunk lengths, and each point weighted by how visible it is, so that ankles behind a table don't matter."""
    xy, score = pose.keypoints[:, :2], pose.keypoints[:, 2:]
    shoulders, hips = xy[11:13].mean(0), xy[23:25].mean(0)
    trunk = max(float(np.linalg.norm(shoulders - hips)), float(np.linalg.norm(xy[11] - xy[12])), 1.0)
    return np.clip((xy - shoulders) / trunk * score, -10, 10).astype(np.float32).ravel()


def hand_features(pose: Pose) -> np.ndarray:
    """A hand21 as float32 (42,): from the wrist, in palm lengths; a left hand is mirrored, so both teach the same."""
    xy = pose.keypoints[:, :2] - pose.keypoints[0, :2]
    palm = max(float(np.linalg.norm(xy[9])), float(np.linalg.norm(xy[5] - xy[17])), 1.0)
    if pose.side == "left":
        xy = xy * np.array([-1, 1], np.float32)
    return np.clip(xy / palm, -10, 10).astype(np.float32).ravel()


_LOOKS: dict[str, Callable[[Any, np.ndarray], np.ndarray | None]] = {
    "pictures": _embedding,
    "body": _body,
    "hand": _hand,
}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("pictures", "Pictures", "efficientnet-lite0", 1280, near=0.3),
        Kind("body", "Body poses", "blazepose", 66, near=0.1, missing="a body", skeleton="body33"),
        Kind("hand", "Hand poses", "hands", 42, near=0.06, missing="a hand", skeleton="hand21"),
    )
}
