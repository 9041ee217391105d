"""The bundled detectors, loaded once."""

from pathlib import Path

import pytest

from models.detector import class_maps, learnt
from models.detector.class_maps import MapDetector
from models.detector.learnt import BoxFinder

OBJECTS = Path(__file__).parents[4] / "shared" / "data" / "objects"


@pytest.fixture(scope="session")
def by_maps() -> MapDetector:
    return class_maps.load(None, lambda stage, share: None)


@pytest.fixture(scope="session")
def by_heads() -> BoxFinder:
    return learnt.load(None, lambda stage, share: None)


@pytest.fixture(scope="session")
def objects() -> Path:
    """Labelled pictures of COCO, and FastestDet."""
    if not OBJECTS.is_dir():
        pytest.skip(f"{OBJECTS} is not here: labelled pictures are not in the repository")
    return OBJECTS
