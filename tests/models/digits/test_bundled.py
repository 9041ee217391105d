"""The bundled networks are as right as the page says, and as small as they may be."""

import numpy as np
import pytest

from models.digits.bundled import FOLDER, TITLES, Digits

LEAST = {"cnn": 0.994, "int8": 0.993, "student": 0.988, "pruned95": 0.985}


@pytest.mark.parametrize("name", TITLES)
def test_each_version_is_as_right_as_the_page_says(
    digits: Digits, tested: tuple[np.ndarray, np.ndarray], name: str
) -> None:
    pictures, wanted = tested
    version = digits.shrunk[name]
    said = np.concatenate([version.reader.probabilities(part).argmax(1) for part in np.split(pictures, 10)])
    right = float((said == wanted).mean())
    assert right == pytest.approx(version.test, abs=0.0006)  # int8 rounds differently on other processors
    assert right >= LEAST.get(name, 0.97)


def test_versions_are_smaller_than_the_network(digits: Digits) -> None:
    sizes = {name: version.nbytes for name, version in digits.shrunk.items()}
    whole = sizes.pop("cnn")
    assert max(sizes.values()) < whole and sizes["student"] < 0.11 * whole and sizes["pruned95"] < 0.15 * whole


def test_the_files_are_small() -> None:
    recognise = ("cnn", "int8", "pruned", "student")
    size = {path.name: path.stat().st_size for path in FOLDER.iterdir() if path.suffix in (".npz", ".onnx")}
    assert sum(n for name, n in size.items() if name.startswith(recognise)) < 1_000_000
    assert sum(n for name, n in size.items() if not name.startswith(recognise)) < 3_000_000
