"""Where rooms are kept without a setting: in the user's own folder, which others cannot look into."""

from pathlib import Path

import pytest

from models.rooms import default_file
from models.rooms.default_file import default_rooms_file, default_url
from models.rooms.store import RoomStore


def test_the_folder_becomes_the_users_alone_also_one_of_an_earlier_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(default_file, "state_folder", lambda: tmp_path / "limelight")
    assert not default_rooms_file().parent.exists(), "asking makes nothing"
    default_rooms_file().parent.mkdir(mode=0o755)
    RoomStore(default_url(), 3600).close()
    assert default_rooms_file().is_file()
    assert default_rooms_file().parent.stat().st_mode & 0o777 == 0o700
    assert default_rooms_file().stat().st_mode & 0o777 == 0o600
