"""torch and BLAS use the threads of the settings, whichever part of models comes first, before or after them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NUMBERS = """
import torch, numpy, threadpoolctl
pools = [pool for pool in threadpoolctl.threadpool_info() if "numpy" in pool["filepath"]]
print(torch.get_num_threads(), *{pool["num_threads"] for pool in pools})
"""
PAGE = """
from streamlit.testing.v1 import AppTest
assert not AppTest.from_file("app.py", default_timeout=120).run().exception
"""


@pytest.mark.parametrize(
    "before",
    [
        "import models.catalog",
        "import models.teachable.understand.novelty",
        "import torch, numpy; import models.errors",
        "import tests.bench.classifier",
        PAGE,
    ],
    ids=["a shell", "numpy first", "torch first", "a bench", "a page"],
)
def test_torch_and_blas_use_the_threads_of_the_settings(before: str) -> None:
    for threads in ("1", "2"):
        ended = subprocess.run(
            [sys.executable, "-c", before + "\n" + NUMBERS],
            cwd=ROOT,
            env=os.environ | {"LIMELIGHT_INFERENCE_THREADS": threads, "OMP_NUM_THREADS": "7"},
            capture_output=True,
            text=True,
            timeout=240,
        )
        found = ended.stdout.split()
        assert found[0] == threads and set(found[1:]) <= {threads}, ended.stderr


def test_a_wrong_setting_is_left_to_whoever_reads_the_settings() -> None:
    code = "import models.errors, models.settings; models.settings.settings()"
    env = os.environ | {"LIMELIGHT_INFERENCE_THREADS": "many"}
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)
    assert "BadSettings" in ended.stderr and "line 1, in <module>\nmodels.errors.BadSettings" not in ended.stderr
    assert "runtime/threads.py" not in ended.stderr
