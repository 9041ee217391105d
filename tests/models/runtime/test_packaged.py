"""Weights in an installed package: taken where they are right, downloaded where they are missing or another file."""

import functools
import hashlib
import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import WrongContent
from models.runtime.packaged import PackagedFile, PackagedFiles

CONTENT = b"weights " * 999


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that must not be imported, and the file in it."""
    folder = tmp_path / "site" / "carrier"
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    file = folder / "models" / "net.bin"
    file.write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    yield file
    assert "carrier" not in sys.modules


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A server that has the right file."""
    served = tmp_path / "served"
    served.mkdir()
    (served / "net.bin").write_bytes(CONTENT)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(served))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def file_at(site: str, package: str = "carrier") -> PackagedFile:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    return PackagedFile(f"{site}/net.bin", sha256, len(CONTENT), "net.bin", package, "models/net.bin")


def test_the_packages_file_is_used_where_it_is_right(package: Path, tmp_path: Path) -> None:
    file = file_at("http://127.0.0.1:9")
    assert file.is_in_package() and file.is_present(tmp_path)
    assert file.fetch(tmp_path) == file.path(tmp_path) == package


@pytest.mark.parametrize("spoil", ["missing", "another", "cut short", "no package"])
def test_another_or_no_file_is_downloaded(package: Path, tmp_path: Path, site: str, spoil: str) -> None:
    if spoil == "missing":
        package.unlink()
    elif spoil != "no package":
        package.write_bytes({"another": b"x" * len(CONTENT), "cut short": CONTENT[:-1]}[spoil])
    file = file_at(site, "no_such_package" if spoil == "no package" else "carrier")
    kept = tmp_path / "kept"
    assert not file.is_in_package() and not file.is_present(kept)
    assert file.fetch(kept) == file.path(kept) == kept / "net.bin"
    assert (kept / "net.bin").read_bytes() == CONTENT
    assert file.is_present(kept) and not file.is_in_package()


def test_a_file_that_changes_is_read_again(package: Path, tmp_path: Path) -> None:
    file = file_at("http://127.0.0.1:9")
    assert file.is_in_package()
    package.write_bytes(b"y" * (len(CONTENT) + 1))
    assert not file.is_in_package()


def test_what_the_server_has_instead_is_not_taken(tmp_path: Path, site: str) -> None:
    (tmp_path / "served" / "net.bin").write_bytes(b"z" * len(CONTENT))
    with pytest.raises(WrongContent):
        file_at(site, "no_such_package").fetch(tmp_path / "kept")


def test_several_are_all_fetched_into_one_folder(package: Path, tmp_path: Path, site: str) -> None:
    here, away = file_at(site), file_at(site, "no_such_package")
    both, kept = PackagedFiles((here, away)), tmp_path / "kept"
    assert not both.is_present(kept) and not both.is_in_package()
    assert both.fetch(kept) == kept
    assert both.is_present(kept) and not both.is_in_package()
    assert PackagedFiles((here,)).is_in_package()
