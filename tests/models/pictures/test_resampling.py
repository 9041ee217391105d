"""The middle square is scaled as torch scales it, to the last bit of a double."""

import numpy as np
import pytest
import torch

from models.pictures.resampling import scaled_square


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (100, 100), (225, 224), (1, 7), (1500, 2000)])
def test_it_is_torchs_antialiased_resize(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    side = min(shape)
    top, left = (shape[0] - side) // 2, (shape[1] - side) // 2
    planes = torch.from_numpy(rgb[top : top + side, left : left + side]).permute(2, 0, 1)[None].double()
    expected = torch.nn.functional.interpolate(planes, size=(224, 224), mode="bilinear", antialias=True)
    assert scaled_square(rgb, 224) == pytest.approx(expected[0].permute(1, 2, 0).numpy(), abs=1e-9)
