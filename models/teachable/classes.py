"""TaughtClasses: the classes of a project and their samples, changed by one thread at a time, with undo."""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.errors import BadInput
from models.teachable.names import MAX_NAME_LETTERS, alike, clean, cut
from models.teachable.samples import Class, Sample

MAX_CLASSES = 20
MAX_SAMPLES = 2000  # of a class
UNDO_STEPS = 10

COLOURS = ("#e8590c", "#1c7ed6", "#2f9e44", "#9c36b5", "#e0a800", "#d6336c", "#0c8599", "#6741d9", "#74b816", "#868e96")
"""Of classes, in order; they stand apart in both themes and for most colour-blind people."""


@dataclass
class _Undo:
    words: str
    apply: Callable[[], None]
    held: list[Sample] = field(default_factory=list)  # what it keeps in memory
    into: frozenset[str] = frozenset()  # ids of the classes that it needs


class TaughtClasses:
    """Classes by id, within `budget_bytes` of samples. `changes` counts every change. Operations raise BadInput, with
    everything as it was, for whatever they can't do."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.changes = 0
        self._lock = threading.RLock()  # guards everything below, and `changes`
        self._classes: tuple[Class, ...] = ()
        self._undo: deque[_Undo] = deque(maxlen=UNDO_STEPS)
        self._samples_ever = 0

    @property
    def classes(self) -> tuple[Class, ...]:
        """As they are now."""
        return self._classes

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
    def undo_words(self) -> str | None:
        """What `undo` would take back, None for nothing."""
        with self._lock:
            return self._undo[-1].words if self._undo else None

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

    def add_class(self, name: str = "", *, id: str = "", colour: str = "", enabled: bool = True) -> Class:
        """A new empty class; without a name it gets a free one."""
        with self._lock:
            self._check_room_for_class()
            name = self._checked_name(name) if name else self.free_name("Class")
            one = Class(id or secrets.token_hex(6), name, colour or self._free_colour(), enabled)
            self._set((*self._classes, one))
            return one

    def free_name(self, stem: str) -> str:
        """`stem` with the first number that no class has."""
        stem = cut(clean(stem), MAX_NAME_LETTERS - 4)
        return next(name for n in range(1, 1000) if self.find(name := f"{stem} {n}") is None)

    def rename(self, class_id: str, name: str) -> None:
        """Another name, which no other class has."""
        with self._lock:
            self._replace(replace(self.get(class_id), name=self._checked_name(name, class_id)))

    def recolour(self, class_id: str, colour: str) -> None:
        """Another colour, as #rrggbb."""
        with self._lock:
            self._replace(replace(self.get(class_id), colour=checked_colour(colour)))

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
            name, colour = self.free_name(f"{one.name} copy"), self._free_colour()
            copy = Class(secrets.token_hex(6), name, colour, one.enabled, copies)
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

    def add(
        self, class_id: str, jpeg: bytes, features: np.ndarray | None = None, *, key: str = "", recording: str = ""
    ) -> Sample:
        """One sample more. Raises BadInput for a class that is gone or full, or when the project's memory is full."""
        with self._lock:
            one = self.get(class_id)
            if len(one.samples) >= MAX_SAMPLES:
                raise BadInput(
                    f"{one.name} is full: {MAX_SAMPLES} samples of a class are the most. Delete some, or train with "
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
            gone = self._chosen(wanted)
            held = [sample for samples in gone.values() for sample in samples]
            if not held:
                return 0
            self._take(held)

            def back() -> None:
                for class_id, samples in gone.items():
                    self._put(class_id, samples)

            self._undo.append(_Undo(f"deleting {_counted(held)}", back, held, frozenset(gone)))
            return len(held)

    def move(self, keys: Iterable[str], class_id: str) -> int:
        """Move these samples into that class; `undo` brings them back. Returns how many moved. Raises BadInput when the
        class has no room for all."""
        wanted = set(keys)
        with self._lock:
            to = self.get(class_id)
            was = self._chosen(wanted - {sample.key for sample in to.samples})
            moving = [sample for samples in was.values() for sample in samples]
            if not moving:
                return 0
            if len(to.samples) + len(moving) > MAX_SAMPLES:
                raise BadInput(
                    f"{to.name} has {len(to.samples)} samples and room for {MAX_SAMPLES}: {len(moving)} more "
                    "don't fit. Choose fewer."
                )
            self._take(moving)
            self._put(to.id, moving)

            def back() -> None:
                here = {sample.key for sample in self.samples}
                for class_id, samples in was.items():
                    if any(one.id == class_id for one in self._classes):
                        left = [sample for sample in samples if sample.key in here]
                        self._take(left)
                        self._put(class_id, left)

            self._undo.append(_Undo(f"moving {_counted(moving)} to {to.name}", back, into=frozenset(was)))
            return len(moving)

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

    def offer_undo(self, words: str, back: Callable[[], None], other: "TaughtClasses") -> None:
        """Something that put this in another one's place can be taken back, by `back`. The other's samples take
        room in this one's memory until then, or until that is needed."""
        held = [*other.samples, *other._held()]
        with self._lock:
            self._undo.append(_Undo(words, back, held))

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

    def _chosen(self, keys: Collection[str]) -> dict[str, list[Sample]]:
        """By the class's id the samples with these keys, in order; only of classes that have some."""
        found = {one.id: [sample for sample in one.samples if sample.key in keys] for one in self._classes}
        return {class_id: samples for class_id, samples in found.items() if samples}

    def _take(self, samples: Iterable[Sample]) -> None:
        keys = {sample.key for sample in samples}
        for class_id in self._chosen(keys):
            one = self.get(class_id)
            self._replace(replace(one, samples=tuple(s for s in one.samples if s.key not in keys)))

    def _put(self, class_id: str, samples: Iterable[Sample]) -> None:
        """Into a class, in the order they came; nothing where the class is gone."""
        for one in self._classes:
            if one.id == class_id:
                merged = sorted((*one.samples, *samples), key=lambda sample: sample.number)
                self._replace(replace(one, samples=tuple(merged[:MAX_SAMPLES])))

    def _free_colour(self) -> str:
        """The first of those used least."""
        return min(COLOURS, key=[one.colour for one in self._classes].count)

    def _checked_name(self, name: str, of: str = "") -> str:
        name = clean(name)
        if not name:
            raise BadInput("A class needs a name. Type one.")
        other = self.find(name)
        if other is not None and other.id != of:
            raise BadInput(f"There is a class {other.name} already. Choose another name.")
        return name

    def _check_room_for_class(self) -> None:
        if len(self._classes) >= MAX_CLASSES:
            raise BadInput(f"{MAX_CLASSES} classes are the most. Delete one to make room.")

    def _check_room(self, samples: Sequence[Sample]) -> None:
        more = sum(sample.nbytes for sample in samples)
        while self._undo and self.nbytes + more > self.budget_bytes:
            self._undo.popleft()  # an undo is given up before a new sample is refused
        if self.nbytes + more > self.budget_bytes:
            raise BadInput(
                f"This project fills the {self.budget_bytes / 1e6:.0f} MB that one visitor has here. Delete samples, "
                "or save the project and begin another."
            )


def checked_colour(colour: str) -> str:
    """The colour. Raises BadInput unless it is #rrggbb."""
    if len(colour) != 7 or colour[0] != "#" or set(colour[1:].lower()) - set("0123456789abcdef"):
        raise BadInput(f"A colour looks like #1c7ed6, not like {colour[:20]!r}. Choose another one.")
    return colour


def _counted(samples: Sequence[Sample]) -> str:
    return f"{len(samples)} sample{'s' * (len(samples) > 1)}"
