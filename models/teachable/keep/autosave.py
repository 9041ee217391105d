"""Autosave: a project and the file it is saved in, and when it is time to write."""

import errno
import sqlite3
import weakref

from models.teachable.keep.project_file import ProjectFile
from models.teachable.project import Project
from models.teachable.samples import Trained

QUIET_S = 2.0  # without a change, before a project is written
MAX_WAIT_S = 5.0  # after its first unwritten change it is written in any case
RETRY_S = 20.0  # after a write that failed
MAX_HOLD_S = 600.0  # how long a project that can't be written is held for a visitor who may have left

State = tuple[int, str, int, Trained | None]


def state_of(project: Project) -> State:
    """What differs when there is something to write."""
    return project.changes, project.name, project.refused, project.trained


class Autosave:
    """The project is held weakly, and fast while there is something to write. `written` is what is in the file, None
    for nothing of it; `error` why it could not be written, in words. `now` is time.monotonic(). Not thread-safe."""

    def __init__(self, project: Project, file: ProjectFile, written: State | None) -> None:
        self.file, self.error = file, ""
        self._project, self._held = weakref.ref(project), None if state_of(project) == written else project
        self._written = self._state = written
        self._first_at = self._changed_at = self._retry_at = 0.0
        self._failing_since: float | None = None

    @property
    def project(self) -> Project | None:
        """None when nobody has it any more, and all of it is written."""
        return self._project()

    @property
    def is_unwritten(self) -> bool:
        """Whether there was something to write at the last `inspect`."""
        return self._state != self._written

    def inspect(self, now: float) -> bool:
        """Note what changed; returns whether anybody still has the project."""
        project = self._project()
        if project is None:
            return False
        if (state := state_of(project)) != self._state:
            if not self.is_unwritten:
                self._first_at = now
            self._state, self._changed_at = state, now
        hopeless = self._failing_since is not None and now - self._failing_since > MAX_HOLD_S
        self._held = project if self.is_unwritten and not hopeless else None
        return True

    def is_due(self, now: float) -> bool:
        """Whether it is time to write."""
        if not self.is_unwritten or now < self._retry_at:
            return False
        return now - self._changed_at >= QUIET_S or now - self._first_at >= MAX_WAIT_S

    def wrote(self, state: State, now: float) -> None:
        """The file is the project as it was then."""
        self._written, self.error = state, ""
        self._failing_since, self._retry_at, self._first_at = None, 0.0, now
        if not self.is_unwritten:
            self._held = None

    def failed(self, error: str, now: float) -> None:
        """The file is as it was."""
        self.error, self._retry_at = error, now + RETRY_S
        self._failing_since = now if self._failing_since is None else self._failing_since


def words_for(error: OSError | sqlite3.Error) -> str:
    """Why a project is not saved, for the visitor."""
    number = error.errno if isinstance(error, OSError) else 0
    full = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    if full or number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return not_saved("its disk is full.")
    return not_saved("it can't write to its folder for projects.")


def not_saved(reason: str) -> str:
    """The sentence around a reason."""
    return (
        f"The server does not keep this project at the moment: {reason} Everything here goes on, but a reload would "
        "not bring it back. Save the project as a file, to be safe."
    )
