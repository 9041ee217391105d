"""Samples, classes of them, and what was trained on them: what a project is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.errors import BadInput
from models.teachable.learn.head import Head
from models.teachable.learn.tail import check_weights
from models.teachable.understand.recordings import by_recording, groups_of


@dataclass(eq=False)
class Sample:
    """One picture of a class: a JPEG as it was kept, and its features float32 (d,), None until they are computed.

    `key` is its own; `number` counts the project's samples in the order they came. `recording` names what it was taken
    with in one go: a recording, an upload, a folder of a zip; "" where that is not known. Only `features` and
    `variants` ever change, each once: projects of one room have the same samples.
    """

    key: str
    number: int
    jpeg: bytes
    features: np.ndarray | None = None
    variants: np.ndarray | None = field(
        default=None, repr=False
    )  # float16 (k, d), see models/teachable/learn/augmenting.py
    recording: str = ""

    @property
    def nbytes(self) -> int:
        """What it takes in memory, its features included whether they are there yet or not."""
        variants = 0 if self.variants is None else self.variants.nbytes
        return len(self.jpeg) + 1280 * 4 + variants + 300


@dataclass(frozen=True)
class Class:
    """One class: `colour` as #rrggbb; a disabled one keeps its samples but is not trained."""

    id: str
    name: str
    colour: str
    enabled: bool = True
    samples: tuple[Sample, ...] = ()

    @cached_property
    def nbytes(self) -> int:
        """What its samples take in memory."""
        return sum(sample.nbytes for sample in self.samples)


@dataclass(frozen=True, eq=False)
class Trained:
    """A head and what it was trained on: the classes' ids in the order of its outputs, and when, in seconds since 1970.

    `examples` float32 (n, d) and `labels` int (n,) are the samples' features and class numbers: what "none of these"
    measures distances to. `accuracy` in 0..1 is the validation's. `near` is the cosine distance up to which it is one
    of them. `tuned` are the weights of a fine-tuned network's tail, see learn/tail.py: head and examples are
    of its features then, no longer of the samples' own.
    """

    head: Head
    class_ids: tuple[str, ...]
    names: tuple[str, ...]
    examples: np.ndarray
    labels: np.ndarray
    accuracy: float
    near: float
    at: float
    tuned: Mapping[str, np.ndarray] | None = None

    def __post_init__(self) -> None:
        n = len(self.class_ids)
        if self.head.classes != n or len(self.names) != n:
            raise ValueError(f"a head of {self.head.classes} classes can't be for {n} ids and {len(self.names)} names")
        if self.examples.shape != (len(self.labels), self.head.size):
            raise ValueError(f"examples must be ({len(self.labels)}, {self.head.size}), got {self.examples.shape}")
        if self.tuned is not None:
            check_weights(self.tuned)


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What a head is fitted on: features float32 (n, d), labels int (n,), the samples and classes they belong to."""

    features: np.ndarray
    labels: np.ndarray
    samples: tuple[Sample, ...]
    classes: tuple[Class, ...]

    @classmethod
    def of(cls, classes: Iterable[Class]) -> "TrainingSet":
        """Those samples of the classes whose features are there.

        Raises BadInput, naming the class, for fewer than two classes or one with fewer than two samples.
        """
        classes = tuple(classes)
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
        features = np.stack([s.features for s in samples if s.features is not None])
        labels = np.repeat(np.arange(len(classes)), [len(of_class) for of_class in ready])
        return cls(features, labels, samples, classes)

    @cached_property
    def groups(self) -> np.ndarray:
        """Which samples are held out together, int (n,): see models/teachable/understand/recordings.py."""
        return groups_of(self.features, self.labels, [sample.recording for sample in self.samples])

    @property
    def by_recording(self) -> bool:
        """Whether those are whole recordings, in every class."""
        return by_recording(self.labels, [sample.recording for sample in self.samples])
