"""torchvision's detectors on ONNX Runtime: the same boxes and scores as torchvision's own code, with random weights."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torchvision.models.detection import _utils as detection_utils

from models.detector import export
from models.detector.coco import NAMES, NUMBERS
from models.detector.downloaded import AnchorDetector, decoded
from models.pictures.variants import samples_of


def test_an_anchor_is_moved_and_scaled_as_torchvision_does_it() -> None:
    random = np.random.default_rng(0)
    corners = random.uniform(0, 200, (50, 2))
    anchors = np.hstack((corners, corners + random.uniform(5, 100, (50, 2)))).astype(np.float32)
    corrections = random.normal(0, 1.5, (50, 4)).astype(np.float32)
    coder = detection_utils.BoxCoder((10.0, 10.0, 5.0, 5.0))
    expected = coder.decode_single(torch.from_numpy(corrections), torch.from_numpy(anchors)).numpy()
    assert decoded(anchors, corrections / (10, 10, 5, 5)) == pytest.approx(expected, rel=1e-3, abs=1e-2)


def test_what_is_exported_finds_what_torchvision_finds(tmp_path: Path) -> None:
    torch.manual_seed(0)
    whole = export.network("ssdlite320")
    with torch.no_grad():  # so that random weights are sure of something
        for layer in whole.head.classification_head.module_list:
            layer[-1].weight.mul_(20)
    weights, file = tmp_path / "ssdlite320.pth", tmp_path / "ssdlite320.onnx"
    torch.save(whole.state_dict(), weights)
    export.main(["ssdlite320", str(weights), str(file)])
    rgb = cv2.resize(samples_of("detector")["coffee"].load(), (320, 320))
    model = AnchorDetector("ssdlite320", file, lambda stage, share: None)
    pixels = torch.from_numpy(rgb).permute(2, 0, 1).float() / 255
    whole.detections_per_img = whole.topk_candidates = 50
    with torch.no_grad():
        (expected,) = whole([pixels])
    named = [(number, box, score) for number, box, score in zip(
        expected["labels"].tolist(), expected["boxes"].numpy(), expected["scores"].tolist(), strict=True
    ) if number in NUMBERS]  # fmt: skip
    assert named
    found = model.find(rgb)
    for number, box, score in named[:5]:
        name = NAMES[NUMBERS.index(number)]
        near = [
            place for place, one in enumerate(found.boxes)
            if found.names[place] == name and np.abs(one - np.clip(box, 0, 320)).max() < 1
        ]  # fmt: skip
        assert any(abs(found.scores[place] - score) < 0.01 for place in near), (name, box, score)
