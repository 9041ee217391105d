"""Networks as ONNX files in the cache folder, each made once from its weights by a process of its own.

A file's name holds the hash of what it was made of, and beside it lies its own hash: what is damaged, or was made of
other weights or by other code, is made again. `python -m models.classifier.onnx_files` makes those that are bundled.
"""

import contextlib
import errno
import hashlib
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import filelock

from models.errors import ModelFailed
from models.runtime.downloads import FULL, unwritable
from models.runtime.folders import cache_folder
from models.runtime.report import Report
from models.settings import settings

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
OURS = "models.classifier.export"
MADE_BY = [Path(__file__).with_name(name) for name in ("export.py", "networks.py", "preprocessing.py")]
PATIENCE_S = 600  # for a large network on a slow machine; EfficientNet-Lite0 takes 6 s
UNUSED_S = 30 * 24 * 3600  # after which a file is taken for one of other weights or of an older version
DISK_FULL = 28  # what the process that makes a file ends with where there is no room for it


@contextlib.contextmanager
def ended_where_full() -> Iterator[None]:
    """In the process that makes a file: ends it with DISK_FULL where there is no room."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        sys.exit(DISK_FULL)


def onnx_file(
    name: str, weights: Path, report: Report, *, int8: bool = False, folder: Path | None = None, module: str = OURS
) -> Path:
    """The path of the whole network of that name with these weights, in `folder` (default: the cache folder of the
    settings); made first where it is not here, by running `module`.

    Raises ModelFailed where it can't be made, DiskFull where no disk has room for it. A folder that takes nothing is
    no reason: then the file lies in a temporary folder until this process ends.
    """
    report("Checking the network's file", None)
    made_by = MADE_BY if module == OURS else [ROOT / f"{module.replace('.', '/')}.py"]
    made_of = hashlib.sha256(b"".join(_digest(path).encode() for path in (weights, *made_by))).hexdigest()
    folder = folder or settings().cache_folder or cache_folder()
    file = folder / f"{name}{'-int8' * int8}-{made_of[:16]}.onnx"
    if _is_whole(file):
        with contextlib.suppress(OSError):  # a folder that is read-only keeps its dates
            os.utime(file)
        return file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{file}.lock", timeout=PATIENCE_S):  # another server on this folder may be at it
            if not _is_whole(file):
                _make(name, weights, file, int8, report, module)
                _drop_unused(folder)
            return file
    except (OSError, filelock.Timeout) as error:
        log.warning("%s can't be kept in %s (%s): it is made again at the next start", file.name, folder, error)
    try:
        return _make(name, weights, Path(_temporary_folder().name) / file.name, int8, report, module)
    except OSError as error:
        raise unwritable(file.name, folder, error) or error from error


def _drop_unused(folder: Path) -> None:
    """Delete files of ours that nobody has loaded for UNUSED_S: each version and each set of weights leaves one."""
    for file in folder.glob("*.onnx"):
        if re.search(r"-[0-9a-f]{16}\.onnx$", file.name) and time.time() - file.stat().st_mtime > UNUSED_S:
            file.unlink(missing_ok=True)
            _hash_file(file).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(file: Path) -> bool:
    try:
        return _hash_file(file).read_text(encoding="ascii") == _digest(file)
    except (OSError, UnicodeDecodeError):
        return False


def _hash_file(file: Path) -> Path:
    return file.with_suffix(".sha256")


@cache
def _temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="limelight-", ignore_cleanup_errors=True)


def _make(name: str, weights: Path, file: Path, int8: bool, report: Report, module: str) -> Path:
    report("Preparing the network, once", None)
    half = file.with_name(f"{file.name}.{os.getpid()}.part")
    command = [sys.executable, "-m", module, name, str(weights), str(half)]
    try:
        done = subprocess.run(
            command + ["--int8"] * int8,
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode == DISK_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file.parent))
        if done.returncode:
            log.error("%s could not be made:\n%s", file.name, done.stderr[-2000:])
            raise ModelFailed(
                f"The network could not be prepared from {weights.name}, which may be damaged: the log says more. "
                "Choose another model."
            )
        _hash_file(file).write_text(_digest(half), encoding="ascii")
        os.replace(half, file)
    except subprocess.TimeoutExpired:
        raise ModelFailed("Preparing the network took too long. Try again when the machine is less busy.") from None
    finally:
        half.unlink(missing_ok=True)
    return file


def main() -> None:
    """Make those of the bundled weights, where they are not here yet."""
    from models.classifier.imagenet import lite0_weights

    for int8 in (False, True):
        onnx_file("efficientnet-lite0", lite0_weights(), lambda stage, fraction: None, int8=int8)


if __name__ == "__main__":
    main()
