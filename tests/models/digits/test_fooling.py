"""One step along the gradient deceives where as much noise does not."""

import numpy as np

from models.digits.bundled import Digits
from models.digits.fooling import direction, moved, noise


def test_the_gradient_deceives_sooner_than_noise(digits: Digits, tested: tuple[np.ndarray, np.ndarray]) -> None:
    fooled = {"gradient": 0, "noise": 0}
    for number, (seen, wanted) in enumerate(zip(tested[0][:80], tested[1][:80].tolist(), strict=True)):
        along = direction(digits.weights, seen, wanted)
        assert set(np.unique(along)) <= {-1, 0, 1}
        for name, way in (("gradient", along), ("noise", noise(number, seen.shape))):
            changed = moved(seen, way, 0.25)
            assert 0 <= changed.min() <= changed.max() <= 1 and np.abs(changed - seen).max() <= 0.2501
            fooled[name] += digits.reader.read(changed).best != wanted
    assert fooled["gradient"] > 3 * fooled["noise"] + 10


def test_a_step_along_it_makes_the_network_less_sure(digits: Digits, tested: tuple[np.ndarray, np.ndarray]) -> None:
    seen, wanted = tested[0][3], int(tested[1][3])
    sure = [
        digits.reader.read(moved(seen, direction(digits.weights, seen, wanted), by)).probabilities[wanted]
        for by in (0, 0.04, 0.08)
    ]
    assert sure[0] > sure[1] > sure[2]
