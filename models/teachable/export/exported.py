"""A trained project as an ONNX model that needs nothing of ours: written, checked against the page, and bundled."""

import io
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from models.errors import BadInput, ModelFailed
from models.pose.poses import Pose
from models.teachable.answering import embedder_of
from models.teachable.kinds import KINDS, body_features, hand_features, opened, square
from models.teachable.project import Project
from models.teachable.samples import Trained

if TYPE_CHECKING:  # they bring torch and onnx, which opening the page needs neither of
    from collections.abc import Callable

    from onnx import GraphProto
    from torch import nn

    from models.classifier.imagenet import ImageClassifier

MAX_DIFFERENCE = 1e-4  # how far an exported model's probabilities may be from the page's
ASSETS = Path(__file__).parents[3] / "assets" / "teachable"

Case = tuple[Mapping[str, np.ndarray], np.ndarray]
"""What goes into an exported model, by input, and the page's own probabilities for it."""

_lock = threading.Lock()  # one conversion at a time; who comes second finds it done
_networks: "WeakKeyDictionary[ImageClassifier, GraphProto]" = WeakKeyDictionary()


def to_onnx(model: "ImageClassifier", trained: Trained, body: "nn.Module | None" = None) -> bytes:
    """An ONNX model, opset 18: `image` uint8 (height, width, 3) RGB of any size → `probabilities` float32 (classes,).

    Everything is inside: the middle square, resizing, normalisation, the network and the head. `body` stands in for
    the model's own network, (1, 3, 224, 224) → (1, 1280). The model's own is converted once (0.6 s), a given one each
    time, in evaluation. Raises ValueError for a head or a network that does not fit.
    """
    from models.teachable.export import onnx_graph

    _check_size("pictures", trained)
    network = _network(model) if body is None else onnx_graph.network_graph(body)
    parts = onnx_graph.picture_graph(model.preprocess), network, onnx_graph.head_graph(trained.head)
    return onnx_graph.joined("pictures", *parts).SerializeToString()


def points_to_onnx(kind: str, trained: Trained) -> bytes:
    """The same for poses: `keypoints` float32 (33, 3) of a "body" or (21, 3) of a "hand", each x and y in pixels and a
    score, and for a hand `left`, a bool scalar → `probabilities` float32 (classes,)."""
    from models.teachable.export import onnx_graph

    _check_size(kind, trained)
    parts = onnx_graph.points_graph(kind), onnx_graph.head_graph(trained.head)
    return onnx_graph.joined(kind, *parts).SerializeToString()


def check(onnx: bytes, cases: Iterable[Case]) -> float:
    """The largest difference between onnxruntime's probabilities and the page's. Raises ModelFailed when it is above
    MAX_DIFFERENCE, ValueError when there is no case: no such file may be handed out."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    apart = [np.abs(session.run(["probabilities"], dict(inputs))[0] - own).max() for inputs, own in cases]
    if not apart:
        raise ValueError("an exported model must be checked with one picture at least")
    worst = float(np.max(apart))
    if not worst <= MAX_DIFFERENCE:  # NaN is not
        raise ModelFailed(
            f"The exported model gives other numbers than this page, by {worst:.4f} where {MAX_DIFFERENCE:g} is the "
            "most, so it is not handed out. Train again and export that."
        )
    return worst


def picture_cases(
    embed: "Callable[[np.ndarray], np.ndarray]", trained: Trained, pictures: Iterable[np.ndarray]
) -> Iterator[Case]:
    """Cases for `check`: each picture uint8 (H, W, 3) as it is and, because samples are squares that need no resizing,
    its square at an odd larger size. `embed` is the page's own: uint8 (224, 224, 3) → float32 (1280,)."""
    for picture in pictures:
        for rgb in (picture, square(picture).repeat(2, axis=0).repeat(3, axis=1)[1:]):
            yield {"image": rgb}, trained.head.predict_proba(embed(square(rgb))[None])[0]


def point_cases(kind: str, trained: Trained, poses: Iterable[Pose]) -> Iterator[Case]:
    """Cases for `check`, of body33 or hand21 poses."""
    for pose in poses:
        inputs: dict[str, Any] = {"keypoints": pose.keypoints}
        if kind == "hand":
            inputs["left"] = np.array(pose.side == "left")
        features = body_features(pose) if kind == "body" else hand_features(pose)
        yield inputs, trained.head.predict_proba(features[None])[0]


def export(project: Project, model: Any, trained: Trained, *, checked_with: int = 12) -> tuple[bytes, float]:
    """The .zip of a project's head, checked with some of its samples; and the largest difference that was found.
    `model` is the kind's. Raises ModelFailed when the check fails, BadInput without a sample."""
    kind = project.kind.name
    samples = project.samples[:: max(1, len(project.samples) // checked_with)]
    pictures = [opened(sample.jpeg) for sample in samples]
    if kind == "pictures":
        embedder = embedder_of(model, trained)
        onnx = to_onnx(model, trained, None if trained.tuned is None else embedder.body)
        cases = picture_cases(embedder.embed_square, trained, pictures)
    else:
        onnx = points_to_onnx(kind, trained)
        cases = point_cases(kind, trained, [pose for rgb in pictures for pose in model.predict(rgb)[:1]])
    if not (checked := list(cases)):
        raise BadInput(
            "There are no samples left to check the exported model with, and an unchecked one is not handed out. Undo "
            "the deletion, or record some."
        )
    return bundle(onnx, trained.names, kind), check(onnx, checked)


def bundle(onnx: bytes, names: Sequence[str], kind: str) -> bytes:
    """A .zip of model.onnx, labels.txt (the classes' names in the order of the outputs, one a line), predict.py, which
    shows how to use it, and README.txt."""
    about = "pictures" if kind == "pictures" else "points"
    script = "predict.py" if kind == "pictures" else "predict_points.py"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:  # stored: weights hardly get smaller
        zipped.writestr("model.onnx", onnx)
        zipped.writestr("labels.txt", "".join(f"{name}\n" for name in names))
        zipped.writestr("predict.py", (ASSETS / script).read_bytes())
        zipped.writestr("README.txt", (ASSETS / f"README_{about}.txt").read_bytes())
    return file.getvalue()


def _network(model: "ImageClassifier") -> "GraphProto":
    from models.teachable.export.onnx_graph import network_graph

    with _lock:
        if model not in _networks:
            _networks[model] = network_graph(model.body_copy())
        return _networks[model]


def _check_size(kind: str, trained: Trained) -> None:
    if trained.head.size != KINDS[kind].size:
        raise ValueError(f"a head for {kind} takes {KINDS[kind].size} features, got one for {trained.head.size}")
