"""The exported program finds what the page finds."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from models.cache import ModelCache
from models.taught.export import exported
from models.taught.head import fit
from models.taught.scenes import NAMES, scene


def test_the_exported_program_finds_the_same(tmp_path: Path) -> None:
    maps = ModelCache(10**9).get("lite0-maps")
    head = fit(maps, [scene(n) for n in range(6)])
    zipfile.ZipFile(io.BytesIO(exported(maps, head))).extractall(tmp_path)
    rgb, boxes = scene(101)
    Image.fromarray(rgb).save(tmp_path / "picture.png")
    assert set(json.loads((tmp_path / "classes.json").read_text())["names"]) == set(NAMES.values())
    command = [sys.executable, "predict.py", "picture.png"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    said = {line.split()[0]: list(map(int, line.split()[2:])) for line in done.stdout.splitlines()}
    for box in boxes:
        expected = np.array(box.corners) * (640, 480, 640, 480)
        assert np.abs(np.array(said[box.name]) - expected).max() < 60
