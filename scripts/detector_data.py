"""The labelled pictures that the detector's box head learns from and is measured on: COCO's, in YOLO's text form."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.detector.coco import NAMES
from models.detector.fastest import FastestDet
from models.detector.settling import suppressed
from models.pictures.images import open_image

MIN_SCORE = 0.65  # of what the teacher says, to be taken for a label


@dataclass(frozen=True)
class Labelled:
    """A picture's file; `boxes` float (n, 4): left, top, right, bottom in 0..1; `names` int (n,), numbers of COCO's 80
    names."""

    file: Path
    boxes: np.ndarray
    names: np.ndarray

    def rgb(self) -> np.ndarray:
        return open_image(self.file.read_bytes())


def part_of(file: Path) -> str:
    """Which part a picture is in, by its name: "kept out" (a quarter), "chooses" (of the others one in seven), or
    "learns"."""
    number = int(hashlib.sha256(file.stem.encode()).hexdigest()[:8], 16)
    if number % 4 == 0:
        return "kept out"
    return "chooses" if (number // 4) % 7 == 0 else "learns"


def labelled(folder: Path, *parts: str) -> list[Labelled]:
    """The pictures of those parts under `folder`, in order of their names."""
    found = []
    for file in sorted(folder.glob("coco*/pictures/*"), key=lambda path: path.stem):
        truth = file.parents[1] / "boxes" / f"{file.stem}.txt"
        if truth.is_file() and part_of(file) in parts:
            rows = np.array([list(map(float, line.split())) for line in truth.read_text().splitlines() if line.strip()])
            rows = rows.reshape(-1, 5)
            middle, half = rows[:, 1:3], rows[:, 3:5] / 2
            boxes = np.clip(np.hstack((middle - half, middle + half)), 0, 1)
            found.append(Labelled(file, boxes, rows[:, 0].astype(int)))
    return found


def taught(teacher: Path, folders: list[Path]) -> list[Labelled]:
    """The pictures under those folders in which the teacher, a FastestDet, is sure of something."""
    if not folders:
        return []
    network, found = FastestDet(teacher), []
    for file in sorted(path for folder in folders for path in folder.rglob("*")):
        if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".bmp"}:
            here = suppressed(network.find(open_image(file.read_bytes())).chosen(MIN_SCORE), 0.45)
            if len(here):
                numbers = np.array([NAMES.index(name) for name in here.names])
                found.append(Labelled(file, here.boxes / np.array(here.size_wh * 2), numbers))
    return found
