"""What is written as ONNX answers as the torch module does, and in bytes nearly so."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from models.classifier import export
from models.classifier.imagenet import NETWORKS, lite0_weights
from models.classifier.networks import build
from models.pictures.images import sample_pictures

NAME = "efficientnet-lite0"


def test_a_network_is_written_whole_and_then_in_bytes(tmp_path: Path) -> None:
    file = tmp_path / "lite0.onnx"
    export.main([NAME, str(lite0_weights()), str(file)])
    size = file.stat().st_size
    x = NETWORKS[NAME].preprocess(next(sample for sample in sample_pictures() if sample.name == "coffee").load())
    with torch.no_grad():
        expected = [output.numpy() for output in build(NAME, lite0_weights())(torch.from_numpy(x))]

    def outputs() -> list[np.ndarray]:
        return onnxruntime.InferenceSession(str(file)).run(["logits", "embedding"], {"pixels": x})

    for output, by_torch in zip(outputs(), expected, strict=True):
        assert output == pytest.approx(by_torch, abs=1e-4)
    export.quantise(NAME, file)
    assert file.stat().st_size < size / 3
    logits, _ = outputs()
    assert logits.argmax() == expected[0].argmax()
    assert np.abs(logits - expected[0]).mean() < 0.2 * expected[0].std(), "measured: 0.15"
