"""A saved project opens again exactly; whatever else a file holds is refused with words, and nothing is half-loaded."""

import io
import itertools
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

from models.errors import BadImage, BadInput
from models.pictures.arrays import thumbnail
from models.pictures.images import sample_pictures, to_jpeg
from models.teachable.classes import COLOURS, MAX_CLASSES, MAX_SAMPLES
from models.teachable.keep import trained_bytes
from models.teachable.keep.files import FEATURES, PROJECT, TRAINED, from_bytes, is_project, to_bytes
from models.teachable.keep.folders import folders
from models.teachable.kinds import KINDS, opened, sample_jpeg
from models.teachable.learn.head import Head
from models.teachable.project import Project
from models.teachable.samples import Class, Sample, Trained

BUDGET = 10_000_000
RNG = np.random.default_rng(0)
CAT = thumbnail(sample_pictures()[0].load(), 100)
PARTS = [to_jpeg(CAT[top : top + 24, left : left + 32]) for top in (0, 20, 40) for left in (0, 30, 60)]


def numbers(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def head(d: int, classes: int, hidden: int = 0) -> Head:
    def layers() -> list[tuple[np.ndarray, np.ndarray]]:
        sizes = [d, *([hidden] if hidden else []), classes]
        return [(numbers(*pair), numbers(pair[1])) for pair in itertools.pairwise(sizes)]

    return Head(numbers(d), np.abs(numbers(d)) + 0.1, layers(), layers())


def taught(kind: str = "hand", hidden: int = 0) -> Project:
    """Three classes: of four samples, one of them not looked at yet, of three, and of none and disabled; trained."""
    project = Project.fresh(kind, ("Größe 猫 / :*?", "b" * 40, "."), name="Rock & <Paper>", budget_bytes=BUDGET)
    first, second, third = project.classes
    for number, jpeg in enumerate(PARTS[:7]):
        of = second if number % 2 else first
        found = None if number == 4 else numbers(project.kind.size)
        project.add(of.id, jpeg, found, recording=f"burst-{number}" if number < 5 else "")
    project.enable(third.id, False)
    project.recolour(third.id, "#AbCdEf")
    on = project.training_set()
    trained = head(project.kind.size, 2, hidden), tuple(c.id for c in on.classes), tuple(c.name for c in on.classes)
    project.keep(Trained(*trained, on.features, on.labels, accuracy=2 / 3, near=0.1 + 0.2, at=1.7e9 + 1 / 3))
    return project


def reopened(project: Project) -> Project:
    return from_bytes(to_bytes(project), budget_bytes=project.budget_bytes)


SAVED = to_bytes(taught())


def parts(data: bytes = SAVED) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def with_parts(**changed: bytes | None) -> bytes:
    """SAVED with other members (None: without it): project, features, head, or picture, which is the first."""
    files = parts()
    picture = next(name for name in files if name.endswith(".jpg"))
    names = {"project": PROJECT, "features": FEATURES, "head": TRAINED, "picture": picture}
    files |= {names[what]: content for what, content in changed.items() if content is not None}
    return packed({name: content for name, content in files.items() if changed.get(_key(names, name), b"") is not None})


def _key(names: dict[str, str], name: str) -> str:
    return next((key for key, value in names.items() if value == name), "")


def with_project(change: Callable[[Any], Any]) -> bytes:
    """SAVED with another project.json: what `change` returns, or makes of it in place."""
    about = json.loads(parts()[PROJECT])
    changed = change(about)
    return with_parts(project=json.dumps(about if changed is None else changed).encode())


def refused(data: bytes, words: str, budget_bytes: int = BUDGET) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        from_bytes(data, budget_bytes=budget_bytes, name="mine.zip")
    assert "mine.zip" in str(caught.value) and len(str(caught.value)) < 500


# what is saved opens again


@pytest.mark.parametrize("hidden", [0, 5])
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_project_opens_again_as_it_was(kind: str, hidden: int) -> None:
    before = taught(kind, hidden)
    after = reopened(before)
    assert (after.kind, after.name, after.budget_bytes) == (before.kind, before.name, before.budget_bytes)
    about = "id", "name", "colour", "enabled"
    assert [[getattr(c, a) for a in about] for c in after.classes] == [
        [getattr(c, a) for a in about] for c in before.classes
    ]
    for one, same in zip(before.classes, after.classes, strict=True):
        assert [(s.key, s.number, s.jpeg) for s in same.samples] == [(s.key, s.number, s.jpeg) for s in one.samples]
        assert [s.recording for s in same.samples] == [s.recording for s in one.samples]
        for was, now in zip(one.samples, same.samples, strict=True):
            assert (was.features is None) == (now.features is None)
            assert was.features is None or was.features.tobytes() == now.features.tobytes()  # type: ignore[union-attr]


def test_a_project_saved_before_recordings_had_names_opens() -> None:
    def older(about: Any) -> None:
        for sample in about["classes"][0]["samples"] + about["classes"][1]["samples"]:
            sample.pop("recording", None)

    project = from_bytes(with_project(older), budget_bytes=BUDGET)
    assert {s.recording for s in project.samples} == {""} and project.trained is not None
    assert not project.training_set().by_recording


@pytest.mark.parametrize("hidden", [0, 5])
def test_it_predicts_the_very_same(hidden: int) -> None:
    before = taught("pictures", hidden)
    was, now = before.trained, reopened(before).trained
    assert was is not None and now is not None
    x = numbers(20, 1280)
    assert now.head.predict_proba(x).tobytes() == was.head.predict_proba(x).tobytes()
    assert now.head.predict_proba(x[:1]).tobytes() == was.head.predict_proba(x[:1]).tobytes()
    assert now.examples.tobytes() == was.examples.tobytes() and now.labels.tobytes() == was.labels.tobytes()
    assert {n: a.tobytes() for n, a in now.head.arrays().items()} == {
        n: a.tobytes() for n, a in was.head.arrays().items()
    }
    for name in ("class_ids", "names", "accuracy", "near", "at"):
        assert getattr(now, name) == getattr(was, name)


def test_a_head_of_classes_that_are_gone_opens_again() -> None:
    before = taught()
    before.delete_class(before.classes[0].id)
    assert reopened(before).trained.class_ids == before.trained.class_ids  # type: ignore[union-attr]


def test_the_same_project_gives_the_same_bytes() -> None:
    project = taught()
    assert to_bytes(project) == to_bytes(project) == to_bytes(reopened(project))


def test_an_empty_project_opens_again() -> None:
    after = reopened(Project.fresh())
    assert [one.name for one in after.classes] == ["Class 1", "Class 2"] and after.trained is None
    assert reopened(Project()).classes == ()


def test_an_opened_project_is_one_that_somebody_has_touched() -> None:
    assert not reopened(Project.fresh()).untouched


def test_an_opened_project_goes_on() -> None:
    project = reopened(taught())
    first, second = project.classes[:2]
    sample = project.add(first.id, PARTS[8])
    assert sample.number == 8 and sample.key not in {s.key for s in second.samples}
    project.move([sample.key], second.id)
    project.undo()
    assert project.get(first.id).samples[-1] is sample
    assert len(reopened(project).samples) == 8


def test_deleting_an_opened_sample_gives_its_memory_back() -> None:
    features = [s.features for s in reopened(taught()).samples if s.features is not None]
    assert all(row.base is None for row in features)


def test_pictures_are_files_that_anybody_can_unpack() -> None:
    with zipfile.ZipFile(io.BytesIO(SAVED)) as archive:
        pictures = [info for info in archive.infolist() if info.filename.endswith(".jpg")]
        assert {info.filename.split("/")[1] for info in pictures} == {"1 Größe 猫 _ ___", "2 " + "b" * 40}
        assert {info.compress_type for info in pictures} == {zipfile.ZIP_STORED}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}
        assert sorted(map(archive.read, pictures)) == sorted(PARTS[:7])


