"""Every module that runs a network uses the threads that the host allows, whichever page is opened first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", ["models.classifier", "models.textgen.char_rnn", "models.textgen.gpt"])
def test_a_network_runs_on_the_threads_of_the_settings(module: str) -> None:
    code = f"import {module}, torch; print(torch.get_num_threads())"
    for threads in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"LIMELIGHT_INFERENCE_THREADS": threads},
            capture_output=True,
            text=True,
        )
        assert told.stdout.strip() == threads, told.stderr
