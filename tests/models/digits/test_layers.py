"""Layers: torch and ONNX Runtime say the same, batch norms fold away, files keep weights."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from models.digits.layers import (
    CNN,
    DENOISER,
    MAP_DECODER,
    STUDENT,
    Layers,
    folded,
    read,
    sizes,
    to_onnx,
    to_torch,
    write,
)


@pytest.mark.parametrize("layers", [CNN, STUDENT, DENOISER, MAP_DECODER], ids=["cnn", "student", "denoiser", "decoder"])
def test_both_ways_say_the_same_and_a_batch_norm_folds_away(layers: Layers, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = to_torch(layers, batch_norm=True)
    shape = (5, 1, 28, 28) if layers in (CNN, STUDENT) else (5, layers[0].inputs)
    x = torch.rand(shape)
    network.train()
    network(x)  # the norms see something
    network.eval()
    with torch.no_grad():
        expected = network(x).numpy()
    weights = folded(network)
    session = onnxruntime.InferenceSession(to_onnx(layers, weights))
    assert session.run(["y"], {"x": x.numpy()})[0] == pytest.approx(expected, abs=1e-4)
    again = to_torch(layers, weights)
    assert again(x).detach().numpy() == pytest.approx(expected, abs=1e-4)
    write(tmp_path / "w.npz", weights)
    kept = read(tmp_path / "w.npz")
    for one, other in zip(kept, weights, strict=True):
        assert one[0] == pytest.approx(other[0], abs=1e-2) and one[1] == pytest.approx(other[1], abs=1e-2)


def test_what_is_0_is_not_counted_as_left() -> None:
    weights = [(np.array([[0.0, 1.0], [2.0, 0.0]], np.float32), np.zeros(2, np.float32))]
    assert sizes(weights) == {"all": 6, "left": 4}
