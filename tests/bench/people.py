"""Who is found in still pictures, who is missed, who is made up: by `PoseModel.predict` alone, whatever runs beneath.

A person counts as found when the box around a pose's visible keypoints (score of at least 0.5) overlaps the labelled
box with an IoU of at least 0.3, each pose and person used once. Three figures, as JSON lines:

- people of four pictures (shared/data/pose, labels of COCO) and of variants of them;
- recall on shared/data/objects (COCO boxes): people at least 100 pixels high, at most five a picture. The pictures fall
  into two halves by their number: thresholds are chosen on `tuning`, `checking` is for reporting only;
- false alarms: poses in pictures without a person, and poses that touch no labelled person beside people.

Skips what is not there. `python -m tests.bench.people --model pose-landmarker-lite` tries another.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage import data

from models.cache import ModelCache
from models.pose.poses import MAX_PEOPLE, Pose

SHARED = Path(__file__).parents[3] / "shared" / "data"
MIN_IOU = 0.3
VISIBLE = 0.5
MIN_HEIGHT = 100  # pixels, of the people that recall counts
PERSON = 0  # in objects/*/names.yaml
WITHOUT_PEOPLE = (
    "bird",
    "cat_720p",
    "dragonfly",
    "hot_dog",
    "missvickie_potato_chips",
    "owl",
    "parrot",
    "pets",
    "sunflower",
)
FREE = ("chelsea", "coffee", "rocket", "text", "cell", "page", "clock", "coins", "horse", "hubble_deep_field", "retina")


@dataclass(frozen=True, eq=False)
class Labelled:
    """A picture and its people's boxes, float (n, 4): x, y, width, height in pixels. `half` is tuning or checking."""

    name: str
    rgb: np.ndarray
    boxes: np.ndarray
    half: str = ""


@dataclass
class Tally:
    """People found of those labelled, poses that touch nobody, pictures, and those of them with such a pose."""

    found: int = 0
    people: int = 0
    strays: int = 0
    pictures: int = 0
    spoilt: list[str] = field(default_factory=list)

    def add(self, picture: Labelled, poses: list[Pose], min_height: int = 0) -> int:
        """Count one picture; returns how many of its people were found."""
        boxes = [visible_box(pose) for pose in poses]
        pairs = matched(boxes, picture.boxes)
        counted = picture.boxes[:, 3] >= min_height
        found = min(MAX_PEOPLE, sum(bool(counted[person]) for person in pairs.values()))
        strays = sum(number not in pairs and not touches(box, picture.boxes) for number, box in enumerate(boxes))
        self.found, self.people = self.found + found, self.people + min(MAX_PEOPLE, int(counted.sum()))
        self.strays, self.pictures = self.strays + strays, self.pictures + 1
        self.spoilt += [picture.name] * bool(strays)
        return found


