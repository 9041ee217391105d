"""ProjectFolder: the files of all projects, by name, their age and size."""

import contextlib
import logging
import os
import re
import threading
from pathlib import Path

from models.runtime.folders import state_folder
from models.teachable.keep.project_file import ProjectFile

log = logging.getLogger(__name__)

FILE = re.compile(r"([0-9a-f]{64})\.project(-journal)?")


def default_folder() -> Path:
    """The platform's folder for the state of Limelight; a shelf creates it."""
    return state_folder() / "projects"


class ProjectFolder:
    """Thread-safe; made when first needed. What the system refuses is logged once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._logged: set[str] = set()

    def file(self, name: str, *, yields: bool = False) -> ProjectFile:
        """The file of that name, which need not exist."""
        return ProjectFile(self.path / f"{name}.project", yields=yields)

    def files(self) -> dict[str, tuple[float, int]]:
        """Of each file by name: when it was last changed, in seconds since 1970, and its bytes, its journal's too."""
        files: dict[str, tuple[float, int]] = {}
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    if found := FILE.fullmatch(entry.name):
                        with contextlib.suppress(FileNotFoundError):  # it went meanwhile
                            stat = entry.stat(follow_symlinks=False)
                            at, size = files.get(found[1], (0.0, 0))
                            files[found[1]] = (max(at, stat.st_mtime), size + stat.st_size)
        except FileNotFoundError:
            pass  # nothing was saved yet
        except OSError as error:
            self.log_once(f"the folder of saved projects could not be read: {error!r}")
        return files

    def touch(self, name: str) -> None:
        """Its time begins anew."""
        with contextlib.suppress(OSError):  # it was deleted just now, or is on a read-only disk: then it ages
            os.utime(self.file(name).path)

    def delete(self, name: str) -> bool:
        """Whether the file is gone."""
        try:
            self.file(name).delete()
        except OSError as error:
            self.log_once(f"a saved project could not be deleted: {error!r}")
            return False
        return True

    def log_once(self, words: str) -> None:
        """A warning, the first hundred different ones."""
        with self._lock:
            if words in self._logged or len(self._logged) == 100:
                return
            self._logged.add(words)
        log.warning("%s; further ones like it are not logged", words)
