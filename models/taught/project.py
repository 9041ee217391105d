"""What a visitor drew: pictures with boxes and strokes; kept as a zip with JSON and JPEG files.

    project.json     {limelight: "taught", version: 1, names, pictures: [{file, name, held_out, marks}]}
    pictures/1.jpg   …

A mark is {kind, points}: the class's number and points in parts of the picture; of a box, two opposite corners.
"""

import io
import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.errors import BadImage, BadInput
from models.pictures.arrays import thumbnail
from models.pictures.images import open_image, to_jpeg
from models.taught.boxes import Box, drawn
from models.taught.brush import MAX_CLASSES, Stroke
from models.teachable.keep.archive import Archive

COLOURS = ("#0a84c6", "#e66100", "#7ac70c", "#b0308c", "#c9a227")  # of classes, in their order
MAX_PICTURES, MAX_MARKS, MAX_POINTS = 60, 200, 1000
SIDE = 960  # pixels: larger pictures are scaled down when they come in
HELD_OUT_EVERY = 4
BOX, BRUSH = "box", "brush"
_JSON, _VERSION, _MAX_JSON, _MAX_JPEG, _MAX_NAME = "project.json", 1, 5_000_000, 3_000_000, 60


@dataclass(frozen=True)
class Mark:
    """Points (x, y) in parts of the picture, of class number `kind`; of a box, two opposite corners."""

    kind: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture, RGB uint8 (H, W, 3), with what was drawn on it; `held_out`: it tests, and does not teach."""

    key: str
    name: str
    rgb: np.ndarray
    marks: tuple[Mark, ...] = ()
    held_out: bool = False

    def boxes(self, names: Sequence[str]) -> list[Box]:
        """The boxes, without those that can't be one."""
        boxes = []
        for mark in self.marks:
            try:
                boxes.append(drawn((*mark.points[0], *mark.points[-1]), names[mark.kind]))
            except (ValueError, IndexError):
                continue
        return boxes

    def strokes(self) -> list[Stroke]:
        """The strokes."""
        return [Stroke(mark.kind, mark.points) for mark in self.marks]


@dataclass(frozen=True, eq=False)
class Project:
    """The classes' names, and the pictures."""

    names: tuple[str, ...] = ("Thing 1", "Thing 2")
    pictures: tuple[Drawn, ...] = ()

    def with_picture(self, key: str, name: str, rgb: np.ndarray, marks: Sequence[Mark] = ()) -> "Project":
        """With one more, or this one as it is there already. Every fourth tests. BadInput where there is no room."""
        if any(one.key == key for one in self.pictures):
            return self
        if len(self.pictures) >= MAX_PICTURES:
            raise BadInput(f"A project holds {MAX_PICTURES} pictures. Delete one first.")
        held_out = len(self.pictures) % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
        one = Drawn(key, name, thumbnail(rgb, SIDE), tuple(marks), held_out)
        return replace(self, pictures=(*self.pictures, one))

    def changed(self, key: str, **what: Any) -> "Project":
        """With other fields of that picture."""
        return replace(self, pictures=tuple(replace(p, **what) if p.key == key else p for p in self.pictures))

    def without(self, key: str) -> "Project":
        """Without that picture."""
        return replace(self, pictures=tuple(p for p in self.pictures if p.key != key))


def names_of(text: str) -> tuple[str, ...]:
    """Class names from a line with commas: MAX_CLASSES at most, each once."""
    names = dict.fromkeys(name.strip()[:_MAX_NAME] for name in text.split(","))
    return tuple(name for name in names if name)[:MAX_CLASSES]


def marks_of(sent: Any, *, tool: str, classes: int) -> tuple[tuple[Mark, ...], int]:
    """The marks in what a browser or a file says, and how many were refused: of no size, outside, or no marks."""
    marks: list[Mark] = []
    sent = sent if isinstance(sent, list) else []
    for one in sent[:MAX_MARKS]:
        try:
            kind, points = one["kind"], [(float(x), float(y)) for x, y in one["points"][:MAX_POINTS]]
            if type(kind) is not int or not 0 <= kind < classes or not points:
                raise ValueError
            if not all(map(math.isfinite, sum(points, ()))):
                raise ValueError
            if tool == BOX:
                drawn((*points[0], *points[-1]), "box")
            inside = tuple((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in points)
            marks.append(Mark(kind, inside))
        except (ValueError, TypeError, KeyError, IndexError):
            continue
    return tuple(marks), len(sent) - len(marks)


def to_bytes(project: Project) -> bytes:
    """The project as a zip."""
    rows = []
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, one in enumerate(project.pictures, 1):
            path = f"pictures/{number}.jpg"
            archive.writestr(path, to_jpeg(one.rgb))
            marks = [{"kind": mark.kind, "points": mark.points} for mark in one.marks]
            rows.append({"file": path, "name": one.name, "held_out": one.held_out, "marks": marks})
        about = {"limelight": "taught", "version": _VERSION, "names": project.names, "pictures": rows}
        archive.writestr(_JSON, json.dumps(about, ensure_ascii=False), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def from_bytes(data: bytes, tool: str, name: str = "project") -> Project:
    """The project that `to_bytes` was given. BadInput for any other bytes."""
    archive = Archive(data, name=name, max_files=MAX_PICTURES + 10, max_bytes_each=_MAX_JSON)
    try:
        about = json.loads(archive.read(_JSON, _MAX_JSON))
        if about["limelight"] != "taught" or about["version"] != _VERSION:
            raise ValueError
        names = names_of(",".join(map(str, about["names"])))
        project = Project(names)
        for number, row in enumerate(about["pictures"][:MAX_PICTURES]):
            jpeg = archive.read(str(row["file"]), _MAX_JPEG)
            rgb = open_image(jpeg, name=str(row["file"]), max_bytes=_MAX_JPEG, max_side=SIDE)
            marks, _ = marks_of(row["marks"], tool=tool, classes=len(names))
            key = f"opened {number} {hash(jpeg)}"
            project = project.with_picture(key, str(row["name"])[:_MAX_NAME], rgb, marks)
            project = project.changed(key, held_out=row["held_out"] is True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, BadImage) as error:
        raise BadInput(
            f"{archive.name} is no project of this page, is damaged or was changed. Choose another file."
        ) from error
    return project
