"""Augmentation: copies that differ, always the same ones, computed once."""

import numpy as np
import pytest

from models.pictures.images import sample_pictures
from models.teachable.kinds import KINDS, sample_jpeg
from models.teachable.learn.augmenting import COPIES, changed, variants
from models.teachable.samples import Sample


class Means:
    """A model that counts its looks; the embedding is the picture's mean colour, again and again."""

    def __init__(self) -> None:
        self.looks = 0

    def embed_square(self, rgb: np.ndarray) -> np.ndarray:
        self.looks += 1
        return np.resize(rgb.mean((0, 1)), 1280).astype(np.float32)


@pytest.fixture
def rgb() -> np.ndarray:
    return next(s for s in sample_pictures() if s.name == "coffee").load()[:300, :300]


def test_a_copy_is_another_picture_of_the_same_thing(rgb: np.ndarray) -> None:
    copy = changed(rgb, np.random.default_rng(0))
    assert copy.shape == rgb.shape and copy.dtype == np.uint8
    difference = np.abs(copy.astype(int) - rgb).mean()
    assert 5 < difference < 80


def test_copies_are_looked_at_once_and_are_always_the_same(rgb: np.ndarray) -> None:
    kind, model = KINDS["pictures"], Means()
    one, twin, other = (Sample(key, 1, sample_jpeg(kind, rgb)) for key in ("a", "a", "b"))
    first = variants(kind, model, one)
    assert first.shape == (COPIES, 1280) and first.dtype == np.float32 and model.looks == COPIES
    assert np.array_equal(variants(kind, model, one), first) and model.looks == COPIES
    assert np.array_equal(variants(kind, model, twin), first)
    assert not np.array_equal(variants(kind, model, other), first)
    assert not np.array_equal(first[0], first[1])


def test_points_are_turned_and_moved_a_little_without_looking_again() -> None:
    kind = KINDS["hand"]
    points = np.random.default_rng(0).normal(size=kind.size).astype(np.float32)
    found = variants(kind, None, Sample("a", 1, b"", points))
    assert found.shape == (COPIES, kind.size)
    for copy in found:
        cosine = copy @ points / np.linalg.norm(copy) / np.linalg.norm(points)
        assert 0.95 < cosine < 0.9999
