"""A project as one .zip, to keep and to open again exactly. Nothing in it can run: JSON, JPEGs, safetensors.

    project.json          {limelight: "teachable", version, kind, name, classes, trained}, see below
    pictures/1 Cat/….jpg  every sample's JPEG as it was kept, a folder for each class
    features.safetensors  "features" float32 (n, d), a row for each sample that says so, in project.json's order
    head.safetensors      what was trained, by trained_bytes.py; its name stands at `trained`, or null

A class is {id, name, colour, enabled, samples}, a sample {key, number, file, features, recording}: `features` says
whether they are there; if not, they are computed again. `recording`, see Sample, may be missing. What is opened may
come from anybody: see `from_bytes`.
"""

import io
import json
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import safetensors.numpy
from PIL import Image
from safetensors import SafetensorError

from models.errors import BadInput
from models.teachable.classes import MAX_CLASSES, MAX_SAMPLES
from models.teachable.keep import trained_bytes
from models.teachable.keep.archive import Archive
from models.teachable.keep.project_json import ID, SavedSample, Wrong, class_of, entries, field, parsed, samples_of
from models.teachable.kinds import KINDS, POINTS_SIDE, Kind
from models.teachable.names import alike, clean, distinct
from models.teachable.project import Project
from models.teachable.samples import Sample, Trained

VERSION = 1
PROJECT, FEATURES, TRAINED = "project.json", "features.safetensors", "head.safetensors"

MAX_JSON_BYTES = 16_000_000  # the fullest project has 12 million
MAX_JPEG_BYTES = 1_000_000
MAX_HEAD_BYTES = 50_000_000  # without its examples
MAX_HEADER_BYTES = 200_000  # of a safetensors file: JSON, too

_LAST_SECOND = 253_402_300_799  # of the year 9999

# Between these no sum of products in a head overflows, whoever made its numbers. Real ones are far from them.
_MAX_FEATURE, _MAX_WEIGHT, _MIN_SCALE = 1e6, 1e9, 0.9e-6


