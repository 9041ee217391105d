"""The lock files: what they name is what requirements*.txt ask for, whole, and the same for everyone."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]
LEFT_OUT = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["exclude-dependencies"])


def pins(name: str) -> dict[str, str]:
    """Package → version of what a requirements file or a lock pins on this machine."""
    text = re.sub(r"\s*\\\n\s*--hash=\S+|\s#.*|^#.*|^-.*", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    asked = [Requirement(line) for line in text.splitlines() if line.strip()]
    here = [one for one in asked if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in here}


@pytest.mark.parametrize("suffix", ["", "-dev"])
def test_a_lock_names_what_its_requirements_pin(suffix: str) -> None:
    asked = pins(f"requirements{suffix}.txt")
    assert asked and asked.items() <= pins(f"requirements{suffix}.lock").items()


def test_the_locks_agree() -> None:
    locked, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: locked[name] for name in locked.keys() & dev} == {name: dev[name] for name in locked.keys() & dev}


def test_the_locks_name_everything_that_is_needed_in_turn() -> None:
    locked = {**pins("requirements.lock"), **pins("requirements-dev.lock")}
    known = locked.keys() | pins("requirements-torch.txt").keys() | LEFT_OUT
    for name in locked:
        needed = [Requirement(line) for line in distribution(name).requires or ()]
        here = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
        missing = [one.name for one in here if canonicalize_name(one.name) not in known]
        assert not missing, f"{name} needs {missing}: make lock"


def test_what_is_installed_is_what_is_locked() -> None:
    locked = {**pins("requirements.lock"), **pins("requirements-dev.lock"), **pins("requirements-torch.txt")}
    assert {name: version(name).partition("+")[0] for name in locked} == locked


@pytest.mark.parametrize("name", LOCKS)
def test_each_file_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks and all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_builds_of_torch_are_not_held_to_a_hash() -> None:
    for name in ("torch", "torchvision"):
        assert name in pins("requirements-torch.txt") and name not in pins("requirements.lock")


def test_one_package_of_opencv_fills_its_folder() -> None:
    assert [name for name in pins("requirements.lock") if name.startswith("opencv")] == ["opencv-python-headless"]
    for name in LEFT_OUT:
        with pytest.raises(PackageNotFoundError):
            version(name)
