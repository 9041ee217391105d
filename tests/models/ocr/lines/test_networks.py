"""What running the networks leaves behind."""

import subprocess
import sys

CHILD = """
import numpy as np, psutil
from models.ocr.lines.networks import DETECTION, run, text_detector
stage = text_detector(DETECTION, 1)
run(stage, np.zeros((1, 3, 64, 64), np.float32))
before = psutil.Process().memory_info().rss
run(stage, np.zeros((1, 3, 1504, 1504), np.float32))
print((psutil.Process().memory_info().rss - before) >> 20)
"""


def test_what_a_large_picture_took_is_given_back() -> None:
    # in a process of its own: what others have freed would be taken first. An arena alone keeps 350 MB.
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 220