def to_bytes(project: Project) -> bytes:
    """The project as it is now. The same project gives the same bytes."""
    classes, trained = project.classes, project.trained  # read once, while others may add
    pictures: dict[str, bytes] = {}
    rows: list[np.ndarray] = []
    about: dict[str, Any] = {"limelight": "teachable", "version": VERSION, "kind": project.kind.name}
    about |= {"name": clean(project.name), "classes": [], "trained": TRAINED if trained else None}
    for number, one in enumerate(classes, 1):
        samples: list[dict[str, Any]] = []
        for sample in one.samples:
            features, path = sample.features, f"pictures/{number} {_plain(one.name)}/{_id(sample.key)}.jpg"
            pictures[path] = sample.jpeg
            rows += [] if features is None else [features]
            ready = features is not None
            entry = {"key": sample.key, "number": sample.number, "file": path, "features": ready}
            samples.append(entry | ({"recording": _id(sample.recording)} if sample.recording else {}))
        saved = {"id": _id(one.id), "name": one.name, "colour": one.colour, "enabled": one.enabled}
        about["classes"].append(saved | {"samples": samples})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        text = json.dumps(about, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        _write(archive, PROJECT, text.encode(), zipfile.ZIP_DEFLATED)
        for path, jpeg in pictures.items():
            _write(archive, path, jpeg)
        if rows:
            _write(archive, FEATURES, safetensors.numpy.save({"features": np.stack(rows)}))
        if trained:
            _write(archive, TRAINED, trained_bytes.to_bytes(trained))
    return file.getvalue()


def from_bytes(data: bytes, *, budget_bytes: int, name: str = "project") -> Project:
    """The project that `to_bytes` was given, with `budget_bytes` to grow in.

    Raises BadInput for any other bytes, naming the file by `name`: what is no project of ours or of a newer version,
    damaged, changed so that it does not fit together, or larger than the limits of a project.
    """
    most = MAX_JSON_BYTES + MAX_HEAD_BYTES + budget_bytes
    archive = Archive(data, name=name, max_bytes_each=most, max_bytes_all=most + budget_bytes)
    root = _root(archive)
    if root is None:
        raise _not_ours(archive)
    try:
        return _restored(archive, root, budget_bytes)
    except Wrong as wrong:
        raise BadInput(
            f"{archive.name} is damaged or was changed: {wrong}. Choose another file, or save the project again."
        ) from wrong


def is_project(data: bytes) -> bool:
    """Whether these bytes mean to be a project of ours, however broken or new. Never raises BadInput."""
    try:
        archive = Archive(data, max_bytes_each=MAX_JSON_BYTES)
        root = _root(archive)
        return root is not None and b'"limelight"' in archive.read(root + PROJECT)
    except BadInput:
        return False


def _restored(archive: Archive, root: str, budget_bytes: int) -> Project:
    about = parsed(archive.read(root + PROJECT, MAX_JSON_BYTES))
    if not isinstance(about, dict) or about.get("limelight") != "teachable":
        raise _not_ours(archive)
    version = field(about, "version", int)
    if version > VERSION:
        raise BadInput(
            f"{archive.name} was saved by a newer Limelight. Open it there, or unpack it and upload its folder "
            '"pictures" as a zip.'
        )
    if version < 1 or field(about, "kind", str) not in KINDS:
        raise Wrong("its version or its kind is none that there is")
    kind = KINDS[about["kind"]]
    saved = [(class_of(entry), tuple(samples_of(entry, root))) for entry in entries(about, "classes", MAX_CLASSES)]
    samples = [sample for _, of_class in saved for sample in of_class]
    for what in ("file", "number", "key"):
        if len({getattr(sample, what) for sample in samples}) < len(samples):
            raise Wrong(f"two samples have the same {what}")
    size = sum(archive.size(s.file) + Sample(s.key, s.number, b"").nbytes for s in samples)
    if size > budget_bytes:
        raise BadInput(
            f"{archive.name} holds {size / 1e6:.1f} MB of samples, and one visitor has room for "
            f"{budget_bytes / 1e6:.1f} MB here. Delete samples where it was saved, and save it again."
        )
    features = _features(archive, root, kind, [sample.key for sample in samples if sample.ready])
    classes = [replace(one, samples=tuple(_sample(archive, s, features.get(s.key)) for s in of)) for one, of in saved]
    untrained = about.get("trained") is None
    trained = None if untrained else _trained(archive, root + field(about, "trained", str), kind)
    name = clean(field(about, "name", str)) or "My project"
    try:
        return Project.restored(kind.name, name, classes, trained, budget_bytes=budget_bytes)
    except BadInput as words:
        raise BadInput(f"{archive.name} can't be opened as it is. {words}") from words


def _sample(archive: Archive, saved: SavedSample, features: np.ndarray | None) -> Sample:
    jpeg = _jpeg(archive, saved.file)
    return Sample(saved.key, saved.number, jpeg, features, recording=saved.recording)


def _features(archive: Archive, root: str, kind: Kind, keys: list[str]) -> dict[str, np.ndarray]:
    """By the samples' keys, float32 (kind.size,) each."""
    if not keys:
        return {}
    data = _tensors(archive, root + FEATURES, len(keys) * kind.size * 4 + MAX_HEADER_BYTES)
    try:
        rows = safetensors.numpy.load(data)["features"]
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise Wrong(f"{FEATURES} is no such file") from error
    if rows.shape != (len(keys), kind.size) or rows.dtype != np.float32 or not _within(rows, _MAX_FEATURE):
        raise Wrong(f"{FEATURES} does not hold the {kind.size} numbers of each of {len(keys)} samples")
    # copies: a view of a row would keep all of them in memory when the other samples are deleted
    return {key: row.copy() for key, row in zip(keys, rows, strict=True)}


def _trained(archive: Archive, file: str, kind: Kind) -> Trained:
    data = _tensors(archive, file)
    try:
        trained = trained_bytes.from_bytes(data)
    except BadInput as words:
        raise BadInput(f"{archive.name} can't be opened as it is. {words}") from words
    head, n = trained.head, len(trained.class_ids)
    if head.size != kind.size or n > MAX_CLASSES or not all(map(ID.fullmatch, trained.class_ids)):
        raise Wrong("what was trained is of another kind of project")
    plain = [" ".join(name.split()) for name in trained.names]
    if "" in plain or len(set(plain)) < n or not 0 <= trained.at <= _LAST_SECOND:
        raise Wrong("what was trained lacks names, or a time")
    examples = trained.examples
    if not 0 < len(examples) <= MAX_CLASSES * MAX_SAMPLES or not _within(examples, _MAX_FEATURE):
        raise Wrong("what was trained has no examples that can be")
    weights = all(_within(array, _MAX_WEIGHT) for array in head.arrays().values())
    if not (weights and _within(head.mean, _MAX_FEATURE) and head.scale.min() >= _MIN_SCALE):
        raise Wrong("the numbers of the trained head are out of range")
    return replace(trained, names=_distinct(trained.names))


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """These as they are shown today, no two that a reader takes for one."""
    found: dict[str, str] = {}
    for name in names:
        name = distinct(clean(name) or "Class", lambda name: alike(name) in found)
        found[alike(name)] = name
    return tuple(found.values())


def _tensors(archive: Archive, file: str, max_bytes: int | None = None) -> bytes:
    """The content of a safetensors file, which begins with the length of its JSON."""
    data = archive.read(file, max_bytes)
    if int.from_bytes(data[:8], "little") > MAX_HEADER_BYTES:
        raise Wrong(f"{file[-80:]!r} can't be read")
    return data


def _jpeg(archive: Archive, file: str) -> bytes:
    """A sample's picture, if it is one as they are kept. Its header is read, its pixels are not, for there may be
    10,000. It has one scan: thousands fit into a megabyte, and each takes a decoder as long as a picture."""
    jpeg = archive.read(file, MAX_JPEG_BYTES)
    kept = False
    with suppress(Exception), Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:  # Pillow raises many kinds
        kept = image.format == "JPEG" and image.mode == "RGB" and max(image.size) <= POINTS_SIDE
    if not kept or jpeg.count(b"\xff\xda") != 1 or not jpeg.endswith(b"\xff\xd9"):
        raise Wrong(f"{file[-80:]!r} is no whole JPEG of at most {POINTS_SIDE} pixels a side as samples are kept")
    return jpeg


def _root(archive: Archive) -> str | None:
    """What stands before "project.json": nothing, or a folder that holds everything, because Safari unpacks what it
    downloads and its owner packs it again. None without one."""
    if PROJECT in archive:
        return ""
    folder = archive.members[0].name.split("/")[0] + "/" if archive.members else ""
    within = all(member.name.startswith(folder) for member in archive.members)
    return folder if within and folder + PROJECT in archive else None


def _not_ours(archive: Archive) -> BadInput:
    google = any(member.name.split("/")[-1] == "manifest.json" for member in archive.members)
    what = "looks like a project of Google's Teachable Machine, not one" if google else "is no project"
    return BadInput(
        f"{archive.name} {what} that was saved here. Choose a .zip that was, or upload a zip of folders of pictures: "
        "every folder becomes a class."
    )


def _within(array: np.ndarray, most: float) -> bool:
    return array.size == 0 or bool(array.min() >= -most and array.max() <= most)  # both are false of NaN


def _id(text: str) -> str:
    if not ID.fullmatch(text):  # better a bug now than a file that does not open again
        raise ValueError(f"ids and keys may only have 1 to 64 letters, digits, - and _, got {text!r}")
    return text


def _plain(name: str) -> str:
    """A class's name as every system allows it in a folder's name that begins with a number."""
    return "".join(char if char.isalnum() or char in " -_" else "_" for char in name).strip()


def _write(archive: zipfile.ZipFile, path: str, content: bytes, method: int = zipfile.ZIP_STORED) -> None:
    info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    info.compress_type, info.create_system, info.external_attr = method, 3, 0o644 << 16  # Unix, rw-r--r--
    archive.writestr(info, content)