def test_a_project_that_was_unpacked_and_packed_again_opens() -> None:
    again = packed({f"My project/{name}": content for name, content in parts().items()} | {"__MACOSX/._a": b""})
    assert is_project(again)
    assert to_bytes(from_bytes(again, budget_bytes=BUDGET)) == SAVED


def test_thousands_of_samples_open_again() -> None:
    features = numbers(6000, 42)
    classes = [
        Class(
            f"c{c}",
            f"Class {c}",
            COLOURS[c],
            True,
            tuple(_sample(n, features) for n in range(c * 2000, c * 2000 + 2000)),
        )
        for c in range(3)
    ]
    before = Project.restored("hand", "Large", classes, budget_bytes=10**9)
    assert [len(one.samples) for one in reopened(before).classes] == [MAX_SAMPLES] * 3


def _sample(number: int, features: np.ndarray) -> Sample:
    return Sample(f"s{number}", number + 1, PARTS[0], features[number])


def test_pictures_as_they_are_kept_are_taken() -> None:
    for kind in KINDS.values():
        noise = RNG.integers(0, 255, (224, 224, 3) if kind.name == "pictures" else (500, 500, 3), np.uint8)
        project = Project.fresh(kind.name)
        project.add(project.classes[0].id, sample_jpeg(kind, noise))
        assert opened(reopened(project).samples[0].jpeg).shape[2] == 3


