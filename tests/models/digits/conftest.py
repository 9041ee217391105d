"""The digit networks, loaded once, and MNIST's test pictures where they are."""

from pathlib import Path

import numpy as np
import pytest

from models.cache import ModelCache
from models.digits.bundled import Digits

MNIST = Path(__file__).parents[4] / "shared" / "data" / "mnist" / "test.npz"


@pytest.fixture(scope="session")
def digits() -> Digits:
    return ModelCache(10**9).get("digits")


@pytest.fixture(scope="session")
def tested() -> tuple[np.ndarray, np.ndarray]:
    """Pictures float32 (10000, 28, 28) in 0..1 that nothing was trained on, and their digits."""
    if not MNIST.exists():
        pytest.skip("no ../shared/data/mnist: the networks are not tried on its test pictures")
    with np.load(MNIST) as file:
        return file["pictures"].astype(np.float32) / 255, file["digits"]
