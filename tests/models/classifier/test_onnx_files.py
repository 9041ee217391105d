"""A network's file is made once, by another process, and made again when it is damaged."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.classifier import onnx_files
from models.classifier.imagenet import ImageClassifier, lite0_weights
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