def test_a_key_that_would_not_open_again_is_not_saved() -> None:
    project = Project.fresh()
    project.add(project.classes[0].id, PARTS[0], key="<script>")
    with pytest.raises(ValueError, match="letters"):
        to_bytes(project)


# what is no project


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4}', "not a zip"),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.", "not a zip"),
        (PARTS[0], "a picture, not a zip"),
        (packed({"word/document.xml": b"<a/>"}), "no project that was saved here"),
        (packed({"cat/1.jpg": PARTS[0]}), "every folder becomes a class"),
        (packed({}), "no project"),
        (packed({PROJECT: b'{"name": "of another program"}'}), "no project"),
        (packed({PROJECT: b"[]"}), "no project"),
        (packed({"a/project.json": parts()[PROJECT], "b/c": b""}), "no project"),
        (packed({"manifest.json": b"{}", "Class 1-samples/0.jpg": PARTS[0]}), "Google's Teachable Machine"),
    ],
)
def test_another_file_is_told_apart(data: bytes, words: str) -> None:
    refused(data, words)
    assert not is_project(data)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 0.999])
def test_half_a_file_is_refused(share: float) -> None:
    refused(SAVED[: int(len(SAVED) * share)], "cut short")


def test_a_project_is_told_from_a_zip_of_folders_however_broken_or_new() -> None:
    assert is_project(SAVED)
    assert is_project(with_project(lambda about: about | {"version": 99}))
    assert is_project(with_parts(project=b'{"limelight"'))
    refused(with_project(lambda about: about | {"limelight": "ocr"}), "no project")
    assert not is_project(packed({"cat/1.jpg": PARTS[0]}))


def test_the_pictures_of_a_project_are_folders_too() -> None:
    assert len(folders(SAVED, name="mine.zip").classes["2 " + "b" * 38]) == 3


# versions and project.json


@pytest.mark.parametrize("version", [2, 99, 10**400])
def test_a_newer_one_says_so(version: int) -> None:
    refused(with_project(lambda about: about | {"version": version}), r"mine\.zip was saved by a newer Limelight")


@pytest.mark.parametrize("version", [0, -1, 1.0, "1", True, None, [1]])
def test_a_version_that_is_none_is_refused(version: Any) -> None:
    refused(with_project(lambda about: about | {"version": version}), "version")


@pytest.mark.parametrize("field", ["version", "kind", "name", "classes"])
def test_a_project_that_lacks_something_is_refused(field: str) -> None:
    refused(with_project(lambda about: about.pop(field) and None), field)


@pytest.mark.parametrize("field", ["id", "name", "colour", "enabled", "samples"])
def test_a_class_that_lacks_something_is_refused(field: str) -> None:
    refused(with_project(lambda about: about["classes"][0].pop(field) and None), field)


@pytest.mark.parametrize("field", ["key", "number", "file", "features"])
def test_a_sample_that_lacks_something_is_refused(field: str) -> None:
    refused(with_project(lambda about: about["classes"][0]["samples"][0].pop(field) and None), field)


WRONG = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x\n",
    "../../x",
    "猫",
    "a" * 65,
    [],
    {},
    [[]],
    {"a": 1},
    2**53,
    "#12345",
    "#12345g",
]
SAMPLE = ("classes", 0, "samples", 0)


