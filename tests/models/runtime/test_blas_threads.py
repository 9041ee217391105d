"""Large products of the teachable machine use the threads that the host allows, whichever page is opened first."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_blas_runs_on_the_threads_of_the_settings() -> None:
    code = (
        "import models.teachable.understand.novelty, numpy, threadpoolctl; "
        "pools = threadpoolctl.threadpool_info(); "
        "print({pool['num_threads'] for pool in pools if 'numpy' in pool['filepath']})"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"LIMELIGHT_INFERENCE_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert told.stdout.strip() == "{1}", told.stderr
