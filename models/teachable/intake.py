"""Intake: what arrives for a project becomes samples with features, in the background, for all visitors in turns.

A recording is kept as JPEGs at once and waits here for its features, so none is lost however busy the server is; a
visitor's files wait as they came. One thread serves everybody, a picture a turn, round robin between projects. A
file that takes long to open is opened beside the line.
"""

import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.errors import BadInput, LimelightError
from models.pictures.images import open_image
from models.runtime.aside import Asides, Later, Opening
from models.runtime.background import alive, step_back
from models.teachable.kinds import Kind, opened, sample_jpeg
from models.teachable.project import Project
from models.teachable.samples import Sample

log = logging.getLogger(__name__)

Look = Callable[[Kind, np.ndarray], np.ndarray | None]
"""(kind, uint8 (H, W, 3)) → its features, None when what the kind looks for is not there. May wait for a model."""

MAX_SIDE = 1600  # pixels to which a visitor's picture is scaled down before its middle is cut out
MOST_TOLD = 5  # files that are named when they were left out


@dataclass(frozen=True, eq=False)
class Arrival:
    """A picture file for a class, unopened; `recording` names the upload or folder it came with."""

    class_id: str
    name: str
    data: bytes
    recording: str = ""


class _Line:
    """What waits for one project."""

    def __init__(self, project: Project) -> None:
        self.project = weakref.ref(project)
        self.items: deque[Sample | Arrival] = deque()
        self.left_out: list[str] = []  # why, a sentence each
        self.more_left_out = 0
        self.busy = False
        self.opening = Opening()  # of its first file


class Intake:
    """Thread-safe. `look` computes features; `max_bytes` bounds a visitor's picture file."""

    def __init__(self, look: Look, max_bytes: int = 20_000_000) -> None:
        self._look, self._max_bytes = look, max_bytes
        self._wake = threading.Condition()  # guards everything below
        self._lines: deque[_Line] = deque()
        self._of: weakref.WeakKeyDictionary[Project, _Line] = weakref.WeakKeyDictionary()
        self._worker: threading.Thread | None = None
        self._asides = Asides()
        self._stopped = False
        self._logged: set[tuple[type[BaseException], str]] = set()

    def add(self, project: Project, items: Iterable[Sample | Arrival]) -> None:
        """Put these in the project's line. Never waits for any of them."""
        with self._wake:
            line = self._of.setdefault(project, _Line(project))
            line.items.extend(items)
            if line.items and line not in self._lines and not line.busy:
                self._lines.append(line)
            self._worker = alive(self._worker, self._work, "intake")
            self._wake.notify()

    def add_missing(self, project: Project) -> None:
        """Put every sample in the line that has no features: of a project that was just loaded."""
        self.add(project, [sample for sample in project.samples if sample.features is None])

    def waiting(self, project: Project) -> int:
        """How many of its pictures have not been looked at yet."""
        with self._wake:
            line = self._of.get(project)
            return len(line.items) + line.busy if line else 0

    def files_waiting(self, project: Project) -> int:
        """How many of them are files, which `cancel` would drop."""
        with self._wake:
            line = self._of.get(project)
            return sum(isinstance(item, Arrival) for item in line.items) if line else 0

    def cancel(self, project: Project) -> None:
        """Drop the files that wait; samples that are in their class already keep their place in line."""
        with self._wake:
            if line := self._of.get(project):
                line.items = deque(item for item in line.items if isinstance(item, Sample))
                line.opening = Opening()

    def take_left_out(self, project: Project) -> list[str]:
        """Why files were left out since the last call, in words for the visitor."""
        with self._wake:
            line = self._of.get(project)
            if line is None or not line.left_out:
                return []
            told, more = line.left_out, line.more_left_out
            line.left_out, line.more_left_out = [], 0
            return [*told, *([f"{more} more files were left out for reasons like these."] if more else [])]

    def stop(self) -> None:
        """End the worker after the picture in hand; the others stay in line. The intake can't be used afterwards."""
        with self._wake:
            self._stopped = True
            self._wake.notify()

    def _work(self) -> None:
        step_back()
        while not self._stopped:
            self._take_turn()  # a call, so that sleeping keeps nothing of the last picture alive

    def _take_turn(self) -> None:
        """Sleep until somebody waits; then one picture of who waits first."""
        with self._wake:
            while not self._lines:
                if self._stopped:
                    return
                self._wake.wait()
            line = self._lines.popleft()
            project = line.project()
            if project is None or not line.items:  # its visitor left, or cancelled
                return
            item, opening = line.items.popleft(), line.opening
            line.busy = True
        why: str | None = "A picture was left out. Something went wrong while it was looked at."
        try:
            why = self._serve(project, item, opening)
        except Later:
            why = None
            with self._wake:
                if line.opening is opening:  # not cancelled meanwhile
                    line.items.appendleft(item)
        finally:  # also where this thread ends
            self._end_turn(line, why)

    def _end_turn(self, line: _Line, why: str | None) -> None:
        """Keep why a line's item was left out, None where it was not; the line then waits for its next turn."""
        with self._wake:
            line.busy = False
            if why:
                if len(line.left_out) < MOST_TOLD:
                    line.left_out.append(why)
                else:
                    line.more_left_out += 1
            if line.items:
                self._lines.append(line)

    def _serve(self, project: Project, item: Sample | Arrival, opening: Opening) -> str | None:
        """None, or why the item was left out."""
        sample = item if isinstance(item, Sample) else None
        try:
            if isinstance(item, Arrival):
                rgb = opening.result(self._asides, partial(self._open, item), lambda: bool(self._lines))
                sample = project.add(item.class_id, sample_jpeg(project.kind, rgb), recording=item.recording)
            assert sample is not None
            found = sample.features  # there already where another project has the same sample: a room's are shared
            if found is None:
                found = self._look(project.kind, opened(sample.jpeg))
            if found is not None:
                project.looked_at(sample, found)
                return None
            project.refuse(sample)
            return f"In {item.name} {project.kind.missing} was not found." if isinstance(item, Arrival) else None
        except Later:
            raise
        except BadInput as words:
            if sample is not None:
                project.refuse(sample)
            return str(words)
        except BaseException as bug:  # a panic in a library written in Rust is no Exception
            self._log_once(bug)
            if sample is not None:
                project.refuse(sample)
            why = str(bug) if isinstance(bug, LimelightError) else "Something went wrong while it was looked at."
            return f"A picture was left out. {why}"

    def _open(self, item: Arrival) -> np.ndarray:
        return open_image(item.data, name=item.name, max_bytes=self._max_bytes, max_side=MAX_SIDE)

    def _log_once(self, bug: BaseException) -> None:
        kind = (type(bug), str(bug)[:80])
        if kind not in self._logged and len(self._logged) < 100:
            self._logged.add(kind)
            log.error("looking at a sample failed; further errors like it are not logged", exc_info=bug)