def places() -> Iterator[tuple[Any, ...]]:
    yield from (("kind",), ("classes",), ("trained",), ("classes", 0), ("classes", 0, "id"), ("classes", 0, "colour"))
    yield from (("classes", 0, "enabled"), ("classes", 0, "samples"), ("classes", 0, "name"), ("name",), SAMPLE)
    yield from ((*SAMPLE, name) for name in ("key", "number", "file", "features", "recording"))


@pytest.mark.parametrize("place", list(places()), ids=str)
def test_a_wrong_value_anywhere_gives_a_project_or_words(place: tuple[Any, ...]) -> None:
    refusals = 0
    for value in WRONG:

        def put(about: Any, value: Any = value) -> None:
            for step in place[:-1]:
                about = about[step]
            about[place[-1]] = value

        try:
            project = from_bytes(with_project(put), budget_bytes=BUDGET)
        except BadInput:
            refusals += 1
        else:
            for one in project.classes:
                assert all(char.isprintable() for char in one.name) and one.name == one.name.strip() != ""
                assert all(s.key.isascii() and 0 < len(s.key) <= 64 for s in one.samples)
    assert refusals >= 8


@pytest.mark.parametrize("text", ["a b", "a/b", '"', "<b>", "é", "", "a" * 65, "a\n"])
def test_ids_and_keys_with_odd_characters_are_refused(text: str) -> None:
    refused(with_project(lambda about: about["classes"][0].update(id=text)), "characters")
    refused(with_project(lambda about: about["classes"][0]["samples"][0].update(key=text)), "characters")


@pytest.mark.parametrize("colour", ["red", "#fff", "#1234567", "#12345g", "url(x)", "#12345\n"])
def test_a_colour_that_is_none_is_refused(colour: str) -> None:
    refused(with_project(lambda about: about["classes"][0].update(colour=colour)), "colour")


def test_things_of_one_name_are_refused() -> None:
    def same(what: str, of: Callable[[Any], list[Any]]) -> bytes:
        return with_project(lambda about: of(about)[1].update({what: of(about)[0][what]}))

    def classes(about: Any) -> list[Any]:
        return list(about["classes"])

    def samples(about: Any) -> list[Any]:
        return [about["classes"][0]["samples"][0], about["classes"][1]["samples"][0]]

    refused(same("id", classes), "same id")
    refused(same("name", classes), "There is a class")
    refused(with_project(lambda about: about["classes"][2].update(name="B" * 50)), "There is a class")
    refused(same("key", samples), "same key")
    refused(same("number", samples), "same number")
    refused(same("file", samples), "same file")


def test_names_that_only_look_the_same_open_apart() -> None:
    def older(about: Any) -> None:
        about["classes"][0]["name"], about["classes"][1]["name"] = "café", "cafe\u0301"

    project = from_bytes(with_project(older), budget_bytes=BUDGET)
    assert [one.name for one in project.classes][:2] == ["café", "café 2"]
    trained = from_bytes(with_parts(head=trained_file(names=("café", "cafe\u0301"))), budget_bytes=BUDGET).trained
    assert trained is not None and trained.names == ("café", "café 2")


def test_more_than_a_project_holds_is_refused() -> None:
    def many_classes(about: Any) -> None:
        about["classes"] = [about["classes"][2] | {"id": f"c{n}", "name": f"Class {n}"} for n in range(MAX_CLASSES + 1)]

    def many_samples(about: Any) -> None:
        about["classes"][0]["samples"] = [about["classes"][0]["samples"][0]] * (MAX_SAMPLES + 1)

    refused(with_project(many_classes), "21 classes, and 20 are the most")
    refused(with_project(many_samples), "2001 samples, and 2000 are the most")


def test_a_project_over_the_budget_is_refused() -> None:
    size = taught().nbytes
    assert from_bytes(SAVED, budget_bytes=size).nbytes == size
    refused(SAVED, r"holds 0\.0 MB of samples, and one visitor has room for 0\.0 MB", budget_bytes=size - 1)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b'{"limelight": "teachable", "version": NaN}',
        b'{"limelight": "teachable", "version": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"limelight":' * 50_000,
        b"[" + b"[]," * 1_000_000 + b"[]]",
        b'{"a": "' + b"x" * 17_000_000 + b'"}',
    ],
    ids=lambda text: text[:20].decode(errors="replace"),
)
def test_json_that_is_none_or_too_deep_or_too_large_is_refused(text: bytes) -> None:
    refused(with_parts(project=text), r"project\.json")


