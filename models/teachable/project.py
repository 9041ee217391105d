"""Project: the classes that a visitor teaches and their samples. Thread-safe: a camera adds while the page edits.

Everything the page sees is immutable: `classes` is a snapshot. Samples go by the class's `id`, never by its place or
name, so that one recorded while somebody renames, moves or deletes classes cannot land in the wrong one.
"""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.errors import BadInput
from models.teachable.kinds import KINDS, Kind
from models.teachable.names import LONGEST_NAME, alike, clean, cut, distinct
from models.teachable.samples import Class, Sample, Trained, TrainingSet

MOST_CLASSES = 20
MOST_SAMPLES = 2000  # of a class
UNDO_STEPS = 10

COLOURS = ("#e8590c", "#1c7ed6", "#2f9e44", "#9c36b5", "#e0a800", "#d6336c", "#0c8599", "#6741d9", "#74b816", "#868e96")
"""Of classes, in order; they stand apart in both themes and for most colour-blind people."""


Outline = tuple[str, tuple[tuple[str, str, str, bool], ...]]
"""A project's name and of each class id, name, colour and whether it is enabled."""


@dataclass
class _Undo:
    words: str
    apply: Callable[[], None]
    held: list[Sample] = field(default_factory=list)  # what it keeps in memory
    into: frozenset[str] = frozenset()  # ids of the classes that it needs


