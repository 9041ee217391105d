"""What lies under deploy/ fits the rest: the commands, packages, ports and settings are those of the repository."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from models.settings import Settings
from scripts.host import SYSTEM_LIBRARIES

DEPLOY = Path(__file__).parent.parent / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {f"LIMELIGHT_{name.upper()}" for name in Settings.model_fields}
    of_caddy = {"LIMELIGHT_NAME", "LIMELIGHT_UPSTREAM"}  # its own placeholders
    named = set(re.findall(r"\bLIMELIGHT_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert named <= known | of_caddy, named - known


@pytest.mark.parametrize("name", ["limelight.service", "Dockerfile"])
def test_it_is_started_as_the_readme_says(name: str) -> None:
    assert re.search(r"make\b.*\brun", read(name)) and "8501" in read(name)
    targets = (DEPLOY.parent / "Makefile").read_text()
    assert re.search(r"^run:", targets, re.MULTILINE) and re.search(r"^setup:", targets, re.MULTILINE)


def test_the_image_has_the_packages_that_serving_needs_and_what_it_copies_exists() -> None:
    text, needed = read("Dockerfile"), {*SYSTEM_LIBRARIES.values(), "make"}
    assert needed <= set(re.search(r"no-install-recommends (.*?) \\", text)[1].split())
    copied = [word for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert copied and all((DEPLOY.parent / word).exists() for word in copied)
    assert "/healthz" in text and re.search(r"^USER limelight$", text, re.MULTILINE)
    assert ".streamlit/secrets.toml" in (DEPLOY.parent / ".dockerignore").read_text().split()


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    unit = tmp_path / "limelight.service"
    unit.write_text(read("limelight.service").replace("/usr/bin/make", "/bin/true"))
    checked = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    complaints = [line for line in checked.stderr.splitlines() if "limelight.service" in line]
    assert not complaints, complaints


def test_the_service_has_limits_and_little_power(tmp_path: Path) -> None:
    text = read("limelight.service")
    for setting in ("MemoryMax", "TasksMax", "SystemCallFilter"):
        assert re.search(rf"^{setting}=\S", text, re.MULTILINE), setting
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    shutil.copy(DEPLOY / "limelight.service", tmp_path)
    unit = str(tmp_path / "limelight.service")
    rated = subprocess.run(["systemd-analyze", "security", "--offline=yes", unit], capture_output=True, text=True)
    (exposure,) = re.findall(r"exposure level for limelight.service: ([\d.]+)", rated.stdout)
    assert float(exposure) <= 3, rated.stdout


def test_the_image_begins_with_what_a_digest_names() -> None:
    assert re.search(r"^FROM \S+@sha256:[0-9a-f]{64}$", read("Dockerfile"), re.MULTILINE)


def test_no_secret_goes_into_the_image() -> None:
    left_out = (DEPLOY.parent / ".dockerignore").read_text().split()
    assert {".git", ".env", ".env.*", ".streamlit/secrets.toml", "*.pem"} <= set(left_out)


def test_caddy_reads_its_file(tmp_path: Path) -> None:
    if (caddy := shutil.which("caddy")) is None:
        pytest.skip("no caddy: install Debian's package to check its file")
    command = [caddy, "validate", "--config", str(DEPLOY / "Caddyfile")]
    checked = subprocess.run(command, capture_output=True, text=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin"})
    assert checked.returncode == 0, checked.stderr[-1000:]
