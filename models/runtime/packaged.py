"""Weights that an installed Python package carries: used from there where they are what the catalogue says, else
downloaded like any other."""

import hashlib
import importlib.util
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.runtime.downloads import OnProgress
from models.runtime.weights import WeightsFile


@dataclass(frozen=True)
class PackagedFile(WeightsFile):
    """A `WeightsFile` that also lies at `inside` in the installed `package`. That copy is taken if its SHA-256 is
    right; the package itself is never imported."""

    package: str
    inside: str

    def packaged(self) -> Path | None:
        """The package's copy, or None where it is missing or another file."""
        found = importlib.util.find_spec(self.package)
        for folder in (found and found.submodule_search_locations) or ():
            copy = Path(folder, self.inside)
            try:
                about = copy.stat()
                if _sha256(copy, about.st_size, about.st_mtime_ns).startswith(self.sha256):
                    return copy
            except OSError:
                continue
        return None

    def is_in_package(self) -> bool:
        """Whether the package carries it, so that it works without a network."""
        return self.packaged() is not None

    def path(self, folder: Path) -> Path:
        """Where the file is, or will be once fetched."""
        return self.packaged() or super().path(folder)

    def is_present(self, folder: Path) -> bool:
        """Whether the complete file is in the package or the folder. The package's is read once, to be verified."""
        return self.packaged() is not None or super().is_present(folder)


@dataclass(frozen=True)
class PackagedFiles:
    """Several, for a model that needs them all; its loader gets the cache folder, and asks each for its path."""

    files: tuple[PackagedFile, ...]

    def is_in_package(self) -> bool:
        """Whether the packages carry all of them."""
        return all(file.is_in_package() for file in self.files)

    def is_present(self, folder: Path) -> bool:
        """Whether all are here."""
        return all(file.is_present(folder) for file in self.files)

    def fetch(
        self, folder: Path, *, on_progress: OnProgress | None = None, cancel: threading.Event | None = None
    ) -> Path:
        """The folder, once each file is here. Raises what `WeightsFile.fetch` raises."""
        for file in self.files:
            file.fetch(folder, on_progress=on_progress, cancel=cancel)
        return folder


@cache
def _sha256(path: Path, size: int, changed_ns: int) -> str:
    """In hex; read again where the size or the time of the last change is another."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
