"""Nine versions of a picture: alike to a person, of its size, and changed."""

import numpy as np

from models.vision.augment import VERSIONS, versions
from models.vision.chain import link_of
from tests.models.vision.plainly import PICTURES, applied


def test_each_version_is_changed_and_of_the_same_size() -> None:
    for rgb in PICTURES.values():
        made = dict(zip(VERSIONS, versions(rgb, 0.3), strict=True))
        assert len(made) == 9 and all(other.shape == rgb.shape for other in made.values())
        assert (made.pop("as it is") == rgb).all() and all((other != rgb).any() for other in made.values())
        assert (made["mirrored"] == rgb[:, ::-1]).all()
        assert made["darker"].mean() < rgb.mean() < made["brighter"].mean()


def test_the_grid_has_the_size_of_the_picture() -> None:
    rgb = PICTURES["coffee 321x203"]
    out = applied(link_of("augment"), rgb)
    assert np.abs(out[:67, :107].mean() - rgb.mean()) < 5, "the first of the nine is the picture itself"