def visible_box(pose: Pose) -> np.ndarray:
    """x, y, width, height around the keypoints that are visible; around all where none is."""
    points = pose.keypoints[pose.keypoints[:, 2] >= VISIBLE, :2]
    points = points if len(points) > 1 else pose.keypoints[:, :2]
    return np.concatenate((points.min(0), np.ptp(points, axis=0)))


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Shared area of two boxes, in square pixels."""
    sides = np.minimum(one[:2] + one[2:], other[:2] + other[2:]) - np.maximum(one[:2], other[:2])
    return float(np.prod(np.maximum(sides, 0)))


def matched(boxes: list[np.ndarray], people: np.ndarray) -> dict[int, int]:
    """Which pose found which person: the best pairs first, each once."""
    ious = {
        (number, person): (shared := overlap(box, one)) / max(box[2] * box[3] + one[2] * one[3] - shared, 1e-9)
        for number, box in enumerate(boxes)
        for person, one in enumerate(people)
    }
    pairs: dict[int, int] = {}
    for number, person in sorted(ious, key=lambda pair: -ious[pair]):
        if ious[number, person] >= MIN_IOU and number not in pairs and person not in pairs.values():
            pairs[number] = person
    return pairs


def touches(box: np.ndarray, people: np.ndarray) -> bool:
    """Whether a third of it lies on people: then it is a poor pose or one too many, and not made up."""
    return any(overlap(box, one) >= box[2] * box[3] / 3 for one in people)


def read(path: Path) -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])


# Variants of a picture


def warped(picture: Labelled, by: np.ndarray, size_wh: tuple[int, int]) -> Labelled:
    """By an affine matrix (2, 3); what comes in from outside repeats the edge."""
    rgb = cv2.warpAffine(picture.rgb, by, size_wh, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    x, y, w, h = picture.boxes.T
    corners = np.stack([(x, y), (x + w, y), (x, y + h), (x + w, y + h)]).transpose(2, 0, 1) @ by[:, :2].T + by[:, 2]
    low, high = corners.min(1), corners.max(1)
    return replace(picture, rgb=rgb, boxes=np.hstack((low, high - low)))


def mirrored(picture: Labelled) -> Labelled:
    boxes = picture.boxes.copy()
    boxes[:, 0] = picture.rgb.shape[1] - boxes[:, 0] - boxes[:, 2]
    return replace(picture, rgb=np.ascontiguousarray(picture.rgb[:, ::-1]), boxes=boxes)


def bordered(picture: Labelled, share: float, way: int = cv2.BORDER_REPLICATE) -> Labelled:
    side = int(share * picture.rgb.shape[1])
    rgb = cv2.copyMakeBorder(picture.rgb, side, side, side, side, way, value=(128, 128, 128))
    return replace(picture, rgb=rgb, boxes=picture.boxes + np.array([side, side, 0, 0]))


def scaled(picture: Labelled, by: float) -> Labelled:
    rgb = cv2.resize(picture.rgb, None, fx=by, fy=by, interpolation=cv2.INTER_AREA if by < 1 else cv2.INTER_LINEAR)
    return replace(picture, rgb=rgb, boxes=picture.boxes * by)


def turned(picture: Labelled, degrees: float) -> Labelled:
    h, w = picture.rgb.shape[:2]
    return warped(picture, cv2.getRotationMatrix2D((w / 2, h / 2), degrees, 1), (w, h))


def compressed(picture: Labelled, quality: int) -> Labelled:
    _, packed = cv2.imencode(".jpg", picture.rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return replace(picture, rgb=cv2.imdecode(packed, cv2.IMREAD_COLOR))


def shifted(picture: Labelled, dx: float, dy: float) -> Labelled:
    h, w = picture.rgb.shape[:2]
    return warped(picture, np.array([[1, 0, dx], [0, 1, dy]], float), (w, h))


VARIANTS = {
    "as it is": lambda picture: picture,
    "mirrored": mirrored,
    "border 1/8": lambda picture: bordered(picture, 0.125),
    "border 1/20": lambda picture: bordered(picture, 0.05),
    "grey border": lambda picture: bordered(picture, 0.125, cv2.BORDER_CONSTANT),
    "mirrored, border": lambda picture: bordered(mirrored(picture), 0.125),
    "scaled 0.7": lambda picture: scaled(picture, 0.7),
    "scaled 1.4": lambda picture: scaled(picture, 1.4),
    "JPEG 40": lambda picture: compressed(picture, 40),
    "turned 4°": lambda picture: turned(picture, 4),
    "turned -7°": lambda picture: turned(picture, -7),
    "shifted": lambda picture: shifted(picture, 13, -9),
}


# The pictures


def of_four() -> list[Labelled]:
    table = json.loads((SHARED / "pose" / "test_coco.json").read_text("utf-8"))
    people = [one for one in table["annotations"] if one["num_keypoints"]]
    return [
        Labelled(
            image["file_name"],
            read(SHARED / "pose" / image["file_name"]),
            np.array([one["bbox"] for one in people if one["image_id"] == image["id"]], float).reshape(-1, 4),
        )
        for image in table["images"]
    ]


def of_objects() -> Iterator[Labelled]:
    for path in sorted((SHARED / "objects").glob("*/pictures/*.jpg")):
        table = path.parents[1] / "boxes" / f"{path.stem}.txt"
        lines = table.read_text("utf-8").splitlines() if table.exists() else []
        rows = np.array([line.split() for line in lines if line.strip()], float).reshape(-1, 5)
        rgb = read(path)
        middle, size = rows[rows[:, 0] == PERSON, 1:3], rows[rows[:, 0] == PERSON, 3:5]
        boxes = np.hstack((middle - size / 2, size)) * np.tile([rgb.shape[1], rgb.shape[0]], 2)
        # by the second last digit: how COCO's pictures were drawn for the two folders does not hang on it
        yield Labelled(path.name, rgb, boxes, "tuning" if int(path.stem[-2]) % 2 else "checking")


def of_nobody() -> Iterator[Labelled]:
    nobody = np.zeros((0, 4))
    for path in sorted((SHARED / "pictures").glob("*.*")):
        if path.stem in WITHOUT_PEOPLE:
            yield Labelled(path.name, read(path), nobody)
    for name in FREE:
        rgb = np.asarray(getattr(data, name)())
        rgb = rgb.astype(np.uint8) * 255 if rgb.dtype == bool else rgb
        yield Labelled(name, np.dstack([rgb] * 3) if rgb.ndim == 2 else rgb, nobody)


# The figures


def say(**figures: object) -> None:
    print(json.dumps({"bench": "people", **figures}, ensure_ascii=False), flush=True)


def variants(model: Any, pictures: list[Labelled]) -> None:
    for name, change in VARIANTS.items():
        tally, by_picture = Tally(), []
        for picture in map(change, pictures):
            by_picture.append(tally.add(picture, model.predict(picture.rgb, MAX_PEOPLE)))
        figures = {"found": tally.found, "people": tally.people, "by_picture": by_picture, "made_up": tally.strays}
        say(figure="four pictures", variant=name, **figures)


def recall(model: Any) -> None:
    crowds = {"tuning": Tally(), "checking": Tally()}
    empty = {"tuning": Tally(), "checking": Tally()}
    for picture in of_objects():
        tally = (crowds if len(picture.boxes) else empty)[picture.half]
        tally.add(picture, model.predict(picture.rgb, MAX_PEOPLE), MIN_HEIGHT)
    for half, tally in crowds.items():
        share = round(100 * tally.found / max(1, tally.people), 1)
        figures = {"found": tally.found, "people": tally.people, "per_cent": share}
        say(figure="recall", half=half, min_height=MIN_HEIGHT, **figures, pictures=tally.pictures, made_up=tally.strays)
    for half, tally in empty.items():
        alarms(f"objects, {half}", tally)


def alarms(of: str, tally: Tally) -> None:
    say(figure="false alarms", of=of, pictures=tally.pictures, poses=tally.strays, names=tally.spoilt)


def report(model: Any) -> None:
    """All figures of a model with `predict(rgb, people) -> list[Pose]`."""
    tally = Tally()
    for picture in of_nobody():
        tally.add(picture, model.predict(picture.rgb, MAX_PEOPLE))
    alarms("photographs without people", tally)
    for folder, part in (("pose", lambda: variants(model, of_four())), ("objects", lambda: recall(model))):
        if (SHARED / folder).is_dir():
            part()
        else:
            print(f"SKIPPED: people in shared/data/{folder}, because it is not here", file=sys.stderr)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="blazepose")
    options = parser.parse_args(argv)
    report(ModelCache(10**9).get(options.model))


if __name__ == "__main__":
    main(sys.argv[1:])
