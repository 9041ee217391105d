"""The digit networks that come with the app, loaded together: they are small."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.digits.layers import (
    CNN,
    DECODER,
    DENOISER,
    ENCODER,
    MAP_DECODER,
    MAP_ENCODER,
    STUDENT,
    Weights,
    read,
    sizes,
    to_onnx,
)
from models.digits.making import Maker
from models.digits.reading import Reader
from models.runtime.report import Report
from models.settings import settings

FOLDER = Path(__file__).parents[2] / "assets" / "digits"

TITLES = {
    "cnn": "The network",
    "int8": "in bytes (int8)",
    "pruned50": "half of the weights",
    "pruned80": "a fifth of them",
    "pruned95": "a twentieth",
    "student": "a tenth, with a teacher",
    "student_alone": "a tenth, without one",
}
"""Of the network and its smaller versions, by name."""


@dataclass(frozen=True, eq=False)
class Shrunk:
    """One version: its reader, its bytes as a file would have them, and the share of MNIST's test digits it names
    rightly, measured when it was trained."""

    name: str
    title: str
    reader: Reader
    nbytes: int
    test: float


@dataclass(frozen=True, eq=False)
class Digits:
    """All that the page needs: `reader` and `weights` of the network, its smaller versions, what draws digits."""

    reader: Reader
    weights: Weights
    shrunk: Mapping[str, Shrunk]
    maker: Maker
    nbytes: int


def load_digits(path: Path | None, report: Report) -> Digits:
    """The bundled networks."""
    report("Reading the networks", None)
    threads = settings().inference_threads
    figures = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))
    shrunk = {name: _shrunk(name, title, figures, threads) for name, title in TITLES.items()}
    networks = {
        "map_encoder": to_onnx(MAP_ENCODER, read(FOLDER / "map_encoder.npz")),
        "map_decoder": to_onnx(MAP_DECODER, read(FOLDER / "map_decoder.npz"), sigmoid=True),
        "latent_encoder": to_onnx(ENCODER, read(FOLDER / "latent_encoder.npz")),
        "latent_decoder": to_onnx(DECODER, read(FOLDER / "latent_decoder.npz"), sigmoid=True),
        "denoiser": to_onnx(DENOISER, read(FOLDER / "denoiser.npz")),
    }
    with np.load(FOLDER / "places.npz") as places:
        maker = Maker(networks, **{name: places[name] for name in places.files}, threads=threads)
    nbytes = maker.nbytes + sum(version.reader.nbytes for version in shrunk.values())
    return Digits(shrunk["cnn"].reader, read(FOLDER / "cnn.npz"), shrunk, maker, nbytes)


def _shrunk(name: str, title: str, figures: Mapping[str, Any], threads: int) -> Shrunk:
    if name == "int8":
        data = (FOLDER / "int8.onnx").read_bytes()
        return Shrunk(name, title, Reader(data, threads), len(data), figures[name]["test"])
    weights = read(FOLDER / f"{name}.npz")
    data = to_onnx(STUDENT if name.startswith("student") else CNN, weights)
    left = sizes(weights)
    # what is 0 need not be written: a bit says that it is, beside four bytes for each that is not
    nbytes = 4 * left["left"] + (left["all"] // 8 if name.startswith("pruned") else 0)
    return Shrunk(name, title, Reader(data, threads), nbytes, figures[name]["test"])