class Project:
    """Classes and samples of one `kind` (see models/teachable/kinds.py), within `budget_bytes` of samples.

    `changes` counts every change; whoever keeps the project elsewhere compares it. Operations raise BadInput, with the
    project as it was, for whatever they can't do.
    """

    def __init__(self, kind: str = "pictures", name: str = "My project", budget_bytes: int = 200_000_000) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
        self.kind: Kind = KINDS[kind]
        self.name, self.budget_bytes = name, budget_bytes
        self.trained: Trained | None = None
        self.refused = 0  # pictures left out because nobody was seen in them
        self.is_training = False  # kept with it: tells afterwards that a server ended in the middle
        self.changes = 0
        self._lock = threading.RLock()  # guards everything below, and `changes`
        self._classes: tuple[Class, ...] = ()
        self._undo: deque[_Undo] = deque(maxlen=UNDO_STEPS)
        self._samples_ever = 0

    @classmethod
    def fresh(cls, kind: str = "pictures", names: Sequence[str] = ("Class 1", "Class 2"), **about: Any) -> "Project":
        """A project with these empty classes."""
        project = cls(kind, **about)
        for name in names:
            project.add_class(name)
        project.changes = 0
        return project

    @classmethod
    def restored(
        cls,
        kind: str,
        name: str,
        classes: Iterable[Class],
        trained: Trained | None = None,
        *,
        refused: int = 0,
        budget_bytes: int = 200_000_000,
    ) -> "Project":
        """A project as it was kept elsewhere: all its classes and their samples at once, by the rules of adding them
        one by one. Raises BadInput, too, when two classes have one id or two samples one key, and when features or
        head are not the kind's. Names that were apart when they were saved stay apart: one gets a number."""
        project = cls(kind, name, budget_bytes)
        saved: set[str] = set()
        for one in classes:
            project._check_room_for_class()
            if len(one.samples) > MOST_SAMPLES:
                raise BadInput(f"{one.name} has {len(one.samples)} samples; {MOST_SAMPLES} of a class are the most.")
            name, as_saved = one.name, one.name.casefold()[:LONGEST_NAME]
            if as_saved not in saved:
                name = distinct(clean(name) or "Class", lambda name: project.find(name) is not None)
            saved.add(as_saved)
            checked = replace(one, name=project._checked_name(name), colour=_checked_colour(one.colour))
            project._set((*project._classes, checked))
        samples = project.samples
        if len({sample.key for sample in samples}) < len(samples):
            raise BadInput("Two samples have the same key, and each needs its own. Save the project again.")
        if len({one.id for one in project._classes}) < len(project._classes):
            raise BadInput("Two classes have the same id, and each needs its own. Save the project again.")
        sizes = {sample.features.shape for sample in samples if sample.features is not None}
        sizes |= {(trained.head.size,)} if trained else set()
        if sizes - {(project.kind.size,)}:
            raise BadInput("The features in this project are not those of its kind. Open another copy of it.")
        project._check_room(())
        project._samples_ever = max((sample.number for sample in samples), default=0)
        project.trained, project.refused = trained, refused
        project.changes = 1  # not 0: somebody has done something with it
        return project

    @property
    def classes(self) -> tuple[Class, ...]:
        """As they are now."""
        return self._classes

    @property
    def untouched(self) -> bool:
        """Whether nobody has done anything with it yet."""
        return self.changes == 0

    @property
    def nbytes(self) -> int:
        """Bytes of its samples, those that an undo would bring back included."""
        with self._lock:
            held = sum(sample.nbytes for sample in self._held())
            return held + sum(one.nbytes for one in self._classes)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All of them, class by class."""
        return tuple(sample for one in self._classes for sample in one.samples)

    @property
    def outline(self) -> Outline:
        """All but samples and what was trained: tells whether somebody else has changed it."""
        return self.name, tuple((one.id, one.name, one.colour, one.enabled) for one in self._classes)

    @property
    def undo_words(self) -> str | None:
        """What `undo` would take back, None for nothing."""
        with self._lock:
            return self._undo[-1].words if self._undo else None

    def call(self, name: str) -> None:
        """Another name for the project; nothing to see in it leaves the one it has."""
        self.name = clean(name) or self.name
        self.changes += 1

    def get(self, class_id: str) -> Class:
        """The class of that id. Raises BadInput when it is gone."""
        for one in self._classes:
            if one.id == class_id:
                return one
        raise BadInput("That class is gone. Choose another one.")

    def find(self, name: str) -> Class | None:
        """The class of that name, or of one that a reader takes for the same."""
        wanted = alike(clean(name))
        return next((one for one in self._classes if alike(one.name) == wanted), None)

    # classes

    def add_class(self, name: str = "", *, id: str = "", colour: str = "", enabled: bool = True) -> Class:
        """A new empty class; without a name it gets a free one."""
        with self._lock:
            self._check_room_for_class()
            name = self._checked_name(name) if name else self.free_name("Class")
            used = [one.colour for one in self._classes]
            free = min(COLOURS, key=used.count)  # the first of those used least
            one = Class(id or secrets.token_hex(6), name, colour or free, enabled)
            self._set((*self._classes, one))
            return one

    def free_name(self, stem: str) -> str:
        """`stem` with the first number that no class has."""
        stem = cut(clean(stem), LONGEST_NAME - 4)
        return next(name for n in range(1, 1000) if self.find(name := f"{stem} {n}") is None)

    def rename(self, class_id: str, name: str) -> None:
        """Another name, which no other class has."""
        with self._lock:
            self._replace(replace(self.get(class_id), name=self._checked_name(name, class_id)))

    def recolour(self, class_id: str, colour: str) -> None:
        """Another colour, as #rrggbb."""
        with self._lock:
            self._replace(replace(self.get(class_id), colour=_checked_colour(colour)))

    def enable(self, class_id: str, enabled: bool) -> None:
        """Whether it takes part in training."""
        with self._lock:
            self._replace(replace(self.get(class_id), enabled=enabled))

    def duplicate(self, class_id: str) -> Class:
        """A copy with its samples, next to it."""
        with self._lock:
            self._check_room_for_class()
            one = self.get(class_id)
            copies = tuple(self._new(s.jpeg, s.features, recording=s.recording) for s in one.samples)
            self._check_room(copies)
            used = [other.colour for other in self._classes]
            colour = min(COLOURS, key=used.count)
            copy = Class(secrets.token_hex(6), self.free_name(f"{one.name} copy"), colour, one.enabled, copies)
            place = self._classes.index(one) + 1
            self._set((*self._classes[:place], copy, *self._classes[place:]))
            return copy

    def delete_class(self, class_id: str) -> None:
        """Gone with its samples; `undo` brings them back."""
        with self._lock:
            one = self.get(class_id)
            place = self._classes.index(one)
            self._set(tuple(other for other in self._classes if other is not one))

            def back() -> None:
                self._check_room_for_class()
                named = one if self.find(one.name) is None else replace(one, name=self.free_name(one.name))
                self._set((*self._classes[:place], named, *self._classes[place:]))

            self._undo.append(_Undo(f"deleting {one.name}", back, list(one.samples)))

    def drop_empty(self) -> None:
        """Classes without samples go, to make room for others; not where `undo` may bring samples back into them."""
        with self._lock:
            needed = {class_id for undo in self._undo for class_id in undo.into}
            self._set(tuple(one for one in self._classes if one.samples or one.id in needed))

    # samples

    def add(
        self, class_id: str, jpeg: bytes, features: np.ndarray | None = None, *, key: str = "", recording: str = ""
    ) -> Sample:
        """One sample more. Raises BadInput for a class that is gone or full, or when the project's memory is full."""
        with self._lock:
            one = self.get(class_id)
            if len(one.samples) >= MOST_SAMPLES:
                raise BadInput(
                    f"{one.name} is full: {MOST_SAMPLES} samples of a class are the most. Delete some, or train with "
                    "these; more of the same teaches little."
                )
            sample = self._new(jpeg, features, key, recording)
            self._check_room((sample,))
            self._replace(replace(one, samples=(*one.samples, sample)))
            return sample

    def delete(self, keys: Iterable[str]) -> int:
        """Delete these samples, wherever they are; `undo` brings them back. Returns how many there were."""
        wanted = set(keys)
        with self._lock:
            gone = {one.id: [s for s in one.samples if s.key in wanted] for one in self._classes}
            count = sum(map(len, gone.values()))
            if not count:
                return 0
            self._take(wanted)

            def back() -> None:
                for class_id, samples in gone.items():
                    self._put(class_id, samples)

            held = [sample for samples in gone.values() for sample in samples]
            self._undo.append(_Undo(f"deleting {count} sample{'s' * (count > 1)}", back, held, _ids(gone)))
            return count

    def move(self, keys: Iterable[str], class_id: str) -> int:
        """Move these samples into that class; `undo` brings them back. Returns how many moved. Raises BadInput when the
        class has no room for all."""
        wanted = set(keys)
        with self._lock:
            to = self.get(class_id)
            was = {one.id: [s for s in one.samples if s.key in wanted] for one in self._classes if one.id != to.id}
            moving = [sample for samples in was.values() for sample in samples]
            if not moving:
                return 0
            if len(to.samples) + len(moving) > MOST_SAMPLES:
                raise BadInput(
                    f"{to.name} has {len(to.samples)} samples and room for {MOST_SAMPLES}: {len(moving)} more don't "
                    "fit. Choose fewer."
                )
            self._take({s.key for s in moving})
            self._put(to.id, moving)

            def back() -> None:
                for other, samples in was.items():
                    still = {s.key for one in self._classes for s in one.samples}
                    here = [s for s in samples if s.key in still]
                    if any(one.id == other for one in self._classes):
                        self._take({s.key for s in here})
                        self._put(other, here)

            words = f"moving {len(moving)} sample{'s' * (len(moving) > 1)} to {to.name}"
            self._undo.append(_Undo(words, back, into=_ids(was)))
            return len(moving)

    def looked_at(self, sample: Sample, features: np.ndarray) -> None:
        """A sample's features are here. Raises ValueError when they are not the kind's."""
        if features.shape != (self.kind.size,) or features.dtype != np.float32:
            raise ValueError(f"features must be float32 ({self.kind.size},), got {features.dtype} {features.shape}")
        with self._lock:
            sample.features = features
            self.changes += 1

    def refuse(self, sample: Sample) -> None:
        """Nobody is seen in it: it goes, and is counted."""
        with self._lock:
            self._take({sample.key})
            self.refused += 1

    def undo(self) -> str | None:
        """Take the last deletion or move back; returns what it was, None for nothing."""
        with self._lock:
            if not self._undo:
                return None
            step = self._undo.pop()
            try:
                step.apply()
            except BadInput:
                self._undo.append(step)  # where it can't be done now, it may later
                raise
            return step.words

    def offer_undo(self, words: str, back: Callable[[], None], other: "Project") -> None:
        """Something that put this project in another one's place can be taken back, by `back`. The other's samples take
        room in this one's memory until then, or until that is needed."""
        held = [*other.samples, *other._held()]
        with self._lock:
            self._undo.append(_Undo(words, back, held))

    def keep(self, trained: Trained) -> None:
        """A newly trained head."""
        with self._lock:
            self.trained, self.is_training = trained, False
            self.changes += 1

    def begin_training(self) -> None:
        """Until `keep` or `end_training`."""
        with self._lock:
            self.is_training = True
            self.changes += 1

    def end_training(self) -> None:
        """It gave no head, or its end has been said."""
        with self._lock:
            self.is_training = False
            self.changes += 1

    def training_set(self) -> TrainingSet:
        """What can be trained on now: the enabled classes' samples whose features are there.

        Raises BadInput, naming the class, for fewer than two classes or one with fewer than two samples.
        """
        classes = tuple(one for one in self._classes if one.enabled)
        ready = [[s for s in one.samples if s.features is not None] for one in classes]
        if len(classes) < 2:
            raise BadInput("Two classes at least are needed to tell apart. Add one, or enable one that is off.")
        for one, of_class in zip(classes, ready, strict=True):
            if len(one.samples) != len(of_class) and len(of_class) < 2:
                raise BadInput(f"The samples of {one.name} are still being looked at. Wait a moment and train again.")
            if not of_class:
                raise BadInput(f"{one.name} is empty. Give it samples, switch it off, or delete it; then train again.")
            if len(of_class) == 1:
                raise BadInput(
                    f"{one.name} has one sample. Every class needs two at least: one to learn from, one to check with."
                )
        samples = tuple(sample for of_class in ready for sample in of_class)
        return TrainingSet(
            np.stack([s.features for s in samples if s.features is not None]),
            np.repeat(np.arange(len(classes)), [len(of_class) for of_class in ready]),
            samples,
            classes,
        )

    # with the lock held

    def _new(self, jpeg: bytes, features: np.ndarray | None, key: str = "", recording: str = "") -> Sample:
        self._samples_ever += 1
        return Sample(key or secrets.token_hex(8), self._samples_ever, jpeg, features, recording=recording)

    def _held(self) -> list[Sample]:
        """What `undo` would bring back."""
        with self._lock:
            return [sample for undo in self._undo for sample in undo.held]

    def _set(self, classes: tuple[Class, ...]) -> None:
        self._classes = classes
        self.changes += 1

    def _replace(self, one: Class) -> None:
        self._set(tuple(one if other.id == one.id else other for other in self._classes))

    def _take(self, keys: set[str]) -> None:
        self._set(
            tuple(
                replace(one, samples=tuple(s for s in one.samples if s.key not in keys))
                if any(s.key in keys for s in one.samples)
                else one
                for one in self._classes
            )
        )

    def _put(self, class_id: str, samples: list[Sample]) -> None:
        """Into a class, in the order they came; nothing where the class is gone."""
        for one in self._classes:
            if one.id == class_id and samples:
                merged = sorted((*one.samples, *samples), key=lambda sample: sample.number)
                self._replace(replace(one, samples=tuple(merged[:MOST_SAMPLES])))

    def _checked_name(self, name: str, of: str = "") -> str:
        name = clean(name)
        if not name:
            raise BadInput("A class needs a name. Type one.")
        other = self.find(name)
        if other is not None and other.id != of:
            raise BadInput(f"There is a class {other.name} already. Choose another name.")
        return name

    def _check_room_for_class(self) -> None:
        if len(self._classes) >= MOST_CLASSES:
            raise BadInput(f"{MOST_CLASSES} classes are the most. Delete one to make room.")

    def _check_room(self, samples: Sequence[Sample]) -> None:
        more = sum(sample.nbytes for sample in samples)
        while self._undo and self.nbytes + more > self.budget_bytes:
            self._undo.popleft()  # an undo is given up before a new sample is refused
        if self.nbytes + more > self.budget_bytes:
            raise BadInput(
                f"This project fills the {self.budget_bytes / 1e6:.0f} MB that one visitor has here. Delete samples, "
                "or save the project and begin another."
            )


def _ids(samples: dict[str, list[Sample]]) -> frozenset[str]:
    return frozenset(class_id for class_id, of_class in samples.items() if of_class)


def _checked_colour(colour: str) -> str:
    if len(colour) != 7 or colour[0] != "#" or set(colour[1:].lower()) - set("0123456789abcdef"):
        raise BadInput(f"A colour looks like #1c7ed6, not like {colour[:20]!r}. Choose another one.")
    return colour
