"""A network's file is made once, by another process, and made again when it is damaged."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.classifier import onnx_files
from models.classifier.imagenet import ImageClassifier, lite0_weights, load_efficientnet_lite0
from models.classifier.onnx_files import onnx_file
from models.errors import ModelFailed
from models.settings import settings

LITE0 = "efficientnet-lite0"


def nothing(stage: str, fraction: float | None) -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LIMELIGHT_CACHE_FOLDER", str(tmp_path / "cache"))
    settings.cache_clear()
    yield tmp_path / "cache"
    settings.cache_clear()


def no_process(*_: object, **__: object) -> None:
    raise AssertionError("it was made again")


def test_it_is_made_once_and_again_when_it_is_damaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = onnx_file(LITE0, lite0_weights(), nothing)
    assert file.parent == folder and not list(folder.glob("*.part"))
    whole = file.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", no_process)
        assert onnx_file(LITE0, lite0_weights(), nothing) == file
    file.write_bytes(whole[:-1000])
    assert onnx_file(LITE0, lite0_weights(), nothing) == file
    ImageClassifier(LITE0, lite0_weights(), file, nothing)


def test_a_folder_that_takes_nothing_is_no_reason_to_fail(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    file = onnx_file(LITE0, lite0_weights(), nothing)
    assert file.is_file() and folder.is_file()


def test_disks_without_room_are_reported_as_that(folder: Path) -> None:
    """No file may grow beyond a megabyte: the cache folder is full for this process, and so is the temporary one."""
    code = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6))\n"
        "from models.cache import ModelCache\n"
        "from models.errors import DiskFull\n"
        "try:\n"
        f"    ModelCache(10**9).get({LITE0!r})\n"
        "except DiskFull as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=onnx_files.ROOT, capture_output=True, text=True, timeout=200
    )
    assert "cannot be saved" in ended.stdout and "damaged" not in ended.stdout, ended.stderr
    assert [file.suffix for file in folder.iterdir()] == [".lock"]


def test_what_nobody_has_loaded_for_long_goes_when_another_is_made(folder: Path) -> None:
    folder.mkdir()
    old, recent, foreign = (
        folder / name for name in ("a-0123456789abcdef.onnx", "b-0123456789abcdef.onnx", "own.onnx")
    )
    for file in (old, old.with_suffix(".sha256"), recent, foreign):
        file.write_bytes(b"network")
    long_ago = time.time() - onnx_files.UNUSED_S - 60
    for file in (old, foreign):
        os.utime(file, (long_ago, long_ago))
    made = onnx_file(LITE0, lite0_weights(), nothing)
    assert {file.name for file in folder.glob("*.onnx")} == {recent.name, foreign.name, made.name}
    assert not old.with_suffix(".sha256").exists()
    os.utime(made, (long_ago, long_ago))
    onnx_file(LITE0, lite0_weights(), nothing)
    assert made.stat().st_mtime > long_ago + 3600, "loading it counts as use"


def test_downloaded_weights_have_their_network_beside_them(folder: Path, tmp_path: Path) -> None:
    weights = tmp_path / "downloads" / "weights.pth"
    weights.parent.mkdir()
    weights.write_bytes(lite0_weights().read_bytes())
    load_efficientnet_lite0(weights, nothing)
    assert list(weights.parent.glob("*.onnx")) and not folder.exists()


def test_weights_that_are_none_are_reported_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "weights.pth").write_bytes(b"no weights")
    with pytest.raises(ModelFailed, match="could not be prepared"):
        onnx_file(LITE0, tmp_path / "weights.pth", nothing)
    assert not list(folder.glob("*.onnx")) and not list(folder.glob("*.part"))


def test_classifying_imports_no_torch(folder: Path) -> None:
    code = (
        "import sys, numpy as np\n"
        "from models.cache import ModelCache\n"
        f"model = ModelCache(10**9).get({LITE0!r})\n"
        "model.predict(np.zeros((300, 400, 3), np.uint8)), model.embed_square(np.zeros((224, 224, 3), np.uint8))\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=onnx_files.ROOT, check=True, timeout=120)
