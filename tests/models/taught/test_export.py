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
    rgb, truth = scene(101)
    Image.fromarray(rgb).save(tmp_path / "picture.png")
    assert set(json.loads((tmp_path / "classes.json").read_text())["names"]) == set(NAMES.values())
    command = [sys.executable, "predict.py", "picture.png"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    said: dict[str, list[int]] = {}
    for line in done.stdout.splitlines():
        said.setdefault(line.split()[0], list(map(int, line.split()[2:])))
    found = head.find(maps.cells(rgb))
    for name in (box.name for box in truth):
        surest = next(box for box in found if box.name == name)
        assert (
            np.abs(np.array(said[name]) - np.array(surest.corners) * (640, 480, 640, 480)).max() < 20
        )  # the picture is scaled by another library
