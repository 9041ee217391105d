"""Shelf: every visitor's project is saved on the server for a while, so that a reload, a closed lid, a lost connection
or a restarted server brings it back.

A project goes by a key that the visitor's browser drew. Files are named by the key's SHA-256, so that who sees the
folder can open no project with what is to be seen there. One background thread writes what changed.
"""

import atexit
import hashlib
import logging
import re
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from models.teachable.keep.autosave import Autosave, not_saved, state_of, words_for
from models.teachable.keep.project_file import Damaged, Outdated
from models.teachable.keep.project_folder import ProjectFolder
from models.teachable.project import Project

log = logging.getLogger(__name__)

KEY = re.compile(r"[0-9a-f]{64}")

POLL_S = 0.5  # between two looks for changes
SWEEP_S = 300.0
MIN_FILE_BYTES = 32_768  # of a file without samples
LOCKS = 64  # more than there are threads that read or write at a time


class Shelf:
    """Thread-safe; one in a process. `folder` is its own, made when first needed; a project is forgotten `keep_s`
    seconds after its last change, or after it was last open in a tab; `keep_s` 0 keeps none. All files together take
    `max_bytes`: the oldest go, but none that is open. `project_bytes` is what a project that comes back may grow to;
    none takes more than twice that here, what was trained on its samples included.

    A key is 64 lower-case hexadecimal digits. Under anything else nothing is ever found or kept, and no error raised:
    it is what a stranger's browser says.
    """

    def __init__(self, folder: Path, keep_s: float, max_bytes: int, project_bytes: int = 200_000_000) -> None:
        self.keep_s, self.max_bytes, self.project_bytes = keep_s, max_bytes, project_bytes
        self._folder = ProjectFolder(folder)
        self._file_locks = [threading.RLock() for _ in range(LOCKS)]  # a file's is taken before `_lock`, never after
        self._lock = threading.Lock()  # guards everything below
        self._saves: dict[str, Autosave] = {}  # by the file's name
        self._deleted: weakref.WeakSet[Project] = weakref.WeakSet()
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
            file = self._folder.file(name, yields=True)
            try:
                if not file.exists():
                    return None
                project = file.read(self.project_bytes)
                self._folder.touch(name)
            except Damaged as error:
                self._folder.log_once(f"a saved project is damaged and was deleted: {error}")
                self._folder.delete(name)
                return None
            except (OSError, sqlite3.Error) as error:
                self._folder.log_once(f"a saved project could not be read: {error!r}")
                return None
            with self._lock:
                self._saves[name] = Autosave(project, file, state_of(project))
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
            earlier = self._saves.get(name)
            if earlier is not None and earlier.project is project:
                return True
            file = self._folder.file(name, yields=yields)
            # what was there before must not come back, so that even an untouched one takes its place
            nothing_to_write = project.untouched and earlier is None and not file.exists()
            self._saves[name] = Autosave(project, file, state_of(project) if nothing_to_write else None)
        return True

    def delete(self, key: str) -> bool:
        """Forget the project under this key, file and all, before it returns; False where the file can't be deleted.
        The page may go on with the project, but it is not kept any more: `keep` another one."""
        name = self._name(key)
        if name is None:
            return True
        with self._file_lock(name):  # a write under way ends first
            with self._lock:
                save = self._saves.pop(name, None)
                if save is not None and (project := save.project) is not None:
                    self._deleted.add(project)
            return self._folder.delete(name)

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
        self._inspect(time.monotonic())

    def error(self, key: str) -> str | None:
        """Why the project under this key is not being kept at the moment, in words for the visitor."""
        name = self._name(key)
        with self._lock:
            save = self._saves.get(name) if name else None
            return save.error or None if save else None

    def flush(self) -> None:
        """Write now what changed; returns when it is written."""
        for name, save in self._inspect(time.monotonic()):
            self._write(name, save)

    def sweep(self) -> None:
        """Delete what is expired and, oldest first, what is too much. The background thread does so too."""
        now = time.time()
        for name, (changed_at, _) in self._folder.files().items():
            if self._open_in_a_tab(name) is not None and self.keep_s > 0:
                self._folder.touch(name)
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

    def _file_lock(self, name: str) -> threading.RLock:
        return self._file_locks[int(name[:8], 16) % LOCKS]

    def _open_in_a_tab(self, name: str) -> Project | None:
        with self._lock:
            save = self._saves.get(name)
            return save.project if save else None

    def _up_to_date(self, name: str) -> Project | None:
        """The one that a tab has open, if nobody has written a newer state of it."""
        with self._lock:
            save = self._saves.get(name)
        if save is None or not save.file.yields or not save.file.is_outdated():
            return save.project if save else None
        with self._file_lock(name):
            if save.file.is_outdated():  # not even by a write of our own that was under way
                self._let_go(name, save)
                return None
        return save.project

    def _let_go(self, name: str, save: Autosave) -> None:
        """The file holds something newer than this project, which is not written any more."""
        with self._lock:
            if self._saves.get(name) is save:
                del self._saves[name]

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
            if self._ended.wait(POLL_S):
                return  # what is unwritten now is for `close`

    def _write_what_is_due(self) -> None:
        now = time.monotonic()
        for name, save in self._inspect(now):
            if save.is_due(now):
                self._write(name, save)

    def _inspect(self, now: float) -> list[tuple[str, Autosave]]:
        """Those with something to write; those that nobody has any more are let go."""
        with self._lock:
            self._saves = {name: save for name, save in self._saves.items() if save.inspect(now)}
            return [(name, save) for name, save in self._saves.items() if save.is_unwritten]

    def _write(self, name: str, save: Autosave) -> None:
        project = save.project
        if project is None:
            return
        error = self._no_room_for(name, project)
        with self._file_lock(name):
            with self._lock:
                if self._saves.get(name) is not save:
                    return  # deleted, or another project's by now
            state = state_of(project)  # before it is written: what changes meanwhile is written next time
            if error is None:
                try:
                    save.file.write(project)
                    save.file.yields = True
                except Outdated:
                    self._let_go(name, save)
                    return
                except (OSError, sqlite3.Error) as failed:
                    self._folder.log_once(f"a project could not be saved in {self._folder.path}: {failed!r}")
                    error = words_for(failed)
            with self._lock:
                if error is None:
                    save.wrote(state, time.monotonic())
                else:
                    save.failed(error, time.monotonic())

    def _no_room_for(self, name: str, project: Project) -> str | None:
        """Why there is no room for it, in words; None when there is, made by deleting the oldest if need be."""
        trained = project.trained
        needed = MIN_FILE_BYTES + sum(len(sample.jpeg) + 4 * project.kind.size + 300 for sample in project.samples)
        needed += trained.examples.nbytes if trained else 0
        if needed > 2 * self.project_bytes + MIN_FILE_BYTES:
            return not_saved("it is larger than what one visitor may keep there.")
        if self._make_room(needed, name):
            return None
        self._folder.log_once(f"projects that are open fill the {self.max_bytes / 1e9:.1f} GB for saved ones")
        return not_saved("the room for kept projects is full.")

    def _make_room(self, needed: int, name: str = "") -> bool:
        """Delete the oldest until there is room for `needed` bytes, those of the file of that name not counted; whether
        there is. None that is open goes, and none in vain."""
        files = self._folder.files()
        files.pop(name, None)
        total = needed + sum(size for _, size in files.values())
        closed = {other: about for other, about in files.items() if self._open_in_a_tab(other) is None}
        if name and total - sum(size for _, size in closed.values()) > self.max_bytes:
            return False
        for other, (_, size) in sorted(closed.items(), key=lambda item: item[1]):
            if total <= self.max_bytes:
                break
            if self._drop(other):
                total -= size
        return total <= self.max_bytes

    def _drop(self, name: str) -> bool:
        """Delete a file that no tab has open; whether it was."""
        with self._file_lock(name):
            return self._open_in_a_tab(name) is None and self._folder.delete(name)
