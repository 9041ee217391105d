"""LRASPP on ONNX Runtime: what torchvision's own network says, with random weights, at more than one size."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.pictures.images import sample_pictures
from models.taught import ready_export
from models.taught.ready import COLOURS, NAMES, ReadySegmenter


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[torch.nn.Module, Path]:
    torch.manual_seed(0)
    whole, folder = ready_export.network(), tmp_path_factory.mktemp("lraspp")
    torch.save(whole.state_dict(), folder / "weights.pth")
    ready_export.main(["lraspp", str(folder / "weights.pth"), str(folder / "lraspp.onnx")])
    return whole, folder / "lraspp.onnx"


def test_what_is_exported_says_what_torchvision_says(exported: tuple[torch.nn.Module, Path]) -> None:
    whole, file = exported
    session = ReadySegmenter(file)._session
    for height, width in ((256, 320), (384, 512)):
        pixels = torch.randn(1, 3, height, width)
        with torch.no_grad():
            expected = torch.nn.functional.interpolate(
                torch.from_numpy(session.run(["logits"], {"pixels": pixels.numpy()})[0]),
                size=(height, width),
                mode="bilinear",
                align_corners=False,
            )
            assert torch.allclose(whole(pixels)["out"], expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (20, 700), (240, 320)])
def test_a_mask_has_the_size_that_was_asked_for(exported: tuple[torch.nn.Module, Path], shape: tuple[int, int]) -> None:
    model = ReadySegmenter(exported[1])
    assert model.predict(np.zeros((*shape, 3), np.uint8)).shape == shape
    mask = model.mask(next(iter(sample_pictures())).load(), (64, 48))
    assert mask.shape == (48, 64) and mask.max() < len(NAMES) == len(set(COLOURS)) == 21
