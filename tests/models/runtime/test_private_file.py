"""Files that only the server's own user can read, however generous the process is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.runtime.private_file import make_private


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_one_and_its_folder_are_the_users_alone(tmp_path: Path) -> None:
    make_private(tmp_path / "above" / "new" / "file")
    assert mode(tmp_path / "above" / "new") == 0o700 and mode(tmp_path / "above" / "new" / "file") == 0o600
    assert (tmp_path / "above" / "new" / "file").read_bytes() == b""


def test_one_that_is_there_keeps_its_content_and_its_folder_what_it_was(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "file").chmod(0o666)
    make_private(tmp_path / "file")
    assert mode(tmp_path / "file") == 0o600 and mode(tmp_path) == 0o755
    assert (tmp_path / "file").read_bytes() == b"content"


def test_where_none_can_be_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        make_private(tmp_path / "file" / "in a file")
