"""torchvision imports beside this torch, whichever build of it is installed. Its C++ operators are not promised."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)


def test_torchvision_its_networks_weights_and_transforms_import_in_a_fresh_process() -> None:
    ended = run(
        "from models.runtime import torchvision_ops\n"
        "import torch, torchvision\n"
        "from torchvision.models import ResNet50_Weights, mobilenet_v3_large\n"
        "from torchvision.transforms import Resize\n"
        "assert len(ResNet50_Weights.IMAGENET1K_V2.meta['categories']) == 1000\n"
        "assert mobilenet_v3_large(weights=None).eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 1000)\n"
    )
    assert ended.returncode == 0, ended.stderr


def test_without_it_the_import_fails_here() -> None:
    """Where this one stops failing, the module has become unnecessary."""
    ended = run("import torchvision")
    if ended.returncode == 0:
        pytest.skip("this build of torch and torchvision fits: models/runtime/torchvision_ops.py does nothing here")
    assert "torchvision::nms" in ended.stderr


def test_another_reason_for_the_import_to_fail_is_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('out of luck')")
    ended = run(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import models.runtime.torchvision_ops")
    assert "RuntimeError: out of luck" in ended.stderr
