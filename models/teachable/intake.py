"""Intake: what arrives for a project becomes samples with features, in the background, for all visitors in turns.

A recording is kept as JPEGs at once and waits here for its features, so none is lost however busy the server is; a
visitor's files wait as they came. One thread serves everybody, a picture a turn, round robin between projects. A
file that takes long to open is opened beside the line.
"""

import math
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.errors import BadInput, LimelightError
from models.pictures.images import open_image
from models.runtime.aside import Asides, Later, Opening
from models.runtime.turns import Job, Turns
from models.teachable.kinds import Kind, opened, sample_jpeg
from models.teachable.project import Project
from models.teachable.samples import Sample

FindFeatures = Callable[[Kind, np.ndarray], np.ndarray | None]
"""(kind, uint8 (H, W, 3)) → its features, None when what the kind looks for is not there. May wait for a model."""

MAX_SIDE = 1600  # pixels to which a visitor's picture is scaled down before its middle is cut out
MAX_NAMED = 5  # files that are named when they were left out


@dataclass(frozen=True, eq=False)
class Arrival:
    """A picture file for a class, unopened; `recording` names the upload or folder it came with."""

    class_id: str
    name: str
    data: bytes
    recording: str = ""


class _Arrivals(Job):
    """What waits for one project."""

    def __init__(self, intake: "Intake", project: Project) -> None:
        super().__init__(intake, "", forget_s=math.inf)
        self.project = weakref.ref(project)
        self.items: deque[Sample | Arrival] = deque()
        self.in_hand: tuple[Sample | Arrival, Opening] | None = None
        self.opening = Opening()  # of its first file
        self.left_out: list[str] = []  # why, a sentence each
        self.more_left_out = 0

    def _is_left(self, now: float) -> bool:
        return self.project() is None

    def _has_more(self) -> bool:
        return bool(self.items)

    def _begin_turn(self) -> None:
        self.in_hand = self.items.popleft(), self.opening

    def _finish(self) -> None:
        """More may arrive at any time."""

    def leave_out(self, why: str) -> None:
        if len(self.left_out) < MAX_NAMED:
            self.left_out.append(why)
        else:
            self.more_left_out += 1


class Intake(Turns[_Arrivals]):
    """Thread-safe. `find` computes features; `max_bytes` bounds a visitor's picture file."""

    name, work = "intake", "looking at a sample"

    def __init__(self, find: FindFeatures, max_bytes: int = 20_000_000) -> None:
        super().__init__()
        self._find, self._max_bytes = find, max_bytes
        self._by_project: weakref.WeakKeyDictionary[Project, _Arrivals] = weakref.WeakKeyDictionary()
        self._asides = Asides()

    def add(self, project: Project, items: Iterable[Sample | Arrival]) -> None:
        """Put these in the project's line. Never waits for any of them."""
        with self._wake:
            arrivals = self._by_project.setdefault(project, _Arrivals(self, project))
            arrivals.items.extend(items)
            if arrivals.items and arrivals is not self._turn and arrivals not in self._line:
                self._line.append(arrivals)
            self._start()

    def add_missing(self, project: Project) -> None:
        """Put every sample in the line that has no features: of a project that was just loaded."""
        self.add(project, [sample for sample in project.samples if sample.features is None])

    def waiting(self, project: Project) -> int:
        """How many of its pictures have no features yet."""
        with self._wake:
            arrivals = self._by_project.get(project)
            return len(arrivals.items) + (arrivals.in_hand is not None) if arrivals else 0

    def files_waiting(self, project: Project) -> int:
        """How many of them are files, which `cancel` would drop."""
        with self._wake:
            arrivals = self._by_project.get(project)
            return sum(isinstance(item, Arrival) for item in arrivals.items) if arrivals else 0

    def cancel(self, project: Project) -> None:
        """Drop the files that wait; samples that are in their class already keep their place in line."""
        with self._wake:
            if arrivals := self._by_project.get(project):
                arrivals.items = deque(item for item in arrivals.items if isinstance(item, Sample))
                arrivals.opening = Opening()
                if not arrivals.items and arrivals in self._line:
                    self._line.remove(arrivals)

    def take_left_out(self, project: Project) -> list[str]:
        """Why files were left out since the last call, in words for the visitor."""
        with self._wake:
            arrivals = self._by_project.get(project)
            if arrivals is None or not arrivals.left_out:
                return []
            named, more = arrivals.left_out, arrivals.more_left_out
            arrivals.left_out, arrivals.more_left_out = [], 0
            return [*named, *([f"{more} more files were left out for reasons like these."] if more else [])]

    def _serve(self, arrivals: _Arrivals) -> None:
        project, in_hand = arrivals.project(), arrivals.in_hand
        assert in_hand is not None
        item, opening = in_hand
        why: str | None = "A picture was left out. Something went wrong while it was looked at."
        later = False
        try:
            why = None if project is None else self._take(project, item, opening)
        except Later:
            why, later = None, True
        finally:  # also where this thread ends
            with self._wake:
                arrivals.in_hand = None
                if later and arrivals.opening is opening:  # not cancelled meanwhile
                    arrivals.items.appendleft(item)
                if why:
                    arrivals.leave_out(why)

    def _take(self, project: Project, item: Sample | Arrival, opening: Opening) -> str | None:
        """None, or why the item was left out."""
        sample = item if isinstance(item, Sample) else None
        try:
            if isinstance(item, Arrival):
                rgb = opening.result(self._asides, partial(self._open, item), lambda: bool(self._line))
                sample = project.add(item.class_id, sample_jpeg(project.kind, rgb), recording=item.recording)
            assert sample is not None
            found = sample.features  # there already where another project has the same sample: a room's are shared
            if found is None:
                found = self._find(project.kind, opened(sample.jpeg))
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
