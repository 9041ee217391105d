"""Shelf: every visitor's project is kept on the server for a while, so that a reload, a closed lid, a lost connection
or a restarted server brings it back.

A project goes by a key that the visitor's browser drew. Files are named by the key's SHA-256, so that who sees the
folder can open no project with what is to be seen there. One background thread writes what changed.
"""

import atexit
import contextlib
import hashlib
import logging
import os
import re
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from models.runtime.folders import state_folder
from models.teachable.keep.kept_file import Damaged, KeptFile, Outdated
from models.teachable.keep.kept_link import KeptLink, not_kept, seen, words_for
from models.teachable.project import Project

log = logging.getLogger(__name__)

KEY = re.compile(r"[0-9a-f]{64}")
FILE = re.compile(r"([0-9a-f]{64})\.project(-journal)?")

LOOK_S = 0.5  # between looks at what changed
SWEEP_S = 300.0
LEAST_BYTES = 32_768  # of a file without samples
LOCKS = 64  # more than there are threads that read or write at a time


def default_folder() -> Path:
    """The platform's folder for the state of Limelight; a shelf creates it."""
    return state_folder() / "projects"


class Shelf:
    """Thread-safe; one in a process. `folder` is its own, made when first needed; a project is forgotten `keep_s`
    seconds after its last change, or after it was last open in a tab; `keep_s` 0 keeps none. All files together take
    `most_bytes`: the oldest go, but none that is open. `project_bytes` is what a project that comes back may grow to;
    none takes more than twice that here, what was trained on its samples included.

    A key is 64 lower-case hexadecimal digits. Under anything else nothing is ever found or kept, and no error raised:
    it is what a stranger's browser says.
    """

    def __init__(self, folder: Path, keep_s: float, most_bytes: int, project_bytes: int = 200_000_000) -> None:
        self.folder, self.keep_s, self.most_bytes, self.project_bytes = folder, keep_s, most_bytes, project_bytes
        self._file_locks = [threading.RLock() for _ in range(LOCKS)]  # a file's is taken before `_lock`, never after
        self._lock = threading.Lock()  # guards everything below
        self._links: dict[str, KeptLink] = {}  # by the file's name
        self._deleted: weakref.WeakSet[Project] = weakref.WeakSet()
        self._logged: set[str] = set()
        self._ended = threading.Event()
        atexit.register(self.close)  # a server that is stopped writes first
        self._thread = threading.Thread(target=self._work, name="shelf", daemon=True)
        self._thread.start()

    def open(self, key: str) -> Project | None:
        """The project kept under this key, or None. Two tabs of one browser get one and the same, the newest that any
        process has written. Takes no time where a tab has it open, else as long as reading the file."""
        name = self._name(key)
        if name is None:
            return None
        if (project := self._up_to_date(name)) is not None:
            return project
        with self._file_lock(name):
            if (project := self._up_to_date(name)) is not None:
                return project
            file = KeptFile(self._path(name), yields=True)
            try:
                if not file.exists():
                    return None
                project = file.read(self.project_bytes)
                self._touch(file)
            except Damaged as error:
                self._log_once(f"a kept project is damaged and was deleted: {error}")
                self._unlink(file)
                return None
            except (OSError, sqlite3.Error) as error:
                self._log_once(f"a kept project could not be read: {error!r}")
                return None
            with self._lock:
                self._links[name] = KeptLink(project, file, seen(project))
            return project

    def open_or(self, key: str, fresh: Callable[[], Project]) -> Project:
        """The project kept under this key, else `fresh()`, which is kept from now on; one and the same for two tabs
        that ask at once."""
        name = self._name(key)
        if name is None:
            return fresh()
        if (project := self._up_to_date(name)) is not None:
            return project
        with self._file_lock(name):
            project = self.open(key)
            if project is None:
                project = fresh()
                self._keep(key, project, yields=True)  # what another process makes at the same time is not lost
            return project

    def keep(self, key: str, project: Project) -> bool:
        """From now on this project is the one under that key, in place of any other: it is written in the background
        whenever it changes, one that nobody touched not before. Returns whether that is so: not for a project that was
        deleted here, which no other tab brings back. Cheap to say again."""
        return self._keep(key, project, yields=False)

    def _keep(self, key: str, project: Project, yields: bool) -> bool:
        name = self._name(key)
        if name is None:
            return False
        with self._lock:
            if project in self._deleted:
                return False
            earlier = self._links.get(name)
            if earlier is not None and earlier.project is project:
                return True
            file = KeptFile(self._path(name), yields=yields)
            # what was there before must not come back, so that even an untouched one takes its place
            nothing_to_write = project.untouched and earlier is None and not file.exists()
            self._links[name] = KeptLink(project, file, seen(project) if nothing_to_write else None)
        return True

    def delete(self, key: str) -> bool:
        """Forget the project under this key, file and all, before it returns; False where the file can't be deleted.
        The page may go on with the project, but it is not kept any more: `keep` another one."""
        name = self._name(key)
        if name is None:
            return True
        with self._file_lock(name):  # a write under way ends first
            with self._lock:
                link = self._links.pop(name, None)
                if link is not None and (project := link.project) is not None:
                    self._deleted.add(project)
            return self._unlink(self._file(name))

    def undelete(self, project: Project) -> None:
        """Who deleted it takes that back: it may be kept again."""
        with self._lock:
            self._deleted.discard(project)

    def holds(self, key: str, project: Project) -> bool:
        """Whether this is still the project under that key; not where another one was kept, or another process has
        written a newer state of it."""
        name = self._name(key)
        return name is None or self._up_to_date(name) is project

    def notice(self) -> None:
        """See now what changed: a project that its visitor has left is held until it is written."""
        self._look(time.monotonic())

    def error(self, key: str) -> str | None:
        """Why the project under this key is not being kept at the moment, in words for the visitor."""
        name = self._name(key)
        with self._lock:
            link = self._links.get(name) if name else None
            return link.error or None if link else None

    def flush(self) -> None:
        """Write now what changed; returns when it is written."""
        for name, link in self._look(time.monotonic()):
            self._write(name, link)

    def sweep(self) -> None:
        """Delete what is expired and, oldest first, what is too much. The background thread does so too."""
        now = time.time()
        for name, (changed_at, _) in self._files().items():
            if self._open_in_a_tab(name) is not None and self.keep_s > 0:
                self._touch(self._file(name))
            elif self.keep_s <= 0 or now - changed_at >= self.keep_s:
                self._drop(name)
        self._make_room(0)

    def close(self) -> None:
        """Write what changed and end the background thread; nothing is kept after that."""
        atexit.unregister(self.close)
        self._ended.set()
        self._thread.join()
        self.flush()

    def _name(self, key: str) -> str | None:
        if self.keep_s <= 0 or not isinstance(key, str) or not KEY.fullmatch(key):
            return None
        return hashlib.sha256(key.encode()).hexdigest()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.project"

    def _file(self, name: str) -> KeptFile:
        return KeptFile(self._path(name))

    def _file_lock(self, name: str) -> threading.RLock:
        return self._file_locks[int(name[:8], 16) % LOCKS]

    def _open_in_a_tab(self, name: str) -> Project | None:
        with self._lock:
            link = self._links.get(name)
            return link.project if link else None

    def _up_to_date(self, name: str) -> Project | None:
        """The one that a tab has open, if nobody has written a newer state of it."""
        with self._lock:
            link = self._links.get(name)
        if link is None or not link.file.yields or not link.file.is_outdated():
            return link.project if link else None
        with self._file_lock(name):
            if link.file.is_outdated():  # not even by a write of our own that was under way
                self._let_go(name, link)
                return None
        return link.project

    def _let_go(self, name: str, link: KeptLink) -> None:
        """The file holds something newer than this project, which is not written any more."""
        with self._lock:
            if self._links.get(name) is link:
                del self._links[name]

    def _work(self) -> None:
        swept_at = -SWEEP_S
        while True:
            try:
                if time.monotonic() - swept_at >= SWEEP_S:
                    self.sweep()
                    swept_at = time.monotonic()
                self._write_what_is_due()
            except BaseException:  # the next visitor's project is worth another try
                log.exception("the shelf stumbled")
            if self._ended.wait(LOOK_S):
                return  # what is unwritten now is for `close`

    def _write_what_is_due(self) -> None:
        now = time.monotonic()
        for name, link in self._look(now):
            if link.is_due(now):
                self._write(name, link)

    def _look(self, now: float) -> list[tuple[str, KeptLink]]:
        """Those with something to write; those that nobody has any more are let go."""
        with self._lock:
            self._links = {name: link for name, link in self._links.items() if link.look(now)}
            return [(name, link) for name, link in self._links.items() if link.is_unwritten]

    def _write(self, name: str, link: KeptLink) -> None:
        project = link.project
        if project is None:
            return
        error = self._no_room_for(name, project)
        with self._file_lock(name):
            with self._lock:
                if self._links.get(name) is not link:
                    return  # deleted, or another project's by now
            what = seen(project)  # before it is written: what changes meanwhile is written next time
            if error is None:
                try:
                    link.file.write(project)
                    link.file.yields = True
                except Outdated:
                    self._let_go(name, link)
                    return
                except (OSError, sqlite3.Error) as failed:
                    self._log_once(f"a project could not be kept in {self.folder}: {failed!r}")
                    error = words_for(failed)
            with self._lock:
                if error is None:
                    link.wrote(what, time.monotonic())
                else:
                    link.failed(error, time.monotonic())

    def _files(self) -> dict[str, tuple[float, int]]:
        """Of each file by name: when it was last changed, in seconds since 1970, and its bytes, its journal's too."""
        files: dict[str, tuple[float, int]] = {}
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if found := FILE.fullmatch(entry.name):
                        with contextlib.suppress(FileNotFoundError):  # it went while we looked
                            stat = entry.stat(follow_symlinks=False)
                            at, size = files.get(found[1], (0.0, 0))
                            files[found[1]] = (max(at, stat.st_mtime), size + stat.st_size)
        except FileNotFoundError:
            pass  # nothing was kept yet
        except OSError as error:
            self._log_once(f"the folder of kept projects could not be read: {error!r}")
        return files

    def _no_room_for(self, name: str, project: Project) -> str | None:
        """Why there is no room for it, in words; None when there is, made by deleting the oldest if need be."""
        trained = project.trained
        needed = LEAST_BYTES + sum(len(sample.jpeg) + 4 * project.kind.size + 300 for sample in project.samples)
        needed += trained.examples.nbytes if trained else 0
        if needed > 2 * self.project_bytes + LEAST_BYTES:
            return not_kept("it is larger than what one visitor may keep there.")
        if self._make_room(needed, name):
            return None
        self._log_once(f"projects that are open fill the {self.most_bytes / 1e9:.1f} GB for kept ones")
        return not_kept("the room for kept projects is full.")

    def _make_room(self, needed: int, name: str = "") -> bool:
        """Delete the oldest until there is room for `needed` bytes, those of the file of that name not counted; whether
        there is. None that is open goes, and none in vain."""
        files = self._files()
        files.pop(name, None)
        total = needed + sum(size for _, size in files.values())
        closed = {other: about for other, about in files.items() if self._open_in_a_tab(other) is None}
        if name and total - sum(size for _, size in closed.values()) > self.most_bytes:
            return False
        for other, (_, size) in sorted(closed.items(), key=lambda item: item[1]):
            if total <= self.most_bytes:
                break
            if self._drop(other):
                total -= size
        return total <= self.most_bytes

    def _drop(self, name: str) -> bool:
        """Delete a file that no tab has open; whether it was."""
        with self._file_lock(name):
            return self._open_in_a_tab(name) is None and self._unlink(self._file(name))

    def _touch(self, file: KeptFile) -> None:
        """Its time begins anew."""
        with contextlib.suppress(OSError):  # it was deleted just now, or is on a read-only disk: then it ages
            os.utime(file.path)

    def _unlink(self, file: KeptFile) -> bool:
        try:
            file.delete()
        except OSError as error:
            self._log_once(f"a kept project could not be deleted: {error!r}")
            return False
        return True

    def _log_once(self, words: str) -> None:
        with self._lock:
            if words in self._logged or len(self._logged) == 100:
                return
            self._logged.add(words)
        log.warning("%s; further ones like it are not logged", words)
