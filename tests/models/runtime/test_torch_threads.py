"""Every module that runs a network uses the threads that the host allows, whichever page is opened first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# torch is read once; each module is then imported in a fork, where nothing of ours has been
THREADS_OF = """
import os, sys, torch
assert not any(name.partition('.')[0] == 'models' for name in sys.modules)
module, *numbers = sys.argv[1:]
for threads in numbers:
    if not (child := os.fork()):
        os.environ['LIMELIGHT_INFERENCE_THREADS'] = threads
        __import__(module)
        print(torch.get_num_threads(), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize("module", ["models.classifier.imagenet", "models.textgen.char_rnn", "models.textgen.gpt"])
def test_a_network_runs_on_the_threads_of_the_settings(module: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", THREADS_OF, module, "1", "2"], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert told.stdout.split() == ["1", "2"], told.stderr
