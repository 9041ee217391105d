"""Settings come from the environment first and from secrets.toml below it; a wrong one says which and why."""

from pathlib import Path

import psutil
import pytest

from models import settings as module
from models.errors import BadSettings
from models.settings import settings, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's environment and nobody's secrets."""
    import os

    for name in list(os.environ):
        if name.upper().startswith("LIMELIGHT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def secrets(folder: Path, text: str) -> None:
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(text, encoding="utf-8")


def test_the_defaults_serve_without_any_file() -> None:
    now = settings()
    assert (now.inference_threads, now.camera_fps, now.camera_size, now.upload_mb) == (1, 15, "640×480", 20)
    assert now.ice_servers == []
    assert not now.ice_loopback


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMELIGHT_CAMERA_FPS", "30")
    monkeypatch.setenv("LIMELIGHT_ICE_LOOPBACK", "true")
    monkeypatch.setenv("LIMELIGHT_CACHE_FOLDER", "/somewhere")
    monkeypatch.setenv("LIMELIGHT_ICE_SERVERS", '[{"urls": "turn:turn.example:3478", "username": "u"}]')
    assert settings().camera_fps == 30
    assert settings().ice_loopback is True
    assert settings().cache_folder == Path("/somewhere")
    assert settings().ice_servers == [{"urls": "turn:turn.example:3478", "username": "u"}]


def test_the_secrets_file_sets_them_and_the_environment_wins(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets(empty_folder, 'camera_fps = 5\n[limelight]\ncamera_fps = 10\nupload_mb = 7\n[other]\nupload_mb = "x"\n')
    monkeypatch.setenv("LIMELIGHT_CAMERA_FPS", "30")
    assert settings().camera_fps == 30
    assert settings().upload_mb == 7


@pytest.mark.parametrize("text", ["", "password = 'x'\n", "limelight = 'not a table'\n", "[other]\ncamera_fps = 1\n"])
def test_a_secrets_file_about_other_things_is_fine(empty_folder: Path, text: str) -> None:
    secrets(empty_folder, text)
    assert settings().camera_fps == 15


def test_they_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings()
    monkeypatch.setenv("LIMELIGHT_CAMERA_FPS", "30")
    assert settings() is before


def test_nobody_changes_them_on_the_way() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings().camera_fps = 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL_MEMORY_GB", "nan"),
        ("INFERENCE_THREADS", "0"),
        ("CAMERA_SIZE", "huge"),
        ("PROJECT_HOURS", "inf"),
        ("ICE_SERVERS", "stun:stun.example"),
        ("ICE_SERVERS", '["stun:stun.example"]'),
        ("ICE_LOOPBACK", "maybe"),
    ],
)
def test_a_bad_value_is_named_and_nothing_else_is_said(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LIMELIGHT_{name}", value)
    with pytest.raises(BadSettings) as raised:
        settings()
    said = str(raised.value)
    assert name in said.upper()
    assert not [word for word in ("Traceback", "pydantic", "\n") if word in said], said


def test_a_bad_value_in_the_file_is_named_too(empty_folder: Path) -> None:
    secrets(empty_folder, "[limelight]\ncamera_fps = 0\n")
    with pytest.raises(BadSettings, match=r"LIMELIGHT_CAMERA_FPS: .*greater than or equal to 1 \(is 0\)"):
        settings()


def test_several_bad_values_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMELIGHT_CAMERA_FPS", "0")
    monkeypatch.setenv("LIMELIGHT_UPLOAD_MB", "0")
    with pytest.raises(BadSettings, match=r"CAMERA_FPS.*; LIMELIGHT_UPLOAD_MB"):
        settings()


def test_a_broken_secrets_file_is_named(empty_folder: Path) -> None:
    secrets(empty_folder, "[limelight\n")
    with pytest.raises(BadSettings, match=r"secrets\.toml"):
        settings()


def test_no_number_of_bytes_means_half_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().model_memory_bytes == psutil.virtual_memory().total // 2
    settings.cache_clear()
    monkeypatch.setenv("LIMELIGHT_MODEL_MEMORY_GB", "1.5")
    assert settings().model_memory_bytes == 1_500_000_000


def test_every_setting_is_described() -> None:
    rows = table().splitlines()[2:]
    assert len(rows) == len(module.Settings.model_fields)
    assert all(row.startswith("| `LIMELIGHT_") and len(row.split("|")[3].strip()) > 20 for row in rows)
    assert "| `LIMELIGHT_ICE_LOOPBACK` | `false` |" in table()
    assert "| `LIMELIGHT_CACHE_FOLDER` |  |" in table()


def test_the_documents_table_is_the_one_made_from_the_code() -> None:
    _, found, rest = DOCUMENT.read_text(encoding="utf-8").partition("<!-- settings -->")
    written, ended, _ = rest.partition("<!-- /settings -->")
    assert found and ended, "docs/settings.md has no table between <!-- settings --> and <!-- /settings -->"
    assert written.strip() == table(), "run `python -m models.settings` and put what it prints into docs/settings.md"
