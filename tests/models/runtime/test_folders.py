"""All that Limelight saves of its own lies in the same two folders of the user."""

import sys
from pathlib import Path

import pytest

from models.runtime.folders import cache_folder, state_folder


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms have other folders")
def test_the_folders_are_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert cache_folder() == tmp_path / "cache" / "limelight"
    assert state_folder() == tmp_path / "state" / "limelight"
    assert not list(tmp_path.iterdir()), "asking makes nothing"
