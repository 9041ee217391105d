"""Project: the classes that a visitor teaches and their samples. Thread-safe: a camera adds while the page edits.

Everything the page sees is immutable: `classes` is a snapshot. Samples go by the class's `id`, never by its place or
name, so that one recorded while somebody renames, moves or deletes classes cannot land in the wrong one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.errors import BadInput
from models.teachable.classes import MAX_SAMPLES, TaughtClasses, checked_colour
from models.teachable.kinds import KINDS, Kind
from models.teachable.names import MAX_NAME_LETTERS, clean, distinct
from models.teachable.samples import Class, Sample, Trained, TrainingSet

Outline = tuple[str, tuple[tuple[str, str, str, bool], ...]]
"""A project's name and of each class id, name, colour and whether it is enabled."""


class Project(TaughtClasses):
    """Classes of one `kind` (see models/teachable/kinds.py), and what was trained on their samples.

    Whoever keeps the project elsewhere compares `changes`.
    """

    def __init__(self, kind: str = "pictures", name: str = "My project", budget_bytes: int = 200_000_000) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
        super().__init__(budget_bytes)
        self.kind: Kind = KINDS[kind]
        self.name = name
        self.trained: Trained | None = None
        self.refused = 0  # pictures left out because nobody was seen in them
        self.is_training = False  # saved with it: tells afterwards that a server ended in the middle

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
        """A project as it was saved: all its classes and their samples at once, by the rules of adding them one by one.
        Raises BadInput, too, when two classes have one id or two samples one key, and when features or head are not
        the kind's. Names that were apart when they were saved stay apart: one gets a number."""
        project = cls(kind, name, budget_bytes)
        spelt: set[str] = set()
        for one in classes:
            project._check_room_for_class()
            if len(one.samples) > MAX_SAMPLES:
                raise BadInput(f"{one.name} has {len(one.samples)} samples; {MAX_SAMPLES} of a class are the most.")
            name, as_saved = one.name, one.name.casefold()[:MAX_NAME_LETTERS]
            if as_saved not in spelt:
                name = distinct(clean(name) or "Class", lambda name: project.find(name) is not None)
            spelt.add(as_saved)
            checked = replace(one, name=project._checked_name(name), colour=checked_colour(one.colour))
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
    def untouched(self) -> bool:
        """Whether nobody has done anything with it yet."""
        return self.changes == 0

    @property
    def outline(self) -> Outline:
        """All but samples and what was trained: tells whether somebody else has changed it."""
        return self.name, tuple((one.id, one.name, one.colour, one.enabled) for one in self._classes)

    def call(self, name: str) -> None:
        """Another name for the project; nothing to see in it leaves the one it has."""
        self.name = clean(name) or self.name
        self.changes += 1

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
            self._take([sample])
            self.refused += 1

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
        return TrainingSet.of(one for one in self._classes if one.enabled)