def test_a_number_that_is_none_is_no_time() -> None:
    refused(with_project(lambda about: about["classes"][0]["samples"][0].update(number=float("nan"))), "number")


# members


@pytest.mark.parametrize("what", ["features", "head", "picture"])
def test_a_missing_member_is_refused(what: str) -> None:
    refused(with_parts(**{what: None}), "lacks")


def jpeg(width: int = 32, height: int = 32, mode: str = "RGB", **how: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "JPEG", **how)
    return file.getvalue()


def other_format(name: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, name)
    return file.getvalue()


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"\xff\xd8\xff",
        b"<svg onload='alert(1)'/>",
        PARTS[0][:-50],
        PARTS[0][:200],
        other_format("PNG"),
        other_format("TIFF"),
        jpeg(481, 10),
        jpeg(10, 481),
        jpeg(20_000, 1),
        jpeg(mode="CMYK"),
        jpeg(progressive=True),
    ],
    ids=range(12),
)
def test_a_picture_that_is_not_as_kept_is_refused(picture: bytes) -> None:
    refused(with_parts(picture=picture), r"\.jpg'? is no whole JPEG of at most 480")


def test_a_picture_of_100_gigapixels_is_refused_by_its_header() -> None:
    size = PARTS[0].index(b"\xff\xc0") + 5
    huge = PARTS[0][:size] + b"\xff\xff\xff\xff" + PARTS[0][size + 4 :]
    refused(with_parts(picture=huge), "no whole JPEG")


def test_a_picture_of_many_megabytes_is_refused() -> None:
    refused(with_parts(picture=PARTS[0][:-2] + bytes(1_000_000) + b"\xff\xd9"), "1.0 MB can be opened")


def test_a_picture_with_broken_pixels_gives_a_picture_or_words_when_it_is_looked_at() -> None:
    rng = random.Random(0)
    gave: set[bool] = set()
    for _ in range(150):
        picture = bytearray(PARTS[0])
        for _ in range(3):
            picture[rng.randrange(20, len(picture) - 2)] = rng.randrange(256)
        try:
            project = from_bytes(with_parts(picture=bytes(picture)), budget_bytes=BUDGET)
        except BadInput:
            continue
        try:
            gave.add(opened(project.samples[0].jpeg).dtype == np.uint8)
        except BadImage:
            gave.add(False)
    assert gave == {True, False}


def features_file(rows: np.ndarray, name: str = "features") -> bytes:
    return safetensors.numpy.save({name: rows})


def not_finite(rows: np.ndarray) -> np.ndarray:
    rows[3, 3] = np.nan
    return rows


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        features_file(numbers(6, 42))[:-1],
        features_file(numbers(6, 42), "other"),
        features_file(numbers(5, 42)),
        features_file(numbers(6, 41)),
        features_file(numbers(6 * 42)),
        features_file(numbers(6, 42).astype(np.float64)),
        features_file(numbers(6, 42).view(np.int32)),
        features_file(not_finite(numbers(6, 42))),
        features_file(np.full((6, 42), np.inf, np.float32)),
        features_file(np.full((6, 42), -1e30, np.float32)),
    ],
    ids=range(14),
)
def test_features_that_are_not_those_of_the_samples_are_refused(content: bytes) -> None:
    refused(with_parts(features=content), r"features\.safetensors")


def test_features_that_fit_are_taken() -> None:
    rows = numbers(6, 42)
    project = from_bytes(with_parts(features=features_file(rows)), budget_bytes=BUDGET)
    assert np.array_equal([s.features for s in project.samples if s.features is not None], rows)


def trained_file(**changed: Any) -> bytes:
    trained = taught().trained
    assert trained is not None
    return trained_bytes.to_bytes(replace(trained, **changed))


