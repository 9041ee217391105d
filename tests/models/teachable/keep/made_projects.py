"""Projects to keep, for the tests of keeping them: real JPEGs, features that stand in for a network's."""

import functools

import numpy as np

from models.pictures.arrays import thumbnail
from models.pictures.images import sample_pictures, to_jpeg
from models.teachable.learn.head import Head
from models.teachable.project import Project
from models.teachable.samples import Class, Trained

SIZE = 66  # of the kind "body"


@functools.cache
def jpegs() -> tuple[bytes, ...]:
    """A small one of each sample picture; all differ."""
    return tuple(to_jpeg(thumbnail(sample.load(), 64), 80) for sample in sample_pictures())


def features(number: int) -> np.ndarray:
    """float32 (SIZE,), another one for each number."""
    return np.random.default_rng(number).normal(size=SIZE).astype(np.float32)


def a_project(samples: int = 6, name: str = "Yoga") -> Project:
    """Two classes with samples in turns, a third one empty and off."""
    project = Project.fresh("body", ("Baum", "Krähe 🐦", "off"), name=name)
    project.enable(project.classes[2].id, False)
    add(project, samples)
    return project


def add(project: Project, samples: int) -> None:
    """Samples for the first two classes in turns."""
    for number in range(samples):
        project.add(
            project.classes[number % 2].id,
            jpegs()[number % len(jpegs())],
            features(number),
            recording=f"r{number // 4}",
        )


def a_head(project: Project, seed: int = 0) -> Trained:
    """As if the first two classes had been trained."""
    rng = np.random.default_rng(seed)
    mean, weight, bias = (rng.normal(size=shape).astype(np.float32) for shape in (SIZE, (SIZE, 2), 2))
    head = Head(mean, np.ones(SIZE, np.float32), [(weight, bias)], [(weight + 1, bias)])
    classes = project.classes[:2]
    examples, labels = np.stack([features(n) for n in range(4)]), np.array([0, 1, 0, 1])
    ids, names = tuple(one.id for one in classes), tuple(one.name for one in classes)
    return Trained(head, ids, names, examples, labels, 0.75, 0.1, 1.7e9)


def shown(project: Project) -> tuple[object, ...]:
    """All that a visitor would miss, in a form that compares."""

    def of_class(one: Class) -> tuple[object, ...]:
        samples = [
            (s.key, s.number, s.recording, s.jpeg, None if s.features is None else s.features.tobytes())
            for s in one.samples
        ]
        return one.id, one.name, one.colour, one.enabled, samples

    return project.kind.name, project.name, project.refused, [of_class(one) for one in project.classes]
