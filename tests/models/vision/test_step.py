"""What steps have in common: every one says what it does, and its settings keep within their bounds."""

import numpy as np
import pytest

from models.vision.chain import STEPS
from models.vision.step import Step, grain, psnr

every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


@every_step
def test_each_step_stands_at_its_defaults_and_has_code(step: Step) -> None:
    values = step.read({})
    assert values == {parameter.name: parameter.default for parameter in step.parameters}
    assert step.read(values) == values and "rgb" in step.code(values) and step.about.endswith((".", "?"))


def test_psnr_is_endless_for_equals_and_falls_with_noise() -> None:
    rgb = np.full((50, 50, 3), 100, np.uint8)
    noisy = [np.clip(rgb + grain(rgb.shape, strength), 0, 255).astype(np.uint8) for strength in (5, 20)]
    assert psnr(rgb, rgb) == "∞"
    weak, strong = (float(psnr(rgb, other).split()[0]) for other in noisy)
    assert 30 < strong + 8 < weak