def huge(array: str) -> Head:
    layers = [(numbers(42, 5), numbers(5)), (numbers(5, 2), numbers(2))]
    mean, scale = numbers(42), np.abs(numbers(42)) + 0.1
    if array == "weight":
        layers[1][0][0, 0] = 1e30
    elif array == "mean":
        mean[0] = -1e30
    else:
        scale[0] = 1e-30
    return Head(mean, scale, layers)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x95" + b"." * 50,
        struct.pack("<Q", 2**60) + b"{}",
        trained_file()[:-1],
        trained_file(class_ids=("<a>", "b")),
        trained_file(class_ids=("a", "a")),
        trained_file(names=("a", "\n")),
        trained_file(names=("a", "a ")),
        trained_file(at=1e300),
        trained_file(at=-1.0),
        trained_file(accuracy=1.5),
        trained_file(near=float("inf")),
        trained_file(examples=numbers(0, 42), labels=np.zeros(0, np.int64)),
        trained_file(examples=numbers(2, 42) * 1e30, labels=np.array([0, 1])),
        trained_file(examples=numbers(2, 42), labels=np.array([0, 2])),
        trained_file(head=head(66, 2), examples=numbers(2, 66), labels=np.array([0, 1])),
        trained_file(head=huge("weight")),
        trained_file(head=huge("mean")),
        trained_file(head=huge("scale")),
        trained_bytes.to_bytes(
            Trained(head(42, 21), tuple(map(str, range(21))), tuple(map(str, range(21))), numbers(21, 42),
                    np.arange(21), 0.5, 0.1, 0.0)
        ),
    ],
    ids=range(20),
)  # fmt: skip
def test_a_head_that_does_not_belong_there_is_refused(content: bytes) -> None:
    refused(with_parts(head=content), "trained|damaged")


def test_whatever_head_opens_gives_numbers() -> None:
    largest = Head(
        np.full(42, -1e6, np.float32),
        np.full(42, 1e-6, np.float32),
        [
            (np.full((42, 9), 1e9, np.float32), np.full(9, 1e9, np.float32)),
            (np.full((9, 2), 1e9, np.float32), numbers(2)),
        ],
    )
    trained = from_bytes(with_parts(head=trained_file(head=largest)), budget_bytes=BUDGET).trained
    assert trained is not None
    assert np.isfinite(trained.head.predict_proba(np.full((1, 42), 1e6, np.float32))).all()


def test_the_name_of_the_trained_file_leads_nowhere_else() -> None:
    for name in ("../head.safetensors", PROJECT, "/etc/passwd", ""):
        refused(with_project(lambda about, name=name: about | {"trained": name}), "mine")


def test_a_bomb_in_place_of_a_member_is_refused() -> None:
    for what, size in (("project", 17_000_000), ("picture", 2_000_000), ("features", 2_000_000), ("head", 70_000_000)):
        refused(with_parts(**{what: bytes(size)}), "can be opened", budget_bytes=3_000_000)
    refused(with_parts(picture=bytes(4_000_000)), "holds 4", budget_bytes=3_000_000)


def test_any_damage_gives_a_project_or_words() -> None:
    rng = random.Random(0)
    whole = packed(parts())
    opened_again = 0
    for turn in range(600):
        data = bytearray(SAVED if turn % 2 else whole)
        for _ in range(rng.choice([1, 1, 2, 8])):
            data[rng.randrange(len(data))] = rng.choice([0, 1, 0x7F, 0xFF, rng.randrange(256)])
        if rng.random() < 0.1:
            data = data[: rng.randrange(len(data))]
        try:
            project = from_bytes(bytes(data), budget_bytes=BUDGET)
        except BadInput:
            continue
        opened_again += 1
        assert isinstance(project, Project) and len(project.samples) == 7
    assert opened_again < 300


def test_any_damage_behind_right_checksums_gives_a_project_or_words() -> None:
    rng = random.Random(0)
    files = parts()
    for _ in range(250):
        name = rng.choice(list(files)) if rng.random() < 0.5 else rng.choice([PROJECT, FEATURES, TRAINED])
        content = bytearray(files[name])
        for _ in range(rng.choice([1, 2, 8])):
            place = rng.randrange(min(len(content), rng.choice([10, 300, 10**6])))
            content[place] = rng.choice([0, 0x22, 0x2C, 0x31, 0x7D, 0xFF, rng.randrange(256)])
        if rng.random() < 0.1:
            del content[rng.randrange(len(content)) :]
        try:
            project = from_bytes(packed(files | {name: bytes(content)}), budget_bytes=BUDGET)
        except BadInput:
            continue
        assert isinstance(project, Project)
        for sample in project.samples:
            assert sample.features is None or np.isfinite(sample.features).all()
