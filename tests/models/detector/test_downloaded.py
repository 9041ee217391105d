"""torchvision's detectors on ONNX Runtime: the boxes and scores of torchvision's own network, with random weights."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.detector import downloaded, export
from models.detector.coco import NAMES, NUMBERS
from models.detector.downloaded import AnchorDetector, decoded
from models.pictures.variants import samples_of
from models.runtime.torchvision_ops import torchvision

SIDE = 320


def corners(anchors: np.ndarray, corrections: np.ndarray) -> np.ndarray:
    """By torchvision."""
    coder = torchvision.models.detection._utils.BoxCoder((10.0, 10.0, 5.0, 5.0))
    return coder.decode_single(torch.from_numpy(corrections), torch.from_numpy(anchors)).numpy()


def test_an_anchor_is_moved_and_scaled_as_torchvision_does_it() -> None:
    random = np.random.default_rng(0)
    least = random.uniform(0, 200, (50, 2))
    anchors = np.hstack((least, least + random.uniform(5, 100, (50, 2)))).astype(np.float32)
    corrections = random.normal(0, 1.5, (50, 4)).astype(np.float32)
    assert decoded(anchors, corrections / (10, 10, 5, 5)) == pytest.approx(
        corners(anchors, corrections), rel=1e-3, abs=1e-2
    )


def test_what_is_exported_finds_what_torchvision_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloaded, "MIN_SCORE", 0.0)
    torch.manual_seed(0)
    whole = export.network("ssdlite320")
    with torch.no_grad():  # so that some are surer than others
        for layer in whole.head.classification_head.module_list:
            layer[-1].weight.mul_(1e4)
    weights, file = tmp_path / "ssdlite320.pth", tmp_path / "ssdlite320.onnx"
    torch.save(whole.state_dict(), weights)
    export.main(["ssdlite320", str(weights), str(file)])
    rgb = samples_of("detector")["coffee"].load()[:SIDE, :SIDE]
    with torch.no_grad():
        images, _ = whole.transform([torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1).float() / 255])
        maps = list(whole.backbone(images.tensors).values())
        said = whole.head(maps)
        anchors = whole.anchor_generator(images, maps)[0].numpy()
    shares = said["cls_logits"][0].softmax(1).numpy()[:, NUMBERS]
    boxes = np.clip(corners(anchors, said["bbox_regression"][0].numpy()), 0, SIDE)
    found = AnchorDetector("ssdlite320", file, lambda stage, share: None).find(rgb)
    assert len(found) > 20
    surest = np.argsort(-shares.max(axis=1))[:20]
    assert found.scores[:20] == pytest.approx(shares.max(axis=1)[surest], abs=1e-3)
    for place in surest[:5]:
        apart = np.abs(found.boxes - boxes[place]).max(axis=1)
        nearest = int(apart.argmin())
        assert apart[nearest] < 1 and found.names[nearest] == NAMES[int(shares[place].argmax())]
