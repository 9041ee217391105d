"""What the browser draws of poses over the visitor's own picture, as messages: see assets/live/painters/poses.js and
ground.js, which draw as overlay.py does.

A result goes out as small as it is drawn: points as 16-bit numbers, of a face's mesh those alone that are joined, and
no points where only boxes are shown. Pairs, names and colours of points go out once, as `skeletons`. Masks are a small
grey JPEG, which takes a tenth of the time of a WebP.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np

from models.pictures.arrays import thumbnail
from models.pictures.images import to_jpeg
from models.pose import masks
from models.pose.face import lines
from models.pose.overlay import Colour, Overlay, about, colour_of, colours_and_sizes, person_colour
from models.pose.poses import Pose, packed
from models.pose.skeletons import COCO17, SKELETONS
from models.pose.trail import person_key

BACKDROP_SIDE = 960  # pixels of the longer side of a picture behind people
MASK_SIDE = 256  # pixels of a mask's longer side: the network that makes it looks at no more
_QUALITY = 70
_FOR_GOOD_MS = 10**9
_MESH_ALONE = " mesh"  # after a face's kind, where the points are sent that its lines join


def figures(poses: Sequence[Pose], overlay: Overlay, trails: Mapping[int, np.ndarray] | None = None) -> dict[str, Any]:
    """What the painter `poses` draws of one result; `trails` as `Trail.add` returned them."""
    return {
        "kind": "poses",
        "poses": [_figure(pose, order, overlay) for order, pose in enumerate(poses)],
        "trails": [_trail(key, way) for key, way in (trails or {}).items()],
    }


def skeletons(kinds: Sequence[str], overlay: Overlay) -> dict[str, Any]:
    """What does not change from result to result, on the channel "skeletons": for each kind of pose which points are
    joined, and what is drawn at each point."""
    sent = {_sent_kind(kind, overlay): _skeleton(kind, overlay) for kind in kinds}
    return {"kind": "skeletons", "skeletons": sent}


def ground(poses: Sequence[Pose], overlay: Overlay) -> tuple[dict[str, Any], bytes]:
    """What the painter `ground` makes of the visitor's picture before anything is drawn on it, and the people's masks,
    one below the other; no bytes where there are none. It stays until the next one comes."""
    behind = masks.KEEP if overlay.on_black else overlay.background
    people = [(pose.mask, person_colour(person_key(pose, n))) for n, pose in enumerate(poses) if pose.mask is not None]
    if people and not overlay.silhouette:  # who is who does not matter
        height, width = people[0][0].shape
        people = [(masks.together([mask for mask, _ in people], (width, height)), people[0][1])]
    message = {
        "kind": "ground",
        "fill": _css(_fill(overlay)) if behind in (masks.CUT_OUT, masks.COLOUR, masks.PICTURE) else None,
        "backdrop": behind == masks.PICTURE,
        "blur": masks.BLUR_SHARE if behind == masks.BLUR else 0,
        "tint": masks.TINT if overlay.silhouette else 0,
        "colours": [_css(colour) for _, colour in people],
        "lasts": _FOR_GOOD_MS,
    }
    if not people:
        return message, b""
    sheet = np.concatenate([_small(mask) for mask, _ in people])
    return message, cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _fill(overlay: Overlay) -> Colour:
    is_colour = overlay.background == masks.COLOUR and not isinstance(overlay.behind, np.ndarray)
    return overlay.behind if is_colour else masks.PLAIN  # type: ignore[return-value]  # a colour: see above


def backdrop(overlay: Overlay) -> bytes | None:
    """The picture behind people as a small JPEG, once, on the channel "backdrop"; None where it is none."""
    if overlay.background != masks.PICTURE or not isinstance(overlay.behind, np.ndarray):
        return None
    return to_jpeg(thumbnail(overlay.behind, BACKDROP_SIDE))


def _figure(pose: Pose, order: int, overlay: Overlay) -> dict[str, Any]:
    sent = pose.to_browser(overlay.min_keypoint_score, _numbers(pose.kind, overlay))
    sent |= {"kind": _sent_kind(pose.kind, overlay), "colour": _css(colour_of(pose, order))}
    if overlay.boxes:
        seen = pose.seen(overlay.min_keypoint_score)
        if seen.any():
            at = pose.keypoints[seen, :2].astype(np.float64)
            sent["box"] = [*at.min(axis=0).round(1).tolist(), *at.max(axis=0).round(1).tolist()]
            sent["about"] = about(pose)
    return sent


def _is_mesh_alone(kind: str, overlay: Overlay) -> bool:
    return kind.startswith("face") and overlay.skeleton and not overlay.points


def _sent_kind(kind: str, overlay: Overlay) -> str:
    # another name: a result from before a change of style does not get the other's lines
    return kind + _MESH_ALONE * _is_mesh_alone(kind, overlay)


@cache
def _joined(kind: str) -> tuple[int, ...]:
    return tuple(sorted({number for pair in lines(kind) for number in pair}))


def _numbers(kind: str, overlay: Overlay) -> Sequence[int] | None:
    """Which points are sent; None for all."""
    if _is_mesh_alone(kind, overlay):
        return _joined(kind)
    has_names = overlay.names and not kind.startswith("face")
    return None if overlay.skeleton or overlay.points or has_names else ()


def _skeleton(kind: str, overlay: Overlay) -> dict[str, Any]:
    is_face, skeleton = kind.startswith("face"), SKELETONS[kind]
    pairs = lines(kind) if is_face else skeleton.bones
    if _is_mesh_alone(kind, overlay):
        place = {number: index for index, number in enumerate(_joined(kind))}
        pairs = tuple((place[a], place[b]) for a, b in pairs)
    sent: dict[str, Any] = {"bones": pairs if overlay.skeleton else [], "mesh": is_face, "points": overlay.points}
    if overlay.points and not is_face:
        colours, sizes = colours_and_sizes(kind)
        sent |= {"colours": [_css(colour) for colour in colours], "sizes": sizes}
    if overlay.names and not is_face:
        sent["names"] = skeleton.names
        if kind == "body33":  # the large joints first: they are the ones that get room
            sent["order"] = [*COCO17, *(number for number in range(len(skeleton.names)) if number not in COCO17)]
    return sent


def _trail(key: int, way: np.ndarray) -> dict[str, Any]:
    """x, y and how fresh each is in per cent."""
    return {"colour": _css(person_colour(key)), "points": packed(way * (1, 1, 100), np.isfinite(way).all(axis=1))}


def _small(mask: np.ndarray) -> np.ndarray:
    height, width = mask.shape
    share = min(1.0, MASK_SIDE / max(height, width))
    size = (max(1, round(share * width)), max(1, round(share * height)))
    return cv2.resize(mask, size, interpolation=cv2.INTER_AREA)


def _css(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
